// A connection that lasts over as many sockets as it takes. It never gives up by itself: only
// the end of what it is for, a refusal, or `close` ends it.

import { Backoff } from "./backoff.js";
import { Refused } from "./errors.js";
import type { ExitInfo } from "./generated/protocol.js";
import { Listeners, type Unsubscribe } from "./listeners.js";
import { isSeen, onWake, type SocketConstructor } from "./platform.js";
import { ABNORMAL, Socket, type Target } from "./socket.js";

/** Why a connection is over for good. */
export type Over =
  | { is: "ended"; how: "exited" | "deleted" | "missing"; exit: ExitInfo | null }
  | { is: "refused"; why: "credential" | "forbidden"; message: string };

/** How a connection stands. */
export type ConnectionState =
  | { is: "connecting" }
  | { is: "connected" }
  | { is: "reconnecting"; since: Date }
  | Over;

/** What a connection is for. */
export interface Purpose {
  /** Does the daemon speak first? Then a socket is of no use before it has. */
  readonly greets: boolean;
  /** A message that the daemon answers, to ask for a sign of life; null where it takes none. */
  readonly ping: string | null;
  /** Where the next socket leads. */
  url(): URL;
  /** The token of this moment, if any. */
  token(): string | null;
  /** A socket can be used. */
  opened(): void;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** A socket is gone, whichever way, with so many bytes that it had not sent yet. */
  gone(unsentBytes: number): void;
  /** The daemon has closed a socket: why it is over, or null to come back. */
  closed(code: number, reason: string): Over | null;
  /** A socket was refused, and a script sees neither status nor body of that: asks over HTTP,
   * so that a refusal is thrown as `Refused`. */
  askWhy(): Promise<unknown>;
  /** Comes back all the same. */
  staysFor?(over: Over): boolean;
}

/** Whoever wakes up finds out this fast whether its socket is still alive. */
const WAKE_PATIENCE_MS = 2_000;

/** How often a quiet connection is probed while somebody looks, and how long that may take. */
const PROBE_EVERY_MS = 20_000;
const PROBE_PATIENCE_MS = 10_000;

/** A socket that cannot be probed and was silent this long is opened anew at a wake, and in any
 * case when the network was gone: a machine that slept, or has another address now, does not
 * know that the other end has given it up. */
const SILENT_MS = 30_000;

export class Lasting {
  readonly #WebSocket: SocketConstructor;
  readonly #purpose: Purpose;
  readonly #backoff = new Backoff();
  readonly #states = new Listeners<[ConnectionState]>();
  #state: ConnectionState = { is: "connecting" };
  #socket: Socket | null = null;
  #isStarted = false;
  #isOver = false;
  #attempt = 0;
  #attemptedAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #probeTimer: ReturnType<typeof setInterval> | undefined;
  #stopWaking: Unsubscribe = () => {};

  constructor(WebSocket: SocketConstructor, purpose: Purpose) {
    this.#WebSocket = WebSocket;
    this.#purpose = purpose;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Hears of every change from now on. */
  onState(listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#states.add(listener);
  }

  /** Opens the first socket. Once is enough. */
  start(): void {
    if (this.#isStarted || this.#isOver) return;
    this.#isStarted = true;
    this.#stopWaking = onWake((isNetworkBack) => this.wake(isNetworkBack));
    this.#probeTimer = setInterval(() => {
      if (isSeen()) this.#socket?.probe(PROBE_PATIENCE_MS);
    }, PROBE_EVERY_MS);
    this.#enter({ is: "connecting" });
    this.#connect();
  }

  /** Ends it. Nothing is heard of it after that. */
  close(): void {
    this.#rest();
    this.#abandon();
  }

  /** Somebody asks for a connection now: an attempt under way starts over. */
  tryNow(): void {
    if (this.#isStarted && !this.#isOver && !this.isOpen()) this.#connect();
  }

  /** Something woke up: find out how things stand. */
  wake(isNetworkBack = false): void {
    if (!this.#isStarted || this.#isOver) return;
    const isStuck = !this.isOpen() && Date.now() - this.#attemptedAt > WAKE_PATIENCE_MS;
    if (this.#retryTimer !== undefined || isStuck) this.#connect();
    else if (this.#purpose.ping !== null) this.#socket?.probe(WAKE_PATIENCE_MS);
    else if (isNetworkBack || (this.#socket?.silentMs() ?? 0) > SILENT_MS) this.#connect();
  }

  isOpen(): boolean {
    return this.#socket?.isOpen() ?? false;
  }

  send(data: string | Uint8Array): void {
    this.#socket?.send(data);
  }

  bufferedBytes(): number {
    return this.#socket?.bufferedBytes() ?? 0;
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#abandon();
    this.#attemptedAt = Date.now();
    const attempt = ++this.#attempt;
    const { greets, ping } = this.#purpose;
    const target: Target = { url: this.#purpose.url().href, token: this.#purpose.token(), greets, ping };
    this.#socket = new Socket(this.#WebSocket, target, {
      opened: () => this.#opened(),
      text: (text) => this.#purpose.text(text),
      bytes: (bytes) => this.#purpose.bytes(bytes),
      closed: (code, reason, wasOpen) => {
        this.#letGo();
        // A code of the daemon's own says more than a question afterwards could.
        if (wasOpen || code !== ABNORMAL) this.#afterClose(this.#purpose.closed(code, reason));
        else void this.#askWhy(attempt);
      },
    });
  }

  /** Closes the socket, if there is one, and hears nothing more of it. */
  #abandon(): void {
    this.#socket?.abandon();
    this.#letGo();
  }

  #letGo(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) this.#purpose.gone(socket.bufferedBytes());
  }

  #opened(): void {
    this.#backoff.reset();
    this.#purpose.opened();
    this.#enter({ is: "connected" });
  }

  #afterClose(over: Over | null): void {
    if (this.#isOver) return;
    if (over === null || this.#purpose.staysFor?.(over)) this.#retryLater();
    else this.#end(over);
  }

  async #askWhy(attempt: number): Promise<void> {
    const token = this.#purpose.token();
    let over: Over | null = null;
    try {
      await this.#purpose.askWhy();
    } catch (error) {
      over = error instanceof Refused ? meaning(error) : null;
    }
    if (attempt !== this.#attempt || this.#isOver) return;
    // Another token has taken the place of one that is no longer good.
    if (over === null && this.#purpose.token() !== token) this.#connect();
    else this.#afterClose(over);
  }

  #retryLater(): void {
    const since = this.#state.is === "reconnecting" ? this.#state.since : new Date();
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.next());
    this.#enter({ is: "reconnecting", since });
  }

  #end(over: Over): void {
    this.#rest();
    this.#enter(over);
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#states.call(state);
  }

  #rest(): void {
    this.#isOver = true;
    this.#stopWaking();
    clearTimeout(this.#retryTimer);
    clearInterval(this.#probeTimer);
  }
}

function meaning({ status, message }: Refused): Over | null {
  switch (status) {
    case 401:
      return { is: "refused", why: "credential", message };
    case 403:
      return { is: "refused", why: "forbidden", message };
    case 404:
      return { is: "ended", how: "missing", exit: null };
    default:
      return null;
  }
}
