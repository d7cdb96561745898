// What programs may do to the clipboard: nothing, unless the settings or their session let them, and
// then only where somebody works with them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { SessionInfo } from "@webtty/client";

import { freshPage, Screen, until } from "./browser";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage({ clipboard: true });
const { daemon } = stage;

/** A page that keeps what it is asked to copy. */
async function open(id: string, role: "admin" | "control" | "view"): Promise<Screen> {
  const page = await freshPage(stage.browser);
  await page.addInitScript(() => {
    const copied: string[] = [];
    Object.assign(window, { copied });
    navigator.clipboard.writeText = async (text: string) => void copied.push(text);
    navigator.clipboard.readText = () => Promise.reject(new Error("nobody reads it"));
  });
  const screen = await Screen.open(page, await daemon.link(id, role));
  await screen.prompt();
  return screen;
}

function copied({ page }: Screen): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { copied: string[] }).copied);
}

function base64(bytes: number): string {
  return `$(head -c ${bytes} /dev/zero | tr '\\0' x | base64 -w0)`;
}

test("a program sets the clipboard of the driver's focused page only, to 64 KiB at most", { timeout }, async () => {
  await daemon.create({ id: "copying" });
  const driver = await open("copying", "control");
  const other = await open("copying", "control");
  const viewer = await open("copying", "view");
  await driver.run("printf '\\e]52;c;%s\\a' $(printf 'gr\\303\\274n' | base64); echo one-$((1 + 0))");
  for (const screen of [driver, other, viewer]) await screen.shows(/^one-1$/m);
  await until("the text is copied", async () => (await copied(driver)).length === 1);
  assert.deepEqual(await copied(driver), ["grün"]);

  await driver.run(`printf '\\e]52;c;%s\\a' ${base64(65_536)}; printf '\\e]52;c;%s\\a' ${base64(65_537)}; echo two-$((1 + 1))`);
  await driver.shows(/^two-2$/m);
  await until("the text is copied", async () => (await copied(driver)).length === 2);

  await driver.page.evaluate(() => (document.hasFocus = () => false));
  await driver.run("printf '\\e]52;c;c3RvbGVu\\a'; echo three-$((1 + 2))");
  for (const screen of [driver, other, viewer]) await screen.shows(/^three-3$/m);
  assert.deepEqual((await copied(driver)).map(({ length }) => length), [4, 65_536]);

  // Who types drives, and then it is theirs.
  await other.run("printf '\\e]52;;b3RoZXI=\\a'; echo four-$((2 + 2))");
  await until("the text is copied", async () => (await copied(other)).length === 1);
  assert.deepEqual([await copied(other), await copied(viewer)], [["other"], []]);
});

test("nobody answers a program that asks for the clipboard", { timeout }, async () => {
  await daemon.create({ id: "asking" });
  const screen = await open("asking", "control");
  // A question that is answered comes last: what is there before its answer is the answer to the others.
  const ask = "stty raw -echo; printf '\\e]52;c;?\\a\\e]52;;?\\e\\\\\\e[5n'; IFS= read -rd n answer; stty sane; printf %s \"$answer\" > ~/answer; echo asked-$((1 + 0))";
  await screen.run(ask);
  await screen.shows(/^asked-1$/m);
  assert.equal(readFileSync(join(daemon.home, "answer"), "latin1"), "\x1b[0");
  assert.deepEqual(await copied(screen), []);
});

test("without the setting no program sets the clipboard", { timeout }, async () => {
  daemon.configure({});
  await daemon.create({ id: "off" });
  const screen = await open("off", "control");
  await screen.run("printf '\\e]52;c;c3RvbGVu\\a'; echo done-$((1 + 0))");
  await screen.shows(/^done-1$/m);
  assert.deepEqual(await copied(screen), []);
});

test("a session is let by itself, and in its menu", { timeout }, async () => {
  daemon.configure({});
  await daemon.create({ id: "let", clipboard: true });
  const screen = await open("let", "admin");
  await screen.run("printf '\\e]52;c;b25l\\a'; echo one-$((1 + 0))");
  await until("the text is copied", async () => (await copied(screen)).length === 1);

  const choose = async (checked: string) => {
    await screen.page.getByRole("button", { name: "Menu" }).click();
    const item = screen.page.getByRole("menuitemcheckbox", { name: "Programs may set the clipboard" });
    assert.equal(await item.getAttribute("aria-checked"), checked);
    await item.click();
    // The menu gives the focus back in a moment of its own, and what is typed before goes to its button.
    await screen.page.locator(".xterm-helper-textarea:focus").waitFor();
  };
  const lets = async (clipboard: boolean) =>
    until("the session says so", async () => (await daemon.ask<SessionInfo>("GET", "/api/sessions/let")).clipboard === clipboard);
  await choose("true");
  await lets(false);
  await screen.run("printf '\\e]52;c;dHdv\\a'; echo two-$((1 + 1))");
  await screen.shows(/^two-2$/m);
  assert.deepEqual(await copied(screen), ["one"]);
  await choose("false");
  await lets(true);
  await screen.run("printf '\\e]52;c;dGhyZWU=\\a'; echo three-$((1 + 2))");
  await until("the text is copied", async () => (await copied(screen)).length === 2);
  assert.deepEqual(await copied(screen), ["one", "three"]);
});
