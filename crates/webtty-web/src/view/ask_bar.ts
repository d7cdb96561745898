// Who asks to type, for those who may let them. It lies over the terminal, so that nothing moves
// under who is typing, and takes the focus only when asked to.

import type { ControlRequest } from "@webtty/client";

import { button, make } from "../dom";
import { personName } from "../text";

/** For how long control is lent by the first button. */
const LEND_MINUTES = 10;

export interface Answers {
  grant(client: number, seconds?: number): void;
  deny(client: number): void;
  takeBack(client: number): void;
  /** Something was answered: the person goes on with what they did. */
  done(): void;
}

export class AskBar {
  readonly element: HTMLElement;
  readonly #words = make("p", {});
  readonly #live = make("p", { class: "unseen", role: "status" });
  readonly #bar: HTMLElement;
  readonly #first: HTMLButtonElement;
  readonly #done: () => void;
  #request: ControlRequest | null = null;

  constructor(answers: Answers) {
    this.#done = answers.done;
    const answer = (act: (client: number) => void) => () => {
      if (this.#request !== null) act(this.#request.client);
      answers.done();
    };
    this.#first = button(
      { class: "primary" },
      [`For ${LEND_MINUTES} minutes`],
      answer((client) => answers.grant(client, LEND_MINUTES * 60)),
    );
    const buttons = make(
      "div",
      { class: "actions" },
      this.#first,
      button({}, ["Until taken back"], answer((client) => answers.grant(client))),
      button({}, ["No"], answer((client) => answers.deny(client))),
    );
    this.#bar = make("section", { class: "ask-bar", "aria-label": "Request to type", hidden: true }, this.#words, buttons);
    this.#bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") answers.done();
    });
    this.element = make("div", {}, this.#live, this.#bar);
  }

  /** Shows the first of those who ask. */
  show(requests: ControlRequest[]): void {
    const [first = null] = requests;
    const others = requests.length > 1 ? ` ${requests.length - 1} more wait.` : "";
    const words = first === null ? "" : `${personName(first)} asks to type.${others}`;
    if (words === this.#words.textContent && first?.client === this.#request?.client) return;
    const hadFocus = this.#bar.contains(document.activeElement);
    this.#request = first;
    this.#words.textContent = words;
    this.#live.textContent = first === null ? "" : `${words} Ctrl Shift Y moves to the answers.`;
    this.#bar.hidden = first === null;
    if (hadFocus && first === null) this.#done();
  }

  /** Moves the focus to the answers, if there is something to answer. */
  focus(): boolean {
    if (this.#bar.hidden) return false;
    this.#first.focus();
    return true;
  }
}
