import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { readBacklog } from "../src/event_stream.js";
import type { EventsOptions } from "../src/index.js";
import { client, pass, restoreTheClock, socket, sockets, stopTheClock } from "./fakes";

beforeEach(stopTheClock);
afterEach(restoreTheClock);

function subscribed(options?: EventsOptions) {
  const told: unknown[] = [];
  const events = client().events("main", options);
  events.onEvent(({ seq, data }) => told.push([seq, data]));
  events.onMissed((missed) => told.push(missed));
  events.open();
  return { events, told };
}

function event(seq: number) {
  return { seq, ts: 1_764_000_000_000 + seq, at: seq * 10, data: `event ${seq}` };
}

test("a subscription goes on after the last event that came", () => {
  const { events, told } = subscribed({ since: 0 });
  assert.equal(socket().url.search, "?envelope=1&epoch=&since=0");
  socket().says({ log: { epoch: "e-1", seq: 0, resumed: true } });
  socket().says(event(1));
  socket().says(event(2));
  socket().ends(1001, "server stopped");
  pass(500);
  assert.equal(socket().url.search, "?envelope=1&epoch=e-1&since=2");
  socket().says({ log: { epoch: "e-1", seq: 2, resumed: true } });
  socket().says(event(3));
  assert.deepEqual(told, [[1, "event 1"], [2, "event 2"], [3, "event 3"]]);
  events.close();
});

test("who wants only what comes misses nothing over a break either", () => {
  const { events } = subscribed();
  assert.equal(socket().url.searchParams.get("since"), null);
  socket().says({ log: { epoch: "e-1", seq: 41, resumed: true } });
  socket().ends();
  pass(500);
  assert.equal(socket().url.searchParams.get("since"), "41");
  events.close();
});

test("events that are no longer kept are told as missed", () => {
  const { events, told } = subscribed({ since: 0 });
  socket().says({ log: { epoch: "e-1", seq: 0, resumed: true } });
  socket().says({ lagged: { skipped: 904 } });
  socket().says(event(905));
  assert.deepEqual(told, [{ why: "lagged", skipped: 904 }, [905, "event 905"]]);
  events.close();
});

test("another session of the same name is not taken for the one before", () => {
  const { events, told } = subscribed({ since: 0 });
  socket().says({ log: { epoch: "e-1", seq: 0, resumed: true } });
  socket().says(event(1));
  socket().ends();
  pass(500);
  socket().says({ log: { epoch: "e-2", seq: 0, resumed: false } });
  socket().says(event(1));
  assert.deepEqual(told, [[1, "event 1"], { why: "restarted", lastSeq: 1 }, [1, "event 1"]]);
  events.close();
});

test("the session's end is the end, or the wait for the next one of its name", () => {
  const { events } = subscribed();
  socket().says({ log: { epoch: "e-1", seq: 0, resumed: true } });
  socket().ends(4001, "session deleted");
  assert.deepEqual(events.state, { is: "ended", how: "deleted", exit: null });
  pass(60_000);
  assert.equal(sockets.length, 1);

  const outliving = subscribed({ outlive: true });
  socket().ends(4001, "no such session");
  pass(500);
  socket().ends(4001, "no such session");
  pass(1_000);
  socket().says({ log: { epoch: "e-2", seq: 0, resumed: true } });
  assert.equal(outliving.events.state.is, "connected");
  outliving.events.close();
});

test("a backlog is read from server-sent events", () => {
  const text = [
    'event: lagged\ndata: {"lagged":{"skipped":3}}',
    'id: 4\ndata: {"seq":4,"ts":1,"at":2,"data":{"a":"b: c"}}',
    ":",
    'event: end\ndata: {"code":1000,"reason":"bye"}',
    "",
  ].join("\n\n");
  assert.deepEqual(readBacklog(text), { events: [{ seq: 4, ts: 1, at: 2, data: { a: "b: c" } }], skipped: 3 });
});
