// Small pictures of what terminals show, beside their names in a list. A picture is asked for only
// while it can be seen, and drawn only when its terminal has changed.

import type { Client, ScreenState } from "@webtty/client";

import { make } from "../dom";
import { sessionPath } from "../route";
import { inkOf } from "../terminal/palette";
import type { Theme } from "../terminal/terminal";
import { colorsFor } from "../terminal/themes";

/** How often a picture that is seen is asked for. */
const REFRESH_EVERY_MS = 2_000;

/** No more columns are shown, so that something can be recognized. */
const MOST_COLS = 100;

/** A row's height, in widths of a cell. */
const ROW_HEIGHT = 2;

const darkScheme = matchMedia("(prefers-color-scheme: dark)");

type Picture = {
  link: HTMLAnchorElement;
  canvas: HTMLCanvasElement;
  isSeen: boolean;
  tag: string | null;
  state: ScreenState | null;
};

export class Previews {
  readonly #client: Client;
  readonly #redraw = () => this.#drawAll();
  readonly #pictures = new Map<string, Picture>();
  readonly #observer: IntersectionObserver;
  #own: Theme = {};
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  constructor(client: Client) {
    this.#client = client;
    this.#observer = new IntersectionObserver((entries) => this.#looked(entries));
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#refresh(), REFRESH_EVERY_MS);
    darkScheme.addEventListener("change", this.#redraw);
    // Without the user's own colours, the page's will do.
    void this.#client.rest.settings().then(
      ({ theme }) => {
        this.#own = theme;
        this.#drawAll();
      },
      () => {},
    );
  }

  /** For good: whatever outlives the list must not hold on to its pictures. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    darkScheme.removeEventListener("change", this.#redraw);
    this.#observer.disconnect();
  }

  /** The picture of a session: the same element each time, so that it outlives its place. */
  of(id: string): HTMLElement {
    const there = this.#pictures.get(id);
    if (there) return there.link;
    const canvas = make("canvas");
    // The name beside it says the same to who cannot see, and leads to the same page.
    const link = make("a", { class: "preview", href: sessionPath(id), tabindex: "-1", "aria-hidden": "true" }, canvas);
    this.#pictures.set(id, { link, canvas, isSeen: false, tag: null, state: null });
    this.#observer.observe(link);
    return link;
  }

  /** Forgets the pictures of all other sessions. */
  keep(ids: string[]): void {
    for (const [id, { link }] of this.#pictures) {
      if (ids.includes(id)) continue;
      this.#observer.unobserve(link);
      this.#pictures.delete(id);
    }
  }

  #looked(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      for (const picture of this.#pictures.values()) {
        if (picture.link === target) picture.isSeen = isIntersecting;
      }
    }
    void this.#refresh();
  }

  /** One after the other: a list of many sessions must not be a burst of requests. */
  async #refresh(): Promise<void> {
    if (this.#isAsking || this.#timer === undefined || document.visibilityState !== "visible") return;
    this.#isAsking = true;
    for (const [id, picture] of this.#pictures) {
      if (!picture.isSeen) continue;
      try {
        const news = await this.#client.rest.screenIfChanged(id, picture.tag);
        if (this.#timer === undefined) break;
        if (news === null) continue;
        picture.tag = news.tag;
        picture.state = news.state;
        this.#draw(picture);
      } catch {
        // It has gone, or the daemon has: the list beside it says so.
      }
    }
    this.#isAsking = false;
  }

  #drawAll(): void {
    for (const picture of this.#pictures.values()) this.#draw(picture);
  }

  #draw({ canvas, state }: Picture): void {
    if (state !== null) draw(canvas, state, colorsFor(darkScheme.matches, this.#own).theme);
  }
}

/** Draws as much of a screen as there is room for, the rows up to the cursor's at least. */
function draw(canvas: HTMLCanvasElement, state: ScreenState, theme: Theme): void {
  const { width, height } = canvas.getBoundingClientRect();
  const context = canvas.getContext("2d");
  if (!context || width === 0 || height === 0) return;
  const scale = Math.max(1, window.devicePixelRatio);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const cell = canvas.width / Math.min(Math.max(state.cols, 20), MOST_COLS);
  const row = cell * ROW_HEIGHT;
  const rows = Math.max(1, Math.floor(canvas.height / row));
  const first = Math.max(0, Math.min(state.rows - rows, state.cursor.row - rows + 1));
  context.fillStyle = theme["background"] ?? "";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "middle";
  const family = getComputedStyle(document.documentElement).getPropertyValue("--mono");
  context.font = `100px ${family}`;
  context.font = `${(100 * cell) / context.measureText("M").width}px ${family}`;
  state.lines.slice(state.above + first, state.above + first + rows).forEach(({ runs }, index) => {
    // Whole pixels, so that there are no seams.
    const [top, bottom] = [Math.round(index * row), Math.round((index + 1) * row)];
    let column = 0;
    for (const run of runs) {
      const [left, right] = [column * cell, (column + run.columns) * cell];
      column += run.columns;
      const { ink, ground } = inkOf(run, theme);
      if (ground !== null) {
        context.fillStyle = ground;
        context.fillRect(Math.round(left), top, Math.round(right) - Math.round(left), bottom - top);
      }
      if (run.invisible) continue;
      context.fillStyle = ink;
      context.fillText(run.text, left, (top + bottom) / 2);
    }
  });
  if (!state.cursor.visible) return;
  context.fillStyle = theme["cursor"] ?? "";
  context.globalAlpha = 0.7;
  context.fillRect(state.cursor.column * cell, (state.cursor.row - first) * row, cell, row);
  context.globalAlpha = 1;
}
