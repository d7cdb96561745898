// What happened to the session, and what can be done now. The screen stays readable above it.

import type { ConnectionState } from "@webtty/client";

import { button, make } from "../dom";
import { exitWords, sentence } from "../text";

export interface EndActions {
  newSession(): void;
  createHere(): void;
  list(): void;
  enterKey(): void;
  reload(): void;
}

type Action = { label: string; act: () => void };

type Banner = { title: string; detail: string; actions: Action[] };

/** The banner for a state, or null when the session goes on. */
export function endBanner(state: ConnectionState, session: string, mayCreate: boolean, act: EndActions): HTMLElement | null {
  const banner = describe(state, session, mayCreate, act);
  if (banner === null) return null;
  const buttons = banner.actions.map(({ label, act }, index) =>
    button({ class: index === 0 ? "primary" : "" }, [label], act),
  );
  return make(
    "section",
    { class: "end-banner", role: "alert" },
    make("div", {}, make("h2", {}, banner.title), make("p", {}, banner.detail)),
    make("div", { class: "actions" }, ...buttons),
  );
}

function describe(state: ConnectionState, session: string, mayCreate: boolean, act: EndActions): Banner | null {
  const list = { label: "All sessions", act: act.list };
  const another = mayCreate ? [{ label: "New session", act: act.newSession }] : [];
  if (state.is === "refused") {
    const again = { label: "Try again", act: act.reload };
    const enter = { label: "Use another key", act: act.enterKey };
    return { title: "Not allowed", detail: sentence(state.message), actions: [enter, again] };
  }
  if (state.is !== "ended") return null;
  switch (state.how) {
    case "missing":
      return {
        title: `There is no session “${session}”`,
        detail: "It has ended, or never was.",
        actions: mayCreate ? [{ label: "Start it", act: act.createHere }, list] : [list],
      };
    case "deleted":
      return { title: "This session was ended", detail: "Somebody ended it from outside.", actions: [...another, list] };
    case "exited":
      return { title: `The session ${exitWords(state.exit)}`, detail: exitDetail(state), actions: [...another, list] };
  }
}

function exitDetail(state: ConnectionState & { is: "ended" }): string {
  if (state.exit?.code === 0) return "It finished without an error.";
  return "Its last output is above.";
}
