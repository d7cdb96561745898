// The browser as the attacker: pages of others, in a real browser on this machine, against a
// daemon without authentication, so that nothing but its checks of where a request comes from
// stands between them and a shell.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import type { SessionInfo } from "@webtty/client";
import type { Browser, Page } from "playwright-core";

import { launch } from "./browser.js";
import { Daemon } from "./daemon.js";

/** A name of somebody else's that leads to this machine, as after DNS rebinding. */
const NAME = "attacker.test";

const daemon = new Daemon("--auth", "none");
let browser: Browser;
let site: Server;
let sitePort: number;

before(async () => {
  await daemon.start();
  browser = await launch(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);
  site = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>attacker</title><body>");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  sitePort = (site.address() as AddressInfo).port;
  await daemon.create({ id: "main", start: true });
});

after(async () => {
  await browser?.close();
  site?.close();
  await daemon.remove();
});

/** Everything that could have changed. */
async function state(): Promise<unknown> {
  const sessions = await daemon.ask<SessionInfo[]>("GET", "/api/sessions");
  const keys = await daemon.ask<unknown[]>("GET", "/api/keys");
  const seen = sessions.map(({ id, pid, cols, rows, lastUsedAt }) => ({ id, pid, cols, rows, lastUsedAt }));
  return { seen, keys: keys.length };
}

/** All that a page can do to reach `base`, run inside it. Gives what it could read. */
async function attack({ base, ws }: { base: string; ws: string }): Promise<string[]> {
  const read: string[] = [];
  const settled = <T>(what: string, promise: Promise<T>): Promise<T | string> =>
    Promise.race([promise, new Promise<string>((resolve) => setTimeout(() => resolve(`${what} is still open`), 3000))]);
  const tries: Promise<unknown>[] = [];
  const make = JSON.stringify({ id: "hacked", start: true });
  const paths = ["/", "/api/sessions", "/api/health", "/api/keys", "/s/main/screen", "/s/main/events", "/p/1", "/api/openapi.json"];
  for (const path of paths) {
    for (const mode of ["cors", "no-cors"] as const) {
      const fetching = fetch(base + path, { mode, credentials: "include" }).then(async (response) => {
        const text = await response.text();
        if (text !== "") read.push(`${mode} ${path}: ${text.slice(0, 80)}`);
      });
      tries.push(settled(path, fetching.catch(() => undefined)));
    }
  }
  const requests: [string, string, string, string][] = [
    ["POST", "/api/sessions", "text/plain", make],
    ["POST", "/api/sessions", "application/json", make],
    ["POST", "/api/sessions", "application/x-www-form-urlencoded", make],
    ["POST", "/api/keys", "text/plain", '{"role":"admin"}'],
    ["POST", "/s/main/publish", "text/plain", '{"hacked":true}'],
    ["POST", "/s/main/publish", "application/json", '{"hacked":true}'],
    ["POST", "/api/server/stop", "text/plain", ""],
    ["PATCH", "/api/sessions/main", "application/json", '{"id":"hacked"}'],
    ["DELETE", "/api/sessions/main", "text/plain", ""],
  ];
  for (const [method, path, kind, body] of requests) {
    for (const mode of ["cors", "no-cors"] as const) {
      const init: RequestInit = { method, mode, credentials: "include", headers: { "content-type": kind }, body };
      const fetching = fetch(base + path, init).then(async (response) => read.push(`${method} ${path}: ${await response.text()}`));
      // What may not be asked at all fails; what may is opaque, and its effect is looked for.
      tries.push(settled(path, fetching.catch(() => undefined)));
    }
    navigator.sendBeacon(base + path, new Blob([body], { type: "text/plain" }));
  }
  for (const tag of ["img", "script", "link", "iframe", "object", "video"] as const) {
    for (const path of ["/api/sessions", "/s/main", "/s/main/screen"]) {
      const element = document.createElement(tag);
      if (element instanceof HTMLLinkElement) Object.assign(element, { rel: "stylesheet", href: base + path });
      else if (element instanceof HTMLObjectElement) element.data = base + path;
      else element.src = base + path;
      const loading = new Promise<void>((resolve) => {
        element.onerror = () => resolve();
        element.onload = () => {
          if (tag === "img" || tag === "script") read.push(`${tag} ${path} was loaded`);
          if (element instanceof HTMLIFrameElement) {
            try {
              const text = element.contentDocument?.body.textContent ?? "";
              if (text !== "") read.push(`a frame of ${path} can be read: ${text}`);
            } catch {
              // Another origin's, as it must be.
            }
          }
          resolve();
        };
      });
      document.body.append(element);
      tries.push(settled(path, loading));
    }
  }
  const source = new EventSource(`${base}/s/main/events?since=0`, { withCredentials: true });
  source.onopen = () => read.push("an event source was opened");
  tries.push(settled("the event source", new Promise<void>((resolve) => (source.onerror = () => resolve()))));
  for (const path of ["/ws", "/ws/main/pty", "/ws/main/events"]) {
    for (const protocols of [[], ["webtty.v1"]]) {
      const socket = new WebSocket(ws + path, protocols);
      socket.onopen = () => {
        read.push(`the socket ${path} was opened`);
        socket.send("echo hacked\r");
      };
      socket.onmessage = ({ data }) => read.push(`${path}: ${String(data)}`);
      tries.push(settled(path, new Promise<void>((resolve) => (socket.onclose = () => resolve()))));
    }
  }
  for (const [method, path] of [["POST", "/api/sessions"], ["POST", "/api/server/stop"], ["GET", "/api/sessions"]] as const) {
    const frame = document.createElement("iframe");
    frame.name = `form${Math.random()}`;
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method, action: base + path, target: frame.name, enctype: "text/plain" });
    const field = document.createElement("input");
    // As text/plain this is `{"id":"hacked","start":true,"x":"="}`.
    Object.assign(field, { name: '{"id":"hacked","start":true,"x":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    const submitted = new Promise<void>((resolve) => (frame.onload = () => resolve()));
    form.submit();
    tries.push(settled(path, submitted));
  }
  await Promise.all(tries);
  source.close();
  return read;
}

/** Lets the page at this address do all it can. */
async function attackFrom(address: string, prepare?: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    const earlier = await state();
    await page.goto(address);
    await prepare?.(page);
    const base = daemon.url;
    const where = page.frames().at(-1) ?? page.mainFrame();
    const read = await where.evaluate(attack, { base, ws: base.replace("http", "ws") });
    assert.deepEqual(read, [], `read from ${address}`);
    assert.deepEqual(await state(), earlier, `changed from ${address}`);
    const screen = JSON.stringify(await daemon.ask("GET", "/s/main/screen?format=json"));
    assert.ok(!screen.includes("hacked"), screen);
  } finally {
    await context.close();
  }
}

test("a page of another port of this machine reaches nothing", () => attackFrom(`http://127.0.0.1:${sitePort}/`));

test("a page of another name reaches nothing", () => attackFrom(`http://${NAME}:${sitePort}/`));

test("a sandboxed frame reaches nothing", () =>
  attackFrom(`http://127.0.0.1:${sitePort}/`, async (page) => {
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-forms");
      frame.srcdoc = "<!doctype html><body>";
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      document.body.append(frame);
      return loaded;
    });
  }));

test("a name that is made to lead to the daemon itself is not its name", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    const earlier = await state();
    for (const path of ["/", "/s/main", "/api/sessions", "/s/main/screen"]) {
      const response = await page.goto(`http://${NAME}:${daemon.port}${path}`);
      assert.equal(response?.status(), 421, path);
      assert.ok(!(await response.text()).includes("main"), path);
    }
    // Of one origin with the daemon, as the browser sees it.
    const own = `http://${NAME}:${daemon.port}`;
    const statuses = await page.evaluate(async (base) => {
      const ask = async (path: string, init?: RequestInit) => (await fetch(base + path, init)).status;
      const socket = new Promise<string>((resolve) => {
        const opening = new WebSocket(`${base.replace("http", "ws")}/ws/main/pty`);
        opening.onopen = () => resolve("opened");
        opening.onclose = () => resolve("refused");
      });
      return [
        await ask("/api/sessions"),
        await ask("/api/server/stop", { method: "POST" }),
        await ask("/api/sessions/main", { method: "DELETE" }),
        await socket,
      ];
    }, own);
    assert.deepEqual(statuses, [421, 421, 421, "refused"]);
    assert.deepEqual(await state(), earlier);
  } finally {
    await context.close();
  }
});

test("following a link makes nothing and stops nothing", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    const earlier = await state();
    for (const path of ["/", "/s/unheard-of", "/api/server/stop", "/api/sessions"]) {
      await page.goto(`http://${NAME}:${sitePort}/`);
      await page.evaluate((target) => {
        const link = document.createElement("a");
        Object.assign(link, { href: target, textContent: "prize", id: "prize" });
        document.body.append(link);
      }, daemon.url + path);
      await Promise.all([page.waitForURL(daemon.url + path), page.click("#prize")]);
    }
    assert.deepEqual(await state(), earlier);
  } finally {
    await context.close();
  }
});
