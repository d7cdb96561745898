import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import type { ConnectionState } from "../src/index.js";
import { answers, client, pass, refusalOf, restoreTheClock, settled, silence, socket, sockets, stopTheClock } from "./fakes";

beforeEach(stopTheClock);
afterEach(restoreTheClock);

const HELLO = {
  type: "hello",
  client: 1,
  session: "main",
  epoch: "e-1",
  role: "control",
  cols: 80,
  rows: 24,
  offset: 0,
  title: null,
  window: 524_288,
  resumed: false,
};

function states(of: { onState(listener: (state: ConnectionState) => void): unknown }): string[] {
  const seen: string[] = [];
  of.onState((state) => seen.push(state.is === "ended" ? `ended: ${state.how}` : state.is));
  return seen;
}

test("a broken connection is tried again after waits that double, from the start once it holds", async () => {
  silence();
  const pty = client().pty("main");
  const seen = states(pty);
  pty.open();
  socket().says(HELLO);
  socket().ends();
  for (const [index, wait] of [500, 1000, 2000, 4000, 8000, 10_000, 10_000].entries()) {
    assert.equal(sockets.length, index + 1);
    pass(wait - 1);
    assert.equal(sockets.length, index + 1, `not before ${wait} ms`);
    pass(1);
    assert.equal(sockets.length, index + 2);
    socket().ends();
    await settled();
  }
  pass(10_000);
  socket().says(HELLO);
  socket().ends();
  pass(500);
  socket().says(HELLO);
  assert.equal(seen.at(-1), "connected");
  assert.equal(sockets.length, 10);
  pty.close();
});

test("it says since when it is without a connection, however often it tries", async () => {
  silence();
  const pty = client().pty("main").open();
  socket().says(HELLO);
  pass(7_000);
  socket().ends();
  const since = new Date();
  pass(500);
  socket().ends();
  await settled();
  assert.deepEqual(pty.state, { is: "reconnecting", since });
  pty.close();
});

test("a daemon that does not greet within ten seconds counts as out of reach", async () => {
  silence();
  const pty = client().pty("main");
  const seen = states(pty);
  pty.open();
  socket().opens();
  pass(9_999);
  assert.deepEqual(seen, ["connecting"]);
  pass(1);
  await settled();
  assert.deepEqual(seen, ["connecting", "reconnecting"]);
  assert.ok(socket().isClosedByClient);
  pty.close();
});

test("a connection that gives no sign of life when asked is replaced", async () => {
  const pty = client().pty("main").open();
  socket().says(HELLO);
  pass(20_000);
  assert.deepEqual(socket().messages(), [{ type: "ping", t: 0 }]);
  socket().says({ type: "pong", t: 0 });
  pass(20_000);
  assert.equal(socket().sent.length, 2);
  pass(10_000);
  assert.equal(pty.state.is, "reconnecting");
  pass(500);
  assert.equal(sockets.length, 2);
  pty.close();
});

test("why a socket was refused is asked over HTTP, and ends it where trying again is no use", async () => {
  const wanted: Array<[number, string, string]> = [
    [401, "unauthorized", "refused"],
    [403, "forbidden", "refused"],
    [404, "no-such-session", "ended: missing"],
    [503, "unavailable", "reconnecting"],
  ];
  for (const [status, code, state] of wanted) {
    answers(() => refusalOf(status, code));
    const pty = client({ token: "wt_old" }).pty("main");
    const seen = states(pty);
    pty.open();
    socket().ends();
    await settled();
    assert.equal(seen.at(-1), state, `${status}`);
    if (pty.state.is === "refused") assert.equal(pty.state.message, `it is ${code}`);
    const count = sockets.length;
    pass(60_000);
    assert.equal(sockets.length > count, state === "reconnecting", `${status}`);
    pty.close();
  }
});

test("why a shell cannot be started is said once, however often it is tried", async () => {
  silence();
  const pty = client().pty("main");
  const said: string[] = [];
  pty.onNotice((text) => said.push(text));
  pty.open();
  for (const reason of ["no such program", "no such program", "no memory"]) {
    socket().ends(4002, reason);
    assert.equal(pty.state.is, "reconnecting");
    pass(10_000);
  }
  assert.deepEqual(said, ["no such program", "no memory"]);
  pty.close();
});

test("another token that is there takes the place of one that is no longer good", async () => {
  answers((_method, _path, { headers }) => {
    const { authorization } = headers as Record<string, string>;
    return authorization === "Bearer wt_one" ? refusalOf(401, "unauthorized") : Response.json({ id: "main" });
  });
  const one = client({ session: "main" });
  one.tokens.give("wt_all");
  one.tokens.keep({ token: "wt_one", role: "control", session: "main" }, null);
  const pty = one.pty("main").open();
  assert.ok(socket().protocols.includes("webtty.token.wt_one"));
  socket().ends();
  await settled();
  assert.equal(sockets.length, 2, "at once");
  assert.ok(socket().protocols.includes("webtty.token.wt_all"));
  pty.close();
});

test("a revoked credential ends it, with the daemon's reason", () => {
  const pty = client().pty("main").open();
  socket().says(HELLO);
  socket().ends(4003, "not allowed with this credential");
  assert.deepEqual(pty.state, { is: "refused", why: "forbidden", message: "not allowed with this credential" });
});

test("a token travels as a subprotocol and never in a URL", () => {
  const one = client({ url: "http://127.0.0.1:2346/s/main#k=wk_key", token: "wt_secret" });
  one.pty("main").open();
  one.events("main").open();
  one.hub().open();
  assert.equal(sockets.length, 3);
  for (const { url, protocols } of sockets) {
    assert.deepEqual(protocols, ["webtty.v1", "webtty.token.wt_secret"]);
    assert.doesNotMatch(url.href, /secret|key/);
    assert.equal(url.protocol, "ws:");
  }
});

test("after its close nothing is opened and nothing is heard", async () => {
  silence();
  const pty = client().pty("main");
  const seen = states(pty);
  pty.open();
  socket().says(HELLO);
  pty.close();
  socket().ends();
  const other = client().pty("main").open();
  socket().ends();
  other.close();
  await settled();
  pass(60_000);
  assert.deepEqual(seen, ["connecting", "connected"]);
  assert.equal(sockets.length, 2);
});
