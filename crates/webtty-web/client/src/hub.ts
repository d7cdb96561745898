// Everything live over one connection: rooms, each told first as it is and then by its changes.
// The rooms are subscribed to again whenever the connection comes back, events from where they
// broke off.

import { FORBIDDEN } from "./close.js";
import type { Connector } from "./connector.js";
import { Refused, Unreachable } from "./errors.js";
import type {
  Direct,
  HubError,
  HubMessage,
  HubRequest,
  Published,
  Room,
  RoomEvent,
  RoomRenamed,
  Sent,
  Subscribed,
  Unsubscribed,
  User,
  Welcome,
} from "./generated/protocol.js";
import { type ConnectionState, Lasting, type Purpose } from "./lasting.js";
import { Listeners, type Unsubscribe } from "./listeners.js";

/** Where a subscription to a room stands. */
type Place = { seq: number | null; epoch: string | null };

/** Something of a room that will not come. */
export type MissedInRoom = {
  room: Room;
  /** `lagged`: so many events are no longer kept. `restarted`: the session is another one of the
   * same name, and what came after the last event of the one before is lost. `gap`: changes went
   * missing on the way; the room's state comes anew. */
  why: "lagged" | "restarted" | "gap";
  /** How many, or null when nobody can know. */
  skipped: number | null;
};

type Answer = Published | Sent;
type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

type Handlers = { [Type in HubMessage["type"]]: (payload: Extract<HubMessage, { type: Type }>["payload"]) => void };

/** Call the `on…` methods first, then `open`. */
export class Hub {
  readonly #connector: Connector;
  readonly #lasting: Lasting;
  readonly #rooms = new Map<Room, Place>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #name: string | null = null;

  readonly #welcome = new Listeners<[Welcome]>();
  readonly #subscribed = new Listeners<[Subscribed]>();
  readonly #unsubscribed = new Listeners<[Unsubscribed]>();
  readonly #event = new Listeners<[RoomEvent]>();
  readonly #renamed = new Listeners<[RoomRenamed]>();
  readonly #message = new Listeners<[Direct]>();
  readonly #user = new Listeners<[User]>();
  readonly #error = new Listeners<[HubError]>();
  readonly #missed = new Listeners<[MissedInRoom]>();

  constructor(connector: Connector) {
    this.#connector = connector;
    this.#lasting = new Lasting(connector.WebSocket, this.#purpose());
  }

  get state(): ConnectionState {
    return this.#lasting.state;
  }

  /** The rooms that are subscribed to, or will be. */
  get rooms(): Room[] {
    return [...this.#rooms.keys()];
  }

  open(): this {
    this.#lasting.start();
    return this;
  }

  close(): void {
    this.#lasting.close();
  }

  /** Does not wait for the next attempt to connect. */
  tryNow(): void {
    this.#lasting.tryNow();
  }

  /** Asks for a room, now and whenever a connection begins. Answered with `onSubscribed`, or with
   * `onError`. Events begin after the one numbered `since`, with 0 at the oldest that is kept, or
   * without it with what is published from now on. */
  sendSubscribe(room: Room, since: number | null = null): void {
    this.#rooms.set(room, { seq: since, epoch: null });
    this.#ask(room);
  }

  /** No longer asks for a room. */
  sendUnsubscribe(room: Room): void {
    if (this.#rooms.delete(room)) this.#tell({ type: "unsubscribe", payload: { room } });
  }

  /** Publishes an event beside a session, into its room `session/ID/events`. */
  sendPublish(room: Room, event: unknown): Promise<Published> {
    return this.#request((id) => ({ type: "publish", payload: { id, room, event } })) as Promise<Published>;
  }

  /** Sends something to one other connection of the hub. */
  sendTo(to: number, event: unknown): Promise<Sent> {
    return this.#request((id) => ({ type: "send", payload: { id, to, event } })) as Promise<Sent>;
  }

  /** How presence tells of this connection, and of those that take its place. */
  sendName(name: string): void {
    this.#name = name;
    this.#tell({ type: "name", payload: { name } });
  }

  onState(listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#lasting.onState(listener);
  }

  /** A connection begins. */
  onWelcome(listener: (welcome: Welcome) => void): Unsubscribe {
    return this.#welcome.add(listener);
  }

  /** The state of a room, which takes the place of what was known of it. */
  onSubscribed(listener: (subscribed: Subscribed) => void): Unsubscribe {
    return this.#subscribed.add(listener);
  }

  /** No more is told of a room, and it is not asked for again. */
  onUnsubscribed(listener: (unsubscribed: Unsubscribed) => void): Unsubscribe {
    return this.#unsubscribed.add(listener);
  }

  /** Something happened in a room. */
  onEvent(listener: (event: RoomEvent) => void): Unsubscribe {
    return this.#event.add(listener);
  }

  /** Before the next of a room: some of it will not come. */
  onMissed(listener: (missed: MissedInRoom) => void): Unsubscribe {
    return this.#missed.add(listener);
  }

  /** A room goes on under another name. */
  onRenamed(listener: (renamed: RoomRenamed) => void): Unsubscribe {
    return this.#renamed.add(listener);
  }

  /** Another connection has sent something to this one. */
  onMessage(listener: (message: Direct) => void): Unsubscribe {
    return this.#message.add(listener);
  }

  /** What the credential allows has changed. */
  onUser(listener: (user: User) => void): Unsubscribe {
    return this.#user.add(listener);
  }

  /** Something that nobody waits for was not done. */
  onError(listener: (error: HubError) => void): Unsubscribe {
    return this.#error.add(listener);
  }

  #purpose(): Purpose {
    return {
      greets: true,
      // The hub has no ping; a connection that was silent is opened anew at a wake.
      ping: null,
      url: () => this.#connector.socketUrl("/ws"),
      token: () => this.#connector.rest.credential()?.token ?? null,
      opened: () => this.#restore(),
      text: (text) => this.#receive(JSON.parse(text) as HubMessage),
      bytes: () => {},
      gone: () => this.#giveUpWaiting(),
      closed: (code, reason) => (code === FORBIDDEN ? { is: "refused", why: "forbidden", message: reason } : null),
      askWhy: () => this.#connector.rest.settings(),
    };
  }

  #restore(): void {
    if (this.#name !== null) this.sendName(this.#name);
    for (const room of this.#rooms.keys()) this.#ask(room);
  }

  #ask(room: Room): void {
    const place = this.#rooms.get(room);
    const since = isOfEvents(room) ? (place?.seq ?? null) : null;
    const from = since === null ? {} : { since, ...(place?.epoch == null ? {} : { epoch: place.epoch }) };
    this.#tell({ type: "subscribe", payload: { room, ...from } });
  }

  readonly #handlers: Handlers = {
    welcome: (welcome) => void this.#welcome.call(welcome),
    subscribed: (subscribed) => this.#begin(subscribed),
    unsubscribed: (unsubscribed) => {
      // Who asked for it may have asked for the room again since.
      if (unsubscribed.reason !== "asked") this.#rooms.delete(unsubscribed.room);
      this.#unsubscribed.call(unsubscribed);
    },
    event: (event) => this.#take(event),
    lagged: ({ room, skipped }) => this.#lag(room, skipped),
    renamed: (renamed) => {
      const place = this.#rooms.get(renamed.from);
      this.#rooms.delete(renamed.from);
      if (place !== undefined) this.#rooms.set(renamed.to, place);
      this.#renamed.call(renamed);
    },
    published: (published) => this.#answered(published),
    sent: (sent) => this.#answered(sent),
    message: (message) => void this.#message.call(message),
    user: (user) => void this.#user.call(user),
    error: (error) => this.#fail(error),
  };

  #receive<Message extends HubMessage>(message: Message): void {
    // A type that is not in the table comes from a newer daemon, and is ignored.
    const handle = this.#handlers[message.type] as ((payload: Message["payload"]) => void) | undefined;
    handle?.(message.payload);
  }

  #begin(subscribed: Subscribed): void {
    const { room, seq, snapshot } = subscribed;
    const place = this.#rooms.get(room);
    if (place === undefined) return;
    const hadSeq = place.seq;
    place.seq = seq;
    if (snapshot.kind === "events") {
      place.epoch = snapshot.epoch;
      if (!snapshot.resumed && hadSeq !== null) this.#missed.call({ room, why: "restarted", skipped: null });
    }
    this.#subscribed.call(subscribed);
  }

  #take(event: RoomEvent): void {
    const place = this.#rooms.get(event.room);
    if (place === undefined || place.seq === null) return;
    if (event.seq !== place.seq + 1) {
      // Nothing should ever go missing on the way; if it does, the room's state mends it.
      this.#missed.call({ room: event.room, why: "gap", skipped: Math.max(0, event.seq - place.seq - 1) });
      return this.#ask(event.room);
    }
    place.seq = event.seq;
    this.#event.call(event);
  }

  #lag(room: Room, skipped: number): void {
    const place = this.#rooms.get(room);
    if (place === undefined || place.seq === null) return;
    place.seq += skipped;
    this.#missed.call({ room, why: "lagged", skipped });
  }

  #request(message: (id: number) => HubRequest): Promise<Answer> {
    if (!this.#lasting.isOpen()) return Promise.reject(new Unreachable("there is no connection to the hub"));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#tell(message(id));
    });
  }

  #answered(answer: Answer): void {
    this.#settle(answer.id)?.resolve(answer);
  }

  #fail(error: HubError): void {
    const waiting = this.#settle(error.id);
    if (waiting !== null) return waiting.reject(new Refused(null, error.code, error.message));
    if (typeof error.room === "string") this.#rooms.delete(error.room);
    this.#error.call(error);
  }

  #settle(id: number | null | undefined): Waiting | null {
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (typeof id === "number") this.#waiting.delete(id);
    return waiting ?? null;
  }

  /** Whether it was done, only the daemon knows. */
  #giveUpWaiting(): void {
    const error = new Unreachable("the connection to the hub broke before an answer came");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #tell(message: HubRequest): void {
    this.#lasting.send(JSON.stringify(message));
  }
}

function isOfEvents(room: Room): boolean {
  return room.startsWith("session/") && room.endsWith("/events");
}
