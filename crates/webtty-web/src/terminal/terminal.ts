// The terminal as the rest of the page sees it. Only xterm.ts knows what it is made of.

import type { CursorStyle } from "@webtty/client";
import type { KeyAction, KeyPress, PageAction } from "../input/bindings";

export type Size = { cols: number; rows: number };

/** In CSS pixels. */
export type Box = { width: number; height: number };

/** Colours by name, each a CSS colour. */
export type Theme = { [name: string]: string };

/** How a terminal is coloured. */
export type Colors = {
  theme: Theme;
  /** Foreground colours are moved until they stand out this much; 1 leaves them alone. */
  contrast: number;
  /** Behind what was found. */
  match: string;
};

export type TerminalSettings = {
  size: Size;
  fontSize: number;
  fontFamily: string;
  cursorStyle: CursorStyle;
  cursorBlink: boolean;
  scrollbackLines: number;
  wheelSpeed: number;
  screenReader: boolean;
  colors: Colors;
};

/** What the terminal tells the page. */
export interface TerminalEvents {
  /** A person typed, clicked, or turned the wheel. Never a reply to a query. */
  input(bytes: Uint8Array): void;
  /** The terminal got or lost the focus, and a program wants to hear of it in these bytes. */
  focusReport(bytes: Uint8Array): void;
  key(press: KeyPress): KeyAction;
  action(action: PageAction): void;
  /** A program set the window title. It may be anything. */
  title(title: string): void;
  /** A program wants the clipboard to hold this. */
  clipboard(text: string): void;
  /** The pointer is on a link, or with null on none any more. */
  hover(link: string | null, event: MouseEvent): void;
  /** A link was clicked. */
  activate(link: string, event: MouseEvent): void;
  found(index: number, count: number): void;
}

export type FindDirection = "next" | "previous";

export interface TerminalView {
  readonly element: HTMLElement;
  /** What has the keyboard focus while the terminal has it. */
  readonly textArea: HTMLTextAreaElement;

  /** Output, in order; `processed` is called when the terminal is done with it. */
  write(bytes: Uint8Array, processed: () => void): void;
  /** In order with the output: back to an empty terminal with the default of every mode. */
  rebuild(): void;
  /** In order with the output: another size. */
  resize(size: Size): void;

  size(): Size;
  /** What all cells take together at the present font size. */
  pixels(): Box;
  setFontSize(pixels: number): void;
  setColors(colors: Colors): void;
  setScreenReader(isOn: boolean): void;

  isBracketedPaste(): boolean;
  isApplicationCursor(): boolean;
  wantsMouse(): boolean;

  selection(): string;
  clearSelection(): void;
  selectAll(): void;
  /** The screen's text with the scrollback above it, wrapped lines joined. */
  text(): string;

  find(term: string, direction: FindDirection): void;
  endFind(): void;

  focus(): void;
  scrollToBottom(): void;
  scrollPages(pages: number): void;
}
