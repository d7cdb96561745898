// Counting the bytes of a session: where in its output a client is, what it owes the daemon, and
// what of its input may be lost.

/** A place in a session's output: an offset, and which output it counts in. */
export type ResumePoint = { offset: number; epoch: string };

/** Where in the session's output a client's terminal stands, over all its connections. */
export class StreamPosition {
  #epoch = "";
  /** The offset of the next byte of output, once everything before it has been handed over. */
  #offset: number | null = null;
  /** Bytes of a snapshot still to come; until then the terminal shows no offset at all. */
  #snapshotBytesLeft = 0;
  /** Does the terminal lack lines above the screen that it was not sent? */
  #lacksHistory = false;
  /** The end of what this epoch's terminal has shown, also when it cannot be resumed from. */
  #seen: number | null = null;

  /** What to resume from, or null when only a snapshot will do. */
  resumeFrom(): ResumePoint | null {
    if (this.#offset === null || this.#snapshotBytesLeft > 0 || this.#lacksHistory) return null;
    return { offset: this.#offset, epoch: this.#epoch };
  }

  /** A connection began. Unless it resumed, a snapshot follows and nothing is known until then. */
  begin(epoch: string, resumed: boolean): void {
    if (epoch !== this.#epoch) this.#seen = null;
    this.#epoch = epoch;
    if (!resumed) this.forget();
  }

  /** How many bytes lie between what was seen and this offset; null when nothing was. */
  gapTo(offset: number): number | null {
    return this.#seen === null ? null : Math.max(0, offset - this.#seen);
  }

  /** A snapshot begins: `bytes` bytes that show the terminal as of `offset`, be it without the
   * lines above its screen. */
  snapshot(offset: number, bytes: number, lacksHistory: boolean): void {
    this.#lacksHistory = lacksHistory;
    this.#offset = offset;
    this.#seen = offset;
    this.#snapshotBytesLeft = bytes;
  }

  /** Bytes came and were handed to the terminal. True when they were a snapshot's last ones. */
  received(bytes: number): boolean {
    const ofSnapshot = Math.min(bytes, this.#snapshotBytesLeft);
    this.#snapshotBytesLeft -= ofSnapshot;
    if (this.#offset !== null) {
      this.#offset += bytes - ofSnapshot;
      this.#seen = this.#offset;
    }
    return ofSnapshot > 0 && this.#snapshotBytesLeft === 0;
  }

  /** The daemon does not take the offset. */
  forget(): void {
    this.#offset = null;
    this.#snapshotBytesLeft = 0;
  }
}

/** After how many processed bytes an `ack` is due at once: less than what the daemon sends at a time,
 * so that it goes on while the next of that is being processed. */
const ACK_EVERY_BYTES = 32 * 1024;

/** What one connection has brought and the terminal has processed. */
export class AckLedger {
  #processed = 0;
  #acknowledged = 0;

  /** The terminal is done with some bytes. True when an `ack` should be sent now. */
  processed(bytes: number): boolean {
    this.#processed += bytes;
    return this.#processed - this.#acknowledged >= ACK_EVERY_BYTES;
  }

  /** The total to acknowledge, or null when the daemon knows it already. */
  take(): number | null {
    if (this.#processed === this.#acknowledged) return null;
    this.#acknowledged = this.#processed;
    return this.#processed;
  }
}

/** The input of one connection after the other, of which no arrival is ever told. */
export class InputLedger {
  #sentBytes = 0;
  /** What was sent since the daemon was last heard: nothing shows that it was there to take it. */
  #unheardBytes = 0;

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#unheardBytes += bytes;
  }

  heard(): void {
    this.#unheardBytes = 0;
  }

  /** The connection is gone, with so many bytes of messages of any kind not sent. Gives how many
   * bytes of input may not have arrived. */
  end(unsentBytes: number): number {
    const unsure = Math.min(this.#sentBytes, Math.max(this.#unheardBytes, unsentBytes));
    this.#sentBytes = 0;
    this.#unheardBytes = 0;
    return unsure;
  }
}
