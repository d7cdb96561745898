// Windows of many sizes on one terminal: whose counts, and how the others show it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import type { BrowserContextOptions, Page } from "playwright-core";

import { freshPage, Screen, screenshot, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const DESK: BrowserContextOptions = { viewport: { width: 1700, height: 900 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };

const stage = new Stage();
const { daemon } = stage;

async function open(id: string, options: BrowserContextOptions): Promise<Screen> {
  const screen = await Screen.open(await freshPage(stage.browser, options), await daemon.link(id));
  await screen.shows(/ada@lovelace/);
  return screen;
}

/** The size the daemon says the terminal has. */
async function size(id: string): Promise<{ cols: number; rows: number }> {
  const { cols, rows } = await daemon.ask<{ cols: number; rows: number }>("GET", `/api/sessions/${id}`);
  return { cols, rows };
}

async function chip(page: Page): Promise<string> {
  const chip = page.locator(".chip.size");
  await chip.waitFor();
  return (await chip.textContent()) ?? "";
}

test("a phone that joins changes nothing for the desk, and moves over what it cannot show whole", { timeout }, async () => {
  await daemon.create({ id: "phone" });
  const desk = await open("phone", DESK);
  await desk.run("for i in $(seq 30); do printf '%03d' $i; printf 'x%.0s' $(seq 150); echo \"<$i\"; done");
  await desk.shows(/<30$/m);
  await desk.prompt();
  const [before, shown] = [await size("phone"), await desk.text()];
  assert.ok(before.cols > 160, `${before.cols} columns`);

  const phone = await open("phone", PHONE);
  await phone.shows(/<30$/m);
  assert.match(await chip(phone.page), new RegExp(`^${before.cols}×${before.rows}`));
  assert.deepEqual(await size("phone"), before);
  assert.ok((await desk.text()) === shown, "the desk shows what it showed");
  assert.equal(await desk.page.locator(".chip.size").isVisible(), false);
  const stage = phone.page.locator(".stage.part");
  await stage.waitFor();
  const room = await stage.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  assert.ok(room > 50, `${room} pixels more than shown`);
  await screenshot(phone.page, "phone-in-part");
  await swipe(phone.page, { x: 300, y: 300 }, { x: 100, y: 300 });
  await until("the stage has moved", async () => (await stage.evaluate(({ scrollLeft }) => scrollLeft)) > 50);

  // Typing on the phone takes the terminal to the phone's size, and the desk is told.
  await phone.page.locator(".xterm-helper-textarea").focus();
  await phone.type("clear");
  await phone.page.keyboard.press("Enter");
  await phone.page.locator(".chip.size").waitFor({ state: "hidden" });
  await until("the desk is told whose size it is", async () => / another window$/.test(await chip(desk.page)));
  assert.equal(await phone.page.locator(".stage.part").count(), 0);
  await screenshot(desk.page, "desk-with-phones-size");
});

/** One finger, from here to there. */
async function swipe(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: { x: number; y: number }) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
  await touch("touchStart", from);
  const steps = 10;
  for (let step = 1; step <= steps; step++) {
    const part = step / steps;
    await touch("touchMove", { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
  }
  await touch("touchEnd");
}

test("the policy is changed in the menu, and every page says so", { timeout }, async () => {
  await daemon.create({ id: "policy" });
  const wide = await open("policy", { viewport: { width: 1300, height: 420 } });
  const own = await size("policy");
  const tall = await open("policy", { viewport: { width: 700, height: 800 } });
  const choose = async (name: string) => {
    await wide.page.getByRole("button", { name: "Menu" }).click();
    await wide.page.getByRole("menuitemcheckbox", { name }).click();
  };
  await choose("Size that fits all");
  await until("the terminal is as narrow as the one and as low as the other", async () => {
    const { cols, rows } = await size("policy");
    return cols < own.cols && rows === own.rows;
  });
  for (const { page } of [wide, tall]) await until("the page says that it fits all", async () => /fits all$/.test(await chip(page)));
  await screenshot(wide.page, "fits-all");
  await choose("Size stays as it is");
  const fixed = await size("policy");
  await until("the pages say that it is fixed", async () => /fixed$/.test(await chip(tall.page)));
  await wide.page.setViewportSize({ width: 1000, height: 600 });
  await wide.run("echo still-$((1 + 1))");
  await tall.shows(/^still-2$/m);
  assert.deepEqual(await size("policy"), fixed);
  await choose("Size of who types");
  await wide.page.locator(".chip.size").waitFor({ state: "hidden" });
  await wide.page.getByRole("button", { name: "Menu" }).click();
  const driver = wide.page.getByRole("menuitemcheckbox", { name: "Size of who types" });
  assert.equal(await driver.getAttribute("aria-checked"), "true");
});

test("a window of any width asks for its size once", { timeout }, async () => {
  await daemon.create({ id: "widths" });
  // Cells of a fraction of a pixel, which all together take a whole number of them.
  const screen = await open("widths", { viewport: { width: 900, height: 480 }, deviceScaleFactor: 2 });
  for (let width = 901; width <= 930; width++) {
    const before = screen.resizes;
    await screen.page.setViewportSize({ width, height: 480 });
    for (const half of ["one", "two"]) {
      await screen.run(`echo ${half}-$((${width} + 0))`);
      await screen.shows(new RegExp(`^${half}-${width}$`, "m"));
    }
    assert.ok(screen.resizes <= before + 1, `asked ${screen.resizes - before} times at a width of ${width}`);
  }
  assert.ok(screen.resizes >= 3, `${screen.resizes} sizes in 30 pixels`);
});

test("programs are told how large a cell of the driver's page is", { timeout }, async () => {
  await daemon.create({ id: "pixels" });
  const screen = await open("pixels", {});
  await screen.run("stty -echo raw; printf '\\e[16t'; head -c 9 | od -An -c; stty sane");
  const text = await screen.shows(/033 +\[ +6 +;/);
  const [, height, width] = /6;(\d+);(\d+)t/.exec(text.replaceAll(/\s/g, "")) ?? [];
  const cell = await screen.page.evaluate(() => {
    const box = document.querySelector(".xterm-screen")?.getBoundingClientRect();
    const row = document.querySelector(".xterm-rows > div")?.getBoundingClientRect();
    return { width: box?.width ?? 0, height: row?.height ?? 0 };
  });
  const { cols } = await size("pixels");
  assert.equal(Number(height), Math.round(cell.height));
  assert.equal(Number(width), Math.round(cell.width / cols));
});
