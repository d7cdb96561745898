// The page over TLS, with the certificate that the daemon makes itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { freshPage, launch, Screen } from "./browser";
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
