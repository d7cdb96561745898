// A session's terminal, over as many sockets as it takes. Each of them resumes where the last one
// broke, as long as the daemon still has the output from there on; a snapshot stands in for what
// it has not.

import { Acks } from "./acks.js";
import { FORBIDDEN, howGone, NOT_RUNNING, POLICY, SESSION_GONE } from "./close.js";
import type { Connector } from "./connector.js";
import type {
  CellPixels,
  ClientMessage,
  ControlState,
  ExitInfo,
  Hello,
  Presence,
  RequestState,
  Role,
  ServerMessage,
  SizeChanged,
  Snapshot,
} from "./generated/protocol.js";
import { type ConnectionState, Lasting, type Over, type Purpose } from "./lasting.js";
import { Listeners, type Unsubscribe } from "./listeners.js";
import { InputLedger, StreamPosition } from "./stream.js";
import { Unpacking } from "./unpacking.js";
import { isLoopback } from "./url.js";

/** In columns and rows. */
export type Size = { cols: number; rows: number };

/** What a client has room for, and how large its cells are, when it knows. */
export type WindowSize = Size & { cell?: CellPixels };

export type PtyOptions = {
  /** The size of the window, asked for at each connect; the daemon's own when not given. */
  size?: () => WindowSize;
  /** Only look, whatever the credential allows. */
  viewOnly?: boolean;
  /** How many lines of scrollback to begin with; all when not given. */
  historyLines?: number;
  /** Whether large snapshots come compressed; when not given, unless the daemon is on this machine. */
  compressed?: boolean;
};

/** What a snapshot stands in for. */
export type Missed = {
  /** How many bytes of output will never come; null when the session is another one of the same
   * name, or this client was not here before. */
  bytes: number | null;
};

/** What a role comes with when somebody let this client type: `untilMs` is when that ends, in
 * milliseconds since 1970, or null for when it is taken back. Null for a role of its own. */
export type Lent = { untilMs: number | null } | null;

type Handlers = { [Type in ServerMessage["type"]]: (message: Extract<ServerMessage, { type: Type }>) => void };

const encoder = new TextEncoder();

/** Call the `on…` methods first, then `open`. Sizes, snapshots and output come in the order of
 * the output. */
export class Pty {
  readonly #connector: Connector;
  readonly #options: PtyOptions;
  readonly #lasting: Lasting;
  readonly #position = new StreamPosition();
  #session: string;
  #acks: Acks;
  #unpacking = new Unpacking();
  readonly #input = new InputLedger();
  #exit: ExitInfo | null = null;
  /** Why its shell could not be started when that was last tried. */
  #notRunning = "";
  #isClosed = false;
  #name: string | null = null;

  readonly #break = new Listeners<[number]>();
  readonly #hello = new Listeners<[Hello]>();
  readonly #snapshot = new Listeners<[Snapshot, Missed]>();
  readonly #output = new Listeners<[Uint8Array], void | Promise<unknown>>();
  readonly #resize = new Listeners<[SizeChanged]>();
  readonly #presence = new Listeners<[Presence[], number]>();
  readonly #title = new Listeners<[string]>();
  readonly #clipboard = new Listeners<[boolean]>();
  readonly #role = new Listeners<[Role, Lent]>();
  readonly #control = new Listeners<[ControlState]>();
  readonly #request = new Listeners<[RequestState]>();
  readonly #renamed = new Listeners<[string]>();
  readonly #notice = new Listeners<[string]>();
  readonly #exited = new Listeners<[ExitInfo]>();

  constructor(connector: Connector, session: string, options: PtyOptions = {}) {
    this.#connector = connector;
    this.#session = session;
    this.#options = options;
    this.#lasting = new Lasting(connector.WebSocket, this.#purpose());
    this.#acks = this.#freshAcks();
  }

  /** The session's id, which a rename changes. */
  get session(): string {
    return this.#session;
  }

  get state(): ConnectionState {
    return this.#lasting.state;
  }

  open(): this {
    this.#lasting.start();
    return this;
  }

  /** Ends the connection; the session goes on. */
  close(): void {
    this.#isClosed = true;
    this.#lasting.close();
  }

  /** Does not wait for the next attempt to connect. */
  tryNow(): void {
    this.#lasting.tryNow();
  }

  isOpen(): boolean {
    return this.#lasting.isOpen();
  }

  /** Input on its way to the daemon, in bytes. */
  bufferedBytes(): number {
    return this.#lasting.bufferedBytes();
  }

  /** Sends terminal input, at most 64 KiB at a time. While there is no connection it is lost:
   * see `isOpen`. What becomes of input when a connection breaks, `onBreak` tells. */
  sendInput(input: Uint8Array | string): void {
    if (!this.isOpen()) return;
    const bytes = typeof input === "string" ? encoder.encode(input) : input;
    if (!isFocusReport(bytes)) this.#input.sent(bytes.length);
    this.#lasting.send(bytes);
  }

  /** Tells what this client's window has room for. */
  sendResize({ cols, rows, cell }: WindowSize): void {
    this.#tell({ type: "resize", cols, rows, ...(cell && { cell }) });
  }

  /** How presence tells of this client, also after it has come back. */
  sendName(name: string): void {
    this.#name = name;
    this.#tell({ type: "name", name });
  }

  /** Asks those who may type to be let: see `onRequest` and `onRole`. */
  requestControl(): void {
    this.#tell({ type: "request-control" });
  }

  /** Lets another client type, for so many seconds or until it is taken back. Only for who may
   * type by its own key, as are the next two. */
  grantControl(client: number, seconds?: number): void {
    this.#tell({ type: "grant-control", client, ...(seconds !== undefined && { seconds }) });
  }

  /** Does not let a client type that asks to. */
  denyControl(client: number): void {
    this.#tell({ type: "deny-control", client });
  }

  /** Lets a client type no longer. With its own number (see the hello), gives back what was lent
   * to this one. */
  takeBackControl(client: number): void {
    this.#tell({ type: "take-back-control", client });
  }

  onState(listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#lasting.onState(listener);
  }

  /** A connection is gone, before its state is told. So many bytes of input may not have arrived:
   * those that were still here, or were sent since the daemon was last heard. They are not sent
   * again. */
  onBreak(listener: (unsureBytes: number) => void): Unsubscribe {
    return this.#break.add(listener);
  }

  /** Each time a connection begins. */
  onHello(listener: (hello: Hello) => void): Unsubscribe {
    return this.#hello.add(listener);
  }

  /** Empty the terminal: the next `snapshot.bytes` bytes of output rebuild it. */
  onSnapshot(listener: (snapshot: Snapshot, missed: Missed) => void): Unsubscribe {
    return this.#snapshot.add(listener);
  }

  /** Output, and the bytes of snapshots. A listener that gives a promise is not done before it is
   * kept; the daemon sends only a window beyond what is done. */
  onOutput(listener: (bytes: Uint8Array) => void | Promise<unknown>): Unsubscribe {
    return this.#output.add(listener);
  }

  /** The terminal has another size. */
  onResize(listener: (size: SizeChanged) => void): Unsubscribe {
    return this.#resize.add(listener);
  }

  /** Who watches: the first of them, in the order they came, and how many there are. */
  onPresence(listener: (clients: Presence[], count: number) => void): Unsubscribe {
    return this.#presence.add(listener);
  }

  onTitle(listener: (title: string) => void): Unsubscribe {
    return this.#title.add(listener);
  }

  /** Programs may write the clipboard of who drives, or no longer; whether they may at first stands in the hello. */
  onClipboard(listener: (allowed: boolean) => void): Unsubscribe {
    return this.#clipboard.add(listener);
  }

  /** What this connection may do has changed; what it may at first stands in the hello. */
  onRole(listener: (role: Role, lent: Lent) => void): Unsubscribe {
    return this.#role.add(listener);
  }

  /** Who asks to type and who was let, for who may answer. Nobody when a connection begins. */
  onControl(listener: (state: ControlState) => void): Unsubscribe {
    return this.#control.add(listener);
  }

  /** How this client's own request to type stands; that it was granted is told by `onRole`. */
  onRequest(listener: (state: RequestState) => void): Unsubscribe {
    return this.#request.add(listener);
  }

  /** The session has another id. */
  onRenamed(listener: (session: string) => void): Unsubscribe {
    return this.#renamed.add(listener);
  }

  /** Something to show to a person. */
  onNotice(listener: (text: string) => void): Unsubscribe {
    return this.#notice.add(listener);
  }

  /** The shell has ended; nothing comes after its last byte. */
  onExit(listener: (exit: ExitInfo) => void): Unsubscribe {
    return this.#exited.add(listener);
  }

  #purpose(): Purpose {
    return {
      greets: true,
      ping: JSON.stringify({ type: "ping", t: 0 } satisfies ClientMessage),
      url: () => this.#url(),
      token: () => this.#connector.rest.credential(this.#session)?.token ?? null,
      opened: () => {},
      text: (text) => this.#receive(JSON.parse(text) as ServerMessage),
      bytes: (bytes) => this.#take(bytes),
      gone: (unsentBytes) => {
        this.#acks.stop();
        const unsureBytes = this.#input.end(unsentBytes);
        // What is on its way at a close is still sent: nothing broke.
        if (!this.#isClosed) this.#break.call(unsureBytes);
      },
      closed: (code, reason) => this.#closed(code, reason),
      askWhy: () => this.#connector.rest.sessionInfo(this.#session),
    };
  }

  #url(): URL {
    const url = this.#connector.socketUrl(`/ws/${encodeURIComponent(this.#session)}/pty`);
    const { size, viewOnly, historyLines, compressed = !isLoopback(url) } = this.#options;
    const from = this.#position.resumeFrom();
    const { cell, ...window } = size?.() ?? {};
    const cells = cell && { cell: `${cell.width}x${cell.height}` };
    const query = { ...window, ...cells, ...(viewOnly ? { role: "view" } : {}), ...(from ? { from: from.offset, epoch: from.epoch } : {}) };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    if (historyLines !== undefined) url.searchParams.set("history", String(historyLines));
    if (compressed) url.searchParams.set("deflate", "1");
    return url;
  }

  readonly #handlers: Handlers = {
    hello: (hello) => {
      this.#acks = this.#freshAcks();
      this.#unpacking = new Unpacking();
      this.#position.begin(hello.epoch, hello.resumed);
      if (this.#name !== null) this.sendName(this.#name);
      this.#hello.call(hello);
    },
    snapshot: (snapshot) => {
      const missed = { bytes: this.#position.gapTo(snapshot.offset) };
      this.#position.snapshot(snapshot.offset, snapshot.bytes, snapshot.reason === "lagged" && this.#options.historyLines !== 0);
      this.#unpacking.begin(snapshot);
      const { unpacked, ...plain } = snapshot;
      this.#snapshot.call({ ...plain, bytes: unpacked ?? plain.bytes }, missed);
    },
    resize: (size) => void this.#resize.call(size),
    presence: ({ clients, count }) => void this.#presence.call(clients, count),
    title: ({ title }) => void this.#title.call(title),
    clipboard: ({ allowed }) => void this.#clipboard.call(allowed),
    role: ({ role, lent, until }) => void this.#role.call(role, lent ? { untilMs: until ?? null } : null),
    control: ({ requests, loans }) => void this.#control.call({ requests, loans }),
    request: ({ state }) => void this.#request.call(state),
    renamed: ({ session }) => {
      const { rest, tokens } = this.#connector;
      tokens.renamed(this.#session, session);
      if (rest.session === this.#session) rest.session = session;
      this.#session = session;
      this.#renamed.call(session);
    },
    notice: ({ text }) => void this.#notice.call(text),
    exit: ({ code, signal }) => {
      this.#exit = { code: code ?? null, signal: signal ?? null };
      this.#exited.call(this.#exit);
    },
    pong: () => {},
  };

  #receive<Message extends ServerMessage>(message: Message): void {
    this.#input.heard();
    // A type that is not in the table comes from a newer daemon, and is ignored.
    const handle = this.#handlers[message.type] as ((message: Message) => void) | undefined;
    handle?.(message);
  }

  #take(bytes: Uint8Array): void {
    this.#input.heard();
    const endsSnapshot = this.#position.received(bytes.length);
    const acks = this.#acks;
    const shown = this.#unpacking.take(bytes).flatMap((piece) => this.#output.call(piece));
    void Promise.allSettled(shown).then(() => acks.processed(bytes.length, endsSnapshot));
  }

  #freshAcks(): Acks {
    return new Acks((bytes) => this.#tell({ type: "ack", bytes }));
  }

  #tell(message: ClientMessage): void {
    this.#lasting.send(JSON.stringify(message));
  }

  #closed(code: number, reason: string): Over | null {
    if (code === SESSION_GONE) return { is: "ended", how: howGone(reason, this.#exit), exit: this.#exit };
    if (code === FORBIDDEN) return { is: "refused", why: "forbidden", message: reason };
    // It is tried again and again, and said once.
    if (code === NOT_RUNNING && reason !== this.#notRunning) this.#notice.call(reason);
    this.#notRunning = code === NOT_RUNNING ? reason : "";
    // Among the causes of 1008 is an offset beyond the end of what the daemon has.
    if (code === POLICY) this.#position.forget();
    return null;
  }
}

/** `ESC [ I` or `ESC [ O`, a message by itself, is no typing: it comes from every look at another
 * window, and nobody misses one that is lost. */
function isFocusReport(bytes: Uint8Array): boolean {
  return bytes.length === 3 && bytes[0] === 0x1b && bytes[1] === 0x5b && (bytes[2] === 0x49 || bytes[2] === 0x4f);
}
