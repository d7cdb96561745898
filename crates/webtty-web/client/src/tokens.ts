// Tokens, each with what it is good for. A key comes in a link's fragment, is exchanged for a
// token, and leaves the address bar at once. A page keeps its tokens in its origin's storage:
// one for all sessions, and one for each session whose link was opened.

import type { LoginReply, Role } from "./generated/protocol.js";

const STORE = "webtty.tokens";

/** The name under which the token for all sessions is kept; no session id has this form. */
const ALL = "*";

/** A token and what the daemon said of it: what it allows (null when it was given without a
 * login), and when it ends, in milliseconds since 1970 (null for never). */
export type Credential = { token: string; role: Role | null; expires: number | null };

/** By scope. A map, since a session may have the name of anything an object has by itself. */
type Store = Map<string, Credential>;

/** Where text is kept; `localStorage` is one. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

/** The key in a URL's fragment, `#k=KEY`, or null. */
export function keyInFragment(hash: string): string | null {
  const key = new URLSearchParams(hash.replace(/^#/, "")).get("k");
  return key === null || key === "" ? null : key;
}

/** Takes the key out of the address bar. Must run before anything else can see the URL. */
export function takeKeyFromUrl(): string | null {
  const key = keyInFragment(location.hash);
  if (key !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return key;
}

/** The tokens a client has. Those of a `store` are there again after a reload. */
export class Tokens {
  readonly #store: TextStore | null;
  /** Under which name: daemons at different paths of one proxy share an origin. */
  readonly #name: string;
  #memory: Store = new Map();

  constructor(store: TextStore | null = null, path = "/") {
    this.#store = store;
    this.#name = path === "/" ? STORE : `${STORE} ${path}`;
  }

  /** The credential for a session, or with null for all of them. The narrower one goes first. */
  credential(session: string | null): Credential | null {
    const kept = this.#read();
    return (session === null ? undefined : kept.get(session)) ?? kept.get(ALL) ?? null;
  }

  /** Keeps a token that was not got by a login, for all sessions it may be good for. */
  give(token: string): void {
    this.#write(this.#read().set(ALL, { token, role: null, expires: null }));
  }

  /** Keeps what a login gave. For the session that is open the newest login counts. */
  keep(reply: LoginReply, openSession: string | null): void {
    const kept = this.#read();
    const scope = reply.session ?? ALL;
    if (scope === ALL && openSession !== null) kept.delete(openSession);
    this.#write(kept.set(scope, { token: reply.token, role: reply.role, expires: reply.expires ?? null }));
  }

  /** Drops a credential that the daemon no longer takes. */
  drop(token: string): void {
    this.#write(new Map([...this.#read()].filter(([, candidate]) => candidate.token !== token)));
  }

  /** The session goes by another id now. */
  renamed(from: string, to: string): void {
    const kept = this.#read();
    const moved = kept.get(from);
    if (moved === undefined) return;
    kept.delete(from);
    this.#write(kept.set(to, moved));
  }

  #read(): Store {
    const valid = new Map<string, Credential>();
    for (const [scope, value] of this.#stored()) if (isCredential(value)) valid.set(scope, value);
    return valid;
  }

  #stored(): Iterable<[string, unknown]> {
    try {
      const text = this.#store?.getItem(this.#name) ?? null;
      const stored: unknown = text === null ? null : JSON.parse(text);
      if (typeof stored === "object" && stored !== null) return Object.entries(stored);
    } catch {
      // Storage that is forbidden, or not ours.
    }
    return this.#memory;
  }

  #write(store: Store): void {
    this.#memory = store;
    try {
      this.#store?.setItem(this.#name, JSON.stringify(Object.fromEntries(store)));
    } catch {
      // Full or forbidden: they last as long as the page.
    }
  }
}

function isCredential(value: unknown): value is Credential {
  if (typeof value !== "object" || value === null) return false;
  const { token, expires } = value as Partial<Credential>;
  if (typeof token !== "string") return false;
  return typeof expires !== "number" || expires > Date.now();
}
