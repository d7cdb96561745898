// One daemon, as seen by one client.

import { type Connector, socketUrls } from "./connector.js";
import type { SocketConstructor } from "./platform.js";
import { Events, type EventsOptions } from "./events.js";
import { Hub } from "./hub.js";
import { Pty, type PtyOptions } from "./pty.js";
import { Rest } from "./rest.js";
import { type TextStore, Tokens } from "./tokens.js";
import { baseUrl } from "./url.js";

export type ClientOptions = {
  /** The daemon, `http://127.0.0.1:2346`, or one of its links; in a page of the daemon's own,
   * where that came from when not given. */
  url?: string | URL;
  /** A token; without one, log in with a key. */
  token?: string;
  /** Where tokens are kept, `localStorage` for one; as long as the client when not given. */
  store?: TextStore;
  /** The session this client is for: what its own link allows goes before what others do. */
  session?: string;
  /** What opens sockets; the platform's own when not given. */
  WebSocket?: SocketConstructor;
};

export class Client {
  readonly tokens: Tokens;
  readonly rest: Rest;
  readonly #connector: Connector;

  constructor(options: ClientOptions = {}) {
    const base = baseUrl(options.url);
    this.tokens = new Tokens(options.store ?? null, base.pathname);
    if (options.token !== undefined) this.tokens.give(options.token);
    this.rest = new Rest(base, this.tokens, options.session ?? null);
    this.#connector = {
      rest: this.rest,
      tokens: this.tokens,
      WebSocket: options.WebSocket ?? platformSocket(),
      socketUrl: socketUrls(base),
    };
  }

  /** A session's terminal. Nothing is opened before its `open`. */
  pty(session: string, options?: PtyOptions): Pty {
    return new Pty(this.#connector, session, options);
  }

  /** The events beside it. Nothing is opened before its `open`. */
  events(session: string, options?: EventsOptions): Events {
    return new Events(this.#connector, session, options);
  }

  /** One connection for everything live. Nothing is opened before its `open`. */
  hub(): Hub {
    return new Hub(this.#connector);
  }
}

function platformSocket(): SocketConstructor {
  const found = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (found === undefined) throw new Error("there is no WebSocket here: give one as the option `WebSocket`");
  return found;
}
