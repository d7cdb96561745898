// A small reverse proxy, as one that logs people in and does what it likes with paths.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export class Proxy {
  /** The port of the daemon behind it. */
  target = 0;
  /** What it says to the daemon beside what the client said. */
  says: Record<string, string> = {};
  /** Every path that was asked for. */
  readonly paths: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((from, to) => {
      const sent = this.#ask(from);
      sent.on("response", (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      });
      sent.on("error", () => to.writeHead(502).end());
      from.pipe(sent);
    });
    this.#server.on("upgrade", (from: IncomingMessage, client: Socket, early: Buffer) => {
      const sent = this.#ask(from);
      sent.on("upgrade", (answer, daemon, first) => {
        const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
        client.write(["HTTP/1.1 101 Switching Protocols", ...lines, "", ""].join("\r\n"));
        client.write(first);
        daemon.write(early);
        client.on("error", () => daemon.destroy());
        daemon.on("error", () => client.destroy());
        daemon.pipe(client).pipe(daemon);
      });
      sent.on("response", (answer) => client.end(`HTTP/1.1 ${answer.statusCode ?? 502} refused\r\n\r\n`));
      sent.on("error", () => client.destroy());
      sent.end();
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts it on a free port; its origin. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #ask(from: IncomingMessage) {
    this.paths.push(from.url ?? "");
    const own = new Set(Object.keys(this.says).map((name) => name.toLowerCase()));
    const kept = Object.entries(from.headers).filter(([name]) => !own.has(name));
    const headers: IncomingHttpHeaders = { ...Object.fromEntries(kept), ...this.says };
    return request({ host: "127.0.0.1", port: this.target, method: from.method, path: from.url, headers });
  }
}
