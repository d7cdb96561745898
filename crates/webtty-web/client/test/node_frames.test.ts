import assert from "node:assert/strict";
import { test } from "node:test";

import { BINARY, CLOSE, frame, type Message, PING, Reader, TEXT, Violation } from "../src/node_frames.js";

/** A frame as the daemon sends it: without a mask. */
function sent(opcode: number, payload: Buffer, isLast = true): Buffer {
  const length = payload.length;
  const head = length < 126 ? Buffer.of(length) : length < 65_536 ? Buffer.of(126, length >> 8, length & 255) : Buffer.alloc(9);
  if (head.length === 9) {
    head[0] = 127;
    head.writeBigUInt64BE(BigInt(length), 1);
  }
  return Buffer.concat([Buffer.of((isLast ? 0x80 : 0) | opcode), head, payload]);
}

function read(pieces: Uint8Array[]): Array<[number, string]> {
  const reader = new Reader();
  const messages: Message[] = pieces.flatMap((piece) => [...reader.read(piece)]);
  return messages.map(({ opcode, payload }) => [opcode, payload.toString()]);
}

test("messages of every size come whole, wherever their bytes were cut", () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536];
  const bytes = Buffer.concat(sizes.map((size) => sent(BINARY, Buffer.alloc(size, "x"))));
  const wanted = sizes.map((size) => [BINARY, "x".repeat(size)]);
  assert.deepEqual(read([bytes]), wanted);
  for (const step of [1, 7, 4_096]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) => bytes.subarray(index * step, (index + 1) * step));
    assert.deepEqual(read(pieces), wanted, `${step} bytes at a time`);
  }
});

test("a message in parts is joined, and a ping may come between them", () => {
  const pieces = [sent(TEXT, Buffer.from("he"), false), sent(PING, Buffer.from("?")), sent(0, Buffer.from("llo"))];
  assert.deepEqual(read(pieces), [[PING, "?"], [TEXT, "hello"]]);
});

test("what breaks the protocol is refused with its code", () => {
  const masked = frame(TEXT, Buffer.from("a"));
  const huge = Buffer.concat([Buffer.of(0x82, 127), Buffer.from("00000000ffffffff", "hex")]);
  const wrong: Array<[Buffer, number]> = [
    [masked, 1002],
    [Buffer.of(0xc1, 0), 1002],
    [sent(0, Buffer.from("no beginning")), 1002],
    [Buffer.concat([sent(TEXT, Buffer.from("a"), false), sent(TEXT, Buffer.from("b"))]), 1002],
    [sent(PING, Buffer.alloc(126)), 1002],
    [sent(CLOSE, Buffer.alloc(2), false), 1002],
    [huge, 1009],
  ];
  for (const [bytes, code] of wrong) {
    assert.throws(() => read([bytes]), (error) => error instanceof Violation && error.code === code);
  }
});

test("what is sent is masked, and can be read once unmasked", () => {
  for (const size of [0, 125, 126, 65_535, 65_536]) {
    const payload = Buffer.alloc(size, "y");
    const bytes = frame(BINARY, payload);
    const start = size < 126 ? 2 : size < 65_536 ? 4 : 10;
    assert.equal(bytes[1]! & 0x80, 0x80);
    const mask = bytes.subarray(start, start + 4);
    const unmasked = bytes.subarray(start + 4).map((byte, index) => byte ^ mask[index & 3]!);
    assert.ok(Buffer.from(unmasked).equals(payload), `${size}`);
  }
});
