// The events beside a terminal, over as many sockets as it takes. Each of them goes on after the
// last event that came; what will not come any more is told, never skipped in silence.

import { FORBIDDEN, howGone, SESSION_GONE } from "./close.js";
import type { Connector } from "./connector.js";
import type { EventEnvelope, EventFrame, LogPlace } from "./generated/protocol.js";
import { type ConnectionState, Lasting, type Over, type Purpose } from "./lasting.js";
import { Listeners, type Unsubscribe } from "./listeners.js";

export type EventsOptions = {
  /** Begin after the event of this number, with 0 at the oldest that is kept; without it, with
   * what is published from now on. */
  since?: number;
  /** Stay when the session ends or is not there, and go on with the next one of its name. */
  outlive?: boolean;
};

/** Events that will not come. */
export type MissedEvents =
  /** They were no longer kept when this client came back, or was too slow for them. */
  | { why: "lagged"; skipped: number }
  /** The session is another one of the same name. Of the one before, everything after `lastSeq`
   * is lost, if there was anything; the new one's events follow from its oldest on. */
  | { why: "restarted"; lastSeq: number };

/** Call the `on…` methods first, then `open`. */
export class Events {
  readonly session: string;
  readonly #connector: Connector;
  readonly #options: EventsOptions;
  readonly #lasting: Lasting;
  /** The number of the last event that came, or was told to come before the next one. */
  #seq: number | null;
  #epoch = "";

  readonly #event = new Listeners<[EventEnvelope]>();
  readonly #missed = new Listeners<[MissedEvents]>();

  constructor(connector: Connector, session: string, options: EventsOptions = {}) {
    this.#connector = connector;
    this.session = session;
    this.#options = options;
    this.#seq = options.since ?? null;
    this.#lasting = new Lasting(connector.WebSocket, this.#purpose());
  }

  get state(): ConnectionState {
    return this.#lasting.state;
  }

  open(): this {
    this.#lasting.start();
    return this;
  }

  /** Ends the subscription. */
  close(): void {
    this.#lasting.close();
  }

  /** Does not wait for the next attempt to connect. */
  tryNow(): void {
    this.#lasting.tryNow();
  }

  onState(listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#lasting.onState(listener);
  }

  /** Each event, with its number, its time and the place in the terminal's output. */
  onEvent(listener: (event: EventEnvelope) => void): Unsubscribe {
    return this.#event.add(listener);
  }

  /** Before the next event: some that came before it will not come. */
  onMissed(listener: (missed: MissedEvents) => void): Unsubscribe {
    return this.#missed.add(listener);
  }

  #purpose(): Purpose {
    return {
      // It says where its events begin.
      greets: true,
      // Whatever a subscriber sends closes its socket.
      ping: null,
      url: () => this.#url(),
      token: () => this.#connector.rest.credential(this.session)?.token ?? null,
      opened: () => {},
      text: (text) => this.#receive(JSON.parse(text) as EventFrame),
      bytes: () => {},
      gone: () => {},
      closed: (code, reason) => this.#closed(code, reason),
      askWhy: () => this.#connector.rest.checkEvents(this.session),
      staysFor: (over) => this.#options.outlive === true && over.is === "ended",
    };
  }

  #url(): URL {
    const url = this.#connector.socketUrl(`/ws/${encodeURIComponent(this.session)}/events`);
    url.searchParams.set("envelope", "1");
    url.searchParams.set("epoch", this.#epoch);
    if (this.#seq !== null) url.searchParams.set("since", String(this.#seq));
    return url;
  }

  #receive(frame: EventFrame): void {
    if ("log" in frame) return this.#begin(frame.log);
    if ("lagged" in frame) {
      this.#missed.call({ why: "lagged", skipped: frame.lagged.skipped });
      return;
    }
    this.#seq = frame.seq;
    this.#event.call(frame);
  }

  #begin(log: LogPlace): void {
    const lastSeq = this.#seq;
    this.#seq = log.seq;
    this.#epoch = log.epoch;
    if (!log.resumed && lastSeq !== null) this.#missed.call({ why: "restarted", lastSeq });
  }

  #closed(code: number, reason: string): Over | null {
    if (code === SESSION_GONE) return { is: "ended", how: howGone(reason, null), exit: null };
    if (code === FORBIDDEN) return { is: "refused", why: "forbidden", message: reason };
    return null;
  }
}
