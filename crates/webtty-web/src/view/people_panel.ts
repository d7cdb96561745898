// Everyone who has the terminal, what they may do, and who types.

import type { ControlLoan, Presence } from "@webtty/client";

import { button, make } from "../dom";
import { clockTime, personName } from "../text";
import type { Answers } from "./ask_bar";

export type People = {
  /** The first of them, in the order they came. */
  clients: Presence[];
  count: number;
  /** This page's own number. */
  own: number;
  /** Who typed last. */
  driver: number | null;
  /** Who may type because somebody let them, where this page is told. */
  loans: ControlLoan[];
  /** May this page let others type? */
  mayAnswer: boolean;
};

export class PeoplePanel {
  /** The button that opens it. */
  readonly opener: HTMLButtonElement;
  readonly popover = make("div", { id: "people", class: "menu people", popover: "auto", "aria-label": "Who is here" });
  readonly #act: Answers;
  #people: People | null = null;

  constructor(act: Answers) {
    this.#act = act;
    this.opener = make("button", { type: "button", class: "chip", popovertarget: "people", hidden: true });
    this.popover.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState !== "open") return act.done();
      this.#fill();
      this.popover.querySelector("button")?.focus();
    });
  }

  show(people: People): void {
    this.#people = people;
    const { count, loans } = people;
    // Alone with nobody let there is nothing to say.
    this.opener.hidden = count < 2 && loans.length === 0;
    const words = make("span", { class: "whose" }, loans.length > 0 ? ` here, ${loans.length} let type` : " here");
    this.opener.replaceChildren(String(count), words);
    this.opener.setAttribute("aria-label", `Who is here: ${count}${loans.length > 0 ? `, ${loans.length} let type` : ""}`);
    if (this.popover.matches(":popover-open")) this.#refill();
  }

  /** Fills it anew; who was on a button stays on the one of the same person. */
  #refill(): void {
    const active = document.activeElement;
    const client = active instanceof HTMLElement && this.popover.contains(active) ? active.dataset["client"] : undefined;
    this.#fill();
    if (client === undefined) return;
    const again = this.popover.querySelector<HTMLElement>(`button[data-client="${client}"]`);
    (again ?? this.popover.querySelector<HTMLElement>("button") ?? this.opener).focus();
  }

  #fill(): void {
    const people = this.#people;
    if (people === null) return;
    const { clients, count } = people;
    const rows = clients.map((who) => this.#row(who, people));
    const more = count > clients.length ? make("p", { class: "more" }, `and ${count - clients.length} more`) : null;
    this.popover.replaceChildren(make("h2", {}, "Who is here"), make("ul", {}, ...rows), ...(more ? [more] : []));
  }

  #row(who: Presence, people: People): HTMLElement {
    const { own, driver } = people;
    const name = personName(who) + (who.client === own ? " (you)" : "");
    const typed = who.client === driver ? ", typed last" : "";
    const words = make("span", { class: "who" }, make("b", {}, name), make("span", { class: "role" }, standing(who, people) + typed));
    return make("li", {}, words, this.#action(who, people));
  }

  #action(who: Presence, people: People): HTMLElement | null {
    if (!people.mayAnswer || who.client === people.own) return null;
    const lent = loanOf(who, people) !== null;
    if (!lent && who.role !== "view") return null;
    const label = lent ? "Take back" : "Let type";
    const attributes = { "data-client": String(who.client), "aria-label": `${label}: ${personName(who)}` };
    return button(attributes, [label], () => {
      if (lent) this.#act.takeBack(who.client);
      else this.#act.grant(who.client);
    });
  }
}

/** What one may do, in words. */
function standing(who: Presence, people: People): string {
  if (who.role === "view") return "watches";
  const loan = loanOf(who, people);
  if (loan === null) return "may type";
  return loan.until == null ? "may type until taken back" : `may type until ${clockTime(new Date(loan.until))}`;
}

function loanOf(who: Presence, { loans }: People): ControlLoan | null {
  return loans.find(({ client }) => client === who.client) ?? null;
}
