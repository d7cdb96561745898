// Who is here, who types, who asks to: the part of the page by which control is handed over.

import type { ControlState, Hello, Lent, Presence, Pty, RequestState, Role } from "@webtty/client";

import { prefs, setPref } from "../prefs";
import { clockTime } from "../text";
import { AskBar } from "./ask_bar";
import { askForName } from "./dialogs";
import { OwnRight } from "./own_right";
import { PeoplePanel } from "./people_panel";
import type { Toasts } from "./toast";

const NOBODY: ControlState = { requests: [], loans: [] };

/** How a request stands, in words; what needs none is shown by its button. */
const ANSWERS: Record<RequestState, string> = {
  waiting: "Asked. You are told here as soon as somebody answers.",
  denied: "Your request to type was declined.",
  unanswered: "Nobody has answered your request to type.",
  "too-soon": "You asked a moment ago. Wait some seconds.",
  "too-many": "Too many others ask to type now.",
  impossible: "Nobody can type into this session from here.",
};

export class Handover {
  readonly bar: AskBar;
  readonly own: OwnRight;
  readonly panel: PeoplePanel;
  readonly #pty: Pty;
  readonly #toasts: Toasts;
  readonly #focusTerminal: () => void;
  #client = 0;
  #clients: Presence[] = [];
  #count = 0;
  #driver: number | null = null;
  #control = NOBODY;
  #role: Role | null = null;
  #lent: Lent = null;

  constructor(pty: Pty, toasts: Toasts, focusTerminal: () => void) {
    this.#pty = pty;
    this.#toasts = toasts;
    this.#focusTerminal = focusTerminal;
    const act = {
      grant: (client: number, seconds?: number) => pty.grantControl(client, seconds),
      deny: (client: number) => pty.denyControl(client),
      takeBack: (client: number) => pty.takeBackControl(client),
      done: focusTerminal,
    };
    this.bar = new AskBar(act);
    this.panel = new PeoplePanel(act);
    this.own = new OwnRight({
      ask: () => void this.#ask(),
      giveBack: () => pty.takeBackControl(this.#client),
    });
    this.#listen();
  }

  /** Is it this page that drives the session? */
  drives(): boolean {
    return this.#driver !== null && this.#driver === this.#client;
  }

  /** Moves the focus to what is to be answered, else to who is here. */
  focus(): void {
    if (!this.bar.focus() && !this.own.focus()) this.panel.opener.focus();
  }

  #listen(): void {
    this.#pty.onHello((hello) => this.#greet(hello));
    this.#pty.onResize(({ driver }) => {
      this.#driver = driver ?? null;
      this.#show();
    });
    this.#pty.onPresence((clients, count) => {
      this.#clients = clients;
      this.#count = count;
      this.#show();
    });
    this.#pty.onControl((state) => {
      this.#control = state;
      this.#show();
    });
    this.#pty.onRole((role, lent) => this.#setRole(role, lent));
    this.#pty.onRequest((state) => {
      this.own.setWaiting(state === "waiting");
      this.#toasts.show(ANSWERS[state]);
    });
    this.#pty.onState((state) => {
      if (state.is === "connected") return;
      // What was asked and lent ended with the connection.
      [this.#control, this.#lent] = [NOBODY, null];
      this.own.setWaiting(false);
      this.#show();
    });
  }

  #greet({ client, role, driver }: Hello): void {
    this.#client = client;
    this.#driver = driver ?? null;
    this.#role = role;
    this.#lent = null;
    this.#show();
  }

  #setRole(role: Role, lent: Lent): void {
    this.#role = role;
    this.#lent = lent;
    this.own.setWaiting(false);
    const until = lent?.untilMs != null ? ` until ${clockTime(new Date(lent.untilMs))}` : "";
    this.#toasts.show(role === "view" ? "You can only watch now." : until === "" ? "You can type now." : `You can type${until}.`);
    this.#show();
  }

  #show(): void {
    const mayAnswer = this.#role !== null && this.#role !== "view" && this.#lent === null;
    this.bar.show(mayAnswer ? this.#control.requests : []);
    this.own.show(this.#role, this.#lent);
    this.panel.show({
      clients: this.#clients,
      count: this.#count,
      own: this.#client,
      driver: this.#driver,
      loans: this.#control.loans,
      mayAnswer,
    });
  }

  /** Asks to be let type, by a name that those who answer know. */
  async #ask(): Promise<void> {
    const name = await askForName(prefs().name);
    if (name !== null) {
      setPref("name", name);
      this.#pty.sendName(name);
      this.#pty.requestControl();
    }
    this.#focusTerminal();
  }
}
