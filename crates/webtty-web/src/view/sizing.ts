// The terminal's size on the page. The daemon has the last word on it: the page says what it has
// room for, and shows whatever size it is told: in smaller letters, with a margin around it or,
// where letters would be too small to read, in part, to be moved about.

import type { SizePolicy, WindowSize } from "@webtty/client";

import { cellOf, cellsIn, fontFor, isSameSize, type Measured, moreExact, SMALLEST_FONT } from "../terminal/fit";
import type { Box, Size, TerminalView } from "../terminal/terminal";

/** Dragging a window's edge asks for a size this often at most. */
const ASK_EVERY_MS = 60;

/** How often the window's own size is measured before a connection says it: what more cells take
 * is known better than what fewer do. */
const MEASURED_FIRST = 3;

/** How long the daemon's answer may take before another size than asked for is drawn as such. */
const ANSWER_MS = 400;

/** Small, but to be read. */
const FONT_IN_PART = 10;

/** Kept free at the right for the scroll bar. */
const SCROLLBAR_PIXELS = 10;

/** A size as the daemon tells it. */
export type Told = Size & { policy: SizePolicy };

export interface SizingEvents {
  ask(size: WindowSize): void;
  /** The terminal has this size, which is not the window's own; null when it is. */
  foreign(size: Told | null): void;
}

export class Sizing {
  readonly #stage: HTMLElement;
  readonly #terminal: TerminalView;
  readonly #events: SizingEvents;
  #font: number;
  /** The most exact measurement in letters of that size. */
  #measured: Measured;
  #asked: Size;
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #layoutTimer: ReturnType<typeof setTimeout> | undefined;
  #askedAt = -Infinity;
  #isScaled = false;
  /** Who decides on the size. */
  policy: SizePolicy = "driver";
  /** Is nobody else to decide on the size, because there is no session yet or any more? */
  #isOurs = true;

  /** `stage` is the box the terminal may fill; `font` its letters' size when it can choose. */
  constructor(stage: HTMLElement, terminal: TerminalView, font: number, events: SizingEvents) {
    this.#stage = stage;
    this.#terminal = terminal;
    this.#font = font;
    this.#events = events;
    this.#measured = this.#measure();
    this.#asked = this.#settle();
    const observer = new ResizeObserver(() => this.#refit());
    observer.observe(stage);
    const screen = terminal.element.querySelector(".xterm-screen");
    if (screen) observer.observe(screen);
  }

  /** What the window has room for. */
  room(): Size {
    if (!this.#isScaled) this.#measured = moreExact(this.#measured, this.#measure());
    return cellsIn(this.#box(), this.#measured);
  }

  #measure(): Measured {
    return { size: this.#terminal.size(), pixels: this.#terminal.pixels() };
  }

  /** Fills the window, which nobody else has a say in yet. */
  #settle(): Size {
    for (let times = 0; times < MEASURED_FIRST; times++) this.#terminal.resize(this.room());
    return this.room();
  }

  /** The daemon said what size the terminal has. */
  told(size: Told): void {
    this.policy = size.policy;
    this.#terminal.resize(size);
    this.#layout(size);
  }

  /** The size to open a connection with. */
  announce(): WindowSize {
    this.#asked = this.room();
    return this.#windowSize();
  }

  /** A connection is open. Its size is the answer to what was announced; what changed while it
   * opened is asked for now. */
  begin(size: Told): void {
    this.#isOurs = false;
    this.#askedAt = -Infinity;
    this.told(size);
    this.#refit();
  }

  /** Nobody decides on the size any more: the terminal fills the window. */
  release(): void {
    this.#isOurs = true;
    this.#refit();
  }

  setFont(pixels: number): void {
    this.#font = pixels;
    this.#isScaled = false;
    this.#terminal.setFontSize(pixels);
    this.#refit();
  }

  #box(): Box {
    const style = getComputedStyle(this.#stage);
    const across = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const down = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    return {
      width: this.#stage.clientWidth - across - SCROLLBAR_PIXELS,
      height: this.#stage.clientHeight - down,
    };
  }

  #refit(): void {
    const room = this.room();
    if (this.#isOurs) {
      this.#terminal.resize(room);
      return this.#drawOwn();
    }
    if (!isSameSize(room, this.#asked)) {
      this.#asked = room;
      this.#askTimer ??= setTimeout(() => this.#ask(), ASK_EVERY_MS);
    }
    this.#layout(this.#terminal.size());
  }

  #ask(): void {
    this.#askTimer = undefined;
    this.#askedAt = performance.now();
    this.#events.ask(this.#windowSize());
  }

  #windowSize(): WindowSize {
    return { ...this.#asked, cell: cellOf(this.#measured) };
  }

  #layout(size: Size): void {
    clearTimeout(this.#layoutTimer);
    const room = this.room();
    if (isSameSize(size, room)) return this.#drawOwn();
    const isWaiting = this.#askTimer !== undefined || performance.now() - this.#askedAt < ANSWER_MS;
    if (isWaiting) {
      this.#layoutTimer = setTimeout(() => this.#layout(this.#terminal.size()), ANSWER_MS);
    } else {
      this.#drawForeign(size, room);
    }
  }

  #drawOwn(): void {
    this.#isScaled = false;
    this.#terminal.setFontSize(this.#font);
    this.#stage.classList.remove("foreign");
    this.#showInPart(null);
    this.#events.foreign(null);
  }

  #drawForeign(size: Size, room: Size): void {
    let font = fontFor(size, room, this.#font);
    this.#isScaled = font !== this.#font;
    this.#terminal.setFontSize(font);
    // Cells are rounded to whole pixels, so that the first guess can be a little too large.
    for (let tries = 0; tries < 8 && font > SMALLEST_FONT && this.#isTooLarge(size); tries++) {
      font -= 0.25;
      this.#isScaled = true;
      this.#terminal.setFontSize(font);
    }
    const isInPart = this.#isTooLarge(size);
    // Who has to move over it anyway shall be able to read it.
    if (isInPart) this.#terminal.setFontSize(Math.min(this.#font, FONT_IN_PART));
    this.#stage.classList.add("foreign");
    this.#showInPart(isInPart ? size : null);
    this.#events.foreign({ ...size, policy: this.policy });
  }

  /** Gives the terminal all the room its size takes, so that the stage scrolls over it. */
  #showInPart(size: Size | null): void {
    const { element } = this.#terminal;
    const { width, height } = cellOf(this.#measure());
    this.#stage.classList.toggle("part", size !== null);
    element.style.width = size ? `${Math.ceil(width * size.cols) + SCROLLBAR_PIXELS}px` : "";
    element.style.height = size ? `${Math.ceil(height * size.rows)}px` : "";
  }

  #isTooLarge(size: Size): boolean {
    const box = this.#box();
    const cell = cellOf(this.#measure());
    return cell.width * size.cols > box.width + 0.5 || cell.height * size.rows > box.height + 0.5;
  }
}
