// Sizes in cells and fonts.

import type { Size } from "./terminal";

export type Box = { width: number; height: number };

/** No smaller: nobody can read it. */
export const SMALLEST_FONT = 5;

/** How many cells a box has room for. */
export function cellsIn(box: Box, cell: Box): Size {
  return {
    cols: Math.max(2, Math.min(1000, Math.floor(box.width / cell.width))),
    rows: Math.max(1, Math.min(500, Math.floor(box.height / cell.height))),
  };
}

/** The font size at which a terminal of a given size fits where `room` cells fit at `font`. */
export function fontFor(size: Size, room: Size, font: number): number {
  const scale = Math.min(1, room.cols / size.cols, room.rows / size.rows);
  return Math.max(SMALLEST_FONT, Math.floor(font * scale * 4) / 4);
}

export function isSameSize(one: Size, other: Size): boolean {
  return one.cols === other.cols && one.rows === other.rows;
}
