// How the page looks, and works, where people have it: dark and light, wide and on a phone. The
// screenshots are for looking at; what a machine can tell of them is asserted.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { assertNoPageErrors, freshPage, launch, Screen, screenshot } from "./browser";
import { Daemon } from "./daemon";

const timeout = 120_000;
const daemon = new Daemon();
let browser: Browser;

/** A program to be looked at, short enough to be whole on a screen. */
const PROGRAM = `//! Counts the words of a text, the most frequent first.

use std::collections::HashMap;
use std::io::{self, Read};

fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;

    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }

    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    for (word, count) in words.iter().take(10) {
        println!("{count:>6}  {word}");
    }
    Ok(())
}
`;

before(async () => {
  await daemon.start();
  browser = await launch();
  const project = join(daemon.home, "words");
  mkdirSync(join(project, "src"), { recursive: true });
  mkdirSync(join(project, "tests"));
  writeFileSync(join(project, "src", "main.rs"), PROGRAM);
  writeFileSync(join(project, "Cargo.toml"), '[package]\nname = "words"\nversion = "0.1.0"\nedition = "2024"\n');
  writeFileSync(join(project, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
});

after(async () => {
  await browser.close();
  await daemon.remove();
});

afterEach(assertNoPageErrors);

async function scene(page: Page, id: string): Promise<Screen> {
  await daemon.create({ id, baseDir: join(daemon.home, "words") });
  const screen = await Screen.open(page, await daemon.link(id));
  await screen.prompt();
  await screen.run("clear; ls --color=always -F; wc -l src/*");
  await screen.shows(/21 src\/main\.rs/);
  await screen.prompt();
  return screen;
}

/** Nothing reaches beyond the window, which would make it scroll sideways. */
async function assertFits(page: Page): Promise<void> {
  const { wide, high } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - window.innerWidth,
    high: document.body.className === "terminal-page" ? document.documentElement.scrollHeight - window.innerHeight : 0,
  }));
  assert.ok(wide <= 0 && high <= 0, `beyond the window: ${wide} to the right, ${high} below`);
}

function background(page: Page): Promise<string> {
  return page.locator(".stage").evaluate((stage) => getComputedStyle(stage).backgroundColor);
}

for (const colorScheme of ["dark", "light"] as const) {
  test(`the terminal in ${colorScheme}`, { timeout }, async () => {
    const page = await freshPage(browser, { colorScheme });
    await scene(page, `look-${colorScheme}`);
    await assertFits(page);
    await screenshot(page, `terminal-${colorScheme}`);
    const before = await background(page);
    await page.emulateMedia({ colorScheme: colorScheme === "dark" ? "light" : "dark" });
    await page.waitForFunction((old) => getComputedStyle(document.querySelector(".stage") as Element).backgroundColor !== old, before);
    await page.getByRole("button", { name: "Menu" }).click();
    await screenshot(page, `menu-from-${colorScheme}`);
  });
}

test("the cursor blinks, and nothing that is not seen to move keeps the browser busy", { timeout }, async () => {
  const { page } = await scene(await freshPage(browser, { reducedMotion: "no-preference" }), "blinking");
  const cursor = (isSeen: boolean) =>
    page.waitForFunction((wanted) => {
      const cell = document.querySelector(".xterm-cursor");
      return cell !== null && (getComputedStyle(cell).backgroundColor !== "rgba(0, 0, 0, 0)") === wanted;
    }, isSeen);
  await cursor(false);
  await screenshot(page, "cursor-off");
  await cursor(true);
  const running = () => document.getAnimations().map((animation) => (animation as CSSAnimation).animationName);
  assert.deepEqual(await page.evaluate(running), []);
  await page.locator(".xterm-helper-textarea").blur();
  await page.waitForFunction(() => document.querySelector(".cursor-off") === null);
});

for (const [name, viewport] of [["phone", { width: 390, height: 844 }], ["small-phone", { width: 360, height: 640 }]] as const) {
  test(`a ${name} has the keys its keyboard lacks`, { timeout }, async () => {
    const page = await freshPage(browser, { viewport, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
    const screen = await scene(page, name);
    await assertFits(page);
    for (const key of ["Escape", "Tab", "Ctrl", "Alt", "Arrow up", "Paste", "Show or hide the keyboard"]) {
      const box = await page.getByRole("toolbar").getByRole("button", { name: key }).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= viewport.width, `${key} is in sight`);
    }
    await screen.type("sleep 1000");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Ctrl" }).tap();
    await screenshot(page, `${name}-ctrl`);
    await screen.type("c");
    await screen.shows(/\^C\nada@lovelace/);
    await screen.type("echo tap-$((1 + 2)");
    await screen.type(")");
    await page.getByRole("button", { name: "Escape" }).tap();
    await page.getByRole("button", { name: "Arrow left" }).tap();
    await page.getByRole("button", { name: "Arrow right" }).tap();
    await page.keyboard.press("Enter");
    await screen.shows(/^tap-3$/m);
    await screenshot(page, name);
    await page.goto(`${daemon.url}/`);
    await page.getByRole("link", { name: new RegExp(name) }).first().waitFor();
    await assertFits(page);
    await screenshot(page, `${name}-list`);
  });
}

test("a larger window's terminal is shown whole in a smaller one", { timeout }, async () => {
  const large = await scene(await freshPage(browser, { viewport: { width: 1400, height: 900 } }), "sizes");
  const page = await freshPage(browser, { viewport: { width: 700, height: 420 } });
  const small = await Screen.open(page, await daemon.link("sizes"));
  await small.shows(/21 src\/main\.rs/);
  await page.locator(".chip.size").waitFor();
  const rows = (await large.text()).split("\n").length;
  assert.equal((await small.text()).split("\n").length, rows);
  const [stage, shown] = await Promise.all([page.locator(".stage").boundingBox(), page.locator(".xterm-screen").boundingBox()]);
  assert.ok(stage && shown && shown.width <= stage.width && shown.height <= stage.height, `${JSON.stringify([stage, shown])}`);
  await screenshot(page, "foreign-size");
  // Who types drives: the smaller window's size is taken, and the larger one shows it.
  await small.run("echo mine");
  await page.locator(".chip.size").waitFor({ state: "hidden" });
  await large.page.locator(".chip.size").waitFor();
  await screenshot(large.page, "foreign-smaller");
});

test("letters grow and shrink, and text is found", { timeout }, async () => {
  const page = await freshPage(browser);
  const screen = await scene(page, "letters");
  const rows = async () => (await screen.text()).split("\n").length;
  const before = await rows();
  for (let step = 0; step < 4; step++) await page.keyboard.press("Control+=");
  await page.waitForFunction((count) => document.querySelectorAll(".xterm-rows > div").length < count, before);
  await page.reload();
  await screen.connected();
  await screen.prompt();
  assert.ok((await rows()) < before, "the size is kept");
  await page.keyboard.press("Control+0");
  await page.waitForFunction((count) => document.querySelectorAll(".xterm-rows > div").length === count, before);
  await page.keyboard.press("Control+Shift+F");
  await page.getByLabel("Find in the terminal").fill("src");
  await page.getByText(/^\d of \d$/).waitFor();
  await screenshot(page, "find");
  await page.keyboard.press("Escape");
  await screen.run("echo back-$((2 + 3))");
  await screen.shows(/^back-5$/m);
});

test("an underscore is seen at every size of letters", { timeout }, async () => {
  const page = await freshPage(browser);
  const screen = await scene(page, "underscores");
  await screen.run("clear; printf '\\n%s\\n\\n' ____");
  await screen.shows(/^\n____\n$/m);
  for (let step = 0; step < 6; step++) await page.keyboard.press("Control+-");
  for (let step = 0; step < 14; step++) {
    const [empty, underscores] = await Promise.all([0, 1].map((row) => picture(page, row)));
    assert.notDeepEqual(underscores, empty, `a size of ${await fontSize(page)}`);
    await page.keyboard.press("Control+=");
  }
});

test("a line of each style is below, above and through text, also together", { timeout }, async () => {
  const screen = await scene(await freshPage(browser), "underlines");
  const styles = ["4", "4:2", "4:3", "4:4", "4:5", "4:3;53", "4:3;9", "4;9", "9", "53"];
  const words = styles.map((style, index) => `\\033[${style}mtext${index}\\033[m`);
  await screen.run(`clear; printf '${words.join(" ")}\\n'`);
  await screen.shows(/^text0 .*text9$/m);
  const lines = await screen.page.evaluate(() =>
    [...document.querySelectorAll(".xterm-rows span")].flatMap((span) => {
      const { textDecorationLine, textDecorationStyle } = getComputedStyle(span);
      return span.textContent?.startsWith("text") === true ? [`${textDecorationLine}, ${textDecorationStyle}`] : [];
    }),
  );
  assert.deepEqual(lines, [
    "underline, solid",
    "underline, double",
    "underline, wavy",
    "underline, dotted",
    "underline, dashed",
    "underline overline, wavy",
    "underline line-through, wavy",
    "underline line-through, solid",
    "line-through, solid",
    "overline, solid",
  ]);
  await screenshot(screen.page, "underlines");
});

/** What the first four cells of a row look like. */
async function picture(page: Page, row: number): Promise<Buffer> {
  const box = await page.locator(".xterm-rows > div").nth(row).boundingBox();
  assert.ok(box);
  return page.screenshot({ clip: { ...box, width: 4 * 6 } });
}

function fontSize(page: Page): Promise<string> {
  return page.locator(".xterm-rows").evaluate((rows) => getComputedStyle(rows).fontSize);
}

test("a link shows where it leads and opens by a deliberate click only", { timeout }, async () => {
  const page = await freshPage(browser);
  const screen = await scene(page, "links");
  await page.context().route("https://*.example/**", (route) => route.fulfill({ body: "arrived" }));
  await screen.run("clear; printf '\\033]8;;https://real.example/target\\033\\\\https://bank.example/\\033]8;;\\033\\\\\\n\\033]8;;javascript:alert(1)\\033\\\\script\\033]8;;\\033\\\\\\n'");
  await screen.shows(/^https:\/\/bank\.example\/\nscript$/m);
  const box = await page.locator(".xterm-screen").boundingBox();
  assert.ok(box);
  const height = box.height / (await screen.text()).split("\n").length;
  const at = (row: number) => [box.x + 30, box.y + height * (row + 0.5)] as const;
  await page.mouse.move(...at(0));
  const card = page.locator(".link-card");
  await card.getByText("https://real.example/target").waitFor();
  await screenshot(page, "link");
  await page.mouse.click(...at(0));
  assert.equal(page.context().pages().length, 1, "a plain click opens nothing");
  const opened = page.context().waitForEvent("page");
  await card.getByRole("button", { name: "Open" }).click();
  const target = await opened;
  await target.waitForURL("https://real.example/target");
  assert.equal(await target.evaluate(() => window.opener), null);
  await target.close();
  await page.mouse.click(...at(1));
  await card.getByText("This link leads nowhere").waitFor();
  assert.equal(await card.getByRole("button", { name: "Open" }).isVisible(), false);
});

test("a GPU draws the terminal, and when it fails the page goes on without", { timeout }, async () => {
  const page = await freshPage(browser);
  // The browser of the tests imitates a GPU, which the page would not use.
  await page.addInitScript(() => {
    const read = WebGL2RenderingContext.prototype.getParameter;
    const renderer = 0x9246;
    WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
      return name === renderer ? "A GPU" : read.call(this, name);
    };
  });
  await daemon.create({ id: "gpu" });
  await page.goto(await daemon.link("gpu"));
  await page.waitForSelector('.pill[data-mark="good"]');
  await page.waitForSelector(".xterm-screen canvas:not(.xterm-link-layer)");
  assert.equal(await page.locator(".xterm-rows").count(), 0);
  await page.keyboard.type("echo without-$((5 * 5))\n");
  await page.locator(".xterm-screen canvas:not(.xterm-link-layer)").first().evaluate((canvas) =>
    (canvas as HTMLCanvasElement).getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext(),
  );
  await page.locator(".xterm-rows").getByText("without-25", { exact: true }).waitFor();
});

test("the picture of the documentation", { timeout }, async () => {
  const page = await freshPage(browser, { viewport: { width: 920, height: 480 }, deviceScaleFactor: 2 });
  const screen = await scene(page, "words");
  const vimrc = "set nocompatible ruler number laststatus=2 title | syntax on | set background=dark | silent! colorscheme habamax | hi Normal ctermbg=NONE guibg=NONE | hi EndOfBuffer ctermbg=NONE";
  writeFileSync(join(daemon.home, ".vimrc"), `${vimrc.replaceAll(" | ", "\n")}\n`);
  await screen.run("vim -n '+normal 11G' src/main.rs");
  await screen.shows(/println!/);
  await screen.shows(/11,\d/);
  await page.locator(".bar .title", { hasText: "main.rs" }).waitFor();
  const path = await screenshot(page, "picture");
  // Kept as it is unless somebody asks for a new one: the same scene gives other bytes elsewhere.
  if (process.env["WEBTTY_UPDATE_IMAGES"] === "1") copyFileSync(path, join("..", "..", "docs", "images", "terminal.png"));
});
