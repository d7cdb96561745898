// The list of sessions as it is at each moment, from the hub's room `sessions`.

import type { Change, RoomEvent, SessionInfo, Subscribed } from "./generated/protocol.js";
import type { Hub } from "./hub.js";
import { Listeners, type Unsubscribe } from "./listeners.js";

const ROOM = "sessions";

export class LiveSessions {
  readonly #hub: Hub;
  readonly #listeners = new Listeners<[SessionInfo[]]>();
  readonly #stops: Unsubscribe[];
  #sessions = new Map<string, SessionInfo>();

  /** Subscribes the hub to the room; the hub is opened by whoever made it. */
  constructor(hub: Hub) {
    this.#hub = hub;
    this.#stops = [hub.onSubscribed((subscribed) => this.#begin(subscribed)), hub.onEvent((event) => this.#take(event))];
    hub.sendSubscribe(ROOM);
  }

  /** Each time anything changes, with all of them in the order of their ids. */
  onChange(listener: (sessions: SessionInfo[]) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#hub.sendUnsubscribe(ROOM);
  }

  #begin({ room, snapshot }: Subscribed): void {
    if (room !== ROOM || snapshot.kind !== "sessions") return;
    this.#sessions = new Map(snapshot.sessions.map((session) => [session.id, session]));
    this.#tell();
  }

  #take({ room, event }: RoomEvent): void {
    if (room !== ROOM) return;
    apply(this.#sessions, event);
    this.#tell();
  }

  #tell(): void {
    const all = [...this.#sessions.values()];
    this.#listeners.call(all.sort((one, other) => (one.id < other.id ? -1 : 1)));
  }
}

function apply(sessions: Map<string, SessionInfo>, change: Change): void {
  switch (change.kind) {
    case "renamed":
      sessions.delete(change.from);
      sessions.set(change.session.id, change.session);
      break;
    case "created":
    case "started":
    case "resized":
    case "titled":
    case "watched":
    case "exited":
      sessions.set(change.session.id, change.session);
      break;
    case "removed":
      sessions.delete(change.session);
      break;
  }
}
