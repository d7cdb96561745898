// What a URL of the page means.

import { keyInFragment } from "@webtty/client";

/** The path below which the daemon lives, without a slash at the end: this script lies among its
 * assets. */
const BASE = /^(.*)\/assets\/[^/]+$/.exec(new URL(import.meta.url).pathname)?.[1] ?? "";

/** The daemon's URL. */
export function daemonUrl(): string {
  return location.origin + BASE;
}

/** What session ids look like; the daemon has the last word. */
const SESSION_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export type Route = { view: "sessions" } | { view: "terminal"; session: string };

/** The view a path stands for. */
export function routeOf(pathname: string): Route {
  const path = pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length) : "/";
  const id = /^\/s\/([^/]+)\/?$/.exec(path)?.[1];
  if (id !== undefined && isSessionId(id)) return { view: "terminal", session: id };
  return { view: "sessions" };
}

export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}

export function sessionPath(id: string): string {
  return `${BASE}/s/${id}`;
}

/** What a person pasted: a whole link with a key in it, or only the key. */
export function keyInText(text: string): { key: string; path: string | null } | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (!URL.canParse(trimmed)) return /^\S+$/.test(trimmed) ? { key: trimmed, path: null } : null;
  const url = new URL(trimmed);
  const key = keyInFragment(url.hash);
  return key === null ? null : { key, path: url.pathname };
}
