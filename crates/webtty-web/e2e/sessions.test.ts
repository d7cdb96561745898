// The list of sessions, and who may see it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import type { SessionInfo } from "@webtty/client";
import { freshPage, Screen, screenshot, until } from "./browser";
import { Daemon } from "./daemon";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage();
const { daemon } = stage;

async function ids(of: Daemon = daemon): Promise<string[]> {
  return (await of.ask<SessionInfo[]>("GET", "/api/sessions")).map(({ id }) => id);
}

test("sessions are made, listed, opened and ended", { timeout }, async () => {
  const page = await freshPage(stage.browser);
  await page.goto(await daemon.link(null));
  await page.getByText("No session yet.").waitFor();
  await screenshot(page, "list-empty");
  await page.getByLabel("Name of the new session").fill("Not A Name");
  await page.getByRole("button", { name: "New session" }).click();
  await page.getByText("A name has small letters").waitFor();
  assert.deepEqual(await ids(), []);

  await page.getByLabel("Name of the new session").fill("made-here");
  await page.getByRole("button", { name: "New session" }).click();
  await page.waitForURL(`${daemon.url}/s/made-here`);
  await page.waitForSelector('.pill[data-mark="good"]');

  await daemon.create({ id: "made-there", cmd: ["sleep", "1000"] });
  await page.goto(`${daemon.url}/`);
  const row = page.getByRole("listitem").filter({ hasText: "made-there" });
  await row.getByText("sleep 1000").waitFor();
  await row.getByText("running").waitFor();
  await row.getByText(daemon.home).waitFor();
  await screenshot(page, "list");

  await row.getByRole("button", { name: "End made-there" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual((await ids()).sort(), ["made-here", "made-there"]);
  await row.getByRole("button", { name: "End made-there" }).click();
  await screenshot(page, "confirm");
  await page.getByRole("button", { name: "End it" }).click();
  await row.waitFor({ state: "detached" });
  assert.deepEqual(await ids(), ["made-here"]);

  await page.getByRole("link", { name: "made-here" }).click();
  await page.waitForURL(`${daemon.url}/s/made-here`);
});

test("the list shows each change at once, and asks for nothing but pictures", { timeout }, async () => {
  const other = new Daemon();
  await other.start();
  try {
    const page = await freshPage(stage.browser);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.goto(await other.link(null));
    await page.getByText("No session yet.").waitFor();
    assert.ok(requests.length > 0, "requests are seen");
    requests.splice(0);
    const row = (name: string) => page.getByRole("listitem").filter({ hasText: name });
    await other.create({ id: "one", cmd: ["cat"] });
    await row("one").getByText("running").waitFor();
    await other.ask("PATCH", "/api/sessions/one", { id: "two" });
    await row("two").waitFor();
    await row("one").waitFor({ state: "detached" });
    await other.create({ id: "three", cmd: ["sh", "-c", "exit 7"] });
    await row("three").getByText("ended with code 7").waitFor();
    await other.ask("DELETE", "/api/sessions/three");
    await row("three").waitFor({ state: "detached" });
    // Beside the list, the pictures of the terminals are looked after.
    const asked = () => requests.filter((request) => !request.endsWith("/screen"));
    assert.equal(asked().join("\n"), "", "nothing was asked for: the hub tells it");
    const { port } = other;
    await other.stop();
    await page.getByText("The daemon does not answer").waitFor();
    await other.start(port);
    await page.getByText("No session yet.").waitFor();
    await page.getByText("The daemon does not answer").waitFor({ state: "detached" });
    assert.deepEqual(asked().filter((request) => request.includes("/api/sessions")), [], "the hub tells what is there now, too");
  } finally {
    await other.remove();
  }
});

test("the list opens over a terminal and leads to another", { timeout }, async () => {
  await daemon.create({ id: "first" });
  await daemon.create({ id: "second" });
  const { page } = await Screen.open(await freshPage(stage.browser), await daemon.link("first"));
  await page.getByRole("button", { name: "All sessions" }).click();
  await page.getByRole("link", { name: /first.*here|first/ }).waitFor();
  await screenshot(page, "drawer");
  await page.getByRole("link", { name: /second/ }).click();
  await page.waitForURL(`${daemon.url}/s/second`);
});

test("a session ended elsewhere says so", { timeout }, async () => {
  await daemon.create({ id: "doomed" });
  const { page } = await Screen.open(await freshPage(stage.browser), await daemon.link("doomed"));
  await daemon.ask("DELETE", "/api/sessions/doomed");
  await page.getByText("This session was ended").waitFor();
  await page.reload();
  await page.getByText("There is no session “doomed”").waitFor();
  await page.getByRole("button", { name: "Start it" }).click();
  await page.waitForSelector('.pill[data-mark="good"]');
  assert.ok((await ids()).includes("doomed"));
});

test("a command's output and exit code are there after its end", { timeout }, async () => {
  await daemon.create({ id: "over", cmd: ["sh", "-c", "echo the-last-words; exit 3"] });
  await until("it has ended", async () => (await daemon.ask<SessionInfo>("GET", "/api/sessions/over")).state === "exited");
  const page = await freshPage(stage.browser);
  await page.goto(await daemon.link("over"));
  await page.getByRole("alert").getByText("The session ended with code 3").waitFor();
  await page.locator(".xterm-rows").getByText("the-last-words").waitFor();
  await page.goto(`${daemon.url}/`);
  await page.getByRole("listitem").filter({ hasText: "over" }).getByText("ended with code 3").waitFor();
});

test("a rename changes the address, and the page stays", { timeout }, async () => {
  await daemon.create({ id: "before" });
  const screen = await Screen.open(await freshPage(stage.browser), await daemon.link("before", "control"));
  await screen.prompt();
  await daemon.ask("PATCH", "/api/sessions/before", { id: "afterwards" });
  await screen.page.waitForURL(`${daemon.url}/s/afterwards`);
  await screen.run("echo still-$((1 + 1))");
  await screen.shows(/^still-2$/m);
  await screen.page.reload();
  await screen.connected();
  await screen.shows(/^still-2$/m);
});

test("without a key, and with a wrong one, the page asks for it and shows nothing", { timeout }, async () => {
  await daemon.create({ id: "secret" });
  const page = await freshPage(stage.browser);
  await page.goto(`${daemon.url}/s/secret`);
  await page.getByText("This link needs its key").waitFor();
  assert.equal(await page.locator(".xterm").count(), 0);
  await screenshot(page, "key");
  await page.goto(`${daemon.url}/s/secret#k=wk_wrong`);
  await page.getByRole("alert").getByText("does not take this key").waitFor();
  assert.equal(page.url(), `${daemon.url}/s/secret`, "no key stays in the address bar");

  await page.getByLabel("Paste the link").fill("wk_wrong_again");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("alert").getByText("does not take this key").waitFor();
  await page.getByLabel("Paste the link").fill(await daemon.link("secret"));
  await page.getByRole("button", { name: "Open" }).click();
  await page.waitForSelector('.pill[data-mark="good"]');
});

test("a link pasted over a page at work leaves the address bar at once, and counts also for who stays", { timeout }, async () => {
  await daemon.create({ id: "pasted" });
  const screen = await Screen.open(await freshPage(stage.browser), await daemon.link("pasted", "control"));
  await screen.prompt();
  await screen.run("echo at-$((1 + 1))-work");
  await screen.shows(/^at-2-work$/m);
  const { page } = screen;
  await page.goto(`${daemon.url}/s/pasted#k=wk_wrong`);
  await page.waitForURL(`${daemon.url}/s/pasted`);
  const asked = page.waitForEvent("dialog");
  await page.goto(await daemon.link("pasted"));
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  assert.equal(page.url(), `${daemon.url}/s/pasted`, "no key stays in the address bar");
  assert.doesNotMatch(await page.evaluate(() => location.href), /#k=/);
  await screen.run("echo still-$((1 + 1))");
  await screen.shows(/^still-2$/m);
  await page.getByRole("button", { name: "All sessions" }).click();
  await page.getByRole("button", { name: "New session" }).waitFor();
});

test("a link for one session does not show the others", { timeout }, async () => {
  await daemon.create({ id: "mine" });
  await daemon.create({ id: "theirs" });
  const { page } = await Screen.open(await freshPage(stage.browser), await daemon.link("mine", "control"));
  await page.getByRole("button", { name: "All sessions" }).click();
  await page.locator("dialog").getByText("mine").waitFor();
  assert.equal(await page.getByText("theirs").count(), 0);
  assert.equal(await page.getByRole("button", { name: "New session" }).count(), 0);
  await page.goto(`${daemon.url}/s/theirs`);
  await page.getByText("This link needs its key").waitFor();
});

test("a revoked key ends its pages", { timeout }, async () => {
  await daemon.create({ id: "revoked" });
  const { id, key } = await daemon.key({ role: "control", session: "revoked" });
  const { page } = await Screen.open(await freshPage(stage.browser), `${daemon.url}/s/revoked#k=${key}`);
  await daemon.ask("DELETE", `/api/keys/${id}`);
  await page.getByRole("alert").getByRole("heading", { name: "Not allowed" }).waitFor();
  await page.getByRole("button", { name: "Use another key" }).click();
  await page.getByText("This link needs its key").waitFor();
});

test("a page of another origin reaches nothing, even without authentication", { timeout }, async () => {
  const open = new Daemon("--auth", "none");
  await open.start();
  await open.create({ id: "main", start: true });
  const foreign = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>foreign")).listen(0, "127.0.0.1");
  try {
    const own = await Screen.open(await freshPage(stage.browser), `${open.url}/s/main`);
    await own.prompt();
    const page = await freshPage(stage.browser);
    const address = foreign.address();
    assert.ok(typeof address === "object" && address !== null);
    await page.goto(`http://127.0.0.1:${address.port}/`);
    const outcome = await page.evaluate(async (url) => {
      const read = await fetch(`${url}/api/sessions`).then(() => "read", () => "refused");
      const made = await fetch(`${url}/api/sessions`, { method: "POST", mode: "no-cors", body: '{"id":"evil"}' }).then(({ type }) => type, () => "refused");
      const socket = await new Promise<string>((resolve) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/ws/main/pty`);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      });
      return { read, made, socket };
    }, open.url);
    assert.equal(outcome.read, "refused");
    assert.equal(outcome.socket, "refused");
    assert.deepEqual(await ids(open), ["main"]);
  } finally {
    foreign.close();
    await open.remove();
  }
});

test("without authentication the list is there for who asks for it", { timeout }, async () => {
  const open = new Daemon("--auth", "none");
  await open.start();
  try {
    const page = await freshPage(stage.browser);
    await page.goto(`${open.url}/`);
    await page.waitForURL(`${open.url}/s/main`);
    await page.waitForSelector('.pill[data-mark="good"]');
    await page.getByRole("button", { name: "All sessions" }).click();
    await page.getByRole("link", { name: /main/ }).waitFor();
    await page.getByRole("button", { name: "New session" }).click();
    await until("there is another session", async () => (await ids(open)).length === 2);
  } finally {
    await open.remove();
  }
});
