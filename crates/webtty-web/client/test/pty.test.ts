import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { client, pass, restoreTheClock, settled, socket, stopTheClock } from "./fakes";

beforeEach(stopTheClock);
afterEach(restoreTheClock);

function hello(resumed: boolean, epoch = "e-1") {
  return { type: "hello", client: 1, session: "main", epoch, role: "control", cols: 80, rows: 24, offset: 100, window: 524_288, resumed };
}

test("a connection goes on where the one before it broke", () => {
  const output: string[] = [];
  const pty = client().pty("main", { size: () => ({ cols: 120, rows: 40 }) });
  pty.onOutput((bytes) => void output.push(Buffer.from(bytes).toString()));
  pty.open();
  assert.equal(socket().url.search, "?cols=120&rows=40");
  socket().says(hello(false));
  socket().says({ type: "snapshot", offset: 100, bytes: 4, reason: "join" });
  socket().says(Buffer.from("snap"));
  socket().says(Buffer.from("live"));
  socket().ends();
  pass(500);
  assert.equal(socket().url.search, "?cols=120&rows=40&from=104&epoch=e-1");
  socket().says(hello(true));
  socket().says(Buffer.from("more"));
  assert.deepEqual(output, ["snap", "live", "more"]);
  pty.close();
});

test("a snapshot may come compressed from afar, and is shown as it was", async () => {
  const output: string[] = [];
  const sizes: number[] = [];
  const pty = client({ url: "https://term.example.org" }).pty("main");
  pty.onSnapshot(({ bytes }) => sizes.push(bytes));
  pty.onOutput((bytes) => void output.push(Buffer.from(bytes).toString()));
  pty.open();
  assert.equal(socket().url.search, "?deflate=1");
  socket().says(hello(false));
  const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}\r\n`).join("");
  const packed = deflateRawSync(lines);
  socket().says({ type: "snapshot", offset: 100, bytes: packed.length, unpacked: lines.length, reason: "join" });
  for (let at = 0; at < packed.length; at += 1_000) socket().says(packed.subarray(at, at + 1_000));
  socket().says(Buffer.from("live"));
  assert.deepEqual(sizes, [lines.length]);
  assert.equal(output.join(""), `${lines}live`);
  assert.ok(output.every((piece) => piece.length <= 32 * 1024));
  await settled();
  const acks = socket().sent.map((text) => JSON.parse(String(text)) as { bytes: number });
  assert.equal(acks.at(-1)?.bytes, packed.length, "what came is counted, not what it was unpacked to");
  socket().ends();
  pass(500);
  assert.equal(socket().url.search, "?from=104&epoch=e-1&deflate=1");
  socket().says(hello(false));
  socket().says({ type: "snapshot", offset: 100, bytes: 4, reason: "join" });
  socket().says(Buffer.from("bare"));
  assert.equal(output.at(-1), "bare", "a small one comes as it is");
  pty.close();
});

test("a little is acknowledged at once after a pause, and then after the next", async () => {
  const pty = client().pty("main").open();
  socket().says(hello(false));
  const acked = async (bytes: number) => {
    socket().says(new Uint8Array(bytes));
    await settled();
    return socket().messages().length;
  };
  assert.equal(await acked(1), 1);
  assert.equal(await acked(1), 1);
  pass(99);
  assert.equal(await acked(1), 1);
  pass(1);
  assert.deepEqual(socket().messages().at(-1), { type: "ack", bytes: 3 });
  pass(1_000);
  assert.equal(socket().messages().length, 2, "what is known is not said again");
  assert.equal(await acked(1), 3);
  assert.equal(await acked(32 * 1024), 4, "much is acknowledged whenever it comes");
  pty.close();
});

test("what is on this machine is not compressed", () => {
  for (const url of ["http://127.0.0.1:2346", "http://[::1]:2346", "http://localhost:1", "https://a.localhost"]) {
    const pty = client({ url }).pty("main").open();
    assert.equal(socket().url.searchParams.get("deflate"), null, url);
    pty.close();
  }
});

test("a snapshot says how much of the output will not come", () => {
  const missed: Array<number | null> = [];
  const pty = client().pty("main");
  pty.onSnapshot((_snapshot, { bytes }) => missed.push(bytes));
  pty.open();
  socket().says(hello(false));
  socket().says({ type: "snapshot", offset: 100, bytes: 0, reason: "join" });
  socket().says({ type: "snapshot", offset: 400, bytes: 0, reason: "lagged" });
  socket().ends();
  pass(500);
  socket().says(hello(false));
  socket().says({ type: "snapshot", offset: 1_400, bytes: 0, reason: "resume-miss" });
  socket().ends();
  pass(500);
  socket().says(hello(false, "e-2"));
  socket().says({ type: "snapshot", offset: 9, bytes: 0, reason: "resume-miss" });
  assert.deepEqual(missed, [null, 300, 1_000, null]);
  pty.close();
});

test("bytes are acknowledged once their listeners are done, on the connection they came by", async () => {
  const done: Array<() => void> = [];
  const pty = client().pty("main");
  pty.onOutput(() => new Promise<void>((resolve) => done.push(resolve)));
  pty.open();
  socket().says(hello(false));
  const first = socket();
  first.says(new Uint8Array(70_000));
  await settled();
  pass(1_000);
  assert.deepEqual(first.messages(), []);
  done[0]?.();
  await settled();
  assert.deepEqual(first.messages(), [{ type: "ack", bytes: 70_000 }]);
  first.says(new Uint8Array(10));
  first.ends();
  pass(500);
  socket().says(hello(true));
  done[1]?.();
  await settled();
  pass(1_000);
  assert.deepEqual(socket().messages(), [], "what the old one brought is no concern of the new one");
  socket().says(new Uint8Array(5));
  done[2]?.();
  await settled();
  pass(100);
  assert.deepEqual(socket().messages(), [{ type: "ack", bytes: 5 }]);
  pty.close();
});

test("an offset that the daemon does not take is not given a second time", () => {
  const pty = client().pty("main").open();
  socket().says(hello(false));
  socket().says({ type: "snapshot", offset: 5, bytes: 0, reason: "join" });
  socket().ends();
  pass(500);
  assert.equal(socket().url.searchParams.get("from"), "5");
  socket().ends(1008, "message not understood");
  pass(1_000);
  assert.equal(socket().url.searchParams.get("from"), null);
  pty.close();
});

test("a shell's end is told with its code, and nothing is tried after it", () => {
  const pty = client().pty("main");
  const exits: unknown[] = [];
  pty.onExit((exit) => exits.push(exit));
  pty.open();
  socket().says(hello(false));
  socket().says({ type: "exit", code: 3 });
  socket().ends(4001, "shell exited");
  assert.deepEqual(exits, [{ code: 3, signal: null }]);
  assert.deepEqual(pty.state, { is: "ended", how: "exited", exit: { code: 3, signal: null } });
});

test("after a rename the next connection asks for the new id, with its token", () => {
  const one = client({ session: "before" });
  one.tokens.keep({ token: "wt_1", role: "control", session: "before" }, null);
  const pty = one.pty("before").open();
  socket().says(hello(false));
  socket().says({ type: "renamed", session: "after" });
  socket().ends();
  pass(500);
  assert.equal(socket().url.pathname, "/ws/after/pty");
  assert.ok(socket().protocols.includes("webtty.token.wt_1"));
  assert.equal(one.rest.session, "after");
  pty.close();
});

test("who watches is told, and a name is given to each connection anew", () => {
  const pty = client().pty("main");
  const seen: unknown[] = [];
  pty.onPresence((clients, count) => seen.push([clients.map(({ name }) => name), count]));
  pty.open();
  socket().says(hello(false));
  pty.sendName("Ada");
  socket().says({ type: "presence", clients: [{ client: 1, role: "control", via: "terminal", name: "Ada" }], count: 2 });
  socket().ends();
  pass(500);
  socket().says(hello(true));
  assert.deepEqual(socket().messages(), [{ type: "name", name: "Ada" }]);
  assert.deepEqual(seen, [[["Ada"], 2]]);
  pty.close();
});

test("what a client sends is bytes for the shell and messages for the daemon; what it does not know it ignores", () => {
  const pty = client().pty("main").open();
  pty.sendInput("lost: nothing is open yet");
  socket().says(hello(false));
  socket().says({ type: "from-the-future" });
  pty.sendInput("ls\r");
  pty.sendResize({ cols: 90, rows: 30 });
  assert.deepEqual(socket().sent, [new Uint8Array(Buffer.from("ls\r")), '{"type":"resize","cols":90,"rows":30}']);
  pty.close();
});

test("when a connection breaks, whichever way, it says how much input may not have arrived", () => {
  const pty = client().pty("main");
  const told: unknown[] = [];
  pty.onBreak((bytes) => told.push(bytes));
  pty.onState(({ is }) => told.push(is));
  pty.open();
  socket().says(hello(false));
  socket().bufferedAmount = 40;
  socket().ends();
  pass(500);
  socket().says(hello(true));
  pty.sendInput("heard of since");
  socket().says({ type: "pong", t: 0 });
  pty.sendInput("ä");
  socket().ends();
  pass(500);
  socket().says(hello(true));
  pty.sendInput("x".repeat(1_000));
  socket().bufferedAmount = 600;
  socket().says(Buffer.from("output of before"));
  // It is closing, and is given up before it says so.
  socket().readyState = 2;
  pty.sendInput("not sent");
  pty.tryNow();
  const breaks = ["reconnecting", "connected"];
  socket().says(hello(true));
  pty.sendInput("on its way");
  pty.close();
  assert.deepEqual(told, ["connecting", "connected", 0, ...breaks, 2, ...breaks, 600, "connected"]);
});
