// The page over TLS, with the certificate that the daemon makes itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";

import { freshPage, launch, Screen, until } from "./browser";
import { describeTerminal } from "./buffer";
import { Daemon } from "./daemon";

const timeout = 120_000;

test("a terminal works over TLS, with its sockets, for who takes the certificate, and for nobody else", { timeout }, async () => {
  const daemon = new Daemon("--tls");
  const browser = await launch();
  try {
    await daemon.start();
    assert.match(daemon.url, /^https:/);
    await daemon.create({ id: "work", start: true });
    const wary = await freshPage(browser);
    await assert.rejects(wary.goto(await daemon.link("work")), /ERR_CERT_AUTHORITY_INVALID/);
    const page = await freshPage(browser, { ignoreHTTPSErrors: true });
    const screen = await Screen.open(page, await daemon.link("work"));
    await screen.prompt();
    await screen.run("echo sum-$((20 + 3)); seq 20000; echo at-the-end");
    await screen.shows(/at-the-end\n/);
    await page.reload();
    await screen.connected();
    await screen.shows(/at-the-end\n/);
    assert.equal(await page.evaluate(() => isSecureContext), true);
  } finally {
    await browser.close();
    await daemon.remove();
  }
});

/** A port that was free a moment ago, for a daemon that must be told its name beforehand. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a page from afar is sent its snapshot compressed, and shows what a near one shows", { timeout }, async () => {
  const port = await freePort();
  const name = `term.test:${port}`;
  const daemon = new Daemon("--tls", "--name", name);
  const browser = await launch("--host-resolver-rules=MAP term.test 127.0.0.1");
  try {
    await daemon.start(port);
    await daemon.create({ id: "work", start: true });
    const link = await daemon.link("work");
    assert.ok(link.startsWith(`https://${name}/`), "the link names what the daemon was told");
    const near = await Screen.open(await freshPage(browser, { ignoreHTTPSErrors: true }), link.replace(name, `127.0.0.1:${port}`));
    await near.prompt();
    await near.run("for i in $(seq 3000); do echo -e \"\\e[3$((i % 8))mline $i \\e[m\\e[1mof 日本 text\\e[m\"; done; echo at-the-end");
    await near.shows(/^at-the-end\n/m);

    const page = await freshPage(browser, { ignoreHTTPSErrors: true });
    const messages: string[] = [];
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => void messages.push(String(payload))));
    const afar = await Screen.open(page, link);
    await afar.shows(/^at-the-end\n/m);
    const snapshot = messages.map((text) => /^\{"type":"snapshot".*\}$/.exec(text)?.[0]).find((text) => text !== undefined);
    const { bytes, unpacked } = JSON.parse(snapshot ?? "{}") as { bytes: number; unpacked: number };
    assert.ok(bytes < unpacked / 4, snapshot);
    await until("both are the same", async () => {
      const [mine, theirs] = await Promise.all([describeTerminal(near.page), describeTerminal(page)]);
      return mine.length > 3000 && mine.join("\n") === theirs.join("\n");
    });
    await afar.run("echo typed-$((20 + 3))");
    await near.shows(/^typed-23\n/m);
  } finally {
    await browser.close();
    await daemon.remove();
  }
});
