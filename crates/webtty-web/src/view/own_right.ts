// What this page may do, where that is less than everything: a button to ask for more, and one
// to give back what was lent.

import type { Lent, Role } from "@webtty/client";

import { button, make } from "../dom";
import { clockTime } from "../text";

export class OwnRight {
  readonly element: HTMLElement;
  readonly #role = make("span", { class: "chip view-only", hidden: true }, "view only");
  readonly #ask: HTMLButtonElement;
  readonly #giveBack: HTMLButtonElement;

  constructor(act: { ask(): void; giveBack(): void }) {
    this.#ask = button({ class: "chip", hidden: true }, ["Ask to type"], act.ask);
    this.#giveBack = button({ class: "chip", hidden: true }, [], act.giveBack);
    this.element = make("span", { class: "own-right" }, this.#role, this.#ask, this.#giveBack);
  }

  show(role: Role | null, lent: Lent): void {
    this.#role.hidden = role !== "view";
    this.#ask.hidden = role !== "view";
    this.#giveBack.hidden = lent === null;
    const until = lent?.untilMs != null ? make("span", { class: "until" }, `you type until ${clockTime(new Date(lent.untilMs)).slice(0, 5)} ·`) : null;
    this.#giveBack.replaceChildren(...(until === null ? [] : [until]), "Stop typing");
  }

  /** Does an answer come? */
  setWaiting(waits: boolean): void {
    this.#ask.disabled = waits;
    this.#ask.textContent = waits ? "Asked…" : "Ask to type";
  }

  /** Moves the focus to the button that can be pressed, if there is one. */
  focus(): boolean {
    const pressable = [this.#ask, this.#giveBack].find((one) => !one.hidden && !one.disabled);
    pressable?.focus();
    return pressable !== undefined;
  }
}
