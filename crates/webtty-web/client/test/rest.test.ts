import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Refused, Unreachable } from "../src/index.js";
import { answers, client, pass, refusalOf, restoreTheClock, silence, stopTheClock } from "./fakes";

beforeEach(stopTheClock);
afterEach(restoreTheClock);

test("a refusal has the daemon's status, code and sentence, and when to try again", async () => {
  answers(() => Response.json({ error: { code: "too-many", message: "wait" } }, { status: 429, headers: { "retry-after": "7" } }));
  await assert.rejects(client().rest.sessions(), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.code, error.message, error.retryAfterSeconds], [429, "too-many", "wait", 7]);
    return true;
  });
  answers(() => new Response("<h1>a proxy</h1>", { status: 502 }));
  await assert.rejects(client().rest.sessions(), (error) => error instanceof Refused && error.code === "unknown" && error.status === 502);
  silence();
  await assert.rejects(client().rest.sessions(), Unreachable);
});

test("an id leads to no other path, whatever is in it", async () => {
  const paths: string[] = [];
  answers((_method, path) => {
    paths.push(path);
    return Response.json({});
  });
  await client().rest.sessionInfo("../keys?x#y");
  assert.deepEqual(paths, ["/api/sessions/..%2Fkeys%3Fx%23y"]);
});

test("a token is a header, is dropped when it is no longer good, and the general one takes its place", async () => {
  const used: Array<string | undefined> = [];
  answers((_method, _path, { headers }) => {
    const { authorization } = headers as Record<string, string>;
    used.push(authorization);
    return authorization === "Bearer wt_old" ? refusalOf(401, "unauthorized") : Response.json([]);
  });
  const one = client({ session: "main" });
  one.tokens.give("wt_all");
  one.tokens.keep({ token: "wt_old", role: "view", session: "main" }, null);
  await one.rest.sessions();
  await one.rest.sessions();
  assert.deepEqual(used, ["Bearer wt_old", "Bearer wt_all", "Bearer wt_all"]);
});

test("a session named like what objects have by themselves has no credential by that", async () => {
  for (const id of ["constructor", "__proto__", "tostring"]) {
    const used: string[] = [];
    answers((_method, _path, { headers }) => {
      used.push((headers as Record<string, string>)["authorization"] ?? "none");
      assert.ok(used.length < 5, "it asks for ever");
      return refusalOf(401, "unauthorized");
    });
    await assert.rejects(client().rest.sessionInfo(id), Refused);
    assert.deepEqual(used, ["none"]);
    const one = client({ session: id });
    one.tokens.keep({ token: "wt_one", role: "view", session: id }, null);
    assert.equal(one.rest.credential()?.token, "wt_one", id);
    one.tokens.renamed(id, "other");
    assert.equal(one.rest.credential("other")?.token, "wt_one", id);
  }
});

test("a store that forgets nothing does not make it ask for ever", async () => {
  let asked = 0;
  answers(() => {
    asked += 1;
    assert.ok(asked < 5, "it asks for ever");
    return refusalOf(401, "unauthorized");
  });
  const text = JSON.stringify({ "*": { token: "wt_old", role: "admin", expires: null } });
  const store = { getItem: () => text, setItem: () => assert.fail("it is read only") };
  await assert.rejects(client({ store }).rest.sessions(), Refused);
  assert.equal(asked, 1);
});

test("a login's token is kept for what it is good for, and until it ends", async () => {
  const kept = new Map<string, string>();
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) };
  answers((_method, _path, { headers, body }) => {
    assert.ok(!("authorization" in (headers as object)), "a login shows no token");
    assert.equal(body, '{"key":"wk_1"}');
    return Response.json({ token: "wt_1", role: "control", session: "main", expires: Date.now() + 1_000 });
  });
  await client({ store }).rest.login("wk_1");
  const later = client({ store });
  assert.equal(later.rest.credential("main")?.token, "wt_1");
  assert.equal(later.rest.credential("other"), null);
  assert.equal(later.rest.credential(), null);
  pass(1_000);
  assert.equal(later.rest.credential("main"), null, "its time is over");
  assert.doesNotMatch([...kept.values()].join(), /wk_/, "no key is kept");
});

test("what is published is counted, and what was rejected is told with its line", async () => {
  const bodies: unknown[] = [];
  const rejected = [{ line: 2, reason: "too long" }];
  answers((_method, _path, { body }) => {
    bodies.push(body);
    return bodies.length === 1 ? new Response(null, { status: 204 }) : Response.json({ accepted: 1, rejected });
  });
  const { rest } = client();
  assert.deepEqual(await rest.publish("main", [{ a: 1 }, "two", undefined]), { accepted: 3, rejected: [] });
  assert.equal(bodies[0], '{"a":1}\n"two"\nnull\n');
  assert.deepEqual(await rest.publish("main", [1, 2]), { accepted: 1, rejected });
});
