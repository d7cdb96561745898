import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/connection/backoff";
import { AckLedger, StreamPosition } from "../src/connection/stream";

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
  position.begin(false);
  assert.equal(position.resumeFrom(), null);
  position.snapshot(1000, 30);
  assert.equal(position.resumeFrom(), null);
  position.received(29);
  assert.equal(position.resumeFrom(), null);
  assert.equal(position.isInSnapshot(), true);
  position.received(1);
  assert.equal(position.resumeFrom(), 1000);
  assert.equal(position.isInSnapshot(), false);
});

test("live bytes move the offset, also those in one frame with a snapshot's end", () => {
  const position = new StreamPosition();
  position.begin(false);
  position.snapshot(500, 10);
  position.received(16);
  assert.equal(position.resumeFrom(), 506);
  position.received(94);
  assert.equal(position.resumeFrom(), 600);
});

test("an empty snapshot counts at once", () => {
  const position = new StreamPosition();
  position.begin(false);
  position.snapshot(0, 0);
  assert.equal(position.resumeFrom(), 0);
});

test("a resumed connection goes on counting; one that missed starts over", () => {
  const position = new StreamPosition();
  position.begin(false);
  position.snapshot(100, 0);
  position.received(20);
  position.begin(true);
  position.received(5);
  assert.equal(position.resumeFrom(), 125);
  position.begin(false);
  assert.equal(position.resumeFrom(), null);
});

test("a snapshot in the middle of a connection, for a viewer that fell behind, moves the offset", () => {
  const position = new StreamPosition();
  position.begin(false);
  position.snapshot(0, 0);
  position.received(40);
  position.snapshot(9_000_000, 7);
  assert.equal(position.resumeFrom(), null);
  position.received(7);
  assert.equal(position.resumeFrom(), 9_000_000);
});

test("an ack is due after 64 KiB, and is the total of the connection", () => {
  const ledger = new AckLedger();
  assert.equal(ledger.take(), null);
  assert.equal(ledger.processed(65_535), false);
  assert.equal(ledger.processed(1), true);
  assert.equal(ledger.take(), 65_536);
  assert.equal(ledger.take(), null);
  assert.equal(ledger.processed(10), false);
  assert.equal(ledger.take(), 65_546);
});
