// The browser as the attacker: pages of others, in a real browser on this machine, against a
// daemon without authentication, so that nothing but its checks of where a request comes from
// stands between them and a shell.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";

import type { SessionInfo } from "@webtty/client";
import type { Browser, Page } from "playwright-core";

import { launch, until } from "./browser.js";
import { Daemon } from "./daemon.js";

const timeout = 120_000;

/** How long a try may take. A page that is kept waiting for longer has got nothing. */
const PATIENCE_MS = 10_000;

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
  for (const id of ["main", "second"]) await daemon.create({ id, start: true });
  // What comes by itself must not look like somebody's doing.
  await until("the prompt is there", async () => (await daemon.text("/s/main/screen")).includes("ada@lovelace"));
});

after(async () => {
  await browser?.close();
  site?.close();
  await daemon.remove();
});

/** Everything that could have changed, and what was typed or published. */
async function state(of: Daemon = daemon): Promise<{ sessions: string[]; keys: number; screen: string; events: string }> {
  const sessions = await of.ask<SessionInfo[]>("GET", "/api/sessions");
  const keys = await of.ask<unknown[]>("GET", "/api/keys");
  return {
    sessions: sessions.map(({ id, pid, cols, rows, lastUsedAt }) => `${id} ${pid} ${cols}x${rows} ${lastUsedAt}`),
    keys: keys.length,
    screen: await of.text("/s/main/screen"),
    events: await of.text("/s/main/events?since=0&follow=0"),
  };
}

/** What a page tries: to look, to change something, to do either with a form, or to end something. */
type Aim = "look" | "change" | "forms" | "end";

/** What came of it: each try that led to an answer, and each that has come to no end at all. */
type Outcome = { done: string[]; open: string[] };

/** Where to, what for, and how long to wait for each try, in milliseconds. */
type Plan = { base: string; ws: string; aims: Aim[]; patienceMs: number };

function planFor(of: Daemon, aims: Aim[]): Plan {
  return { base: of.url, ws: of.url.replace("http", "ws"), aims, patienceMs: PATIENCE_MS };
}

/** All that a page can do to reach `base`, run inside it. */
async function attack({ base, ws, aims, patienceMs }: Plan): Promise<Outcome> {
  const outcome: Outcome = { done: [], open: [] };
  /** Lets a try have its time, and keeps what came of it, if it was anything. */
  const attempt = async (what: string, promise: Promise<string | null>): Promise<void> => {
    const patience = new Promise<"open">((resolve) => setTimeout(() => resolve("open"), patienceMs));
    const came = await Promise.race([promise.then((came) => ({ came })).catch(() => ({ came: null })), patience]);
    if (came === "open") outcome.open.push(what);
    else if (came.came !== null) outcome.done.push(`${what}: ${came.came}`);
  };
  const ask = async (mode: RequestMode, method: string, path: string, kind?: string, body?: string): Promise<string | null> => {
    const headers: HeadersInit = kind === undefined ? {} : { "content-type": kind };
    const response = await fetch(base + path, { method, mode, credentials: "include", headers, ...(body !== undefined && { body }) });
    // Of an opaque answer nothing can be read; what it did is looked for elsewhere.
    return response.type === "opaque" ? null : String(response.status);
  };
  const textOf = (frame: HTMLIFrameElement | HTMLObjectElement): string | null => {
    try {
      return frame.contentDocument?.body.textContent?.trim() ? "was read" : null;
    } catch {
      // Another origin's, as it must be.
      return null;
    }
  };
  const load = (tag: "img" | "script" | "link" | "iframe" | "object" | "video", path: string): Promise<string | null> => {
    const element = document.createElement(tag);
    if (element instanceof HTMLLinkElement) Object.assign(element, { rel: "stylesheet", href: base + path });
    else if (element instanceof HTMLObjectElement) element.data = base + path;
    else element.src = base + path;
    const loading = new Promise<string | null>((resolve) => {
      element.onerror = () => resolve(null);
      element.onloadeddata = () => resolve("was loaded");
      element.onload = () => {
        const isFrame = element instanceof HTMLIFrameElement || element instanceof HTMLObjectElement;
        resolve(isFrame ? textOf(element) : "was loaded");
      };
    });
    document.body.append(element);
    return loading;
  };
  const open = (path: string, protocols: string[]): Promise<string | null> =>
    new Promise((resolve) => {
      const socket = new WebSocket(ws + path, protocols);
      socket.onopen = () => {
        socket.send(new TextEncoder().encode("echo by-a-socket\r"));
        resolve("was opened");
      };
      socket.onclose = () => resolve(null);
    });
  const submit = (method: string, path: string): Promise<string | null> => {
    const frame = document.createElement("iframe");
    frame.name = `form${Math.random()}`;
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method, action: base + path, target: frame.name, enctype: "text/plain" });
    const field = document.createElement("input");
    // As text/plain this is `{"id":"by-a-form","start":true,"x":"="}`.
    Object.assign(field, { name: '{"id":"by-a-form","start":true,"x":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    const submitted = new Promise<string | null>((resolve) => (frame.onload = () => resolve(textOf(frame))));
    form.submit();
    return submitted;
  };
  if (aims.includes("look")) {
    const tries: Promise<void>[] = [];
    for (const path of ["/", "/api/sessions", "/api/health", "/api/keys", "/s/main/screen", "/s/main/events", "/p/1", "/api/openapi.json"]) {
      for (const mode of ["cors", "no-cors"] as const) tries.push(attempt(`${mode} GET ${path}`, ask(mode, "GET", path)));
    }
    for (const path of ["/api/sessions", "/s/main", "/s/main/screen", "/favicon.ico", "/assets/webtty-client.js"]) {
      for (const tag of ["img", "script", "link", "iframe", "object", "video"] as const) tries.push(attempt(`${tag} ${path}`, load(tag, path)));
    }
    const source = new EventSource(`${base}/s/main/events?since=0`, { withCredentials: true });
    const opening = new Promise<string | null>((resolve) => {
      source.onopen = () => resolve("was opened");
      source.onerror = () => resolve(null);
    });
    tries.push(attempt("an event source", opening));
    await Promise.all(tries);
    source.close();
  }
  if (aims.includes("change")) {
    const publish = (by: string) => JSON.stringify({ by });
    const requests: [string, string, string][] = [
      ["/api/sessions", "text/plain", '{"id":"by-text","start":true}'],
      ["/api/sessions", "application/json", '{"id":"by-json","start":true}'],
      ["/api/sessions", "application/x-www-form-urlencoded", '{"id":"by-form","start":true}'],
      ["/api/keys", "text/plain", '{"role":"admin"}'],
      ["/api/keys", "application/json", '{"role":"admin"}'],
      ["/s/main/publish", "text/plain", publish("text")],
      ["/s/main/publish", "application/x-ndjson", publish("ndjson")],
      ["/s/main/publish", "application/json", publish("json")],
    ];
    for (const [path, kind, body] of requests) {
      for (const mode of ["cors", "no-cors"] as const) await attempt(`${mode} POST ${path} as ${kind}`, ask(mode, "POST", path, kind, body));
    }
    for (const path of ["/ws", "/ws/main/pty", "/ws/main/events"]) {
      for (const protocols of [[], ["webtty.v1"]]) await attempt(`socket ${path} ${protocols}`.trim(), open(path, protocols));
    }
    for (const kind of ["text/plain", "application/x-ndjson"]) {
      navigator.sendBeacon(`${base}/s/main/publish`, new Blob([publish(`beacon of ${kind}`)], { type: kind }));
    }
  }
  if (aims.includes("forms")) {
    for (const [method, path] of [["GET", "/api/sessions"], ["POST", "/api/sessions"], ["POST", "/api/server/stop"]] as const) {
      await attempt(`form ${method} ${path}`, submit(method, path));
    }
  }
  if (aims.includes("end")) {
    const requests: [string, string, string, string | undefined][] = [
      ["PATCH", "/api/sessions/main", "application/json", '{"id":"renamed"}'],
      ["DELETE", "/api/sessions/second", "text/plain", undefined],
      ["POST", "/api/server/stop", "text/plain", ""],
    ];
    for (const [method, path, kind, body] of requests) {
      for (const mode of ["no-cors", "cors"] as const) await attempt(`${mode} ${method} ${path}`, ask(mode, method, path, kind, body));
    }
    navigator.sendBeacon(`${base}/api/server/stop`, new Blob([""], { type: "text/plain" }));
  }
  outcome.done.sort();
  return outcome;
}

/** Lets the page at this address do all it can. */
async function attackFrom(address: string, prepare?: (page: Page) => Promise<void>): Promise<void> {
  const profile = await browser.newContext();
  const page = await profile.newPage();
  try {
    const earlier = await state();
    await page.goto(address);
    await prepare?.(page);
    const where = page.frames().at(-1) ?? page.mainFrame();
    const { done, open } = await where.evaluate(attack, planFor(daemon, ["look", "change", "forms", "end"]));
    assert.deepEqual(done, [], `done from ${address}`);
    assert.deepEqual(open, [], "every try has come to its end");
    assert.deepEqual(await state(), earlier, `changed from ${address}`);
  } finally {
    await profile.close();
  }
}

/** What succeeds from a page of the daemon's own, whose policy forbids forms. From any other page the
 * checks of where a request comes from stand between. */
const OWN = [
  "an event source: was opened",
  ...["cors", "no-cors"].flatMap((mode) =>
    ["/", "/api/health", "/api/keys", "/api/openapi.json", "/api/sessions", "/s/main/events", "/s/main/screen"].map((path) => `${mode} GET ${path}: 200`),
  ),
  "cors POST /api/keys as application/json: 201",
  "cors POST /api/sessions as application/json: 201",
  "cors POST /s/main/publish as application/json: 204",
  "cors POST /s/main/publish as application/x-ndjson: 204",
  "iframe /s/main: was read",
  "img /favicon.ico: was loaded",
  "script /assets/webtty-client.js: was loaded",
  ...["/ws", "/ws/main/events", "/ws/main/pty"].flatMap((path) => [`socket ${path}: was opened`, `socket ${path} webtty.v1: was opened`]),
];

test("from a page of the daemon's own the same attack succeeds", { timeout }, async () => {
  const own = new Daemon("--auth", "none");
  const profile = await browser.newContext();
  try {
    const pages = join(own.home, "pages");
    mkdirSync(join(pages, "attack"), { recursive: true });
    writeFileSync(join(pages, "attack", "index.html"), "<!doctype html><title>own</title><body>");
    own.configure({ pages });
    await own.start();
    for (const id of ["main", "second"]) await own.create({ id, start: true });
    const page = await profile.newPage();
    await page.goto(`${own.url}/pages/attack/`);
    const run = (...aims: Aim[]) => page.evaluate(attack, planFor(own, aims));
    const succeeded = ({ done }: Outcome) => done.filter((line) => !/: 4\d\d$/.test(line));
    assert.deepEqual(succeeded(await run("look", "change")), OWN.sort());
    await until("what it did is there", async () => {
      const { sessions, keys, screen, events } = await state(own);
      const published = ["ndjson", "json", "beacon of application/x-ndjson"].every((by) => events.includes(`{"by":"${by}"}`));
      return published && sessions.some((line) => line.startsWith("by-json ")) && keys === 1 && /^by-a-socket$/m.test(screen);
    });
    const { done } = await run("end");
    for (const end of ["cors PATCH /api/sessions/main: 200", "cors DELETE /api/sessions/second: 204", "no-cors POST /api/server/stop: 200"]) {
      assert.ok(done.includes(end), `${end} is not among ${done.join(", ")}`);
    }
    await until("the daemon has stopped", () => own.text("/api/health").then(() => false, () => true));
  } finally {
    await profile.close();
    await own.remove();
  }
});

test("a page of another port of this machine reaches nothing", { timeout }, () => attackFrom(`http://127.0.0.1:${sitePort}/`));

test("a page of another name reaches nothing", { timeout }, () => attackFrom(`http://${NAME}:${sitePort}/`));

test("a sandboxed frame reaches nothing", { timeout }, () =>
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

test("a name that is made to lead to the daemon itself is not its name", { timeout }, async () => {
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

test("following a link makes nothing and stops nothing", { timeout }, async () => {
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
