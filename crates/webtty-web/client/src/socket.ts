// One WebSocket to the daemon, from opening to closing.

import type { SocketConstructor, SocketLike } from "./platform.js";

/** The protocol that all of the daemon's sockets are asked for, and how a token travels. */
const SUBPROTOCOL = "webtty.v1";
const TOKEN_PREFIX = "webtty.token.";

/** How long it may take until the daemon answers: a network that swallows packets says nothing. */
const OPEN_MS = 10_000;

/** `readyState` of a socket that is open. */
const OPEN = 1;

/** Closed without a close frame: by the network, or by us. */
export const ABNORMAL = 1006;

/** What a socket is opened with. */
export type Target = {
  url: string;
  token: string | null;
  /** Does the daemon speak first? Then the socket is of no use before it has. */
  greets: boolean;
  /** A message that the daemon answers, to ask for a sign of life; null where it takes none. */
  ping: string | null;
};

/** What a socket tells; nothing comes after `closed`, which comes once. */
export interface SocketEvents {
  /** It can be used; where the daemon speaks first, it has. */
  opened(): void;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** `wasOpen` is false when it never could be used. */
  closed(code: number, reason: string, wasOpen: boolean): void;
}

export class Socket {
  readonly #socket: SocketLike;
  readonly #events: SocketEvents;
  readonly #ping: string | null;
  readonly #openTimer: ReturnType<typeof setTimeout>;
  #isUsable = false;
  #isClosed = false;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the answer to a probe is due. */
  #dueAt = Infinity;
  #heardAt = Date.now();

  constructor(WebSocket: SocketConstructor, target: Target, events: SocketEvents) {
    const subprotocols = [SUBPROTOCOL];
    if (target.token !== null) subprotocols.push(TOKEN_PREFIX + target.token);
    this.#events = events;
    this.#ping = target.ping;
    this.#socket = new WebSocket(target.url, subprotocols);
    this.#socket.binaryType = "arraybuffer";
    this.#openTimer = setTimeout(() => this.fail("no answer"), OPEN_MS);
    this.#socket.addEventListener("open", () => {
      if (!target.greets) this.#hear(() => {});
    });
    this.#socket.addEventListener("message", ({ data }: { data: unknown }) => this.#receive(data));
    this.#socket.addEventListener("close", ({ code, reason }: { code: number; reason: string }) => this.#end(code, reason));
  }

  /** Sends, or does nothing when the socket is not open. */
  send(data: string | Uint8Array): void {
    if (this.isOpen()) this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
  }

  /** Has the daemon answered, and is it there still? */
  isOpen(): boolean {
    return !this.#isClosed && this.#isUsable && this.#socket.readyState === OPEN;
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** For how long nothing has been heard, in milliseconds. */
  silentMs(): number {
    return Date.now() - this.#heardAt;
  }

  /** Asks for a sign of life; without any within `patienceMs` the socket counts as dead. */
  probe(patienceMs: number): void {
    if (this.#ping === null || !this.isOpen()) return;
    const dueAt = Date.now() + patienceMs;
    if (this.#probeTimer === undefined) this.send(this.#ping);
    else if (dueAt >= this.#dueAt) return;
    clearTimeout(this.#probeTimer);
    this.#dueAt = dueAt;
    this.#probeTimer = setTimeout(() => this.fail("no sign of life"), patienceMs);
  }

  /** Gives it up at once: does not wait for the other end, which may be gone. */
  fail(reason: string): void {
    this.#socket.close();
    this.#end(ABNORMAL, reason);
  }

  /** Closes and says nothing more, not even that it closed. */
  abandon(): void {
    this.#rest();
    this.#socket.close();
  }

  #receive(data: unknown): void {
    this.#hear(() => {
      if (data instanceof ArrayBuffer) this.#events.bytes(new Uint8Array(data));
      else this.#events.text(String(data));
    });
  }

  /** There is a sign of life. */
  #hear(deliver: () => void): void {
    if (this.#isClosed) return;
    this.#heardAt = Date.now();
    clearTimeout(this.#openTimer);
    clearTimeout(this.#probeTimer);
    this.#probeTimer = undefined;
    const isFirst = !this.#isUsable;
    this.#isUsable = true;
    deliver();
    if (isFirst && !this.#isClosed) this.#events.opened();
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    const wasOpen = this.#isUsable;
    this.#rest();
    this.#events.closed(code, reason, wasOpen);
  }

  #rest(): void {
    this.#isClosed = true;
    clearTimeout(this.#openTimer);
    clearTimeout(this.#probeTimer);
  }
}
