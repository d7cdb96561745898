// Working in a terminal: through a real stage.browser, a real daemon and real programs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { freshPage, said, Screen, screenshot, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage();
const { daemon } = stage;

/** Everything that asks a terminal for an answer, and a program that wants to know of the focus. The
 * answer to the last, `CSI 0 n`, alone ends in an `n`. */
const QUERIES =
  "\\033[?1004h\\033[c\\033[>c\\033[=c\\033[6n\\033[?6n\\033[?25$p\\033[4$p\\033[>q\\033[14t\\033[18t" +
  "\\033]10;?\\007\\033]11;?\\007\\033]12;?\\007\\033]4;1;?\\007\\033]4;1;?;2;#00ff00\\007\\033P$qm\\033\\\\\\033[?u\\033[5n";

/** A new session, open in a page of its own. */
async function open(id: string): Promise<Screen> {
  await daemon.create({ id });
  const screen = await Screen.open(await freshPage(stage.browser), await daemon.link(id));
  await screen.prompt();
  return screen;
}

test("typing ls shows a file", { timeout }, async () => {
  writeFileSync(join(daemon.home, "analytical-engine.txt"), "");
  const screen = await open("ls");
  await screen.run("ls");
  await screen.shows(/^analytical-engine\.txt$|\sanalytical-engine\.txt/m);
  assert.equal(screen.page.url(), `${daemon.url}/s/ls`, "the key has left the address bar");
});

test("a file edited in vim is saved to disk", { timeout }, async () => {
  const screen = await open("vim");
  // Without syncing to the disk, for which a busy one can take longer than a test waits.
  await screen.run("vim -u NONE -N -n --cmd 'set nofsync' poem.txt");
  await screen.shows(/~\n~/);
  await screen.type("iThe engine weaves");
  await screen.page.keyboard.press("Enter");
  await screen.type("algebraic patterns 日本 ü");
  await screen.page.keyboard.press("Escape");
  await screen.shows(/The engine weaves\nalgebraic patterns/);
  await screenshot(screen.page, "vim");
  await screen.run(":wq");
  await screen.prompt();
  const saved = readFileSync(join(daemon.home, "poem.txt"), "utf8");
  assert.equal(saved, "The engine weaves\nalgebraic patterns 日本 ü\n");
  await screen.hides(/~\n~/);
});

test("a full-screen program is redrawn at the window's new size", { timeout }, async () => {
  const screen = await open("top");
  await screen.run("htop");
  await screen.shows(/F10Quit/);
  const before = await screen.text();
  await screen.page.setViewportSize({ width: 1300, height: 800 });
  await until("htop fills the larger window", async () => {
    const lines = (await screen.text()).split("\n");
    return lines.length > before.split("\n").length + 5 && /F10Quit/.test(lines.at(-1) ?? "");
  });
  await screenshot(screen.page, "htop");
  await screen.page.setViewportSize({ width: 700, height: 400 });
  await until("htop fills the smaller window", async () => {
    const lines = (await screen.text()).split("\n");
    return lines.length < before.split("\n").length && /F1Help/.test(lines.at(-1) ?? "");
  });
  await screen.page.keyboard.press("F10");
  await screen.prompt();
  await screen.run("stty size");
  const rows = (await screen.text()).split("\n").length;
  await screen.shows(new RegExp(`^${rows} \\d+$`, "m"));
});

test("two pages on one session see each other's typing", { timeout }, async () => {
  const ada = await open("shared");
  const charles = await Screen.open(await freshPage(stage.browser), await daemon.link("shared"));
  await charles.prompt();
  await ada.run("echo from-$((40 + 2))-ada");
  await charles.shows(/^from-42-ada$/m);
  await charles.run("echo from-$((50 + 2))-charles");
  await ada.shows(/^from-52-charles$/m);
});

test("who may only watch sees the same and types nothing", { timeout }, async () => {
  const ada = await open("watched");
  const viewer = await Screen.open(await freshPage(stage.browser), await daemon.link("watched", "view"));
  await viewer.prompt();
  await viewer.page.getByText("view only").waitFor();
  await viewer.run("touch stray");
  await said(viewer.page, "You are watching");
  await ada.run("echo seen-$((1 + 1))");
  await viewer.shows(/^seen-2$/m);
  assert.equal(viewer.input, "");
  assert.equal(existsSync(join(daemon.home, "stray")), false);
});

test("a reload keeps the session and types nothing into the shell", { timeout }, async () => {
  const screen = await open("reload");
  const ask = `stty raw -echo; printf '${QUERIES}'; IFS= read -rd n answers; stty sane; printf %s "$answers" >answers; echo kept-$((6 * 7))\n`;
  writeFileSync(join(daemon.home, "ask-everything.sh"), ask);
  await screen.run("clear; bash ask-everything.sh");
  await screen.shows(/^kept-42$/m);
  await screen.prompt();
  assert.equal(withoutFocus(screen.input), "clear; bash ask-everything.sh\r");
  const answers = readFileSync(join(daemon.home, "answers"), "latin1");
  assert.ok(answers.endsWith("\x1b[0"), JSON.stringify(answers));
  assert.equal(answers.split("\x1b[?1;2c").length - 1, 1, "the daemon answers, once");
  const typed = screen.input;
  await screen.page.reload();
  await screen.connected();
  await screen.shows(/^kept-42$/m);
  await screen.prompt();
  await screen.run("echo still-$((2 * 4))-here");
  await screen.shows(/^still-8-here$/m);
  // Real changes of focus are reported, since the program asked; answers never come from here.
  assert.equal(withoutFocus(screen.input.slice(typed.length)), "echo still-$((2 * 4))-here\r");
  assert.match(await screen.text(), /^kept-42\nada@lovelace:~\$ echo still/m);
});

function withoutFocus(input: string): string {
  return input.replaceAll(/\x1b\[[IO]/g, "");
}

test("exit shows the end, with its code", { timeout }, async () => {
  const screen = await open("ending");
  await screen.run("exit 7");
  await screen.page.getByRole("alert").getByText("The session ended with code 7").waitFor();
  await screen.page.locator(".pill", { hasText: "ended with code 7" }).waitFor();
  await screenshot(screen.page, "ended");
  await screen.page.getByRole("button", { name: "New session" }).click();
  await screen.page.waitForURL(/\/s\/[0-9a-f]{8}$/);
  await screen.connected();
  await screen.prompt();
});

test("Ctrl-C stops a flood at once, and the page has kept up", { timeout }, async (context) => {
  const screen = await open("flood");
  await screen.run("yes 'a line of a flood that does not end by itself'");
  await screen.shows(/(a line of a flood that does not end by itself\n){20}/);
  await until("the page has fallen behind and is shown pictures", () => screen.lags > 10);
  const pressed = Date.now();
  await screen.page.keyboard.press("Control+c");
  await screen.prompt();
  context.diagnostic(`${Date.now() - pressed} ms from Ctrl-C to the prompt`);
  // Not the ^C: `yes` may write some more lines between that and its end.
  await screen.run("echo ended-$?");
  await screen.shows(/^ended-130$/m);
});

test("a megabyte pasted arrives whole and in order", { timeout }, async () => {
  const screen = await open("paste");
  const lines = Array.from({ length: 14_000 }, (_, index) => `${index}`.padStart(8, "0") + " " + "abcdefghij".repeat(7).slice(index % 9));
  const text = `${lines.join("\n")}\n`;
  assert.ok(text.length > 1_000_000, `${text.length}`);
  await screen.run(`stty -echo; echo ready; head -c ${text.length} > pasted.txt; stty echo; echo whole-$?`);
  await screen.shows(/^ready$/m);
  await screen.paste(text);
  await until("all of it is in the file", () => {
    const file = join(daemon.home, "pasted.txt");
    return existsSync(file) && readFileSync(file).length === text.length;
  });
  const hash = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(hash(readFileSync(join(daemon.home, "pasted.txt"))), hash(text));
  await screen.shows(/^whole-0$/m);
});

test("a pasted block is not run line by line, and cannot break out of its paste", { timeout }, async () => {
  const screen = await open("bracketed");
  await screen.paste("echo one\necho two\x1b[201~\necho three");
  await screen.shows(/echo one\necho two\necho three$/m);
  assert.ok(screen.input.startsWith("\x1b[200~"), JSON.stringify(screen.input));
  assert.ok(screen.input.endsWith("\x1b[201~"), JSON.stringify(screen.input));
  await screen.page.keyboard.press("Enter");
  await screen.shows(/^one\ntwo\nthree$/m);
});
