// A daemon made of the test's own words, and a clock in its hand.

import assert from "node:assert/strict";
import { mock } from "node:test";

import { Client, type ClientOptions } from "../src/client.js";
import type { SocketLike } from "../src/platform.js";

/** Every socket that was asked for, in order. */
export const sockets: FakeSocket[] = [];

export class FakeSocket implements SocketLike {
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = 0;
  readonly url: URL;
  readonly protocols: string[];
  /** What the client has sent. */
  readonly sent: Array<string | Uint8Array> = [];
  isClosedByClient = false;
  readonly #listeners = new Map<string, (event: object) => void>();

  constructor(url: string, protocols: string[]) {
    this.url = new URL(url);
    this.protocols = protocols;
    sockets.push(this);
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener as (event: object) => void);
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(): void {
    this.isClosedByClient = true;
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.#listeners.get("open")?.({});
  }

  /** The daemon says something: bytes as they are, anything else as JSON. */
  says(what: object): void {
    if (this.readyState === 0) this.opens();
    const isBytes = what instanceof Uint8Array;
    this.#listeners.get("message")?.({ data: isBytes ? new Uint8Array(what).buffer : JSON.stringify(what) });
  }

  /** The connection ends: with a code of the daemon's, or broken. */
  ends(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.#listeners.get("close")?.({ code, reason });
  }

  /** The messages sent, as JSON. */
  messages(): unknown[] {
    return this.sent.filter((data) => typeof data === "string").map((data) => JSON.parse(data));
  }
}

/** The newest socket. */
export function socket(): FakeSocket {
  const newest = sockets.at(-1);
  assert.ok(newest, "no socket was opened");
  return newest;
}

export function client(options: ClientOptions = {}): Client {
  return new Client({ url: "http://127.0.0.1:2346", WebSocket: FakeSocket, ...options });
}

/** What `fetch` gives for a request, until the test is over. */
export function answers(answer: (method: string, path: string, request: RequestInit) => Response): void {
  mock.method(globalThis, "fetch", async (url: URL, request: RequestInit) => {
    return answer(request.method ?? "GET", url.pathname + url.search, request);
  });
}

/** Nothing answers. */
export function silence(): void {
  answers(() => {
    throw new TypeError("fetch failed");
  });
}

export function refusalOf(status: number, code: string): Response {
  return Response.json({ error: { code, message: `it is ${code}` } }, { status });
}

/** Time stands still until it is told to go on, and chance is at its highest. */
export function stopTheClock(): void {
  sockets.length = 0;
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  mock.method(Math, "random", () => 1);
}

export function restoreTheClock(): void {
  mock.timers.reset();
  mock.restoreAll();
}

export function pass(ms: number): void {
  mock.timers.tick(ms);
}

/** Lets promises that are kept already do their work. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
