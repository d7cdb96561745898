// Snapshots that come compressed, in as many pieces as it takes.

import { Inflate } from "fflate/browser";

import type { Snapshot } from "./generated/protocol.js";

/** A terminal that is given more at once shows nothing meanwhile, and takes no key. */
const MOST_AT_ONCE = 32 * 1024;

/** The bytes of one connection. */
export class Unpacking {
  #inflate: Inflate | null = null;
  /** How many compressed bytes are still to come. */
  #left = 0;
  #unpacked: Uint8Array[] = [];

  /** A snapshot begins. */
  begin({ bytes, unpacked }: Snapshot): void {
    this.#left = unpacked == null ? 0 : bytes;
    this.#inflate = this.#left === 0 ? null : new Inflate((piece) => this.#add(piece));
  }

  /** What was received, unpacked if need be. */
  take(received: Uint8Array): Uint8Array[] {
    if (this.#inflate === null) return [received];
    const packed = received.subarray(0, this.#left);
    this.#left -= packed.length;
    this.#inflate.push(packed, this.#left === 0);
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    if (this.#left === 0) this.#inflate = null;
    if (packed.length < received.length) unpacked.push(received.subarray(packed.length));
    return unpacked;
  }

  #add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; at += MOST_AT_ONCE) {
      this.#unpacked.push(piece.subarray(at, at + MOST_AT_ONCE));
    }
  }
}
