// A client of the webtty daemon: REST, a session's terminal, its events, and the hub. Types come
// from the daemon's own; nothing else is needed, and it runs in browsers and in Node 20.
//
// In reading order: `client` is the whole; `rest` the paths; `tokens` who is asking; `socket` one
// WebSocket and `lasting` a connection over as many as it takes, with `backoff` between them;
// `pty` a terminal, with `stream` and `acks` counting its bytes; `events` what is beside it;
// `hub` everything live, and `live_sessions` one of its rooms.

export { Backoff } from "./backoff.js";
export { Client, type ClientOptions } from "./client.js";
export { Refused, Unreachable } from "./errors.js";
export type { Events, EventsOptions, MissedEvents } from "./events.js";
export type { Backlog } from "./event_stream.js";
export type * from "./generated/protocol.js";
export type { Hub, MissedInRoom } from "./hub.js";
export type { ConnectionState, Over } from "./lasting.js";
export { LiveSessions } from "./live_sessions.js";
export type { Unsubscribe } from "./listeners.js";
export type { SocketConstructor, SocketLike } from "./platform.js";
export type { Lent, Missed, Pty, PtyOptions, Size, WindowSize } from "./pty.js";
export type { Rest, ScreenWish } from "./rest.js";
export { type Credential, keyInFragment, takeKeyFromUrl, type TextStore, type Tokens } from "./tokens.js";
