// One WebSocket to a session's terminal, from opening to closing.

import type { ClientMessage, ServerMessage } from "../generated/protocol";
import type { ResumePoint } from "./stream";

const SUBPROTOCOL = "webtty.v1";
const TOKEN_PREFIX = "webtty.token.";

/** How long it may take until the daemon greets: a network that swallows packets says nothing. */
const OPEN_MS = 10_000;

export type Size = { cols: number; rows: number };

/** What a socket is opened with. */
export type Target = { session: string; size: Size; from: ResumePoint | null; token: string | null };

/** What a socket tells; nothing comes after `closed`, which comes once. */
export interface SocketEvents {
  message(message: ServerMessage): void;
  bytes(bytes: Uint8Array): void;
  closed(code: number, reason: string): void;
}

export class PtySocket {
  readonly #socket: WebSocket;
  readonly #events: SocketEvents;
  readonly #openTimer: ReturnType<typeof setTimeout>;
  #isGreeted = false;
  #isClosed = false;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(target: Target, events: SocketEvents) {
    const subprotocols = [SUBPROTOCOL];
    if (target.token !== null) subprotocols.push(TOKEN_PREFIX + target.token);
    this.#events = events;
    this.#socket = new WebSocket(urlOf(target), subprotocols);
    this.#socket.binaryType = "arraybuffer";
    this.#openTimer = setTimeout(() => this.close("no answer"), OPEN_MS);
    this.#socket.addEventListener("message", (event) => this.#receive(event.data));
    this.#socket.addEventListener("close", (event) => this.#end(event.code, event.reason));
  }

  /** Sends a message, or nothing when the socket is not open. */
  tell(message: ClientMessage): void {
    if (this.isOpen()) this.#socket.send(JSON.stringify(message));
  }

  /** Sends terminal input. */
  send(bytes: Uint8Array): void {
    if (this.isOpen()) this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  /** Has the daemon greeted, and is it there still? */
  isOpen(): boolean {
    return !this.#isClosed && this.#isGreeted && this.#socket.readyState === WebSocket.OPEN;
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Asks for a sign of life; without any within `patienceMs` the socket counts as dead. */
  probe(patienceMs: number): void {
    if (!this.isOpen() || this.#probeTimer !== undefined) return;
    this.tell({ type: "ping", t: performance.now() });
    this.#probeTimer = setTimeout(() => this.close("no sign of life"), patienceMs);
  }

  /** Closes at once: does not wait for the other end, which may be gone. */
  close(reason: string): void {
    this.#socket.close();
    this.#end(1006, reason);
  }

  /** Closes and says nothing more, not even that it closed. */
  abandon(): void {
    this.#isClosed = true;
    clearTimeout(this.#openTimer);
    clearTimeout(this.#probeTimer);
    this.#socket.close();
  }

  #receive(data: unknown): void {
    if (this.#isClosed) return;
    this.#isGreeted = true;
    clearTimeout(this.#openTimer);
    clearTimeout(this.#probeTimer);
    this.#probeTimer = undefined;
    if (data instanceof ArrayBuffer) this.#events.bytes(new Uint8Array(data));
    else this.#events.message(JSON.parse(String(data)) as ServerMessage);
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#openTimer);
    clearTimeout(this.#probeTimer);
    this.#events.closed(code, reason);
  }
}

function urlOf({ session, size, from }: Target): string {
  const url = new URL(`/ws/${session}/pty`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  url.searchParams.set("cols", String(size.cols));
  url.searchParams.set("rows", String(size.rows));
  if (from !== null) {
    url.searchParams.set("from", String(from.offset));
    url.searchParams.set("epoch", from.epoch);
  }
  return url.href;
}
