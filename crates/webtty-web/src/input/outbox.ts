// One queue for everything that goes to the shell, so that what is typed after a paste arrives
// after it.

import { chunks } from "./paste";

/** Beyond this many bytes on their way, the rest waits here, where it can still be dropped. */
const IN_FLIGHT_BYTES = 256 * 1024;

/** How soon to look again whether the socket has drained: browsers have no event for it. */
const LOOK_AGAIN_MS = 10;

/** Where the bytes go. */
export interface Wire {
  /** Sends one message; at most 64 KiB. */
  send(bytes: Uint8Array): void;
  /** Bytes given to `send` that have not left yet. */
  bufferedBytes(): number;
}

/** Sends bytes in order and in pieces, no faster than the wire takes them. */
export class Outbox {
  readonly #wire: Wire;
  readonly #later: (task: () => void, ms: number) => void;
  #waiting: Uint8Array[] = [];
  #isScheduled = false;

  constructor(wire: Wire, later: (task: () => void, ms: number) => void = runLater) {
    this.#wire = wire;
    this.#later = later;
  }

  push(bytes: Uint8Array): void {
    this.#waiting.push(...chunks(bytes));
    if (!this.#isScheduled) this.#pump();
  }

  /** Forgets what has not been sent and says how many bytes that was. */
  clear(): number {
    const bytes = this.#waiting.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#waiting = [];
    return bytes;
  }

  #pump(): void {
    this.#isScheduled = false;
    let sent = 0;
    for (const chunk of this.#waiting) {
      if (this.#wire.bufferedBytes() > IN_FLIGHT_BYTES) break;
      this.#wire.send(chunk);
      sent += 1;
    }
    this.#waiting.splice(0, sent);
    if (this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#later(() => this.#pump(), LOOK_AGAIN_MS);
  }
}

/** The browser's `setTimeout` must not be called as a method of anything else. */
function runLater(task: () => void, ms: number): void {
  setTimeout(task, ms);
}
