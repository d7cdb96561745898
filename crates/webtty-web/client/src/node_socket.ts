// A WebSocket for Node, which has none of its own before version 22: the handshake of RFC 6455
// on top of Node's HTTP.

import { createHash, randomBytes } from "node:crypto";
import { request as plain } from "node:http";
import { request as secure } from "node:https";
import { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";

import { BINARY, CLOSE, frame, type Message, PING, PONG, Reader, TEXT, Violation } from "./node_frames.js";
import type { SocketLike } from "./platform.js";

/** What the handshake's answer is made of, after the key (RFC 6455, section 1.3). */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const;

const ABNORMAL = 1006;

/** A close that carries no code. */
const NO_CODE = 1005;

/** After how long without a byte the other end is asked whether it is there. Where a machine or
 * network between is gone, nothing else would ever say so to who only listens. */
const KEEP_ALIVE_MS = 30_000;

/** How long the other end may take to answer a close. */
const CLOSE_MS = 2_000;

/** As much of a browser's WebSocket as the client uses. */
export class NodeWebSocket implements SocketLike {
  /** Binary messages are always given as `ArrayBuffer`. */
  binaryType = "arraybuffer";
  readyState: number = CONNECTING;
  readonly #listeners = new Map<string, Array<(event: object) => void>>();
  readonly #reader = new Reader();
  readonly #abort = new AbortController();
  #stream: Duplex | null = null;
  #said = { code: ABNORMAL, reason: "" };
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(url: string, protocols: string[] = []) {
    const key = randomBytes(16).toString("base64");
    const target = new URL(url);
    const isSecure = target.protocol === "wss:";
    target.protocol = isSecure ? "https:" : "http:";
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
      ...(protocols.length > 0 ? { "sec-websocket-protocol": protocols.join(", ") } : {}),
    };
    const asked = (isSecure ? secure : plain)(target, { headers, agent: false, signal: this.#abort.signal });
    asked.on("upgrade", (response, stream, first) => {
      const accept = createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
      if (response.headers["sec-websocket-accept"] === accept) return this.#begin(stream, first);
      stream.destroy();
      this.#end();
    });
    asked.on("response", (response) => {
      response.resume();
      this.#end();
    });
    asked.on("error", () => this.#end());
    asked.end();
  }

  get bufferedAmount(): number {
    return this.#stream?.writableLength ?? 0;
  }

  addEventListener(type: string, listener: (event: any) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string | Uint8Array): void {
    if (this.readyState !== OPEN) return;
    if (typeof data === "string") this.#stream?.write(frame(TEXT, Buffer.from(data)));
    else this.#stream?.write(frame(BINARY, data));
  }

  close(code = 1000, reason = ""): void {
    if (this.readyState === CONNECTING) {
      this.#abort.abort();
      this.#end();
    } else if (this.readyState === OPEN) {
      this.readyState = CLOSING;
      const payload = Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)]);
      this.#stream?.write(frame(CLOSE, payload));
      this.#closeTimer = setTimeout(() => this.#stream?.destroy(), CLOSE_MS);
    }
  }

  #begin(stream: Duplex, first: Buffer): void {
    if (this.readyState !== CONNECTING) return void stream.destroy();
    this.#stream = stream;
    if (stream instanceof NetSocket) stream.setKeepAlive(true, KEEP_ALIVE_MS);
    this.readyState = OPEN;
    stream.on("data", (bytes: Buffer) => this.#receive(bytes));
    stream.on("error", () => stream.destroy());
    stream.on("end", () => stream.end());
    stream.on("close", () => this.#end());
    this.#tell("open", {});
    if (first.length > 0) this.#receive(first);
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const message of this.#reader.read(bytes)) {
        if (this.readyState === CLOSED) return;
        this.#take(message);
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.close(error.code);
    }
  }

  #take({ opcode, payload }: Message): void {
    if (opcode === PING) this.#stream?.write(frame(PONG, payload));
    else if (opcode === CLOSE) this.#answerClose(payload);
    else if (this.readyState !== OPEN) return;
    else if (opcode === TEXT) this.#tell("message", { data: text(payload) });
    else if (opcode === BINARY) this.#tell("message", { data: new Uint8Array(payload).buffer });
    else if (opcode !== PONG) throw new Violation(1002, "a frame of an unknown kind");
  }

  #answerClose(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : NO_CODE;
    this.#said = { code, reason: payload.length > 2 ? text(payload.subarray(2)) : "" };
    if (this.readyState === OPEN) this.#stream?.write(frame(CLOSE, payload.subarray(0, 2)));
    this.readyState = CLOSING;
    this.#stream?.end();
    this.#closeTimer ??= setTimeout(() => this.#stream?.destroy(), CLOSE_MS);
  }

  #end(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    clearTimeout(this.#closeTimer);
    this.#tell("close", this.#said);
  }

  #tell(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}

function text(payload: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    throw new Violation(1007, "text that is no UTF-8");
  }
}
