// Sizes in cells and fonts.

import type { Box, Size } from "./terminal";

/** No smaller: nobody can read it. */
export const SMALLEST_FONT = 5;

/** How far a rounded number is from what it was, at the most. */
const ROUNDED = 0.5;

/** A terminal's size, and the pixels that all its cells take together: a whole number, whatever
 * one cell takes. */
export type Measured = { size: Size; pixels: Box };

/** What one of these cells takes. */
export function cellOf({ size, pixels }: Measured): Box {
  return { width: pixels.width / size.cols, height: pixels.height / size.rows };
}

/** How many cells a box has room for. */
export function cellsIn(box: Box, { size, pixels }: Measured): Size {
  return {
    cols: Math.max(2, Math.min(1000, fitting(box.width, size.cols, pixels.width))),
    rows: Math.max(1, Math.min(500, fitting(box.height, size.rows, pixels.height))),
  };
}

/** How many cells fit into `room` when `count` of them take `pixels`, which was rounded: no more
 * than fit for certain, lest a terminal grow, be found too large, shrink and grow again without an
 * end; and what fits already stays. */
function fitting(room: number, count: number, pixels: number): number {
  const certain = Math.floor(((room - ROUNDED) * count) / (pixels + ROUNDED));
  return pixels <= room ? Math.max(count, certain) : certain;
}

/** Which of two measurements of the same letters to go by: more cells say more exactly what one of
 * them takes. Those that contradict each other are of other letters, and the later one counts. */
export function moreExact(earlier: Measured, later: Measured): Measured {
  const agree = (one: number, pixels: number, other: number, otherPixels: number) =>
    Math.abs(pixels / one - otherPixels / other) <= ROUNDED / one + ROUNDED / other;
  const { size, pixels } = earlier;
  const isLarger = size.cols >= later.size.cols && size.rows >= later.size.rows;
  const agreesInWidth = agree(size.cols, pixels.width, later.size.cols, later.pixels.width);
  const agreesInHeight = agree(size.rows, pixels.height, later.size.rows, later.pixels.height);
  return isLarger && agreesInWidth && agreesInHeight ? earlier : later;
}

/** The font size at which a terminal of a given size fits where `room` cells fit at `font`. */
export function fontFor(size: Size, room: Size, font: number): number {
  const scale = Math.min(1, room.cols / size.cols, room.rows / size.rows);
  return Math.max(SMALLEST_FONT, Math.floor(font * scale * 4) / 4);
}

export function isSameSize(one: Size, other: Size): boolean {
  return one.cols === other.cols && one.rows === other.rows;
}
