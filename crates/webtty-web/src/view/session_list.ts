// The list of sessions: on the page of its own, and over a terminal to change to another.

import { type Client, type ConnectionState, type Hub, LiveSessions, Refused, type SessionInfo } from "@webtty/client";

import { button, ICONS, icon, make } from "../dom";
import { isSessionId, sessionPath } from "../route";
import { age, cleanTitle, exitWords, sentence } from "../text";
import { confirmAction } from "./dialogs";
import { Previews } from "./preview";

/** How often the ages of sessions are told anew. */
const AGE_EVERY_MS = 10_000;

const ONE_SESSION = "Your link is for one session; it does not show the others.";

const BAD_NAME =
  "A name has small letters, digits, dots, dashes and underscores, at most 64, and starts with a letter or digit.";

export interface SessionListEvents {
  /** The page needs another credential. */
  refused(): void;
  /** Go to a session's page. */
  open(id: string): void;
}

export class SessionList {
  readonly element: HTMLElement;
  readonly #client: Client;
  readonly #events: SessionListEvents;
  readonly #rows = make("ul", { class: "sessions" });
  readonly #message = make("p", { class: "message", role: "status" });
  readonly #name = make("input", {
    "aria-label": "Name of the new session, optional",
    placeholder: "name (optional)",
    maxlength: "64",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
  });
  readonly #empty: HTMLElement;
  readonly #form: HTMLElement;
  readonly #previews: Previews;
  readonly #current: string | null;
  #hub: Hub | null = null;
  #sessions: SessionInfo[] | null = null;
  #shown = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `current` is the session whose page this is. */
  constructor(client: Client, current: string | null, events: SessionListEvents) {
    this.#client = client;
    this.#current = current;
    this.#events = events;
    this.#previews = new Previews(client);
    this.#empty = emptyState();
    this.#form = this.#createForm();
    this.element = make("div", { class: "session-list" }, this.#form, this.#message, this.#rows, this.#empty);
  }

  /** Shows the list, and each change of it as the daemon tells it. */
  start(): void {
    this.#form.hidden = !mayManage(this.#client);
    this.#previews.start();
    const hub = this.#client.hub();
    this.#hub = hub;
    hub.onState((state) => this.#connected(state));
    hub.onError(({ code, message }) => this.#say(code === "forbidden" ? ONE_SESSION : sentence(message), "hub"));
    new LiveSessions(hub).onChange((sessions) => {
      this.#sessions = sessions;
      this.#show(sessions);
    });
    hub.open();
    this.#timer = setInterval(() => {
      if (this.#sessions !== null) this.#show(this.#sessions);
    }, AGE_EVERY_MS);
  }

  stop(): void {
    this.#previews.stop();
    clearInterval(this.#timer);
    this.#hub?.close();
    this.#hub = null;
  }

  #connected(state: ConnectionState): void {
    if (state.is === "refused") {
      this.stop();
      this.#events.refused();
    } else if (state.is === "reconnecting") {
      this.#say("The daemon does not answer. Trying again…", "hub");
    } else if (this.#message.dataset["from"] === "hub") {
      this.#say("", "hub");
    }
  }

  #show(sessions: SessionInfo[]): void {
    const now = Date.now();
    this.#empty.hidden = sessions.length > 0 || !mayManage(this.#client);
    const rows = sessions.map((session) => describe(session, now));
    const isOld = this.#shown === JSON.stringify(rows);
    this.#shown = JSON.stringify(rows);
    // Rebuilding takes the focus away: only when there is something new to see.
    if (isOld) return;
    const focused = document.activeElement?.getAttribute("data-focus");
    this.#previews.keep(rows.map(({ id }) => id));
    this.#rows.replaceChildren(...rows.map((row) => this.#row(row)));
    if (focused) this.#rows.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(row: Row): HTMLElement {
    const isCurrent = row.id === this.#current;
    const link = make(
      "a",
      { href: sessionPath(row.id), class: "open", "data-focus": `open ${row.id}`, "aria-current": isCurrent ? "page" : undefined },
      make("span", { class: "head" }, make("span", { class: `dot ${row.state}` }), make("span", { class: "id" }, row.id), make("span", { class: "what" }, row.what)),
      make("span", { class: "facts" }, make("span", { class: "directory" }, row.directory), ...row.facts.map((fact) => make("span", {}, fact))),
    );
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      this.#events.open(row.id);
    });
    const end = button(
      { class: "quiet end", "aria-label": `End ${row.id}`, title: "End this session", "data-focus": `end ${row.id}` },
      [icon(ICONS.close)],
      () => void this.#end(row),
    );
    return make("li", {}, this.#previews.of(row.id), link, mayManage(this.#client) ? end : null);
  }

  #createForm(): HTMLElement {
    const submit = make("button", { class: "primary" }, icon(ICONS.plus), "New session");
    const form = make("form", { class: "create" }, this.#name, submit);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#create();
    });
    return form;
  }

  async #create(): Promise<void> {
    const id = this.#name.value.trim();
    if (id !== "" && !isSessionId(id)) return this.#say(BAD_NAME, "action");
    try {
      const session = await this.#client.rest.create(id === "" ? {} : { id });
      this.#name.value = "";
      this.#events.open(session.id);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #end(row: Row): Promise<void> {
    const detail =
      row.state === "running" ? "Its shell and everything that runs in it are ended." : "Its screen and exit code can then not be read any more.";
    if (!(await confirmAction(`End ${row.id}?`, detail, "End it"))) return;
    try {
      await this.#client.rest.end(row.id);
    } catch (error) {
      // Somebody was faster: it is gone, as asked.
      if (!(error instanceof Refused) || error.status !== 404) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      this.stop();
      this.#events.refused();
    } else if (error instanceof Refused && error.status === 403) {
      this.#say(ONE_SESSION, "action");
    } else {
      this.#say(error instanceof Error ? sentence(error.message) : "Something went wrong.", "action");
    }
  }

  #say(text: string, from: "hub" | "action"): void {
    this.#message.textContent = text;
    this.#message.dataset["from"] = from;
  }
}

type Row = { id: string; state: string; what: string; directory: string; facts: string[] };

function describe(session: SessionInfo, now: number): Row {
  const command = session.cmd?.join(" ") ?? "shell";
  const state = session.state === "exited" ? exitWords(session.exit ?? null) : session.state;
  const viewers = session.viewers === 1 ? "1 viewer" : `${session.viewers} viewers`;
  return {
    id: session.id,
    state: session.state,
    what: cleanTitle(session.title ?? "") || cleanTitle(command),
    directory: cleanTitle(session.baseDir),
    facts: [state, `${session.cols}×${session.rows}`, viewers, age(session.createdAt, now)],
  };
}

function emptyState(): HTMLElement {
  return make(
    "div",
    { class: "empty", hidden: true },
    make("p", {}, "No session yet."),
    make("p", {}, "Start one here, or on the machine itself with ", make("code", {}, "webtty run"), "."),
  );
}

/** Without authentication there is no role, and everything may be done. */
function mayManage(client: Client): boolean {
  const role = client.rest.credential()?.role;
  return role === undefined || role === "admin";
}
