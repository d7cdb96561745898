// The page behind a reverse proxy: at the root of an origin of its own, and below a path of it; and
// for people whom the proxy has let in.

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { assertNoPageErrors, freshPage, launch, Screen } from "./browser";
import { Daemon } from "./daemon";
import { Proxy } from "./proxy";

const timeout = 120_000;
const SECRET = "what only the proxy knows".replaceAll(" ", "-");

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());
afterEach(assertNoPageErrors);

for (const base of ["", "/tools/tty"]) {
  describe(base === "" ? "at the root" : `below ${base}`, () => {
    const daemon = new Daemon();
    const proxy = new Proxy();

    before(async () => {
      const origin = await proxy.start();
      const secretFile = join(daemon.home, "secret");
      writeFileSync(secretFile, SECRET);
      chmodSync(secretFile, 0o600);
      daemon.configure({
        names: [origin],
        basePath: base,
        trustProxy: { addresses: ["127.0.0.1"], userHeader: "X-Forwarded-User", users: { ada: "admin" }, secretFile },
        pages: resolve("../../docs/examples"),
      });
      await daemon.start();
      assert.equal(daemon.url, origin + base);
      proxy.target = Number((await daemon.ask<{ listener: { address: string } }>("GET", "/api/health")).listener.address.split(":")[1]);
    });
    after(async () => {
      proxy.stop();
      await daemon.remove();
    });

    test("a link opens its terminal, which comes back after a reload", { timeout }, async () => {
      proxy.says = {};
      await daemon.create({ id: "work", start: true });
      const page = await freshPage(browser);
      const screen = await Screen.open(page, await daemon.link("work"));
      await screen.prompt();
      await screen.run("echo sum-$((20 + 3)) $WEBTTY_URL");
      await screen.shows(new RegExp(`sum-23 ${daemon.url}/s/work`));
      assert.equal(page.url(), `${daemon.url}/s/work`);
      await page.reload();
      await screen.connected();
      await screen.shows(/sum-23/);
      await page.goto(`${daemon.url}/`);
      await page.getByText("work").first().click();
      await page.waitForURL(`${daemon.url}/s/work`);
      await screen.connected();
      const outside = proxy.paths.filter((path) => !path.startsWith(`${base}/`));
      assert.deepEqual(outside, [], "nothing is asked for beside the path");
    });

    test("a page beside the terminal finds the daemon, and the terminal's page", { timeout }, async () => {
      proxy.says = {};
      await daemon.create({ id: "shown", start: true });
      const { key } = await daemon.key({ role: "control", session: "shown" });
      const page = await freshPage(browser);
      await page.goto(`${daemon.url}/pages/progress/?s=shown#k=${key}`);
      await page.getByRole("status").first().getByText("live from shown").waitFor();
      await page.frameLocator("iframe").locator('.pill[data-mark="good"]').waitFor();
    });

    test("without a key, and without the proxy's word, there is nothing", { timeout }, async () => {
      proxy.says = { "X-Forwarded-User": "ada" };
      const page = await freshPage(browser);
      await page.goto(`${daemon.url}/s/work`);
      await page.getByText("This link needs its key").waitFor();
    });

    test("whom the proxy has let in needs no key", { timeout }, async () => {
      proxy.says = { "X-Forwarded-User": "ada", "X-Webtty-Proxy-Secret": SECRET };
      const page = await freshPage(browser);
      const screen = await Screen.open(page, `${daemon.url}/s/work`);
      await screen.run("echo typed-by-$((1 + 1))");
      await screen.shows(/typed-by-2/);
      proxy.says = { "X-Forwarded-User": "eve", "X-Webtty-Proxy-Secret": SECRET };
      const other = await freshPage(browser);
      const looking = await Screen.open(other, `${daemon.url}/s/work`);
      await looking.shows(/typed-by-2/);
      await looking.type("no");
      assert.equal(looking.input, "", "who may only look sends nothing");
      await looking.hides(/\$ no/);
    });
  });
}
