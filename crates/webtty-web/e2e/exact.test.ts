// Who joins in the middle sees what who was there sees: every cell, attribute, mode, the cursor,
// the scrollback. And nothing that a page does by itself is ever typed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import type { Browser, WebSocketRoute } from "playwright-core";

import { assertNoPageErrors, freshPage, launch, Screen, screenshot, SEEN_MS, until } from "./browser";
import { describeTerminal } from "./buffer";
import { Daemon } from "./daemon";

const timeout = 120_000;
const daemon = new Daemon();
let browser: Browser;

before(async () => {
  // So little output is kept that who is away soon needs a snapshot.
  daemon.configure({ scrollback: 65_536 });
  await daemon.start();
  browser = await launch();
  const words = Array.from({ length: 400 }, (_, line) => `${line} int f${line}(void) { return "é日本 ${line}"; } // ${"word ".repeat(line % 30)}`);
  writeFileSync(join(daemon.home, "program.c"), `${words.join("\n")}\n`);
  const coloured = words.map((line, index) => `\x1b[${31 + (index % 6)};${index % 2}m${line}\x1b[m \x1b[4:3;58;5;9mwavy\x1b[m \x1b]8;;https://example.org/${index}\x1b\\link\x1b]8;;\x1b\\`);
  writeFileSync(join(daemon.home, "coloured.txt"), `${coloured.join("\n")}\n`);
});

after(async () => {
  // Its server is no process of a session.
  spawnSync("tmux", ["-S", join(daemon.home, "tmux.socket"), "kill-server"]);
  await browser.close();
  await daemon.remove();
});

afterEach(assertNoPageErrors);

async function open(id: string): Promise<Screen> {
  return Screen.open(await freshPage(browser), await daemon.link(id));
}

/** Waits until both terminals are the same in everything, which says that no output is on its way. */
async function assertSame(one: Screen, other: Screen): Promise<void> {
  const deadline = Date.now() + SEEN_MS;
  for (;;) {
    const [mine, theirs] = await Promise.all([describeTerminal(one.page), describeTerminal(other.page)]);
    const differs = mine.findIndex((line, index) => line !== theirs[index]);
    if (differs < 0 && mine.length === theirs.length) return;
    if (Date.now() < deadline) continue;
    await screenshot(one.page, "exact-one");
    await screenshot(other.page, "exact-other");
    assert.fail(`line ${differs} of ${mine.length} and ${theirs.length}:\n${mine[differs]}\n${theirs[differs]}`);
  }
}

/** Programs, what shows that they are up, and keys after which they have shown something else. */
const PROGRAMS = [
  {
    name: "vim",
    command: "seq 100; vim -u NONE -N -n --cmd 'set nofsync' -c 'syntax on' -c 'set number hlsearch mouse=a' program.c",
    up: /f3\(void\)/,
    keys: [":200", "Enter", "/word", "Enter", "zz", "V", "j", "j"],
  },
  { name: "htop", command: "seq 100; htop -d 100", up: /F10Quit/, keys: ["F2"] },
  {
    name: "tmux",
    command: "tmux -f /dev/null -S tmux.socket new 'cat coloured.txt; exec bash'",
    up: /ada@lovelace[^\n]*\$[^]*\[0\]/,
    keys: ["Control+b", "%", "Control+b", "\""],
  },
  { name: "less", command: "seq 100; less -R coloured.txt", up: /coloured\.txt/, keys: ["Space", "/", "4", "2", "Enter"] },
];

for (const { name, command, up, keys } of PROGRAMS) {
  test(`who joins in the middle of ${name} sees exactly what is there`, { timeout }, async () => {
    await daemon.create({ id: name });
    const first = await open(name);
    await first.prompt();
    await first.run(command);
    await first.shows(up);
    const second = await open(name);
    await assertSame(first, second);
    for (const key of keys) {
      if (/^(?:[A-Z][a-z]+|F\d+|Control\+.)$/.test(key) || key.length === 1) await first.page.keyboard.press(key);
      else await first.type(key);
    }
    // One that was there when it happened, and one that comes after.
    await assertSame(first, second);
    const third = await open(name);
    await assertSame(first, third);
    assert.equal(second.input + third.input, "", "who looks on types nothing");
    await screenshot(third.page, `exact-${name}`);
    await daemon.ask("DELETE", `/api/sessions/${name}`);
  });
}

/** Questions whose answers do not depend on where the cursor is, and what asks them. */
const QUESTIONS = "\\033[c\\033[>c\\033[5n\\033[>q\\033[?25$p\\033]10;?\\007\\033]4;1;?\\007";

test("ten reloads amid output type nothing into the shell", { timeout }, async () => {
  const rounds = 400;
  const typed = join(daemon.home, "typed");
  // What is typed goes to a file, byte by byte, while coloured output and questions come; the
  // questions are as many as the test wants, so that as many answers must be there in the end.
  const script =
    `exec 3<&0; stty raw -echo; printf ready; head -c 1 >/dev/null; { cat <&3 >${typed} & }; reader=$!; i=0; ` +
    `while [ $i -lt ${rounds} ]; do i=$((i+1)); printf '${QUESTIONS}'; ` +
    "printf '\\033[3%dmround %d \\033[1;4mamid\\033[m\\r\\n' $((i % 8)) $i; sleep 0.02; done; printf over; wait $reader";
  await daemon.create({ id: "reloads", cmd: ["/bin/sh", "-c", script] });
  const screen = await open("reloads");
  await screen.shows(/ready/);
  await screen.type("x");
  await screen.shows(/round \d+ amid/);
  for (let reload = 0; reload < 10; reload++) {
    await screen.page.reload();
    await screen.connected();
    await screen.shows(/round \d+ amid/);
  }
  await screen.shows(/over$/m);
  const answers = () => readFileSync(typed, "latin1");
  const round = () => answers().slice(0, answers().indexOf("\x1b[?1;2c", 1));
  await until("all answers are there", () => existsSync(typed) && answers().length >= round().length * rounds);
  assert.ok(round().includes("\x1b[0n") && round().includes("webtty"), JSON.stringify(round()));
  assert.ok(answers() === round().repeat(rounds), `${answers().length} bytes for ${rounds} times ${round().length}`);
  assert.equal(screen.input, "x");
});

test("a page that was away for longer than output is kept becomes what a new one is", { timeout }, async () => {
  await daemon.create({ id: "away" });
  const page = await freshPage(browser);
  const sockets: WebSocketRoute[] = [];
  let isAway = false;
  await page.routeWebSocket(/\/pty\?/, (socket) => {
    if (isAway) return void socket.close({ code: 1012 });
    socket.connectToServer();
    sockets.push(socket);
  });
  const screen = await Screen.open(page, await daemon.link("away"));
  await screen.prompt();
  // What a reset of the terminal would leave as it is, or what is of no use in another state.
  await screen.run("printf '\\e[?25l\\e[?12l\\e[20h\\e[?7l\\e[3;9r\\e[?1002h\\e[?1006h\\e(0\\e[9;9Hset'");
  await screen.shows(/⎽␊├/);
  const other = await open("away");
  await assertSame(screen, other);
  isAway = true;
  for (const socket of sockets) await socket.close({ code: 1012 });
  await other.run("printf '\\e[?25h\\e[20l\\e[?7h\\e[r\\e[?1002l\\e(B\\e[2J'; seq 40000; echo over-$((1 + 1))");
  await other.shows(/^over-2$/m);
  isAway = false;
  await screen.shows(/^over-2$/m);
  await screen.connected();
  await assertSame(screen, other);
  await assertSame(screen, await open("away"));
});
