import assert from "node:assert/strict";
import { test } from "node:test";

import { BLINKS_FOR_MS, phase } from "../src/terminal/blinking";
import { cellOf, cellsIn, fontFor, moreExact } from "../src/terminal/fit";
import { lineHeightOf } from "../src/terminal/line_height";
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
  const measured = { size: { cols: 80, rows: 24 }, pixels: { width: 640, height: 384 } };
  assert.deepEqual(cellsIn({ width: 805, height: 399 }, measured), { cols: 100, rows: 24 });
  assert.deepEqual(cellsIn({ width: 0, height: -5 }, measured), { cols: 2, rows: 1 });
  assert.deepEqual(cellsIn({ width: 1e6, height: 1e6 }, measured), { cols: 1000, rows: 500 });
  assert.deepEqual(cellOf(measured), { width: 8, height: 16 });
});

test("a terminal settles in a box of any width, and fills it", () => {
  const height = 400;
  for (let cell = 4; cell < 20; cell += 0.0173) {
    for (let width = 300; width < 330; width += 0.3) {
      const pixels = (cols: number) => ({ width: Math.round(cols * cell), height: 384 });
      let cols = 80;
      for (let step = 0; ; step++) {
        const room = cellsIn({ width, height }, { size: { cols, rows: 24 }, pixels: pixels(cols) });
        if (room.cols === cols) break;
        cols = room.cols;
        assert.ok(step < 3, `${width} pixels by ${cell} come to no end at ${cols}`);
      }
      const left = width - pixels(cols).width;
      assert.ok(left >= 0 && left < cell + 2, `${left} pixels of ${width} are left by ${cols} of ${cell}`);
    }
  }
});

test("what more cells take is gone by until it is no longer so", () => {
  const measured = (cols: number, rows: number, cell: number) => ({
    size: { cols, rows },
    pixels: { width: Math.round(cols * cell), height: Math.round(rows * 16.2) },
  });
  const [own, foreign] = [measured(106, 30, 8.4287), measured(80, 24, 8.4287)];
  assert.equal(moreExact(own, foreign), own);
  assert.equal(moreExact(foreign, own), own);
  const [narrow, zoomed] = [measured(80, 40, 8.4287), measured(80, 24, 8.5)];
  assert.equal(moreExact(own, narrow), narrow);
  assert.equal(moreExact(own, zoomed), zoomed, "other letters");
});

test("letters shrink for a larger terminal and never grow for a smaller one", () => {
  const room = { cols: 100, rows: 40 };
  assert.equal(fontFor({ cols: 200, rows: 40 }, room, 14), 7);
  assert.equal(fontFor({ cols: 100, rows: 60 }, room, 15), 10);
  assert.equal(fontFor({ cols: 80, rows: 24 }, room, 14), 14);
  assert.equal(fontFor({ cols: 1000, rows: 500 }, room, 14), 5);
});

test("a row is as high as its font, unless something reaches below that", () => {
  const font = (fontBoundingBoxAscent: number, fontBoundingBoxDescent: number, actualBoundingBoxDescent: number) =>
    lineHeightOf({ fontBoundingBoxAscent, fontBoundingBoxDescent, actualBoundingBoxDescent });
  assert.equal(font(14, 4, 4), 1);
  assert.equal(font(14, 4, 1), 1);
  // What is added is halved, and the odd pixel goes below: 17 for 16, and 19 for 16.
  assert.equal(Math.floor(16 * font(13, 3, 4)), 17);
  assert.equal(Math.floor(16 * font(13, 3, 5)), 19);
  assert.equal(Math.floor(13 * font(10, 3, 3.2)), 14);
  assert.equal(font(0, 0, 1), 1, "a font that measures nothing");
});

test("the user's colours go over the page's own", () => {
  assert.equal(colorsFor(true, { red: "#f00" }).theme["red"], "#f00");
  assert.notEqual(colorsFor(true, {}).theme["background"], colorsFor(false, {}).theme["background"]);
});

test("a cursor is seen at once, blinks once a second, and rests when nothing is done for a while", () => {
  assert.deepEqual(phase(0), { off: false, forMs: 500 });
  assert.deepEqual(phase(499), { off: false, forMs: 1 });
  assert.deepEqual(phase(500), { off: true, forMs: 500 });
  assert.deepEqual(phase(1250), { off: false, forMs: 250 });
  assert.deepEqual(phase(BLINKS_FOR_MS - 1), { off: true, forMs: 1 });
  assert.deepEqual(phase(BLINKS_FOR_MS), { off: false, forMs: null });
});
