// A flood of output: the page goes on to answer its user, holds a bounded part of it, and shows
// no history that never was. Times are printed, not judged: they are the machine's, too.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import type { Page } from "playwright-core";

import { freshPage, Screen, until } from "./browser";
import { describeTerminal } from "./buffer";
import { Stage } from "./stage";

const timeout = 120_000;
const stage = new Stage();
const { daemon } = stage;

async function open(id: string): Promise<Screen> {
  return Screen.open(await freshPage(stage.browser), await daemon.link(id));
}

/** What the page's scripts hold once what is garbage has been taken away, in bytes. */
async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/** Milliseconds from a key until the screen shows what it brings, by the page's own clock. */
async function echoMs(screen: Screen, key: string, shown: string): Promise<number> {
  const { page } = screen;
  const watch = await page.evaluateHandle((wanted) => {
    const seen = new Promise<number>((resolve) => {
      let pressedAt = 0;
      window.addEventListener("keydown", () => (pressedAt = performance.now()), { capture: true, once: true });
      const look = () => {
        const isThere = pressedAt > 0 && (document.querySelector(".xterm-rows")?.textContent ?? "").includes(wanted);
        if (isThere) resolve(performance.now() - pressedAt);
        else requestAnimationFrame(look);
      };
      look();
    });
    return { seen };
  }, shown);
  await page.keyboard.press(key);
  return watch.evaluate(({ seen }) => seen);
}

function tell(context: TestContext, what: string, figures: number[]): void {
  const sorted = figures.map(Math.round).sort((one, other) => one - other);
  context.diagnostic(`${what}: ${sorted.join(", ")}`);
}

test("a hundred megabytes leave the page responsive and bounded", { timeout }, async (context) => {
  // Pieces of a quarter of a megabyte; a key chooses which of them comes from now on.
  const line = (letter: string) => `${letter.repeat(60)} of a hundred megabytes\n`;
  const letters = ["a", "b", "c", "d", "e", "f"];
  for (const letter of letters) writeFileSync(join(daemon.home, `piece-${letter}`), line(letter).repeat(Math.ceil(262_144 / line(letter).length)));
  // It goes on beyond the hundred megabytes until the last key has been pressed.
  const script = "stty -echo -icanon; k=a; i=0; until ((i++ >= 400)) && [ $k = f ]; do read -t 0 && read -rn1 k; cat piece-$k; done; stty sane; echo over-$((1 + 1))";
  await daemon.create({ id: "megabytes" });
  const screen = await open("megabytes");
  await screen.prompt();
  const before = await heap(screen.page);
  await screen.run(script);
  const times = [];
  await screen.shows(/aaaa of a/);
  for (const letter of letters.slice(1)) times.push(await echoMs(screen, letter, letter.repeat(60)));
  const amid = await heap(screen.page);
  await screen.showsIn(timeout / 2, /^over-2$/m);
  const grown = ((await heap(screen.page)) - before) / 1e6;
  tell(context, "a key's echo amid the flood, ms", times);
  context.diagnostic(`received ${(screen.receivedBytes / 1e6).toFixed(0)} of 105 MB; scripts hold ${(amid / 1e6).toFixed(1)} MB amid, ${grown.toFixed(1)} MB more after`);
  // Ten thousand lines of scrollback, and what xterm.js makes of each.
  assert.ok(grown < 60, `${grown} MB more`);
  assert.ok(amid - before < 80e6, `${amid - before} bytes more amid the flood`);
});

test("Ctrl-C stops yes, and the prompt is seen", { timeout }, async (context) => {
  await daemon.create({ id: "yes" });
  const screen = await open("yes");
  await screen.prompt();
  const times = [];
  for (let round = 0; round < 5; round++) {
    await screen.run("clear; yes 'a line of a flood that does not end by itself'");
    const before = screen.lags;
    await until("the page has fallen behind and is shown pictures", () => screen.lags > before + 10);
    times.push(await echoMs(screen, "Control+c", "ada@lovelace"));
    await screen.prompt();
  }
  tell(context, "Ctrl-C until the prompt shows, ms", times);
});

test("after a lag there is no false history above the screen", { timeout }, async (context) => {
  // Numbered lines, so that a line above the screen tells what must stand above it.
  await daemon.create({ id: "lag" });
  const screen = await open("lag");
  await screen.prompt();
  await screen.run("seq -f 'line %08.0f of the count' 1500000; echo over-$((1 + 1))");
  await screen.showsIn(timeout / 2, /^over-2$/m);
  await until("it has caught up, and has been given the scrollback", () => !screen.lacksHistory);
  await screen.showsIn(timeout / 2, /^over-2$/m);
  const rows = await describeTerminal(screen.page);
  const numbers = rows.flatMap((row) => {
    const number = /^[-+]\[[^\]]*\](.*)$/.exec(row)?.[1]?.replaceAll("\u0001", "").match(/^line (\d{8}) of the count$/)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const breaks = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1);
  context.diagnostic(`${numbers.length} lines are there; ${screen.lags} lags, ${(screen.receivedBytes / 1e6).toFixed(0)} of 45 MB`);
  assert.ok(numbers.length > 9_000, `${numbers.length} lines`);
  assert.equal(numbers.at(-1), 1_500_000);
  assert.deepEqual(breaks, [], "each line follows on the one above it");
});
