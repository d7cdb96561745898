// What every connection to one daemon shares.

import type { SocketConstructor } from "./platform.js";
import type { Rest } from "./rest.js";
import type { Tokens } from "./tokens.js";
import { urlOf } from "./url.js";

export type Connector = {
  rest: Rest;
  tokens: Tokens;
  WebSocket: SocketConstructor;
  /** The URL of a socket's path. */
  socketUrl(path: string): URL;
};

/** A way to make the URLs of sockets, from the daemon's own. */
export function socketUrls(base: URL): (path: string) => URL {
  return (path) => {
    const url = urlOf(base, path);
    url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
    return url;
  };
}
