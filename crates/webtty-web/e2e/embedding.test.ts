// The example of a page beside a terminal: a tool publishes, the page draws it live, and has the
// same picture again after a reload.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { Client } from "@webtty/client/node";
import type { Page } from "playwright-core";

import { freshPage, screenshot, until } from "./browser";
import { Daemon } from "./daemon";
import { Stage } from "./stage";

const timeout = 120_000;
const examples = resolve("../../docs/examples");
const stage = new Stage({ pages: examples });
const { daemon } = stage;

/** What a person sees of the page: how far the bar is, and the table. */
function picture(page: Page): Promise<{ bar: number; share: string; rows: string[] }> {
  return page.evaluate(() => ({
    bar: document.querySelector("progress")?.position ?? -1,
    share: document.querySelector("output")?.textContent ?? "",
    rows: [...document.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent).join(" ")),
  }));
}

async function open(session: string): Promise<Page> {
  const page = await freshPage(stage.browser, { viewport: { width: 1200, height: 640 } });
  const { key } = await daemon.key({ role: "control", session });
  await page.goto(`${daemon.url}/pages/progress/?s=${session}#k=${key}`);
  await page.getByRole("status").first().getByText(`live from ${session}`).waitFor();
  assert.equal(page.url(), `${daemon.url}/pages/progress/?s=${session}`, "no key stays in the address bar");
  await page.frameLocator("iframe").locator('.pill[data-mark="good"]').waitFor();
  return page;
}

test("a page draws what a tool publishes beside its terminal, live, and again after a reload", { timeout }, async () => {
  await daemon.create({ id: "demo", start: true });
  const files = join(daemon.home, "sources");
  mkdirSync(files);
  const names = Array.from({ length: 12 }, (_, index) => `part-${String(index + 1).padStart(2, "0")}.txt`);
  for (const [index, name] of names.entries()) writeFileSync(join(files, name), "a line\n".repeat((index + 1) * 7));
  const page = await open("demo");
  const terminal = page.frameLocator("iframe").locator(".xterm-rows");
  await terminal.getByText(/ada@lovelace/).first().waitFor();
  const textarea = page.frameLocator("iframe").locator(".xterm-helper-textarea");
  await textarea.focus();
  const program = process.env["WEBTTY_BIN"];
  await page.keyboard.type(`clear; sh ${examples}/progress/count.sh sources | ${program} publish; echo done-$((1 + 1))`);
  await page.keyboard.press("Enter");
  await terminal.getByText("done-2").waitFor();
  await until("all of it is drawn", async () => (await picture(page)).rows.length === 12);
  const before = await picture(page);
  assert.deepEqual([before.bar, before.share], [1, "12 of 12"]);
  assert.equal(before.rows[11], "part-12.txt 84 588");
  await screenshot(page, "embedding");
  await page.reload();
  await until("the picture is there again", async () => (await picture(page)).rows.length === 12);
  assert.deepEqual(await picture(page), before);
});

test("the tool leaves out what it may not read", { timeout }, () => {
  const files = mkdtempSync(join(tmpdir(), "webtty-count-"));
  try {
    chmodSync(files, 0o755);
    for (const name of ["a.txt", "b.txt", "c.txt"]) writeFileSync(join(files, name), "a line\n");
    chmodSync(join(files, "b.txt"), 0);
    // To root nothing is closed.
    const count = ["sh", "-s", files];
    const [program = "", ...args] = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--clear-groups", ...count] : count;
    const { status, stdout } = spawnSync(program, args, { input: readFileSync(join(examples, "progress", "count.sh")), encoding: "utf8" });
    const results = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual([results[0], results.at(-1).result?.name, status], [{ begin: { total: 2 } }, "c.txt", 0]);
  } finally {
    rmSync(files, { recursive: true });
  }
});

test("each result is drawn as it comes, and the next session of the name begins anew", { timeout }, async () => {
  const { id, key } = await daemon.key({ role: "admin" });
  const client = new Client({ url: daemon.url });
  await client.rest.login(key);
  const start = () => client.rest.create({ id: "steps", baseDir: daemon.home, start: true });
  await start();
  const page = await open("steps");
  await client.rest.publish("steps", [{ begin: { total: 4 } }, { "of another tool": 1 }, 7]);
  for (const done of [1, 2, 3]) {
    await client.rest.publish("steps", [{ result: { name: `<b>file</b> ${done}`, lines: done, bytes: done * 2, done, total: 4 } }]);
    await until(`step ${done} is drawn`, async () => (await picture(page)).bar === done / 4);
  }
  assert.deepEqual((await picture(page)).rows, ["<b>file</b> 1 1 2", "<b>file</b> 2 2 4", "<b>file</b> 3 3 6"]);
  await client.rest.end("steps");
  await start();
  // It has come back, and its key has gone with the session it was for.
  await page.getByText("not allowed").waitFor();
  const again = await open("steps");
  await client.rest.publish("steps", [{ begin: { total: 2 } }]);
  await until("the new one is drawn", async () => (await picture(again)).share === "0 of 2");
  await client.rest.revokeKey(id);
});

test("a page of an origin that was allowed listens with a token of its own server, and reads no answer", { timeout }, async () => {
  const other = new Daemon();
  const bundle = readFileSync("client/dist/index.js");
  const server = createServer((request, response) => {
    if (request.url === "/client.js") response.setHeader("content-type", "text/javascript").end(bundle);
    else response.setHeader("content-type", "text/html").end("<p>a page elsewhere</p>");
  }).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const origin = `http://127.0.0.1:${address.port}`;
    other.configure({ allowedOrigins: [origin] });
    await other.start();
    await other.create({ id: "shared", start: true });
    const { key } = await other.key({ role: "publish", session: "shared" });
    const login = new Client({ url: other.url });
    const { token } = await login.rest.login(key);
    await login.rest.publish("shared", ["over there"]);
    const page = await stage.browser.newPage();
    await page.goto(`${origin}/`);
    const outcome = await page.evaluate(
      async ([url, given]) => {
        const name = "/client.js";
        const { Client } = await import(name);
        const client = new Client({ url, token: given });
        const answer = await client.rest.health().catch((error: Error) => error.name);
        const event = await new Promise((resolve) => {
          const events = client.events("shared", { since: 0 });
          events.onEvent(({ data }: { data: unknown }) => resolve(data));
          events.open();
        });
        return { answer, event };
      },
      [other.url, token] as const,
    );
    assert.deepEqual(outcome, { answer: "Unreachable", event: "over there" });
    await page.close();
  } finally {
    server.close();
    await other.remove();
  }
});

test("a page of another origin cannot show a terminal in a frame", { timeout }, async () => {
  await daemon.create({ id: "framed", start: true });
  const html = `<iframe src="${daemon.url}/s/framed"></iframe>`;
  const foreign = createServer((_, response) => response.setHeader("content-type", "text/html").end(html)).listen(0, "127.0.0.1");
  try {
    await once(foreign, "listening");
    const address = foreign.address();
    assert.ok(typeof address === "object" && address !== null);
    // Not a page of ours, in which a complaint about the policy would be a fault.
    const page = await stage.browser.newPage();
    const answered = page.waitForResponse(`${daemon.url}/s/framed`);
    await page.goto(`http://127.0.0.1:${address.port}/`);
    assert.equal((await answered).status(), 403);
    assert.equal(await page.frameLocator("iframe").locator(".xterm, .key-screen").count(), 0);
  } finally {
    foreign.close();
  }
});
