// The client for Node: the same, with a WebSocket that Node 20 lacks.

import { type ClientOptions, Client as PlainClient } from "./client.js";
import { NodeWebSocket } from "./node_socket.js";

export * from "./index.js";
export { NodeWebSocket };

export class Client extends PlainClient {
  constructor(options: ClientOptions & { url: string | URL }) {
    super({ WebSocket: NodeWebSocket, ...options });
  }
}
