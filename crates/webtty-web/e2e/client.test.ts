// The client in Node, as programs use it: against a real daemon, which stops and comes back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, type Events, type EventsOptions, LiveSessions, Refused, type Rest, Unreachable } from "@webtty/client/node";

import { until } from "./browser";
import { Daemon } from "./daemon";

const timeout = 120_000;
const daemon = new Daemon();

/** What was opened: a test that fails must not keep the others from their end. */
const opened: Array<{ close(): void }> = [];

before(() => daemon.start());
after(async () => {
  for (const connection of opened) connection.close();
  await daemon.remove();
});

async function loggedIn(of: Daemon = daemon, role: "admin" | "control" | "publish" | "view" = "admin", session?: string): Promise<Client> {
  const client = new Client({ url: of.url });
  const { key } = await of.key(session === undefined ? { role } : { role, session });
  await client.rest.login(key);
  return client;
}

function refused(status: number, code: string): (error: unknown) => boolean {
  return (error) => error instanceof Refused && error.status === status && error.code === code && error.message !== "";
}

/** What a subscription tells, as lines. */
function listen(client: Client, session: string, options?: EventsOptions): { events: Events; told: string[] } {
  const told: string[] = [];
  const events = client.events(session, options);
  events.onEvent(({ seq, data }) => told.push(`${seq} ${JSON.stringify(data)}`));
  events.onMissed((missed) => told.push(missed.why === "lagged" ? `lagged ${missed.skipped}` : `restarted after ${missed.lastSeq}`));
  events.onState((state) => told.push(state.is));
  opened.push(events);
  return { events: events.open(), told };
}

test("Node 20 has no WebSocket of its own, and needs none", () => {
  const isOld = Number(process.versions.node.split(".")[0]) < 22;
  assert.equal(isOld && "WebSocket" in globalThis, false);
});

test("every path has its method, with typed results", { timeout }, async () => {
  const { rest } = await loggedIn();
  const made = await rest.create({ id: "rest", baseDir: daemon.home, start: true });
  assert.equal(made.state, "running");
  assert.deepEqual((await rest.sessions()).map(({ id }) => id), ["rest"]);
  assert.equal(await rest.sessionOfProcess(made.pid ?? 0), "rest");
  assert.equal(await rest.sessionOfProcess(1), null);
  assert.equal((await rest.rename("rest", "renamed")).id, "renamed");
  assert.equal((await rest.sessionInfo("renamed")).id, "renamed");
  assert.deepEqual(await rest.publish("renamed", [{ a: 1 }, [2]]), { accepted: 2, rejected: [] });
  const { events, skipped } = await rest.backlog("renamed", 1);
  assert.deepEqual([events.map(({ seq, data }) => [seq, data]), skipped], [[[2, [2]]], 0]);
  await rest.checkEvents("renamed");
  assert.equal((await rest.change("renamed", { sizePolicy: "fixed", cols: 91, rows: 17 })).cols, 91);
  assert.deepEqual(await rest.control("renamed"), { clients: [], driver: null, requests: [], loans: [] });
  await assert.rejects(rest.handOver("renamed", { client: 99, action: "grant", seconds: 60 }), refused(404, "no-such-connection"));
  const screen = await rest.screen("renamed", { historyLines: "all", trim: true });
  assert.deepEqual([screen.cols, screen.rows], [91, 17]);
  await until("the prompt is there", async () => (await rest.screenText("renamed")).includes("ada@lovelace"));
  assert.match(await rest.screenText("renamed", "html"), /<pre/);
  const lines = [];
  for await (const line of rest.execute("renamed", { cmd: "sh", args: ["-c", "cat; exit 3"], stdin: "é" })) lines.push(line);
  assert.deepEqual(lines, [{ stream: "stdout", data: "é" }, { exit: 3 }]);
  for await (const line of rest.execute("renamed", { cmd: "yes" })) {
    assert.ok("data" in line);
    break;
  }
  assert.match((await rest.upload("renamed", "a b.txt", new Blob(["x"]))).path, /\/a_b\.txt$/);
  await rest.type("renamed", { text: "echo [$((6*7))]", keys: ["Enter"] });
  assert.equal((await rest.wait("renamed", { text: "[42]", timeoutMs: 30_000 })).met, "text");
  const key = await rest.createKey({ role: "view", label: "for the test" });
  assert.equal((await rest.keys()).find(({ id }) => id === key.id)?.label, "for the test");
  assert.equal((await rest.changeKey(key.id, { role: "control" })).role, "control");
  await rest.revokeKey(key.id);
  assert.ok((await rest.health()).auth);
  assert.equal(typeof (await rest.settings()).fontSize, "number");
  assert.equal(await rest.end("renamed"), 0);
});

/** What the daemon describes, and the client's way to it. Pages are for people. */
const WAYS = {
  "get /": "a page",
  "get /api/config": "rest.settings",
  "get /api/health": "rest.health",
  "get /api/keys": "rest.keys",
  "post /api/keys": "rest.createKey",
  "patch /api/keys/{key}": "rest.changeKey",
  "delete /api/keys/{key}": "rest.revokeKey",
  "post /api/login": "rest.login",
  "get /api/openapi.json": "rest.description",
  "post /api/server/stop": "rest.stopDaemon",
  "get /api/sessions": "rest.sessions",
  "post /api/sessions": "rest.create",
  "get /api/sessions/{session}": "rest.sessionInfo",
  "patch /api/sessions/{session}": "rest.change",
  "delete /api/sessions/{session}": "rest.end",
  "get /api/sessions/{session}/control": "rest.control",
  "post /api/sessions/{session}/control": "rest.handOver",
  "get /assets/{file}": "a page",
  "get /docs": "a page",
  "get /favicon.ico": "a page",
  "get /p/{pid}": "rest.sessionOfProcess",
  "get /pages/{file}": "a page",
  "get /s/{session}": "a page",
  "get /s/{session}/events": "rest.backlog",
  "post /s/{session}/publish": "rest.publish",
  "post /s/{session}/execute": "rest.execute",
  "post /s/{session}/files": "rest.upload",
  "post /s/{session}/input": "rest.type",
  "post /s/{session}/wait": "rest.wait",
  "get /s/{session}/screen": "rest.screen",
  "get /ws": "hub",
  "get /ws/{session}/events": "events",
  "get /ws/{session}/pty": "pty",
} satisfies { [path: string]: "a page" | `rest.${Exclude<keyof Rest, "session" | "credential">}` | keyof Client };

test("the client has a way to every path that the daemon describes", { timeout }, async () => {
  const { rest } = await loggedIn();
  const { openapi, paths } = await rest.description();
  assert.match(openapi, /^3\.1\./);
  const methods = ["get", "post", "put", "patch", "delete"];
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).filter((name) => methods.includes(name)).map((method) => `${method} ${path}`),
  );
  assert.deepEqual(described.sort(), Object.keys(WAYS).sort());
});

test("a daemon is stopped by a method of its own", { timeout }, async () => {
  const other = new Daemon();
  await other.start();
  try {
    const { rest } = await loggedIn(other);
    await rest.stopDaemon();
    await until("it is gone", () => rest.health().then(() => false, (error) => error instanceof Unreachable));
  } finally {
    await other.remove();
  }
});

test("a refusal has its status, its code and a sentence; silence is something else", { timeout }, async () => {
  const { rest } = await loggedIn();
  await assert.rejects(rest.sessionInfo("nowhere"), refused(404, "no-such-session"));
  await assert.rejects(rest.create({ id: "Not An Id" }), refused(400, "bad-json"));
  await assert.rejects(rest.sessionInfo("../health"), Refused);
  await assert.rejects(new Client({ url: daemon.url, token: "wt_wrong" }).rest.sessions(), refused(401, "unauthorized"));
  await assert.rejects(new Client({ url: daemon.url }).rest.login("wk_wrong"), refused(401, "unauthorized"));
  await assert.rejects(new Client({ url: "http://127.0.0.1:9" }).rest.health(), Unreachable);
});

test("events from a source that has no end yet are sent on as they come", { timeout }, async () => {
  const client = await loggedIn();
  await client.rest.create({ id: "stream", baseDir: daemon.home, start: true });
  const { events, told } = listen(client, "stream");
  await until("it is subscribed", () => told.includes("connected"));
  async function* source() {
    yield { n: 1 };
    await until("the first has come", () => told.includes('1 {"n":1}'));
    yield { n: 2 };
  }
  assert.deepEqual(await client.rest.publish("stream", source()), { accepted: 2, rejected: [] });
  await until("the second has come", () => told.includes('2 {"n":2}'));
  events.close();
});

test("a terminal is typed into, read, resized and ends with its code", { timeout }, async () => {
  const client = await loggedIn();
  await client.rest.create({ id: "pty", baseDir: daemon.home });
  const pty = client.pty("pty", { size: () => ({ cols: 100, rows: 30 }) });
  opened.push(pty);
  let output = "";
  const heard: string[] = [];
  pty.onOutput((bytes) => void (output += Buffer.from(bytes).toString()));
  pty.onHello(({ cols, rows, role }) => heard.push(`hello ${cols}x${rows} ${role}`));
  pty.onResize(({ cols, rows }) => heard.push(`resize ${cols}x${rows}`));
  pty.onTitle((title) => heard.push(`title ${title}`));
  pty.onExit(({ code }) => heard.push(`exit ${code}`));
  pty.open();
  await until("the prompt is there", () => output.includes("$ "));
  pty.sendResize({ cols: 90, rows: 20 });
  pty.sendInput("stty size; printf '\\033]2;a title\\007'; head -c 300000 /dev/zero | tr '\\0' x; echo; echo end-$((1 + 1))\r");
  await until("all of it has come, more than a window without an ack", () => output.includes("end-2"));
  assert.match(output, /20 90/);
  pty.sendInput("exit 5\r");
  await until("it is over", () => pty.state.is === "ended");
  assert.deepEqual(pty.state, { is: "ended", how: "exited", exit: { code: 5, signal: null } });
  assert.deepEqual(new Set(heard), new Set(["hello 100x30 admin", "resize 90x20", "title a title", "exit 5"]));
});

test("with a wrong token a connection is refused, and says why", { timeout }, async () => {
  await daemon.create({ id: "closed", start: true });
  const stranger = new Client({ url: daemon.url, token: "wt_wrong" });
  for (const connection of [stranger.pty("closed"), stranger.events("closed")]) {
    opened.push(connection.open());
    await until("it is refused", () => connection.state.is === "refused");
    assert.equal(connection.state.is === "refused" && connection.state.why, "credential");
  }
});

test("when its key is revoked a connection ends, and does not come back", { timeout }, async () => {
  await daemon.create({ id: "revoked", start: true });
  const { id, key } = await daemon.key({ role: "control", session: "revoked" });
  const client = new Client({ url: daemon.url });
  await client.rest.login(key);
  const both = [client.pty("revoked").open(), client.events("revoked").open()];
  opened.push(...both);
  await until("both are connected", () => both.every(({ state }) => state.is === "connected"));
  await daemon.ask("DELETE", `/api/keys/${id}`);
  await until("both are refused", () => both.every(({ state }) => state.is === "refused"));
  await assert.rejects(client.rest.sessionInfo("revoked"), refused(401, "unauthorized"));
});

test("a key that may only publish publishes and subscribes, and sees no terminal", { timeout }, async () => {
  await daemon.create({ id: "narrow", start: true });
  const client = await loggedIn(daemon, "publish", "narrow");
  const { told } = listen(client, "narrow", { since: 0 });
  await client.rest.publish("narrow", ["seen"]);
  await until("the event has come", () => told.includes('1 "seen"'));
  const pty = client.pty("narrow").open();
  opened.push(pty);
  await until("it is refused", () => pty.state.is === "refused");
  assert.equal(pty.state.is === "refused" && pty.state.why, "forbidden");
  await assert.rejects(client.rest.end("narrow"), refused(403, "forbidden"));
  await daemon.ask("DELETE", "/api/sessions/narrow");
  await until("the channel has ended", () => told.includes("ended"));
});

test("what is no longer kept is told as missed", { timeout }, async () => {
  const client = await loggedIn();
  await client.rest.create({ id: "late", baseDir: daemon.home, start: true });
  await client.rest.publish("late", Array.from({ length: 5_000 }, (_, n) => n));
  const { events, told } = listen(client, "late", { since: 0 });
  await until("the last has come", () => told.includes("5000 4999"));
  assert.deepEqual(told.slice(1, 4), ["connected", "lagged 904", "905 904"]);
  events.close();
});

test("the hub tells of sessions, events and people, and carries messages between them", { timeout }, async () => {
  const client = await loggedIn();
  await client.rest.create({ id: "live", baseDir: daemon.home, start: true });
  const [one, other] = [client.hub(), client.hub()];
  opened.push(one, other);
  const told: string[] = [];
  let number = 0;
  other.onWelcome(({ connection }) => (number = connection));
  other.onMessage(({ event }) => told.push(`message ${JSON.stringify(event)}`));
  one.onEvent(({ room, seq, event }) => told.push(event.kind === "published" ? `${room} ${seq} ${JSON.stringify(event.data)}` : `${room} ${event.kind}`));
  one.onUnsubscribed(({ room, reason }) => told.push(`${room} over: ${reason}`));
  one.onError(({ code }) => told.push(`error ${code}`));
  one.sendSubscribe("session/live/events", 0);
  one.sendSubscribe("session/live/presence");
  one.sendSubscribe("session/nowhere/events");
  one.open();
  await until("the rooms are there", () => told.includes("error no-such-session"));
  assert.equal((await client.hub().sendPublish("session/live/events", 1).catch((error: unknown) => error)) instanceof Unreachable, true);
  assert.equal((await one.sendPublish("session/live/events", { a: 1 })).seq, 1);
  await until("the event has come", () => told.includes('session/live/events 1 {"a":1}'));
  other.sendSubscribe("session/live/presence");
  other.open();
  await until("somebody has joined", () => told.includes("session/live/presence joined"));
  await one.sendTo(number, { hello: "there" });
  await until("the message has come", () => told.includes('message {"hello":"there"}'));
  await assert.rejects(one.sendTo(999_999, "nobody"), (error) => error instanceof Refused && error.code === "no-such-connection");
  await client.rest.end("live");
  await until("both rooms are over", () => told.filter((line) => line.includes("over: ")).length === 2);
  assert.deepEqual(one.rooms, []);
});

test("after the daemon's stop and start the hub's rooms are there again, and what is new in them", { timeout }, async () => {
  const other = new Daemon();
  await other.start();
  const client = await loggedIn(other);
  const hub = client.hub();
  opened.push(hub);
  try {
    const lists: string[] = [];
    new LiveSessions(hub).onChange((sessions) => lists.push(sessions.map(({ id }) => id).join()));
    await client.rest.create({ id: "before", baseDir: other.home });
    hub.open();
    await until("the list is there", () => lists.at(-1) === "before");
    const { port } = other;
    await other.stop();
    await until("it knows", () => hub.state.is === "reconnecting");
    await other.start(port);
    await until("the list is there again", () => lists.at(-1) === "");
    await client.rest.create({ id: "after", baseDir: other.home });
    await until("it is told of", () => lists.at(-1) === "after");
  } finally {
    await other.remove();
  }
});

test("the daemon is stopped and started: the client comes back by itself and says what it missed", { timeout }, async () => {
  const other = new Daemon();
  await other.start();
  try {
    const client = await loggedIn(other);
    await client.rest.create({ id: "away", baseDir: other.home, start: true });
    const { events, told } = listen(client, "away", { since: 0, outlive: true });
    await client.rest.publish("away", ["one", "two"]);
    await until("both have come", () => told.includes('2 "two"'));
    const { port } = other;
    await other.stop();
    await until("it knows", () => told.includes("reconnecting"));
    await other.start(port);
    // Shells end with their daemon. The new one has the old name, and more events than the old
    // one had: none of them is to be taken for one that was seen before.
    await client.rest.create({ id: "away", baseDir: other.home, start: true });
    await client.rest.publish("away", ["three", "four", "five"]);
    await until("the new ones have come", () => told.includes('3 "five"'));
    assert.deepEqual(
      told.filter((line) => !line.startsWith("reconnecting")),
      ["connecting", "connected", '1 "one"', '2 "two"', "restarted after 2", "connected", '1 "three"', '2 "four"', '3 "five"'],
    );
    events.close();
  } finally {
    await other.remove();
  }
});
