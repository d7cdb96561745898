// Broken connections, and how the page comes back.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page, WebSocketRoute } from "playwright-core";

import { freshPage, said, Screen, screenshot, until } from "./browser";
import { Daemon } from "./daemon";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage();
const { daemon } = stage;

/** The network between a page and the daemon, in the hand of a test. */
class Network {
  /** The URL of each socket the page opened. */
  readonly opened: URL[] = [];
  /** The first message on each of them. */
  readonly hellos: Array<{ resumed: boolean; offset: number }> = [];
  /** Swallows everything from now on, as a network that is gone does, and lets nobody in. */
  isDead = false;
  #sockets: WebSocketRoute[] = [];

  static async under(page: Page): Promise<Network> {
    const network = new Network();
    await page.routeWebSocket(/\/pty\?/, (socket) => network.#connect(socket));
    return network;
  }

  /** Breaks all connections there are. */
  async cut(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map((socket) => socket.close({ code: 1012 })));
  }

  async #connect(socket: WebSocketRoute): Promise<void> {
    if (this.isDead) return socket.close({ code: 1012 });
    const server = socket.connectToServer();
    this.#sockets.push(socket);
    this.opened.push(new URL(socket.url()));
    socket.onMessage((message) => {
      if (!this.isDead) server.send(message);
    });
    server.onMessage((message) => {
      if (this.isDead) return;
      if (typeof message === "string" && message.includes('"hello"')) this.hellos.push(JSON.parse(message));
      socket.send(message);
    });
  }
}

test("after a break the page goes on where it was, and no byte is lost or twice", { timeout }, async () => {
  await daemon.create({ id: "resume" });
  const page = await freshPage(stage.browser);
  const network = await Network.under(page);
  const screen = await Screen.open(page, await daemon.link("resume"));
  await screen.prompt();
  await screen.run("clear; for n in $(seq 1 400); do echo line-$n; sleep 0.005; done; echo all-$((2 + 2))");
  const hasCome = (line: number) => async () => {
    const text = await screen.text();
    return Number(/line-(\d+)\s*$/.exec(text)?.[1] ?? 0) >= line || /^all-4$/m.test(text);
  };
  for (const [breaks, line] of [20, 60, 150].entries()) {
    await until(`line ${line} has come`, hasCome(line));
    await until(`the page is back after break ${breaks}`, () => network.hellos.length === breaks + 1);
    await network.cut();
  }
  await screen.shows(/^all-4$/m);
  await until("the page is back a third time", () => network.hellos.length === 4);
  assert.equal(network.opened.length, 4);
  for (const url of network.opened.slice(1)) {
    assert.match(url.searchParams.get("from") ?? "", /^\d+$/);
    assert.ok(url.searchParams.get("epoch"));
  }
  assert.deepEqual(network.hellos.map(({ resumed }) => resumed), [false, true, true, true]);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Copy the whole text" }).click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const lines = text.split("\n").filter((line) => /^line-\d+$/.test(line));
  assert.deepEqual(lines, Array.from({ length: 400 }, (_, index) => `line-${index + 1}`));
});

test("a connection that died unnoticed is found out when the tab wakes up", { timeout }, async (t) => {
  await daemon.create({ id: "wake" });
  const page = await freshPage(stage.browser);
  const network = await Network.under(page);
  const screen = await Screen.open(page, await daemon.link("wake"));
  await screen.prompt();
  network.isDead = true;
  await screen.type("x");
  assert.equal(await page.locator('.pill[data-mark="good"]').count(), 1, "nothing tells that it is dead");
  const woken = Date.now();
  assert.deepEqual(await sentAtFocus(page), ['{"type":"ping","t":0}'], "it asks at once, not at the next of its rounds");
  await page.locator(".pill", { hasText: "reconnecting since" }).waitFor();
  t.diagnostic(`${Date.now() - woken} ms from the focus until it was found out`);
  await said(page, "1 byte of input may not have arrived");
  network.isDead = false;
  await screen.connected();
  await screen.run("echo awake-$((3 * 3))");
  await screen.shows(/^awake-9$/m);
});

/** What the page sends in the moment in which its tab has the focus again. */
function sentAtFocus(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const sent: string[] = [];
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = (data) => void sent.push(String(data));
    window.dispatchEvent(new Event("focus"));
    WebSocket.prototype.send = send;
    return sent;
  });
}

test("another session of the same name is not taken for the old one", { timeout }, async () => {
  await daemon.create({ id: "twin" });
  const page = await freshPage(stage.browser);
  const network = await Network.under(page);
  const screen = await Screen.open(page, await daemon.link("twin"));
  await screen.prompt();
  await screen.run("echo of-the-$((1 * 1))st");
  await screen.shows(/^of-the-1st$/m);
  // The break hides from the page that the session ended and another one took its name.
  network.isDead = true;
  await network.cut();
  await page.locator(".pill", { hasText: "reconnecting since" }).waitFor();
  await daemon.ask("DELETE", "/api/sessions/twin");
  await daemon.create({ id: "twin" });
  network.isDead = false;
  await screen.connected();
  await screen.shows(/^ada@lovelace:~\$\s*$/);
  assert.deepEqual(network.hellos.map(({ resumed }) => resumed), [false, false]);
  assert.ok(network.opened.at(-1)?.searchParams.get("from"), "it asked to resume");
});

test("while the daemon is away the page says since when, and comes back by itself", { timeout }, async () => {
  const other = new Daemon();
  await other.start();
  try {
    await other.create({ id: "away" });
    const screen = await Screen.open(await freshPage(stage.browser), await other.link("away"));
    await screen.prompt();
    const { port } = other;
    await other.stop();
    await screen.page.locator(".pill", { hasText: /reconnecting since \d\d:\d\d:\d\d/ }).waitFor();
    await screen.page.getByRole("button", { name: "try now" }).waitFor();
    await screen.type("lost");
    await said(screen.page, "what you type now is not sent");
    await screenshot(screen.page, "reconnecting");
    await other.start(port);
    // Shells end with their daemon; a new one can be had under the same name.
    await screen.page.getByText("There is no session “away”").waitFor();
    await screen.page.getByRole("button", { name: "Start it" }).click();
    await screen.page.waitForSelector(".end-banner", { state: "detached" });
    await screen.connected();
    await screen.shows(/^ada@lovelace:~\$\s*$/);
    await screen.run("echo new-$((4 * 4))");
    await screen.shows(/^new-16$/m);
  } finally {
    await other.remove();
  }
});

test("a shell that cannot be started says why, and comes once it can", { timeout }, async () => {
  const other = new Daemon();
  other.configure({ shell: "/no/such/shell" });
  await other.start();
  try {
    await other.create({ id: "broken" });
    const page = await freshPage(stage.browser);
    await page.clock.install();
    await page.goto(await other.link("broken"));
    await said(page, "the command could not be started");
    await page.locator(".pill", { hasText: "reconnecting since" }).waitFor();
    await page.getByRole("button", { name: "try now" }).waitFor();
    await screenshot(page, "not-running");
    // With its clock the page's own attempts stand still; one under way may yet come first, and
    // takes the button away.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
    other.configure({});
    await page.locator(".pill .link").dispatchEvent("click");
    await page.waitForSelector('.pill[data-mark="good"]');
  } finally {
    await other.remove();
  }
});
