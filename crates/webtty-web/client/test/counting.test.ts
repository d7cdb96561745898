import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/backoff.js";
import { AckLedger, StreamPosition } from "../src/stream.js";

test("waits double from half a second to ten seconds and start over after a success", () => {
  const longest = new Backoff(() => 1);
  assert.deepEqual(
    Array.from({ length: 7 }, () => longest.next()),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  );
  longest.reset();
  assert.equal(longest.next(), 500);
});

test("waits are spread over the upper half of their step", () => {
  assert.equal(new Backoff(() => 0).next(), 250);
  const backoff = new Backoff();
  for (let attempt = 0; attempt < 100; attempt++) {
    const wait = backoff.next();
    assert.ok(wait >= 250 && wait <= 10_000, `${wait}`);
  }
});

test("nothing can be resumed before a snapshot has come whole", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  assert.equal(position.resumeFrom(), null);
  position.snapshot(1000, 30, false);
  assert.equal(position.resumeFrom(), null);
  assert.equal(position.received(29), false);
  assert.equal(position.resumeFrom(), null);
  assert.equal(position.received(1), true, "the snapshot's last byte");
  assert.equal(position.received(0), false);
  assert.deepEqual(position.resumeFrom(), { offset: 1000, epoch: "e1" });
});

test("live bytes move the offset, also those in one frame with a snapshot's end", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(500, 10, false);
  position.received(16);
  assert.deepEqual(position.resumeFrom(), { offset: 506, epoch: "e1" });
  position.received(94);
  assert.deepEqual(position.resumeFrom(), { offset: 600, epoch: "e1" });
});

test("a terminal that was not given its scrollback is not resumed before it has it", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(500, 10, true);
  position.received(10);
  position.received(5);
  assert.equal(position.resumeFrom(), null);
  position.snapshot(505, 100, false);
  position.received(100);
  assert.deepEqual(position.resumeFrom(), { offset: 505, epoch: "e1" });
});

test("an empty snapshot counts at once", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(0, 0, false);
  assert.deepEqual(position.resumeFrom(), { offset: 0, epoch: "e1" });
});

test("a resumed connection goes on counting; one that missed starts over", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(100, 0, false);
  position.received(20);
  position.begin("e1", true);
  position.received(5);
  assert.deepEqual(position.resumeFrom(), { offset: 125, epoch: "e1" });
  position.begin("e1", false);
  assert.equal(position.resumeFrom(), null);
});

test("an offset is given back with the epoch it was counted in", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(7, 0, false);
  position.begin("e2", false);
  assert.equal(position.resumeFrom(), null);
  position.snapshot(3, 0, false);
  assert.deepEqual(position.resumeFrom(), { offset: 3, epoch: "e2" });
});

test("a snapshot in the middle of a connection, for a viewer that fell behind, moves the offset", () => {
  const position = new StreamPosition();
  position.begin("e1", false);
  position.snapshot(0, 0, false);
  position.received(40);
  position.snapshot(9_000_000, 7, false);
  assert.equal(position.resumeFrom(), null);
  position.received(7);
  assert.deepEqual(position.resumeFrom(), { offset: 9_000_000, epoch: "e1" });
});

test("an ack is due after 32 KiB, and is the total of the connection", () => {
  const ledger = new AckLedger();
  assert.equal(ledger.take(), null);
  assert.equal(ledger.processed(32_767), false);
  assert.equal(ledger.processed(1), true);
  assert.equal(ledger.take(), 32_768);
  assert.equal(ledger.take(), null);
  assert.equal(ledger.processed(10), false);
  assert.equal(ledger.take(), 32_778);
});
