// Acknowledgements of one connection to a terminal: the daemon sends no more than a window
// beyond what they say has been processed.

import { AckLedger } from "./stream.js";

/** Little is acknowledged so often at most. */
const PAUSE_MS = 100;

export class Acks {
  readonly #ledger = new AckLedger();
  readonly #send: (bytes: number) => void;
  /** Runs for a while after each acknowledgement. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** `send` is given the total since the connection began. */
  constructor(send: (bytes: number) => void) {
    this.#send = send;
  }

  /** At once what ends a snapshot: the daemon may wait for it before it sends the next. So too what
   * comes after a pause: the time it took tells how far away this is. */
  processed(bytes: number, endsSnapshot: boolean): void {
    if (this.#isStopped) return;
    const isDue = this.#ledger.processed(bytes) || endsSnapshot;
    if (isDue || this.#pause === undefined) this.#flush();
  }

  /** The connection is gone, and with it what it was owed. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#pause);
  }

  #flush(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    const bytes = this.#ledger.take();
    if (bytes === null) return;
    this.#pause = setTimeout(() => this.#flush(), PAUSE_MS);
    this.#send(bytes);
  }
}
