// How long to wait before the next attempt to connect.

/** The first wait. Short: most breaks are a daemon or a network that is back at once. */
const FIRST_MS = 500;

/** The longest wait. A person who looks at the page finds it connected within this. */
const LONGEST_MS = 10_000;

/** Waits that double up to a bound, spread so that many pages do not come back in one moment. */
export class Backoff {
  #attempts = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The next wait in milliseconds: between half of the step and the whole of it. */
  next(): number {
    const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    if (step < LONGEST_MS) this.#attempts += 1;
    return Math.round(step * (0.5 + this.#random() / 2));
  }

  /** A connection works: the next break starts from the beginning. */
  reset(): void {
    this.#attempts = 0;
  }
}
