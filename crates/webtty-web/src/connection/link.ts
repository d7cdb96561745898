// The page's tie to one session, over as many sockets as it takes. It never gives up by itself:
// only the session's end or a refusal ends it.

import { type Api, Refused } from "../api";
import type { ExitInfo, Hello, ServerMessage } from "../generated/protocol";
import { Backoff } from "./backoff";
import { PtySocket, type Size } from "./socket";
import { AckLedger, StreamPosition } from "./stream";

export type LinkState =
  | { is: "connecting" }
  | { is: "connected" }
  | { is: "reconnecting"; since: Date }
  | { is: "ended"; how: "exited" | "deleted" | "missing"; exit: ExitInfo | null }
  | { is: "refused"; why: "credential" | "forbidden"; message: string };

/** What the link tells the page. Sizes, rebuilds and bytes come in the order of the output. */
export interface LinkSink {
  state(state: LinkState): void;
  hello(hello: Hello): void;
  /** Empty the terminal: what follows rebuilds it. */
  rebuild(): void;
  bytes(bytes: Uint8Array, processed: () => void): void;
  resized(size: Size): void;
  title(title: string): void;
  renamed(session: string): void;
  notice(text: string): void;
}

/** A tab that wakes up finds out this fast whether its socket is still alive. */
const WAKE_PATIENCE_MS = 2_000;

/** How often a quiet connection is probed while somebody looks, and how long that may take. */
const PROBE_EVERY_MS = 20_000;
const PROBE_PATIENCE_MS = 10_000;

/** How long the terminal may rest before what it has processed is acknowledged. */
const ACK_IDLE_MS = 100;

/** Close codes that mean more than "try again". */
const POLICY = 1008;
const SESSION_GONE = 4001;
const FORBIDDEN = 4003;

export class SessionLink {
  session: string;
  readonly #api: Api;
  readonly #sink: LinkSink;
  readonly #size: () => Size;
  readonly #backoff = new Backoff();
  readonly #position = new StreamPosition();
  #socket: PtySocket | null = null;
  #exit: ExitInfo | null = null;
  #attempt = 0;
  #attemptedAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #brokenSince: Date | null = null;
  #isOver = false;

  /** `size` gives the size the page's window has room for. */
  constructor(session: string, api: Api, size: () => Size, sink: LinkSink) {
    this.session = session;
    this.#api = api;
    this.#size = size;
    this.#sink = sink;
  }

  start(): void {
    this.#sink.state({ is: "connecting" });
    void this.#connect();
    setInterval(() => {
      if (document.visibilityState === "visible") this.#socket?.probe(PROBE_PATIENCE_MS);
    }, PROBE_EVERY_MS);
  }

  /** Somebody asks for a connection now: an attempt under way starts over. */
  tryNow(): void {
    if (!this.#isOver && !this.isOpen()) void this.#connect();
  }

  /** The tab woke up, or the network came back: find out how things stand. */
  wake(): void {
    if (this.#isOver) return;
    const isStuck = !this.isOpen() && performance.now() - this.#attemptedAt > WAKE_PATIENCE_MS;
    if (this.#retryTimer === undefined && !isStuck) this.#socket?.probe(WAKE_PATIENCE_MS);
    else void this.#connect();
  }

  isOpen(): boolean {
    return this.#socket?.isOpen() ?? false;
  }

  send(bytes: Uint8Array): void {
    this.#socket?.send(bytes);
  }

  bufferedBytes(): number {
    return this.#socket?.bufferedBytes() ?? 0;
  }

  /** Tells the daemon what this page's window has room for. */
  resize({ cols, rows }: Size): void {
    this.#socket?.tell({ type: "resize", cols, rows });
  }

  /** Asks first whether the session is there: a script sees neither the status nor the body of
   * a refused upgrade. */
  async #connect(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#socket?.abandon();
    this.#socket = null;
    this.#attemptedAt = performance.now();
    const attempt = ++this.#attempt;
    try {
      await this.#api.sessionInfo(this.session);
      if (attempt === this.#attempt && !this.#isOver) this.#open();
    } catch (error) {
      if (attempt === this.#attempt && !this.#isOver) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof Refused)) return this.#retryLater();
    const { status, message } = error;
    if (status === 404) this.#over({ is: "ended", how: "missing", exit: null });
    else if (status === 401) this.#over({ is: "refused", why: "credential", message });
    else if (status === 403) this.#over({ is: "refused", why: "forbidden", message });
    else this.#retryLater();
  }

  #open(): void {
    const ledger = new AckLedger();
    let ackTimer: ReturnType<typeof setTimeout> | undefined;
    const acknowledge = () => {
      clearTimeout(ackTimer);
      ackTimer = undefined;
      const bytes = ledger.take();
      if (bytes !== null) socket.tell({ type: "ack", bytes });
    };
    const processed = (bytes: number) => {
      if (ledger.processed(bytes)) acknowledge();
      else ackTimer ??= setTimeout(acknowledge, ACK_IDLE_MS);
    };
    const target = {
      session: this.session,
      size: this.#size(),
      from: this.#position.resumeFrom(),
      token: this.#api.credential()?.token ?? null,
    };
    const socket = new PtySocket(target, {
      message: (message) => this.#receive(message),
      bytes: (bytes) => {
        this.#position.received(bytes.length);
        this.#sink.bytes(bytes, () => processed(bytes.length));
      },
      closed: (code, reason) => this.#closed(code, reason),
    });
    this.#socket = socket;
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        this.#backoff.reset();
        this.#brokenSince = null;
        this.#position.begin(message.epoch, message.resumed);
        this.#sink.hello(message);
        this.#sink.state({ is: "connected" });
        break;
      case "snapshot":
        this.#position.snapshot(message.offset, message.bytes);
        this.#sink.rebuild();
        break;
      case "resize":
        this.#sink.resized(message);
        break;
      case "title":
        this.#sink.title(message.title);
        break;
      case "renamed":
        this.session = message.session;
        this.#sink.renamed(message.session);
        break;
      case "notice":
        this.#sink.notice(message.text);
        break;
      case "exit":
        this.#exit = { code: message.code ?? null, signal: message.signal ?? null };
        break;
      case "pong":
        break;
    }
  }

  #closed(code: number, reason: string): void {
    this.#socket = null;
    if (code === SESSION_GONE) {
      this.#over({ is: "ended", how: this.#howGone(reason), exit: this.#exit });
    } else if (code === FORBIDDEN) {
      this.#over({ is: "refused", why: "forbidden", message: reason });
    } else {
      // Among the causes of 1008 is an offset beyond the end of what the daemon has.
      if (code === POLICY) this.#position.forget();
      this.#retryLater();
    }
  }

  #howGone(reason: string): "exited" | "deleted" | "missing" {
    if (this.#exit !== null) return "exited";
    if (reason === "session deleted") return "deleted";
    return reason === "no such session" ? "missing" : "exited";
  }

  #retryLater(): void {
    this.#brokenSince ??= new Date();
    this.#sink.state({ is: "reconnecting", since: this.#brokenSince });
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#backoff.next());
  }

  #over(state: LinkState): void {
    this.#isOver = true;
    this.#sink.state(state);
  }
}
