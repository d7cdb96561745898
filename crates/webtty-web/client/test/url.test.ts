import assert from "node:assert/strict";
import { test } from "node:test";

import { baseUrl, urlOf } from "../src/url.js";
import { Tokens } from "../src/tokens.js";

test("a link, an origin and a proxy's path all lead to the daemon's own paths", () => {
  for (const [given, wanted] of [
    ["http://h:1", "http://h:1/api/health"],
    ["http://h:1/", "http://h:1/api/health"],
    ["http://h:1/s/main?x#k=wk_secret", "http://h:1/api/health"],
    ["https://h/tty", "https://h/tty/api/health"],
    ["https://h/tty/", "https://h/tty/api/health"],
    ["https://h/a/tty/s/main/", "https://h/a/tty/api/health"],
  ] as const) {
    assert.equal(urlOf(baseUrl(given), "/api/health").href, wanted, given);
  }
});

test("daemons at different paths of one origin keep their tokens apart", () => {
  const kept = new Map<string, string>();
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) };
  new Tokens(store, "/a").give("wt_a");
  new Tokens(store).give("wt_root");
  const token = (path: string) => new Tokens(store, path).credential(null)?.token;
  assert.deepEqual([token("/a"), token("/b"), token("/")], ["wt_a", undefined, "wt_root"]);
});
