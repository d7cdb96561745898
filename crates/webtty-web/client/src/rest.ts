// The daemon's paths, one method each. What the daemon refuses is thrown as `Refused`; when it
// does not answer, that is `Unreachable`.

import { refusal, Refused, Unreachable } from "./errors.js";
import { type Backlog, readBacklog } from "./event_stream.js";
import { jsonLines } from "./json_lines.js";
import type {
  ChangeKey,
  ChangeSession,
  ControlInfo,
  CreatedKey,
  CreateKey,
  CreateSession,
  HandOver,
  Execute,
  ExecuteLine,
  Health,
  KeyInfo,
  LoginReply,
  PageSettings,
  PublishReport,
  ScreenState,
  SessionInfo,
  SessionInput,
  StoredFile,
  Typed,
  Wait,
  Waited,
} from "./generated/protocol.js";
import type { Credential, Tokens } from "./tokens.js";
import { urlOf } from "./url.js";

/** How long the daemon may take to answer before it counts as out of reach. */
const PATIENCE_MS = 10_000;

type Ask = {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, as JSON lines. */
  lines?: string | ReadableStream<Uint8Array>;
  /** Sent as it is. */
  file?: Blob;
  accept?: string;
  /** The tag of what is here already: the answer may be that it has not changed. */
  known?: string;
  redirect?: RequestRedirect;
  /** The session it is about. */
  about?: string;
  /** Without a credential. */
  anonymous?: boolean;
  /** For as long as it takes. */
  patient?: boolean;
  /** Ends the request. */
  signal?: AbortSignal | undefined;
};

/** What of a screen is wanted. */
export type ScreenWish = {
  /** Lines above the screen, as far as they are kept; none when not given. */
  historyLines?: number | "all";
  /** Without the empty lines at its end. */
  trim?: boolean;
};

/** HTTP requests to one daemon. */
export class Rest {
  /** The session that the client is for, whose own credential goes before the general one; null
   * for a client of all of them. */
  session: string | null;
  readonly #base: URL;
  readonly #tokens: Tokens;

  constructor(base: URL, tokens: Tokens, session: string | null) {
    this.#base = base;
    this.#tokens = tokens;
    this.session = session;
  }

  /** Exchanges a key for a token, which is kept and used from then on. */
  async login(key: string): Promise<LoginReply> {
    const reply = await this.#json<LoginReply>("POST", "/api/login", { json: { key }, anonymous: true });
    this.#tokens.keep(reply, this.session);
    return reply;
  }

  /** The sessions the credential reaches. */
  sessions(): Promise<SessionInfo[]> {
    return this.#json("GET", "/api/sessions");
  }

  sessionInfo(id: string): Promise<SessionInfo> {
    return this.#json("GET", `/api/sessions/${segment(id)}`, { about: id });
  }

  create(request: CreateSession): Promise<SessionInfo> {
    return this.#json("POST", "/api/sessions", { json: request });
  }

  /** Changes a session; its sockets stay. */
  change(id: string, request: ChangeSession): Promise<SessionInfo> {
    return this.#json("PATCH", `/api/sessions/${segment(id)}`, { json: request, about: id });
  }

  /** Gives a session another id. */
  rename(id: string, to: string): Promise<SessionInfo> {
    return this.change(id, { id: to });
  }

  /** Ends a session and gives how many are left. */
  async end(id: string): Promise<number> {
    const response = await this.#ask("DELETE", `/api/sessions/${segment(id)}`, { about: id });
    return Number(response.headers.get("x-sessions-remaining") ?? 0);
  }

  /** Who types into a session, who asks to, and who was let. */
  control(id: string): Promise<ControlInfo> {
    return this.#json("GET", `/api/sessions/${segment(id)}/control`, { about: id });
  }

  /** Lets a client of a session type, does not, or no longer. */
  async handOver(id: string, request: HandOver): Promise<void> {
    await this.#ask("POST", `/api/sessions/${segment(id)}/control`, { json: request, about: id });
  }

  /** What a terminal shows, in runs of one style, with its cursor and modes. */
  screen(id: string, wish: ScreenWish = {}): Promise<ScreenState> {
    return this.#json("GET", screenPath(id, "json", wish), { about: id });
  }

  /** What a terminal shows, as plain text, with its colours as escape sequences, or as HTML. */
  async screenText(id: string, format: "text" | "ansi" | "html" = "text", wish: ScreenWish = {}): Promise<string> {
    return (await this.#ask("GET", screenPath(id, format, wish), { about: id, accept: "*/*" })).text();
  }

  /** The id of the session whose shell has this process id, or null when none has. */
  async sessionOfProcess(pid: number): Promise<string | null> {
    try {
      // A script may follow a redirect, and see only then where it led.
      const response = await this.#ask("GET", `/p/${pid}`, { redirect: "follow", accept: "text/html" });
      return /\/s\/([^/?#]+)/.exec(response.url)?.[1] ?? null;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  /** What a session's terminal shows, with a tag of it; null while that is still what `known` is
   * the tag of, which costs the daemon next to nothing. */
  async screenIfChanged(id: string, known: string | null): Promise<{ state: ScreenState; tag: string | null } | null> {
    const path = `/s/${segment(id)}/screen?format=json`;
    const response = await this.#ask("GET", path, { about: id, ...(known !== null && { known }) });
    if (response.status === 304) return null;
    return { state: (await response.json()) as ScreenState, tag: response.headers.get("etag") };
  }

  /** The settings of a page. */
  settings(): Promise<PageSettings> {
    return this.#json("GET", "/api/config");
  }

  health(): Promise<Health> {
    return this.#json("GET", "/api/health");
  }

  /** The description of all paths and messages, as OpenAPI 3.1. */
  description(): Promise<{ openapi: string; paths: { [path: string]: { [method: string]: unknown } } }> {
    return this.#json("GET", "/api/openapi.json");
  }

  /** Stops the daemon, gracefully. */
  async stopDaemon(): Promise<void> {
    await this.#ask("POST", "/api/server/stop");
  }

  /** Makes a key. It is shown this once. */
  createKey(request: CreateKey): Promise<CreatedKey> {
    return this.#json("POST", "/api/keys", { json: request });
  }

  keys(): Promise<KeyInfo[]> {
    return this.#json("GET", "/api/keys");
  }

  /** Changes what a key allows, also to who came in by it already. */
  changeKey(id: string, request: ChangeKey): Promise<KeyInfo> {
    return this.#json("PATCH", `/api/keys/${segment(id)}`, { json: request });
  }

  /** Revokes a key: its tokens end, and their sockets are closed. */
  async revokeKey(id: string): Promise<void> {
    await this.#ask("DELETE", `/api/keys/${segment(id)}`);
  }

  /** Publishes events and says how many were taken, and which lines were not. What comes from an
   * asynchronous source is sent on as it comes, for as long as it takes; browsers cannot do that
   * over HTTP/1.1, Node can. */
  async publish(id: string, events: Iterable<unknown> | AsyncIterable<unknown>): Promise<PublishReport> {
    let count = 0;
    const line = (event: unknown) => {
      count += 1;
      return `${JSON.stringify(event) ?? "null"}\n`;
    };
    const lines = Symbol.asyncIterator in events ? stream(events, line) : Array.from(events, line).join("");
    const response = await this.#ask("POST", `/s/${segment(id)}/publish`, { lines, patient: true, about: id });
    if (response.status === 204) return { accepted: count, rejected: [] };
    return (await response.json()) as PublishReport;
  }

  /** The events that are kept, after the one numbered `since`, and nothing that comes later. */
  async backlog(id: string, since = 0): Promise<Backlog> {
    const path = `/s/${segment(id)}/events?envelope=1&follow=0&since=${since}`;
    const response = await this.#ask("GET", path, { accept: "text/event-stream", about: id });
    return readBacklog(await response.text());
  }

  /** Asks whether a credential reaches a session's events, at the cost of a header: a script
   * sees neither the status nor the body of a refused upgrade. */
  async checkEvents(id: string): Promise<void> {
    const path = `/s/${segment(id)}/events?follow=0`;
    const response = await this.#ask("GET", path, { accept: "text/event-stream", about: id });
    await response.body?.cancel();
  }

  /** Runs a program beside a session's shell and gives what it writes, as it comes; the last line is
   * its exit. Who stops taking lines, or aborts, ends the program. */
  async *execute(id: string, request: Execute, signal?: AbortSignal): AsyncGenerator<ExecuteLine, void, undefined> {
    const path = `/s/${segment(id)}/execute`;
    const { body } = await this.#ask("POST", path, { json: request, accept: "*/*", patient: true, about: id, signal });
    if (body !== null) yield* jsonLines<ExecuteLine>(body);
  }

  /** Types into a session: a paste, then text, then keys by name. */
  type(id: string, input: SessionInput): Promise<Typed> {
    return this.#json("POST", `/s/${segment(id)}/input`, { json: input, about: id });
  }

  /** Puts a file beside a session and says where it is, on the daemon's machine. */
  upload(id: string, name: string, file: Blob): Promise<StoredFile> {
    const path = `/s/${segment(id)}/files?name=${encodeURIComponent(name)}`;
    return this.#json("POST", path, { file, patient: true, about: id });
  }

  /** Waits for a text, for silence or for the shell's end, as long as the request says. */
  wait(id: string, request: Wait, signal?: AbortSignal): Promise<Waited> {
    return this.#json("POST", `/s/${segment(id)}/wait`, { json: request, patient: true, about: id, signal });
  }

  async #json<Body>(method: string, path: string, ask: Ask = {}): Promise<Body> {
    return (await (await this.#ask(method, path, ask)).json()) as Body;
  }

  /** The credential that is used now, for one session or for what is not about one. */
  credential(about: string | null = null): Credential | null {
    return this.#tokens.credential(this.session) ?? (about === null ? null : this.#tokens.credential(about));
  }

  /** Tries again with the general credential when the daemon no longer takes the session's. */
  async #ask(method: string, path: string, ask: Ask = {}): Promise<Response> {
    for (;;) {
      const used = ask.anonymous ? null : this.credential(ask.about);
      const response = await this.#fetch(method, path, ask, used?.token ?? null);
      if (response.ok || response.status === 304) return response;
      const refused = await refusal(response);
      if (refused.status !== 401 || used === null) throw refused;
      this.#tokens.drop(used.token);
      const isOnce = ask.lines instanceof ReadableStream;
      const next = this.credential(ask.about);
      // A store that does not forget gives the same one again.
      if (isOnce || next === null || next.token === used.token) throw refused;
    }
  }

  #fetch(method: string, path: string, ask: Ask, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { accept: ask.accept ?? "application/json" };
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    if (ask.known !== undefined) headers["if-none-match"] = ask.known;
    if (ask.json !== undefined) headers["content-type"] = "application/json";
    if (ask.lines !== undefined) headers["content-type"] = "application/x-ndjson";
    const request: RequestInit & { duplex: "half" } = {
      method,
      headers,
      body: ask.json === undefined ? (ask.lines ?? ask.file ?? null) : JSON.stringify(ask.json),
      cache: "no-store",
      // For a proxy of the page's own origin that asks for them; the daemon itself takes none.
      credentials: "same-origin",
      redirect: ask.redirect ?? "error",
      signal: ask.patient ? (ask.signal ?? null) : AbortSignal.timeout(PATIENCE_MS),
      // Asked for by the standard where a body is a stream.
      duplex: "half",
    };
    return fetch(urlOf(this.#base, path), request).catch((error: unknown) => {
      throw new Unreachable("the daemon does not answer", { cause: error });
    });
  }
}

/** An id comes from whoever calls: it must not lead to another path. */
function segment(id: string): string {
  return encodeURIComponent(id);
}

function screenPath(id: string, format: string, { historyLines = 0, trim = false }: ScreenWish): string {
  return `/s/${segment(id)}/screen?format=${format}&history=${historyLines}&trim=${trim ? 1 : 0}`;
}

function stream(events: AsyncIterable<unknown>, line: (event: unknown) => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const source = events[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(line(value)));
    },
    async cancel() {
      await source.return?.();
    },
  });
}
