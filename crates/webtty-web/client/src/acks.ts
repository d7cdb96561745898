// Acknowledgements of one connection to a terminal: the daemon sends no more than a window
// beyond what they say has been processed.

import { AckLedger } from "./stream.js";

/** How long a terminal may rest before what it has processed is acknowledged. */
const IDLE_MS = 100;

export class Acks {
  readonly #ledger = new AckLedger();
  readonly #send: (bytes: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** `send` is given the total since the connection began. */
  constructor(send: (bytes: number) => void) {
    this.#send = send;
  }

  /** At once what ends a snapshot: the daemon may wait for it before it sends the next. */
  processed(bytes: number, endsSnapshot: boolean): void {
    if (this.#isStopped) return;
    if (this.#ledger.processed(bytes) || endsSnapshot) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), IDLE_MS);
  }

  /** The connection is gone, and with it what it was owed. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.#ledger.take();
    if (bytes !== null) this.#send(bytes);
  }
}
