// What the daemon's close codes mean to a client.

import type { ExitInfo } from "./generated/protocol.js";

/** An offset or number that is none, or a message that means nothing. */
export const POLICY = 1008;
/** No such session, session deleted, or shell exited: the reason says which. */
export const SESSION_GONE = 4001;
/** No shell runs, and none could be started: the reason says why, as far as there is room. */
export const NOT_RUNNING = 4002;
/** The credential was revoked or has expired. */
export const FORBIDDEN = 4003;

/** What a close with 4001 says. */
export function howGone(reason: string, exit: ExitInfo | null): "exited" | "deleted" | "missing" {
  if (exit !== null) return "exited";
  if (reason === "session deleted") return "deleted";
  return reason === "no such session" ? "missing" : "exited";
}
