import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import type { Change, SessionInfo } from "../src/index.js";
import { LiveSessions, Refused, Unreachable } from "../src/index.js";
import { client, pass, restoreTheClock, socket, stopTheClock } from "./fakes";

beforeEach(stopTheClock);
afterEach(restoreTheClock);

const ROOM = "session/main/events";

function welcome(): void {
  socket().says({ type: "welcome", payload: { connection: 1, user: { role: "admin", session: null, label: null }, version: "0" } });
}

function subscribed(seq: number, epoch: string, resumed: boolean): void {
  socket().says({ type: "subscribed", payload: { room: ROOM, seq, snapshot: { kind: "events", epoch, resumed } } });
}

function published(seq: number): void {
  socket().says({ type: "event", payload: { room: ROOM, seq, event: { kind: "published", ts: 1, at: 2, data: seq } } });
}

function joined() {
  const hub = client().hub();
  const told: unknown[] = [];
  hub.onEvent(({ seq }) => told.push(seq));
  hub.onMissed((missed) => told.push(missed));
  hub.onError(({ code }) => told.push(code));
  hub.sendSubscribe(ROOM, 0);
  hub.open();
  welcome();
  return { hub, told };
}

test("rooms are subscribed to again when the connection comes back, events from where they broke off", () => {
  const { hub, told } = joined();
  hub.sendSubscribe("sessions");
  assert.deepEqual(socket().messages(), [
    { type: "subscribe", payload: { room: ROOM, since: 0 } },
    { type: "subscribe", payload: { room: "sessions" } },
  ]);
  subscribed(0, "e-1", true);
  published(1);
  published(2);
  socket().ends(1012, "restarting");
  pass(500);
  welcome();
  assert.deepEqual(socket().messages(), [
    { type: "subscribe", payload: { room: ROOM, since: 2, epoch: "e-1" } },
    { type: "subscribe", payload: { room: "sessions" } },
  ]);
  subscribed(2, "e-1", true);
  published(3);
  assert.deepEqual(told, [1, 2, 3]);
  hub.close();
});

test("it says what it missed: what is no longer kept, another session, a gap", () => {
  const { hub, told } = joined();
  subscribed(0, "e-1", true);
  socket().says({ type: "lagged", payload: { room: ROOM, skipped: 4 } });
  published(5);
  published(8);
  assert.deepEqual(socket().messages().at(-1), { type: "subscribe", payload: { room: ROOM, since: 5, epoch: "e-1" } });
  subscribed(5, "e-1", true);
  published(6);
  subscribed(0, "e-2", false);
  published(1);
  assert.deepEqual(told, [
    { room: ROOM, why: "lagged", skipped: 4 },
    5,
    { room: ROOM, why: "gap", skipped: 2 },
    6,
    { room: ROOM, why: "restarted", skipped: null },
    1,
  ]);
  hub.close();
});

test("a room that is left, refused or gone is not asked for again; one that is renamed goes on", () => {
  const { hub, told } = joined();
  hub.sendSubscribe("sessions");
  hub.sendSubscribe("daemon");
  hub.sendSubscribe("session/gone/presence");
  hub.sendUnsubscribe("daemon");
  socket().says({ type: "error", payload: { room: "sessions", code: "forbidden", message: "no" } });
  socket().says({ type: "unsubscribed", payload: { room: "session/gone/presence", reason: "removed" } });
  subscribed(0, "e-1", true);
  socket().says({ type: "renamed", payload: { from: ROOM, to: "session/new/events" } });
  assert.deepEqual(hub.rooms, ["session/new/events"]);
  assert.deepEqual(told, ["forbidden"]);
  socket().ends();
  pass(500);
  welcome();
  assert.deepEqual(socket().messages(), [
    { type: "subscribe", payload: { room: "session/new/events", since: 0, epoch: "e-1" } },
  ]);
  hub.close();
});

test("who publishes and sends is answered, refused, or told that nobody knows", async () => {
  const hub = client().hub();
  await assert.rejects(hub.sendPublish(ROOM, 1), Unreachable);
  hub.open();
  welcome();
  const publishing = hub.sendPublish(ROOM, { a: 1 });
  const sending = hub.sendTo(7, "hello");
  const lost = hub.sendTo(8, "hello");
  assert.deepEqual(socket().messages(), [
    { type: "publish", payload: { id: 1, room: ROOM, event: { a: 1 } } },
    { type: "send", payload: { id: 2, to: 7, event: "hello" } },
    { type: "send", payload: { id: 3, to: 8, event: "hello" } },
  ]);
  socket().says({ type: "error", payload: { id: 2, code: "no-such-connection", message: "gone" } });
  socket().says({ type: "published", payload: { id: 1, room: ROOM, seq: 9 } });
  socket().ends();
  assert.equal((await publishing).seq, 9);
  await assert.rejects(sending, (error) => error instanceof Refused && error.code === "no-such-connection");
  await assert.rejects(lost, Unreachable);
  hub.close();
});

test("a name is given to each connection anew", () => {
  const { hub } = joined();
  hub.sendName("Ada");
  socket().ends();
  pass(500);
  welcome();
  assert.deepEqual(socket().messages()[0], { type: "name", payload: { name: "Ada" } });
  hub.close();
});

test("the list of sessions follows every change, and begins anew with every connection", () => {
  const hub = client().hub();
  const seen: string[] = [];
  const live = new LiveSessions(hub);
  live.onChange((sessions) => seen.push(sessions.map(({ id, state }) => `${id} ${state}`).join(", ")));
  hub.open();
  welcome();
  const session = (id: string, state = "running") => ({ id, state }) as SessionInfo;
  let seq = 4;
  const all = (...sessions: SessionInfo[]) =>
    socket().says({ type: "subscribed", payload: { room: "sessions", seq, snapshot: { kind: "sessions", sessions } } });
  const change = (event: Change) => socket().says({ type: "event", payload: { room: "sessions", seq: ++seq, event } });
  all(session("b"));
  change({ kind: "created", session: session("a", "idle") });
  change({ kind: "renamed", from: "b", session: session("c") });
  change({ kind: "exited", session: session("c", "exited") });
  change({ kind: "removed", session: "a" });
  socket().ends();
  pass(500);
  welcome();
  all(session("d"));
  live.close();
  change({ kind: "removed", session: "d" });
  assert.deepEqual(seen, ["b running", "a idle, b running", "a idle, c running", "a idle, c exited", "c exited", "d running"]);
  hub.close();
});
