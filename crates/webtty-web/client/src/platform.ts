// What a client needs of the place it runs in.

import type { Unsubscribe } from "./listeners.js";

/** The part of a WebSocket that is used: browsers, Node 22 and `NodeWebSocket` have it. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: any) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** Calls back whenever connections should be looked after at once: a tab is seen again, or the
 * network came back, perhaps another one. Where there is neither tab nor such news, never. */
export function onWake(listener: (isNetworkBack: boolean) => void): Unsubscribe {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};
  const ifSeen = ({ type }: Event) => {
    if (document.visibilityState === "visible") listener(type === "online");
  };
  const names = ["online", "pageshow", "focus"];
  for (const name of names) window.addEventListener(name, ifSeen);
  document.addEventListener("visibilitychange", ifSeen);
  return () => {
    for (const name of names) window.removeEventListener(name, ifSeen);
    document.removeEventListener("visibilitychange", ifSeen);
  };
}

/** Does somebody look? A hidden page need not find out quickly that a connection died. */
export function isSeen(): boolean {
  return typeof document === "undefined" || document.visibilityState === "visible";
}
