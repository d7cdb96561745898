// The cursor's blinking, where the page's own elements draw it. xterm.js makes an animation of it,
// for which browsers compose the page anew sixty times a second, for as long as it has the focus.
// Twice a second is all that is seen of it.

const HALF_MS = 500;

/** How long it goes on after the last key, and the last move of the cursor, as in other terminals. */
export const BLINKS_FOR_MS = 10_000;

/** Whether the cursor is to be seen, and for how long in milliseconds that stays so; null for as
 * long as nothing happens. */
export function phase(idleMs: number): { off: boolean; forMs: number | null } {
  if (idleMs >= BLINKS_FOR_MS) return { off: false, forMs: null };
  return { off: Math.floor(idleMs / HALF_MS) % 2 === 1, forMs: HALF_MS - (idleMs % HALF_MS) };
}

/** Marks a terminal with a class while its cursor is not to be seen. */
export class Blinking {
  readonly #terminal: HTMLElement;
  readonly #textArea: HTMLElement;
  readonly #stays = matchMedia("(prefers-reduced-motion: reduce)");
  #since = 0;
  #timer: number | undefined;

  constructor(terminal: HTMLElement, textArea: HTMLElement) {
    this.#terminal = terminal;
    this.#textArea = textArea;
    textArea.addEventListener("focus", () => this.restart());
    textArea.addEventListener("keydown", () => this.restart());
  }

  /** It is to be seen now, and to blink for a while. */
  restart(): void {
    this.#since = performance.now();
    this.#show(true);
    if (this.#timer === undefined) this.#step();
  }

  #step(): void {
    this.#timer = undefined;
    const rests = this.#stays.matches || document.activeElement !== this.#textArea || !document.hasFocus();
    const { off, forMs } = rests ? { off: false, forMs: null } : phase(performance.now() - this.#since);
    this.#show(!off);
    if (forMs !== null) this.#timer = window.setTimeout(() => this.#step(), forMs);
  }

  #show(isSeen: boolean): void {
    this.#terminal.classList.toggle("cursor-off", !isSeen);
  }
}
