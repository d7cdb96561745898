// Keys and tokens. A key comes in the URL's fragment, is exchanged for a token, and leaves the
// address bar at once. Tokens stay in this origin's storage: one for all sessions, and one for
// each session whose link was opened.

import type { LoginReply, Role } from "./generated/protocol";
import { keyInFragment } from "./route";
import { load, save } from "./storage";

const STORE = "webtty.tokens";

/** The name under which the token for all sessions is kept; no session id has this form. */
const ALL = "*";

export type Credential = { token: string; role: Role; expires: number | null };

type Store = { [scope: string]: Credential };

/** Takes the key out of the address bar. Must run before anything else can see the URL. */
export function takeKeyFromUrl(): string | null {
  const key = keyInFragment(location.hash);
  if (key !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return key;
}

/** The credential for a session, or with null for all of them. The narrower one goes first. */
export function credential(session: string | null): Credential | null {
  const kept = store();
  const found = (session === null ? undefined : kept[session]) ?? kept[ALL];
  return found ?? null;
}

/** Keeps what a login gave. On a session's page the newest login is the one that counts. */
export function keep(reply: LoginReply, openSession: string | null): void {
  const kept = store();
  const scope = reply.session ?? ALL;
  if (scope === ALL && openSession !== null) delete kept[openSession];
  kept[scope] = { token: reply.token, role: reply.role, expires: reply.expires ?? null };
  save(STORE, kept);
}

/** Drops a credential that the daemon no longer takes. */
export function drop(token: string): void {
  const kept = Object.entries(store()).filter(([, candidate]) => candidate.token !== token);
  save(STORE, Object.fromEntries(kept));
}

/** The session goes by another id now. */
export function renamed(from: string, to: string): void {
  const { [from]: moved, ...others } = store();
  if (moved) save(STORE, { ...others, [to]: moved });
}

function store(): Store {
  const stored = load(STORE);
  if (typeof stored !== "object" || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => isCredential(value)));
}

function isCredential(value: unknown): value is Credential {
  if (typeof value !== "object" || value === null) return false;
  const { token, expires } = value as Partial<Credential>;
  if (typeof token !== "string") return false;
  return typeof expires !== "number" || expires > Date.now();
}
