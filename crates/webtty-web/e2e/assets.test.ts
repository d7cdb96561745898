// The files of the page as they cross a wire: compressed for who takes that, and the same for all.

import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { Daemon } from "./daemon";

const timeout = 60_000;
const daemon = new Daemon();

before(() => daemon.start());
after(() => daemon.remove());

async function fetched(path: string, takes: string): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(daemon.url + path, { headers: { "Accept-Encoding": takes } }, resolve).on("error", reject);
  });
  assert.equal(answer.statusCode, 200, path);
  const bytes = Buffer.concat(await answer.toArray());
  return { encoding: answer.headers["content-encoding"], bytes };
}

test("a compressed file of the page is the file", { timeout }, async () => {
  const page = (await fetched("/", "")).bytes.toString();
  const paths = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
  assert.ok(paths.length > 1, page);
  const encodings = new Set<string | undefined>();
  for (const path of [...paths, "/assets/webtty-client.js"]) {
    const plain = await fetched(path, "identity");
    assert.equal(plain.encoding, undefined, path);
    for (const [takes, unpack] of [["br", brotliDecompressSync], ["gzip", gunzipSync]] as const) {
      const { encoding, bytes } = await fetched(path, takes);
      encodings.add(encoding);
      assert.ok((encoding === undefined ? bytes : unpack(bytes)).equals(plain.bytes), `${path} in ${takes}`);
    }
  }
  assert.deepEqual([...encodings].sort(), ["br", "gzip", undefined]);
});
