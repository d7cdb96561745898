import assert from "node:assert/strict";
import { test } from "node:test";

import { keyInFragment } from "@webtty/client";

import { keyInText, routeOf } from "../src/route";
import { safeLink } from "../src/terminal/links";
import { clipboardText } from "../src/terminal/osc52";
import { isColorQuery, isReply } from "../src/terminal/replies";
import { age, cleanTitle, clockTime, exitWords, lossWords } from "../src/text";

test("titles lose what could hide or reorder text", () => {
  assert.equal(cleanTitle("vim  main.rs\n"), "vim main.rs");
  assert.equal(cleanTitle("a\u202eb\u2066c\u200fd"), "a b c d");
  assert.equal(cleanTitle("a\x1b]0;x\x07b\x9cc\0"), "a ]0;x b c");
  assert.equal(cleanTitle("\u200b\ufeff"), "");
  assert.equal(cleanTitle("grüße 日本 😀 é"), "grüße 日本 😀 é");
  assert.equal(cleanTitle("<b>x</b>"), "<b>x</b>");
});

test("long titles are cut between characters", () => {
  const cut = cleanTitle("😀".repeat(200));
  assert.equal([...cut].length, 120);
  assert.ok(cut.endsWith("😀…"));
});

test("only links of the web and mail open", () => {
  assert.equal(safeLink("https://example.org/a?b#c"), "https://example.org/a?b#c");
  assert.equal(safeLink("http://localhost:3000"), "http://localhost:3000/");
  assert.equal(safeLink("mailto:a@example.org"), "mailto:a@example.org");
  for (const target of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "blob:https://example.org/x",
    "vbscript:x",
    "ssh://host",
    "/relative",
    "",
    "https://",
    `https://example.org/${"x".repeat(3000)}`,
  ]) {
    assert.equal(safeLink(target), null, target);
  }
});

test("look-alike host names are shown in their ASCII form", () => {
  assert.equal(safeLink("https://аpple.com/"), "https://xn--pple-43d.com/");
});

test("what a terminal says by itself is told from what a person types", () => {
  for (const reply of [
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[0n",
    "\x1b[?62;4;5R",
    "\x1b[?2026;2$y",
    "\x1b[8;24;80t",
    "\x1b[?0u",
    "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]4;1;rgb:0000/0000/0000\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1bP>|xterm\x1b\\",
    "\x1b[I",
    "\x1b[O",
  ]) {
    assert.equal(isReply(reply), true, JSON.stringify(reply));
  }
  for (const typed of [
    "a",
    "\r",
    "\x1b",
    "\x03",
    "\x1b[A",
    "\x1bOA",
    "\x1b[1;5D",
    "\x1b[1;2R",
    "\x1b[3~",
    "\x1b[Z",
    "\x1b]",
    "\x1bP",
    "\x1bc",
    "\x1b[<0;10;20M",
    "\x1b[<64;10;20M",
    "日本",
    "nc",
  ]) {
    assert.equal(isReply(typed), false, JSON.stringify(typed));
  }
});

test("only a clipboard text of at most 64 KiB is taken, and a question for it is not", () => {
  assert.equal(clipboardText("c;aGVsbG8="), "hello");
  assert.equal(clipboardText(";w6k="), "é");
  assert.equal(clipboardText(`c;${btoa("x".repeat(65_536))}`)?.length, 65_536);
  for (const refused of [
    "c;?",
    ";?",
    "?",
    "c;",
    "c",
    "p;aGVsbG8=",
    "c;not base64!",
    "c;aGVsbG8=;more",
    "c;/w==",
    "C;aGVsbG8=",
    `c;${btoa("x".repeat(65_537))}`,
  ]) {
    assert.equal(clipboardText(refused), null, refused.slice(0, 20));
  }
});

test("a colour command that sets is not mistaken for one that asks", () => {
  assert.equal(isColorQuery(4, "1;?"), true);
  assert.equal(isColorQuery(4, "1;?;2;?"), true);
  assert.equal(isColorQuery(4, "1;?;2;rgb:00/00/00"), false);
  assert.equal(isColorQuery(4, "1;#ff0000"), false);
  assert.equal(isColorQuery(11, "?"), true);
  assert.equal(isColorQuery(11, "#ffffff"), false);
});

test("paths and the views they stand for", () => {
  assert.deepEqual(routeOf("/"), { view: "sessions" });
  assert.deepEqual(routeOf("/s/main"), { view: "terminal", session: "main" });
  assert.deepEqual(routeOf("/s/a.b-c_1/"), { view: "terminal", session: "a.b-c_1" });
  for (const path of ["/s/", "/s/UPPER", "/s/a/b", "/s/..", `/s/${"x".repeat(65)}`, "/s/%2e"]) {
    assert.deepEqual(routeOf(path), { view: "sessions" }, path);
  }
});

test("keys in fragments and in what people paste", () => {
  assert.equal(keyInFragment("#k=wk_abc-_1"), "wk_abc-_1");
  assert.equal(keyInFragment("#other=1&k=x"), "x");
  assert.equal(keyInFragment("#k="), null);
  assert.equal(keyInFragment(""), null);
  assert.deepEqual(keyInText(" wk_abc "), { key: "wk_abc", path: null });
  assert.deepEqual(keyInText("http://127.0.0.1:2346/s/main#k=wk_abc"), { key: "wk_abc", path: "/s/main" });
  assert.equal(keyInText("http://127.0.0.1:2346/s/main"), null);
  assert.equal(keyInText("two words"), null);
  assert.equal(keyInText(""), null);
});

test("times and ends in words", () => {
  assert.equal(clockTime(new Date(2026, 0, 2, 3, 4, 5)), "03:04:05");
  assert.equal(age(1000, 500), "just now");
  assert.equal(age(0, 42_000), "42 s");
  assert.equal(age(0, 59 * 60_000), "59 min");
  assert.equal(age(0, 47 * 3_600_000), "1 d");
  assert.equal(exitWords({ code: 3, signal: null }), "ended with code 3");
  assert.equal(exitWords({ code: null, signal: "SIGKILL" }), "ended by SIGKILL");
  assert.equal(exitWords(null), "ended");
});

test("what became of input is said in whole sentences", () => {
  assert.equal(lossWords(0, 0), null);
  assert.equal(lossWords(0, 1), "The connection broke: 1 byte of input was not sent.");
  assert.equal(lossWords(0, 70), "The connection broke: 70 bytes of input were not sent.");
  assert.equal(lossWords(1, 0), "The connection broke: 1 byte of input may not have arrived.");
  assert.equal(lossWords(9, 70), "The connection broke: 9 bytes of input may not have arrived, and the 70 bytes after that were not sent.");
});
