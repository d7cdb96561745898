// WebSocket frames as bytes (RFC 6455, section 5), the client's side: what is sent is masked, what
// comes is not.

import { randomBytes } from "node:crypto";

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const CONTINUATION = 0;

/** No message of the daemon is larger, by far: its largest are snapshots and events, and it
 * cuts the former into pieces of 64 KiB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** A message, or a control frame, that has come whole. */
export type Message = { opcode: number; payload: Buffer };

/** What came breaks the protocol: the code to close with. */
export class Violation extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame with all of a message. */
export function frame(opcode: number, payload: Uint8Array): Buffer {
  const mask = randomBytes(4);
  const head = Buffer.concat([Buffer.of(0x80 | opcode), lengthOf(payload.length), mask]);
  const masked = Buffer.from(payload);
  for (let index = 0; index < masked.length; index++) masked[index]! ^= mask[index & 3]!;
  return Buffer.concat([head, masked]);
}

function lengthOf(length: number): Buffer {
  if (length < 126) return Buffer.of(0x80 | length);
  if (length < 65_536) return Buffer.of(0x80 | 126, length >> 8, length & 255);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** Makes messages of bytes, wherever they were cut. */
export class Reader {
  #bytes: Buffer = Buffer.alloc(0);
  /** A message whose last frame is still to come. */
  #parts: { opcode: number; payloads: Buffer[]; bytes: number } | null = null;

  /** Takes bytes as they came, and gives the messages that are whole now. */
  *read(bytes: Uint8Array): Generator<Message> {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const found = this.#frame();
      if (found === null) return;
      const whole = found.opcode >= CLOSE ? found : this.#join(found);
      if (whole !== null) yield whole;
    }
  }

  #frame(): (Message & { isLast: boolean }) | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const [first, second] = [bytes[0]!, bytes[1]!];
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw new Violation(1002, "a frame of an unknown form");
    const opcode = first & 15;
    const isLast = (first & 0x80) !== 0;
    const short = second & 127;
    if (opcode >= CLOSE && (short > 125 || !isLast)) throw new Violation(1002, "a control frame that is none");
    const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
    if (bytes.length < start) return null;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (length + (this.#parts?.bytes ?? 0) > MAX_MESSAGE_BYTES) throw new Violation(1009, "a message over the limit");
    if (bytes.length < start + length) return null;
    this.#bytes = bytes.subarray(start + length);
    return { opcode, isLast, payload: bytes.subarray(start, start + length) };
  }

  #join({ opcode, isLast, payload }: Message & { isLast: boolean }): Message | null {
    const isFirst = opcode !== CONTINUATION;
    if (isFirst !== (this.#parts === null)) throw new Violation(1002, "a frame out of order");
    this.#parts ??= { opcode, payloads: [], bytes: 0 };
    this.#parts.payloads.push(payload);
    this.#parts.bytes += payload.length;
    if (!isLast) return null;
    const { opcode: kind, payloads } = this.#parts;
    this.#parts = null;
    return { opcode: kind, payload: payloads.length === 1 ? payloads[0]! : Buffer.concat(payloads) };
  }
}
