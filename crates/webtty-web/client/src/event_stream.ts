// Server-sent events, as the daemon writes them: blocks of `id:`, `event:` and `data:` lines with
// an empty line after each (HTML standard, section 9.2.6).

import type { EventEnvelope, EventFrame } from "./generated/protocol.js";

/** What was kept of a session's events. */
export type Backlog = {
  events: EventEnvelope[];
  /** How many are no longer kept. */
  skipped: number;
};

/** Reads a stream of enveloped events that has come whole. */
export function readBacklog(text: string): Backlog {
  const backlog: Backlog = { events: [], skipped: 0 };
  for (const block of text.split(/\r?\n\r?\n/)) {
    const fields = new Map(block.split(/\r?\n/).map(field));
    const data = fields.get("data");
    if (data === undefined || fields.get("event") === "end") continue;
    const frame = JSON.parse(data) as EventFrame;
    if ("lagged" in frame) backlog.skipped += frame.lagged.skipped;
    else if ("seq" in frame) backlog.events.push(frame);
  }
  return backlog;
}

function field(line: string): [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
