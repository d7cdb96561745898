// The terminal made of xterm.js. Nothing outside this file and renderer.ts knows of it.

import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { WheelSpeed } from "../input/wheel";
import { Blinking } from "./blinking";
import { lineHeight } from "./line_height";
import { OrderedSteps } from "./ordered";
import { clipboardText } from "./osc52";
import { useGpu } from "./renderer";
import { COLOR_OSCS, CSI_QUERIES, DCS_QUERIES, isColorQuery, isReply } from "./replies";
import type { Box, Colors, FindDirection, Size, TerminalEvents, TerminalSettings, TerminalView } from "./terminal";

/** RIS, then what it leaves alone: the palette, foreground, background and cursor colours, a hidden
 * cursor, and line feeds that return the carriage. */
const START_OVER = "\x1bc\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\x1b[?25h\x1b[20l";

/** The cursor's blinking, which RIS leaves alone, too, and which is the user's to choose. */
const BLINK = { true: "\x1b[?12h", false: "\x1b[?12l" };

const SCROLLBAR_PIXELS = 10;

/** Marks matches beside the scroll bar. */
const MATCH_MARK = "#c9a227";

const encoder = new TextEncoder();

export function openTerminal(parent: HTMLElement, settings: TerminalSettings, events: TerminalEvents): TerminalView {
  return new XtermView(parent, settings, events);
}

class XtermView implements TerminalView {
  readonly element: HTMLElement;
  readonly textArea: HTMLTextAreaElement;
  readonly #terminal: Terminal;
  readonly #events: TerminalEvents;
  readonly #search = new SearchAddon();
  readonly #steps = new OrderedSteps();
  readonly #blink: string;
  #match: string;
  #wheelReports = 1;

  constructor(parent: HTMLElement, settings: TerminalSettings, events: TerminalEvents) {
    this.#events = events;
    this.#match = settings.colors.match;
    this.#blink = BLINK[`${settings.cursorBlink}`];
    this.#terminal = new Terminal({
      ...settings.size,
      allowProposedApi: true,
      cursorBlink: settings.cursorBlink,
      cursorStyle: settings.cursorStyle,
      fontFamily: settings.fontFamily,
      fontSize: settings.fontSize,
      lineHeight: lineHeight(settings.fontFamily, settings.fontSize),
      linkHandler: this.#linkHandler(),
      macOptionIsMeta: true,
      minimumContrastRatio: settings.colors.contrast,
      overviewRuler: { width: SCROLLBAR_PIXELS },
      rescaleOverlappingGlyphs: true,
      screenReaderMode: settings.screenReader,
      scrollback: settings.scrollbackLines,
      theme: settings.colors.theme,
    });
    this.#loadAddons();
    this.#silenceReplies();
    this.#listen(settings.wheelSpeed);
    this.#terminal.open(parent);
    const { element, textarea } = this.#terminal;
    if (!element || !textarea) throw new Error("the terminal did not open");
    this.element = element;
    this.textArea = textarea;
    this.#reportFocus();
    const blinking = new Blinking(element, textarea);
    this.#terminal.onCursorMove(() => blinking.restart());
    void useGpu(this.#terminal);
  }

  write(bytes: Uint8Array, processed: () => void): void {
    this.#steps.write((done) =>
      this.#terminal.write(bytes, () => {
        processed();
        done();
      }),
    );
  }

  rebuild(): void {
    // As bytes, in the stream: an unfinished sequence or character ends here, too.
    this.write(encoder.encode(START_OVER + this.#blink), () => undefined);
  }

  resize({ cols, rows }: Size): void {
    this.#steps.barrier(() => this.#terminal.resize(cols, rows));
  }

  size(): Size {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  pixels(): Box {
    const screen = this.element.querySelector(".xterm-screen");
    const { width, height } = (screen ?? this.element).getBoundingClientRect();
    return { width, height };
  }

  setFontSize(pixels: number): void {
    const options = this.#terminal.options;
    if (options.fontSize === pixels) return;
    options.lineHeight = lineHeight(options.fontFamily ?? "", pixels);
    options.fontSize = pixels;
  }

  setColors(colors: Colors): void {
    this.#match = colors.match;
    this.#terminal.options.theme = colors.theme;
    this.#terminal.options.minimumContrastRatio = colors.contrast;
  }

  setScreenReader(isOn: boolean): void {
    this.#terminal.options.screenReaderMode = isOn;
  }

  isBracketedPaste(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  isApplicationCursor(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  wantsMouse(): boolean {
    return this.#terminal.modes.mouseTrackingMode !== "none";
  }

  selection(): string {
    return this.#terminal.getSelection();
  }

  clearSelection(): void {
    this.#terminal.clearSelection();
  }

  selectAll(): void {
    this.#terminal.selectAll();
  }

  text(): string {
    const buffer = this.#terminal.buffer.active;
    let text = "";
    for (let row = 0; row < buffer.length; row++) {
      const line = buffer.getLine(row);
      const goesOn = buffer.getLine(row + 1)?.isWrapped ?? false;
      text += (line?.translateToString(!goesOn) ?? "") + (goesOn ? "" : "\n");
    }
    return text.trimEnd() + "\n";
  }

  find(term: string, direction: FindDirection): void {
    const decorations = {
      matchBackground: this.#match,
      matchOverviewRuler: MATCH_MARK,
      // The match one is at is selected, and shown as such.
      activeMatchColorOverviewRuler: MATCH_MARK,
    };
    const options = { decorations, incremental: direction === "next" };
    if (direction === "next") this.#search.findNext(term, options);
    else this.#search.findPrevious(term, options);
  }

  endFind(): void {
    this.#search.clearDecorations();
  }

  focus(): void {
    this.#terminal.focus();
  }

  scrollToBottom(): void {
    this.#terminal.scrollToBottom();
  }

  scrollPages(pages: number): void {
    this.#terminal.scrollPages(pages);
  }

  #loadAddons(): void {
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#terminal.loadAddon(this.#search);
    const { activate, hover, leave } = this.#linkHandler();
    this.#terminal.loadAddon(new WebLinksAddon(activate, { hover, leave }));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      this.#events.found(resultIndex, resultCount),
    );
  }

  #linkHandler() {
    return {
      activate: (event: MouseEvent, link: string) => this.#events.activate(link, event),
      hover: (event: MouseEvent, link: string) => this.#events.hover(link, event),
      leave: (event: MouseEvent) => this.#events.hover(null, event),
      allowNonHttpProtocols: true,
    };
  }

  /** Queries are taken away before the terminal sees them. */
  #silenceReplies(): void {
    const { parser } = this.#terminal;
    for (const id of CSI_QUERIES) parser.registerCsiHandler(id, () => true);
    for (const id of DCS_QUERIES) parser.registerDcsHandler(id, () => true);
    for (const ident of COLOR_OSCS) {
      parser.registerOscHandler(ident, (data) => isColorQuery(ident, data));
    }
    parser.registerOscHandler(52, (data) => {
      const text = clipboardText(data);
      if (text !== null) this.#events.clipboard(text);
      return true;
    });
  }

  #listen(wheelSpeed: number): void {
    const wheel = new WheelSpeed(wheelSpeed);
    this.#terminal.onData((data) => {
      if (isReply(data)) return;
      this.#events.input(encoder.encode(data.repeat(this.#wheelReports)));
    });
    // Mouse reports of the oldest kind: one byte a character.
    this.#terminal.onBinary((data) => {
      const bytes = Uint8Array.from(data.repeat(this.#wheelReports), (char) => char.charCodeAt(0));
      this.#events.input(bytes);
    });
    this.#terminal.onTitleChange((title) => this.#events.title(title));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#key(event));
    this.#terminal.attachCustomWheelEventHandler(() => {
      if (!this.wantsMouse()) return true;
      // The report, if there is one, is made before this event has been dealt with.
      this.#wheelReports = wheel.reports();
      queueMicrotask(() => (this.#wheelReports = 1));
      return this.#wheelReports > 0;
    });
  }

  /** False keeps the key press from the terminal. */
  #key(event: KeyboardEvent): boolean {
    const action = this.#events.key(event);
    if (action.does === "terminal") return true;
    if (action.does === "browser") return false;
    event.preventDefault();
    if (event.type === "keydown") this.#events.action(action);
    return false;
  }

  /** For changes of focus only, not when a program turns the reports on. */
  #reportFocus(): void {
    const report = (bytes: string) => {
      if (this.#terminal.modes.sendFocusMode) this.#events.focusReport(encoder.encode(bytes));
    };
    this.textArea.addEventListener("focus", () => report("\x1b[I"));
    this.textArea.addEventListener("blur", () => report("\x1b[O"));
  }
}
