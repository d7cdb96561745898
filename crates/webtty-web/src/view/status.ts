// The state of the connection, always in sight.

import type { ConnectionState } from "@webtty/client";

import { button, make } from "../dom";
import { clockTime, exitWords } from "../text";

/** A state in a few words, and how it is marked: colour never says it alone. */
export function describe(state: ConnectionState): { words: string; mark: string } {
  switch (state.is) {
    case "connecting":
      return { words: "connecting…", mark: "waiting" };
    case "connected":
      return { words: "connected", mark: "good" };
    case "reconnecting":
      return { words: `reconnecting since ${clockTime(state.since)}`, mark: "waiting" };
    case "refused":
      return { words: "not allowed", mark: "bad" };
    case "ended":
      return { words: endWords(state), mark: "over" };
  }
}

function endWords(state: ConnectionState & { is: "ended" }): string {
  if (state.how === "missing") return "no such session";
  return state.how === "deleted" ? "session ended" : exitWords(state.exit);
}

export class StatusPill {
  readonly element: HTMLElement;
  readonly #words = make("span", { class: "words" });
  readonly #retry: HTMLButtonElement;

  constructor(retry: () => void) {
    this.#retry = button({ class: "link", hidden: true }, ["try now"], retry);
    const live = make("span", { role: "status" }, make("span", { class: "dot" }), this.#words);
    this.element = make("div", { class: "pill" }, live, this.#retry);
  }

  show(state: ConnectionState): void {
    const { words, mark } = describe(state);
    this.element.dataset["mark"] = mark;
    this.#words.textContent = words;
    this.#retry.hidden = state.is !== "reconnecting";
  }
}
