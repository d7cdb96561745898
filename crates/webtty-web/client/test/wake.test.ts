import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Unreachable } from "../src/index.js";
import { answers, client, pass, refusalOf, restoreTheClock, settled, silence, socket, sockets, stopTheClock } from "./fakes";

const tab = Object.assign(new EventTarget(), { visibilityState: "visible" });

beforeEach(() => {
  stopTheClock();
  tab.visibilityState = "visible";
  Object.assign(globalThis, { window: tab, document: tab });
});
afterEach(() => {
  restoreTheClock();
  for (const name of ["window", "document"]) Reflect.deleteProperty(globalThis, name);
});

for (const news of ["online", "pageshow", "focus", "visibilitychange"]) {
  test(`a wait for the next attempt ends at once with ${news}`, async () => {
    silence();
    const events = client().events("main").open();
    socket().ends();
    await settled();
    tab.visibilityState = "hidden";
    tab.dispatchEvent(new Event(news));
    assert.equal(sockets.length, 1, "not while nobody sees it");
    tab.visibilityState = "visible";
    tab.dispatchEvent(new Event(news));
    assert.equal(sockets.length, 2);
    events.close();
    tab.dispatchEvent(new Event(news));
    assert.equal(sockets.length, 2, "not after its end");
  });
}

test("a terminal's connection is asked for a sign of life, and given up within two seconds", () => {
  const pty = client().pty("main").open();
  socket().says({ type: "hello", epoch: "e", resumed: false });
  tab.dispatchEvent(new Event("focus"));
  assert.deepEqual(socket().messages(), [{ type: "ping", t: 0 }]);
  pass(2_000);
  assert.equal(pty.state.is, "reconnecting");
  pty.close();
});

test("who wakes up while the connection is asked with more patience finds out as soon", () => {
  const pty = client().pty("main").open();
  socket().says({ type: "hello", epoch: "e", resumed: false });
  pass(20_000);
  tab.dispatchEvent(new Event("focus"));
  assert.deepEqual(socket().messages(), [{ type: "ping", t: 0 }], "one question is enough");
  pass(1_000);
  tab.dispatchEvent(new Event("focus"));
  pass(1_000);
  assert.equal(pty.state.is, "reconnecting");
  pty.close();
});

test("a subscription, which may not ask, begins anew when it was silent for long", () => {
  const events = client().events("main").open();
  socket().says({ log: { epoch: "e", seq: 4, resumed: true } });
  tab.dispatchEvent(new Event("focus"));
  assert.equal(sockets.length, 1);
  pass(31_000);
  tab.dispatchEvent(new Event("focus"));
  assert.equal(sockets.length, 2);
  assert.equal(socket().url.searchParams.get("since"), "4");
  socket().says({ log: { epoch: "e", seq: 4, resumed: true } });
  tab.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 3, "when the network was gone, in any case");
  events.close();
});

test("whoever waits for an answer of the hub is told when its socket is given up", async () => {
  const hub = client().hub().open();
  socket().says({ type: "welcome", payload: { connection: 1, user: { role: "admin", session: null, label: null }, version: "0" } });
  const told = hub.sendTo(7, "hello").then(() => "an answer", (error: unknown) => error);
  tab.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
  await settled();
  assert.ok((await Promise.race([told, "nothing"])) instanceof Unreachable);
  answers(() => refusalOf(401, "unauthorized"));
  socket().ends();
  await settled();
  assert.equal(hub.state.is, "refused");
});
