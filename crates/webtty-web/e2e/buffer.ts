// The whole state of a page's terminal: cells, attributes, cursor, modes, scrollback and what is
// hidden. In the words of the oracle that the daemon's terminal state is compared with.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

const ORACLE = join("..", "webtty-terminal", "tests", "oracle", "describe.mjs");

/** Finds the terminal among all objects of the page, which keeps it to itself. */
const FIND_TERMINAL = `function () {
  return this.find((object) => {
    try {
      return object._core?.buffers?.normal !== undefined && object._addonManager !== undefined && object._core.element?.isConnected;
    } catch {
      return false;
    }
  });
}`;

/** One line for each row and each fact beside them. */
export async function describeTerminal(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { result: prototype } = await session.send("Runtime.evaluate", { expression: "Object.prototype" });
    assert.ok(prototype.objectId);
    const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    assert.ok(objects.objectId);
    const { result: terminal } = await session.send("Runtime.callFunctionOn", {
      objectId: objects.objectId,
      functionDeclaration: FIND_TERMINAL,
    });
    assert.ok(terminal.objectId, "the page has a terminal");
    const { result, exceptionDetails } = await session.send("Runtime.callFunctionOn", {
      objectId: terminal.objectId,
      functionDeclaration: description(),
      returnByValue: true,
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value as string[];
  } finally {
    await session.detach();
  }
}

function description(): string {
  const source = readFileSync(ORACLE, "utf8").replace("export function describe", "function describe");
  return `function () {
    ${source}
    const core = this._core;
    const links = new Map([...core._oscLinkService._dataByLinkId].map(([id, entry]) => [id, entry.data]));
    return describe(core, { links, colors: new Map(), shown: true });
  }`;
}
