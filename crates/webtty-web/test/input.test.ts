import assert from "node:assert/strict";
import { test } from "node:test";

import { decide, type KeyPress } from "../src/input/bindings";
import { Outbox } from "../src/input/outbox";
import { chunks, preparePaste } from "../src/input/paste";
import { cursorKey, withModifiers } from "../src/input/sticky";
import { WheelSpeed } from "../src/input/wheel";

const none = { ctrl: false, alt: false };

test("pasted lines end as typed ones do", () => {
  assert.equal(preparePaste("a\nb\r\nc\rd", false), "a\rb\rc\rd");
  assert.equal(preparePaste("a\n", true), "\x1b[200~a\r\x1b[201~");
});

test("a paste cannot end itself", () => {
  const hostile = [
    "x\x1b[201~rm -rf ~\n",
    "x\x1b[20\x1b[201~1~y",
    "x\x1b[2\x1b[20\x1b[201~1~01~y",
    "x\x9b201~y",
    "\x1b[201~\x1b[201~",
    "x\x1b\x9b201~[201~y",
  ];
  for (const text of hostile) {
    const inner = preparePaste(text, true).slice("\x1b[200~".length, -"\x1b[201~".length);
    assert.doesNotMatch(inner, /(\x1b\[|\x9b)201~/, JSON.stringify(text));
  }
  // Nothing is taken out where no program looks for the marker.
  assert.equal(preparePaste("x\x1b[201~y", false), "x\x1b[201~y");
});

test("chunks join to the whole and split no character", () => {
  const text = "aä€😀".repeat(5000);
  const bytes = new TextEncoder().encode(text);
  for (const size of [4, 5, 7, 1000, 16_384]) {
    const pieces = [...chunks(bytes, size)];
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));
    for (const piece of pieces) {
      assert.ok(piece.length > 0 && piece.length <= size);
      new TextDecoder("utf-8", { fatal: true }).decode(piece);
    }
  }
});

test("chunks of bytes that are no UTF-8 are whole, too", () => {
  const bytes = new Uint8Array(100).fill(0x80);
  assert.deepEqual(Buffer.concat([...chunks(bytes, 7)]), Buffer.from(bytes));
  assert.deepEqual([...chunks(new Uint8Array(0))], []);
});

test("the outbox waits for the wire, keeps the order and forgets on demand", () => {
  let buffered = 0;
  const sent: number[] = [];
  let later: Array<() => void> = [];
  const wire = {
    send: (bytes: Uint8Array) => {
      buffered += bytes.length;
      sent.push(...bytes.subarray(0, 1));
    },
    bufferedBytes: () => buffered,
  };
  const outbox = new Outbox(wire, (task) => later.push(task));
  outbox.push(new Uint8Array(1024 * 1024).fill(1));
  outbox.push(new Uint8Array([2]));
  assert.ok(buffered <= 256 * 1024 + 16 * 1024, `${buffered}`);
  assert.equal(later.length, 1);
  let rounds = 0;
  while (later.length > 0 && rounds < 2) {
    buffered = 0;
    const [next] = later;
    later = [];
    next?.();
    rounds += 1;
  }
  assert.equal(sent.includes(2), false);
  assert.ok(outbox.clear() > 0);
  assert.equal(outbox.clear(), 0);
  buffered = 0;
  for (const task of later) task();
  outbox.push(new Uint8Array([3]));
  assert.equal(sent.at(-1), 3);
  assert.equal(sent.includes(2), false);
});

test("a whole megabyte leaves in order once the wire takes it", () => {
  const received: Uint8Array[] = [];
  const tasks: Array<() => void> = [];
  let buffered = 0;
  const wire = {
    send: (bytes: Uint8Array) => {
      received.push(bytes);
      buffered += bytes.length;
    },
    bufferedBytes: () => buffered,
  };
  const outbox = new Outbox(wire, (task) => tasks.push(task));
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 127);
  outbox.push(bytes);
  for (let task = tasks.shift(); task; task = tasks.shift()) {
    buffered = 0;
    task();
  }
  assert.deepEqual(Buffer.concat(received), Buffer.from(bytes));
});

function press(key: string, held = ""): KeyPress {
  return {
    type: "keydown",
    key,
    ctrlKey: held.includes("ctrl"),
    shiftKey: held.includes("shift"),
    altKey: held.includes("alt"),
    metaKey: held.includes("meta"),
  };
}

test("the page's own keys", () => {
  const on = (key: string, held?: string, isMac = false) => decide(press(key, held), [], isMac);
  assert.deepEqual(on("C", "ctrl shift"), { does: "copy" });
  assert.deepEqual(on("V", "ctrl shift"), { does: "browser" });
  assert.deepEqual(on("F", "ctrl shift"), { does: "find" });
  assert.deepEqual(on("Insert", "shift"), { does: "browser" });
  assert.deepEqual(on("=", "ctrl"), { does: "zoom", by: 1 });
  assert.deepEqual(on("+", "ctrl shift"), { does: "zoom", by: 1 });
  assert.deepEqual(on("-", "ctrl"), { does: "zoom", by: -1 });
  assert.deepEqual(on("0", "ctrl"), { does: "zoom", by: 0 });
  assert.deepEqual(on("c", "meta", true), { does: "browser" });
  assert.deepEqual(on("f", "meta", true), { does: "find" });
});

test("what belongs to the shell stays with it", () => {
  for (const [key, held] of [
    ["c", "ctrl"],
    ["v", "ctrl"],
    ["w", "ctrl"],
    ["_", "ctrl shift"],
    ["-", ""],
    ["0", "alt"],
    ["c", "ctrl alt shift"],
    ["c", "meta"],
    ["Insert", ""],
  ] as const) {
    assert.deepEqual(decide(press(key, held), [], false), { does: "terminal" }, `${held} ${key}`);
  }
});

test("the user's bindings go first and want exactly their modifiers", () => {
  const bindings = [{ key: "Enter", mods: ["shift"], chars: "\x1b\r" }, { key: "c", mods: ["ctrl", "shift"], chars: "!" }];
  assert.deepEqual(decide(press("Enter", "shift"), bindings, false), { does: "send", chars: "\x1b\r" });
  assert.deepEqual(decide(press("ENTER", "shift"), bindings, false), { does: "send", chars: "\x1b\r" });
  assert.deepEqual(decide(press("Enter"), bindings, false), { does: "terminal" });
  assert.deepEqual(decide(press("Enter", "shift ctrl"), bindings, false), { does: "terminal" });
  assert.deepEqual(decide(press("C", "ctrl shift"), bindings, false), { does: "send", chars: "!" });
  assert.deepEqual(decide(press("x"), [{ key: "X", chars: "y" }], false), { does: "send", chars: "y" });
});

test("sticky modifiers make what the real ones make", () => {
  assert.equal(withModifiers("c", { ctrl: true, alt: false }), "\x03");
  assert.equal(withModifiers("C", { ctrl: true, alt: false }), "\x03");
  assert.equal(withModifiers("[", { ctrl: true, alt: false }), "\x1b");
  assert.equal(withModifiers(" ", { ctrl: true, alt: false }), "\0");
  assert.equal(withModifiers("x", { ctrl: false, alt: true }), "\x1bx");
  assert.equal(withModifiers("x", { ctrl: true, alt: true }), "\x1b\x18");
  assert.equal(withModifiers("5", { ctrl: true, alt: false }), "5");
  assert.equal(withModifiers("hello", { ctrl: true, alt: false }), "hello");
  assert.equal(withModifiers("x", none), "x");
});

test("cursor keys follow the mode and the modifiers", () => {
  assert.equal(cursorKey("up", none, false), "\x1b[A");
  assert.equal(cursorKey("up", none, true), "\x1bOA");
  assert.equal(cursorKey("left", { ctrl: true, alt: false }, true), "\x1b[1;5D");
  assert.equal(cursorKey("right", { ctrl: true, alt: true }, false), "\x1b[1;7C");
});

test("the wheel's speed is kept over many events", () => {
  const total = (speed: number) => {
    const wheel = new WheelSpeed(speed);
    return Array.from({ length: 10 }, () => wheel.reports()).reduce((sum, reports) => sum + reports);
  };
  assert.equal(total(1), 10);
  assert.equal(total(3), 30);
  assert.equal(total(0.5), 5);
  assert.equal(total(-1), 10);
  assert.equal(total(Number.NaN), 10);
});
