// Where the daemon is, and where its paths are.

/** The daemon's own URL, from one of its links, or from where this script or its page came from. */
export function baseUrl(given: string | URL | undefined): URL {
  const base = new URL(given ?? ownBase());
  // A link may be given as it is, but its key is for `login`, and belongs into no request.
  base.hash = "";
  base.search = "";
  base.pathname = base.pathname.replace(/(\/s\/[^/]+)?\/*$/, "");
  return base;
}

/** A URL of the daemon, which may live below a path of its proxy. */
export function urlOf(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/$/, "") + path, base);
}

/** Is it on this machine? What is compressed for it has been compressed for nothing. */
export function isLoopback(url: URL): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function ownBase(): string {
  const ours = /^(.*)\/assets\/webtty-client\.js$/.exec(new URL(import.meta.url).pathname);
  const pages = /^(.*?)\/(?:pages|s)\//.exec(location.pathname);
  return location.origin + ((ours ?? pages)?.[1] ?? "");
}
