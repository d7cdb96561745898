// A real daemon in directories of its own, for as long as a test file runs.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CreatedKey, CreateKey, CreateSession, Health, SessionInfo } from "@webtty/client";

/** How long the daemon may take to come up, a debug build on a busy machine included. */
const START_MS = 20_000;

/** How long it may take to stop, which it promises within five seconds. */
const STOP_MS = 10_000;

/** A prompt that is the same on every machine, and says that the shell waits. */
const BASHRC = "PS1='\\[\\e[1;32m\\]ada@lovelace\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]$ '\nunset HISTFILE\n";

export class Daemon {
  /** The home of its shells. */
  readonly home: string;
  readonly #root = mkdtempSync(join(tmpdir(), "webtty-e2e-"));
  readonly #socket: string;
  readonly #args: string[];
  #process: ChildProcess | null = null;
  #log = "";
  url = "";

  constructor(...args: string[]) {
    this.home = join(this.#root, "home");
    this.#socket = join(this.#root, "run", "webtty", "daemon.sock");
    this.#args = args;
    for (const name of ["home", "run", "config", "state"]) {
      mkdirSync(join(this.#root, name), { recursive: true, mode: 0o700 });
    }
    writeFileSync(join(this.home, ".bashrc"), BASHRC);
  }

  /** Starts it, on a free port unless one is given, and waits until it answers. */
  async start(port = 0): Promise<void> {
    const program = process.env["WEBTTY_BIN"];
    assert.ok(program, "WEBTTY_BIN must name the webtty binary");
    const child = spawn(program, ["serve", "--port", String(port), ...this.#args], {
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => (this.#log += text.toString()));
    }
    const deadline = Date.now() + START_MS;
    for (;;) {
      assert.equal(child.exitCode, null, `the daemon ended:\n${this.#log}`);
      assert.ok(Date.now() < deadline, `the daemon does not answer:\n${this.#log}`);
      const health = await this.ask<Health>("GET", "/api/health").catch(() => null);
      if (health !== null) {
        this.url = health.url.replace(/\/$/, "");
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Stops it as an operator would. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Stops it and takes everything of it away. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Writes its configuration file, which pages read anew when they load. */
  configure(settings: object): void {
    const directory = join(this.#root, "config", "webtty");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "config.json"), JSON.stringify(settings));
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** A request over the Unix socket, which needs no credential. */
  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = await this.#request(method, path, body);
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }

  /** What is at a path, as text. */
  text(path: string): Promise<string> {
    return this.#request("GET", path);
  }

  #request(method: string, path: string, body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { host: "localhost", ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const sent = request({ socketPath: this.#socket, method, path, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status >= 300) reject(new Error(`${method} ${path}: ${status} ${text}`));
          else resolve(text);
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  create(body: CreateSession): Promise<SessionInfo> {
    return this.ask("POST", "/api/sessions", { baseDir: this.home, ...body });
  }

  key(body: CreateKey): Promise<CreatedKey> {
    return this.ask("POST", "/api/keys", body);
  }

  /** A link that opens a session, or with null the list, with a key of its own. */
  async link(session: string | null, role: CreateKey["role"] = "admin"): Promise<string> {
    const { key } = await this.key(session === null || role === "admin" ? { role } : { role, session });
    return `${this.url}${session === null ? "/" : `/s/${session}`}#k=${key}`;
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      LANG: "C.UTF-8",
      SHELL: "/bin/bash",
      HOME: this.home,
      XDG_RUNTIME_DIR: join(this.#root, "run"),
      XDG_CONFIG_HOME: join(this.#root, "config"),
      XDG_STATE_HOME: join(this.#root, "state"),
    };
  }
}
