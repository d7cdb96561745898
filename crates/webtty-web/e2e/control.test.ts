// Handing over control between two pages: asked for, let, used, taken back.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { ControlInfo } from "@webtty/client";
import type { BrowserContextOptions } from "playwright-core";

import { freshPage, said, Screen, screenshot, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };

const stage = new Stage();
const { daemon } = stage;

async function open(id: string, role: "control" | "view", options: BrowserContextOptions = {}): Promise<Screen> {
  const page = await freshPage(stage.browser, options);
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    Object.assign(window, { sockets });
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  });
  const screen = await Screen.open(page, await daemon.link(id, role));
  await screen.shows(/ada@lovelace/);
  return screen;
}

/** A session somebody works in and somebody watches. */
async function driverAndViewer(id: string, phone?: BrowserContextOptions): Promise<{ driver: Screen; viewer: Screen }> {
  await daemon.create({ id });
  const driver = await open(id, "control", phone);
  await driver.run("echo at-$((1 + 1))-work");
  const viewer = await open(id, "view", phone);
  await viewer.shows(/^at-2-work$/m);
  return { driver, viewer };
}

/** Types past the page's own rules, as a hostile one would, in the moment in which it is told that it
 * may not any more: the daemon drops for some seconds what may have been on its way. */
async function typeAnywayWhenTakenBack({ page }: Screen, text: string): Promise<void> {
  await page.evaluate((typed) => {
    const { sockets } = window as unknown as { sockets: WebSocket[] };
    for (const socket of sockets.filter(({ url }) => url.includes("/pty"))) {
      socket.addEventListener("message", ({ data }) => {
        const told = typeof data === "string" ? JSON.parse(data) : {};
        if (told.type === "role" && told.role === "view") socket.send(new TextEncoder().encode(typed));
      });
    }
  }, text);
}

async function asks({ page }: Screen, name: string): Promise<void> {
  await page.getByRole("button", { name: "Ask to type" }).click();
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("button", { name: "Asked…" }).waitFor();
}

function control(id: string): Promise<ControlInfo> {
  return daemon.ask("GET", `/api/sessions/${id}/control`);
}

test("a viewer asks, is let type, and types nothing more once that is taken back", { timeout }, async () => {
  const { driver, viewer } = await driverAndViewer("handed");
  await asks(viewer, "Grace");
  const bar = driver.page.getByRole("region", { name: "Request to type" });
  await bar.getByText("Grace asks to type.").waitFor();
  await screenshot(driver.page, "control-asked");
  // It has taken nothing from who types.
  await driver.run("echo still-$((2 + 2))");
  await driver.shows(/^still-4$/m);
  await bar.getByRole("button", { name: "For 10 minutes" }).click();
  await bar.waitFor({ state: "hidden" });
  await viewer.page.getByRole("button", { name: /Stop typing/ }).waitFor();
  await viewer.page.locator(".xterm-helper-textarea").focus();
  await viewer.run("echo by-$((3 + 3))-grace");
  await driver.shows(/^by-6-grace$/m);
  await screenshot(viewer.page, "control-lent");

  await driver.page.getByRole("button", { name: /Who is here/ }).click();
  const panel = driver.page.locator("#people");
  assert.match((await panel.getByRole("listitem").filter({ hasText: "Grace" }).textContent()) ?? "", /may type until \d\d:\d\d:\d\d, typed last/);
  await screenshot(driver.page, "control-people");
  const typed = viewer.input;
  await typeAnywayWhenTakenBack(viewer, "touch stray\n");
  await panel.getByRole("button", { name: "Take back: Grace" }).click();
  await said(viewer.page, "You can only watch now.");
  assert.deepEqual((await control("handed")).loans, []);
  await viewer.run("touch stray");
  await until("it was sent", () => viewer.input.length > typed.length);
  await driver.page.keyboard.press("Escape");
  await driver.page.locator(".xterm-helper-textarea").focus();
  await driver.run("echo end-$((4 + 4))");
  await viewer.shows(/^end-8$/m);
  assert.equal(viewer.input, `${typed}touch stray\n`, "that was sent, and nothing by the page itself");
  await driver.prompt();
  assert.equal(existsSync(join(daemon.home, "stray")), false);
  assert.doesNotMatch(await driver.text(), /stray/);
});

test("a look at another window is no typing: it is not said, takes nothing over, and holds nobody", { timeout }, async () => {
  const { driver, viewer } = await driverAndViewer("focus");
  const other = await open("focus", "control");
  await driver.run("clear; printf '\\033[?1004h'; cat -v");
  for (const screen of [driver, viewer, other]) await screen.hides(/at-2-work/);
  const before = (await control("focus")).driver;
  // Makes it a page that may ask whether it is to be left.
  await other.page.locator(".stage").click();
  for (const { page } of [viewer, other]) {
    await page.locator(".xterm-helper-textarea").focus();
    await page.locator(".xterm-helper-textarea").blur();
    await page.locator(".xterm-helper-textarea").focus();
  }
  assert.equal(await viewer.page.getByText("You are watching").count(), 0);
  assert.equal(viewer.input, "");
  await driver.shows(/\^\[\[O\^\[\[I/);
  assert.equal((await control("focus")).driver, before);
  const dialogs: string[] = [];
  other.page.on("dialog", (dialog) => {
    dialogs.push(dialog.type());
    void dialog.accept();
  });
  const closed = other.page.waitForEvent("close");
  await other.page.close({ runBeforeUnload: true });
  await closed;
  assert.deepEqual(dialogs, [], "nothing is lost by closing it");
});

test("the bar is used with the keyboard alone, and is read out", { timeout }, async () => {
  const { driver, viewer } = await driverAndViewer("keys");
  // The viewer, too: out of the terminal, to the button, and back.
  await viewer.page.keyboard.press("Control+Shift+Y");
  await viewer.page.keyboard.press("Enter");
  await viewer.type("Grace");
  await viewer.page.keyboard.press("Enter");
  const announced = driver.page.getByRole("status").filter({ hasText: "Grace asks to type. Ctrl Shift Y moves to the answers." });
  await announced.waitFor({ state: "attached" });
  const focused = () => driver.page.evaluate(() => document.activeElement?.textContent);
  await driver.page.keyboard.press("Control+Shift+Y");
  assert.equal(await focused(), "For 10 minutes");
  await driver.page.keyboard.press("Tab");
  assert.equal(await focused(), "Until taken back");
  await driver.page.keyboard.press("Escape");
  await driver.run("echo back-$((1 + 1))-typing");
  await driver.shows(/^back-2-typing$/m);
  await driver.page.keyboard.press("Control+Shift+Y");
  await driver.page.keyboard.press("Tab");
  await driver.page.keyboard.press("Tab");
  assert.equal(await focused(), "No");
  await driver.page.keyboard.press("Enter");
  await said(viewer.page, "Your request to type was declined.");
  await driver.run("echo again-$((2 + 2))");
  await driver.shows(/^again-4$/m);
  assert.deepEqual((await control("keys")).requests, []);
  const snapshot = await driver.page.locator("#people").ariaSnapshot();
  assert.equal(snapshot, "", "nothing that is closed is read out");
});

test("who was let gives it back, and who is here is let unasked", { timeout }, async () => {
  const { driver, viewer } = await driverAndViewer("unasked");
  const opener = driver.page.getByRole("button", { name: /Who is here: 2/ });
  await opener.click();
  await driver.page.locator("#people").getByRole("button", { name: /^Let type/ }).click();
  await said(viewer.page, "You can type now.");
  await viewer.page.getByRole("button", { name: /Stop typing/ }).click();
  await said(viewer.page, "You can only watch now.");
  await until("the daemon knows", async () => (await control("unasked")).loans.length === 0);
});

test("on a phone the bar fits, and a finger answers", { timeout }, async () => {
  const { driver, viewer } = await driverAndViewer("phones", PHONE);
  await screenshot(viewer.page, "control-phone-viewer");
  await asks(viewer, "Grace Hopper of the third floor");
  const bar = driver.page.getByRole("region", { name: "Request to type" });
  await bar.waitFor();
  await screenshot(driver.page, "control-phone-asked");
  const box = await bar.boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  for (const button of await bar.getByRole("button").all()) {
    const { height = 0, x = 0, width = 0 } = (await button.boundingBox()) ?? {};
    assert.ok(height >= 38 && x >= 0 && x + width <= 390, `${height} high, from ${x} to ${x + width}`);
  }
  await bar.getByRole("button", { name: "Until taken back" }).tap();
  await viewer.page.getByRole("button", { name: /Stop typing/ }).waitFor();
  await screenshot(viewer.page, "control-phone-lent");
  await driver.page.getByRole("button", { name: /Who is here/ }).tap();
  await screenshot(driver.page, "control-phone-people");
});
