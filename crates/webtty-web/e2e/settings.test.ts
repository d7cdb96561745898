// What the configuration file says about the page, and what passes between page and programs
// besides text: the clipboard, the mouse, the title.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { freshPage, Screen, until } from "./browser";
import { Daemon } from "./daemon";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage({
  fontSize: 18,
  theme: { background: "#102030", red: "#ff0044" },
  copyOnSelect: true,
  rightClickBehavior: "copyPaste",
  mouseScrollSpeed: 3,
  keyboardBindings: [{ key: "F9", mods: ["shift"], chars: "echo bound-$((7 + 7))\r" }],
});
const { daemon } = stage;

async function open(id: string): Promise<Screen> {
  await daemon.create({ id });
  const page = await freshPage(stage.browser);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const screen = await Screen.open(page, await daemon.link(id));
  await screen.prompt();
  return screen;
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The middle of a cell. */
async function cell(screen: Screen, col: number, row: number): Promise<[number, number]> {
  const box = await screen.page.locator(".xterm-screen").boundingBox();
  const size = /(\d+) (\d+)/.exec(await screen.page.locator(".xterm-rows").evaluate((rows) => {
    const { height } = (rows.children[0] as Element).getBoundingClientRect();
    return `${Math.round(height * 1000)} ${rows.children.length}`;
  }));
  assert.ok(box && size);
  return [box.x + (col + 0.5) * (box.height / Number(size[2])) * 0.5, box.y + (row + 0.5) * (box.height / Number(size[2]))];
}

test("font, colours and key bindings are the configured ones", { timeout }, async () => {
  const screen = await open("configured");
  const look = await screen.page.evaluate(() => ({
    background: getComputedStyle(document.querySelector(".stage") as Element).backgroundColor,
    font: getComputedStyle(document.querySelector(".xterm-rows") as Element).fontSize,
  }));
  assert.deepEqual(look, { background: "rgb(16, 32, 48)", font: "18px" });
  await screen.page.keyboard.press("Shift+F9");
  await screen.shows(/^bound-14$/m);
});

test("a page that is loaded again has what the file says now", { timeout }, async () => {
  const other = new Daemon();
  other.configure({ fontSize: 18, cursorStyle: "underline", theme: { red: "#ff0044", purple: "#8800aa", selection: "#123456" } });
  await other.start();
  try {
    await other.create({ id: "anew" });
    const screen = await Screen.open(await freshPage(stage.browser), await other.link("anew"));
    await screen.prompt();
    await screen.run("clear; printf '\\033[31mred\\033[35mpurple\\033[0m\\n'");
    await screen.shows(/^redpurple$/m);
    const look = () =>
      screen.page.evaluate(() => {
        const color = (text: string) => {
          const found = [...document.querySelectorAll(".xterm-rows span")].find((span) => span.textContent === text);
          return found ? getComputedStyle(found).color : "";
        };
        const cursor = document.querySelector(".xterm-cursor")?.className ?? "";
        const rows = document.querySelector(".xterm-rows") as Element;
        const { fontSize, fontFamily } = getComputedStyle(rows);
        return { red: color("red"), purple: color("purple"), cursor: /xterm-cursor-(bar|underline|block|outline)/.exec(cursor)?.[1], fontSize, fontFamily };
      });
    const first = await look();
    assert.deepEqual([first.red, first.purple, first.fontSize, first.cursor], ["rgb(255, 0, 68)", "rgb(136, 0, 170)", "18px", "underline"]);
    other.configure({ fontSize: 12, fontFamily: "Fira Mono", cursorStyle: "bar", theme: { red: "#00ff00" } });
    await screen.page.reload();
    await screen.connected();
    await screen.shows(/^redpurple$/m);
    await screen.page.locator(".xterm-helper-textarea").focus();
    const now = await look();
    assert.deepEqual([now.red, now.fontSize, now.cursor], ["rgb(0, 255, 0)", "12px", "bar"]);
    assert.match(now.fontFamily, /^"?Fira Mono/);
    other.configure({ fontSize: 0, nonsense: true });
    await screen.page.reload();
    await screen.connected();
    assert.equal((await look()).fontSize, "12px", "a slip in the file changes nothing");
  } finally {
    await other.remove();
  }
});

test("a selection is copied at once, its wrapped lines joined, and a right click pastes", { timeout }, async () => {
  const screen = await open("clipboard");
  const long = "w".repeat(150);
  await screen.run(`clear; echo ${long}`);
  await screen.shows(/^w+\nw+\nada@lovelace/);
  const [x, y] = await cell(screen, 3, 0);
  await screen.page.mouse.click(x, y, { clickCount: 3 });
  await until("the line is on the clipboard", async () => (await clipboard(screen.page)).trimEnd() === long);
  await screen.page.mouse.click(x, y);
  await screen.page.evaluate(() => navigator.clipboard.writeText("echo right-click"));
  await screen.page.mouse.click(x, y, { button: "right" });
  await screen.shows(/\$ echo right-click$/m);
});

test("copying and pasting by keys", { timeout }, async () => {
  const screen = await open("keys");
  await screen.page.evaluate(() => navigator.clipboard.writeText("echo by-keys"));
  await screen.page.keyboard.press("Control+Shift+V");
  await screen.shows(/\$ echo by-keys$/m);
  await screen.page.keyboard.press("Control+u");
  await screen.run("clear; echo take-$((20 + 1))");
  await screen.shows(/^take-21$/m);
  const [x, y] = await cell(screen, 2, 0);
  await screen.page.evaluate(() => navigator.clipboard.writeText(""));
  await screen.page.mouse.dblclick(x, y);
  await screen.page.keyboard.press("Control+Shift+C");
  await until("the word is on the clipboard", async () => (await clipboard(screen.page)) === "take-21");
});

test("a program that asks for the mouse gets clicks, and the wheel at the configured speed", { timeout }, async () => {
  const screen = await open("mouse");
  await screen.run("clear; printf '\\033[?1000h\\033[?1006h'; stty -echo; cat -v");
  await until("the mouse is reported on", () => screen.page.locator(".xterm.enable-mouse-events").isVisible());
  const [x, y] = await cell(screen, 4, 2);
  await screen.page.mouse.click(x, y);
  await until("the click is sent", () => /\x1b\[<0;\d+;3M\x1b\[<0;\d+;3m$/.test(screen.input));
  await screen.page.mouse.wheel(0, 120);
  await until("three steps are sent", () => (screen.input.match(/\x1b\[<65;\d+;3M/g) ?? []).length === 3);
});

test("the title that a program sets is the tab's, as text without tricks", { timeout }, async () => {
  const screen = await open("titled");
  assert.equal(await screen.page.title(), "titled · webtty");
  await screen.run("printf '\\033]0;<b>build\\342\\200\\256 99%%</b>\\007'");
  await until("the tab has the title", async () => (await screen.page.title()) === "<b>build 99%</b> · webtty");
  assert.equal(await screen.page.locator(".bar .title").textContent(), "<b>build 99%</b>");
  await screen.page.reload();
  await screen.connected();
  await until("the title is there again", async () => (await screen.page.title()).startsWith("<b>build 99%</b>"));
});

test("what an input method or an on-screen keyboard writes arrives once", { timeout }, async () => {
  const screen = await open("ime");
  const devtools = await screen.page.context().newCDPSession(screen.page);
  await screen.run("clear; cat");
  await devtools.send("Input.imeSetComposition", { text: "ni", selectionStart: 2, selectionEnd: 2 });
  await devtools.send("Input.imeSetComposition", { text: "ni h", selectionStart: 4, selectionEnd: 4 });
  await devtools.send("Input.insertText", { text: "你好" });
  await until("the composed text is sent", () => Buffer.from(screen.input, "latin1").toString().endsWith("你好"));
  await screen.page.keyboard.insertText("wörd");
  await screen.type("!");
  await screen.page.keyboard.press("Enter");
  await until("all is sent", () => screen.input.endsWith("!\r"));
  assert.equal(Buffer.from(screen.input, "latin1").toString(), "clear; cat\r你好wörd!\r");
});

test("closing asks only where somebody has typed into a running session", { timeout }, async () => {
  const screen = await open("guard");
  let asked = 0;
  screen.page.on("dialog", (dialog) => {
    asked += 1;
    assert.equal(dialog.type(), "beforeunload");
    void dialog.accept();
  });
  await screen.page.reload();
  await screen.connected();
  assert.equal(asked, 0);
  await screen.type("x");
  await screen.page.reload();
  await screen.connected();
  assert.equal(asked, 1);
});

test("a screen reader finds the text", { timeout }, async () => {
  const screen = await open("reader");
  await screen.page.getByRole("button", { name: "Menu" }).click();
  await screen.page.getByRole("menuitemcheckbox", { name: "Screen reader text" }).click();
  await screen.page.locator(".xterm-helper-textarea:focus").waitFor();
  await screen.run("echo heard-$((60 + 6))");
  await screen.shows(/^heard-66$/m);
  await screen.page.getByRole("listitem").filter({ hasText: /^heard-66$/ }).waitFor({ state: "attached" });
});
