import assert from "node:assert/strict";
import { test } from "node:test";

import { cellsIn, fontFor } from "../src/terminal/fit";
import { OrderedSteps } from "../src/terminal/ordered";
import { colorsFor } from "../src/terminal/themes";

test("a resize waits for the output before it and holds back the output after it", () => {
  const order: string[] = [];
  const pending: Array<() => void> = [];
  const steps = new OrderedSteps();
  const write = (name: string) =>
    steps.write((done) => {
      order.push(name);
      pending.push(done);
    });
  write("one");
  write("two");
  steps.barrier(() => order.push("resize"));
  write("three");
  assert.deepEqual(order, ["one", "two"]);
  pending.shift()?.();
  assert.deepEqual(order, ["one", "two"]);
  pending.shift()?.();
  assert.deepEqual(order, ["one", "two", "resize", "three"]);
  steps.barrier(() => order.push("again"));
  pending.shift()?.();
  assert.deepEqual(order.at(-1), "again");
});

test("a box holds whole cells, and some always", () => {
  assert.deepEqual(cellsIn({ width: 805, height: 399 }, { width: 8, height: 16 }), { cols: 100, rows: 24 });
  assert.deepEqual(cellsIn({ width: 0, height: -5 }, { width: 8, height: 16 }), { cols: 2, rows: 1 });
  assert.deepEqual(cellsIn({ width: 1e6, height: 1e6 }, { width: 1, height: 1 }), { cols: 1000, rows: 500 });
});

test("letters shrink for a larger terminal and never grow for a smaller one", () => {
  const room = { cols: 100, rows: 40 };
  assert.equal(fontFor({ cols: 200, rows: 40 }, room, 14), 7);
  assert.equal(fontFor({ cols: 100, rows: 60 }, room, 15), 10);
  assert.equal(fontFor({ cols: 80, rows: 24 }, room, 14), 14);
  assert.equal(fontFor({ cols: 1000, rows: 500 }, room, 14), 5);
});

test("the user's colours go over the page's own", () => {
  assert.equal(colorsFor(true, { red: "#f00" }).theme["red"], "#f00");
  assert.notEqual(colorsFor(true, {}).theme["background"], colorsFor(false, {}).theme["background"]);
});
