// The bar above the terminal: which session this is, and how it stands.

import type { SizePolicy } from "@webtty/client";

import { button, make } from "../dom";
import { cleanTitle } from "../text";
import type { Told } from "./sizing";

/** Whose size the terminal has when it is not this window's, in a word and in a sentence. */
const WHOSE: Record<SizePolicy, { word: string; sentence: string }> = {
  driver: { word: "another window", sentence: "The size of the window that was typed in last" },
  smallest: { word: "fits all", sentence: "The size that fits every window" },
  latest: { word: "another window", sentence: "The size of the window that was used last" },
  fixed: { word: "fixed", sentence: "A fixed size" },
};

export class Header {
  readonly element: HTMLElement;
  readonly #session = make("span", { class: "session" });
  readonly #title = make("span", { class: "title" });
  readonly #size = make("span", { class: "chip size", hidden: true });

  /** `parts` stand at the end of the bar, in this order. */
  constructor(session: string, parts: HTMLElement[], openList: () => void) {
    const mark = button(
      { class: "mark", "aria-label": "All sessions", title: "All sessions" },
      [make("span", { "aria-hidden": "true" }, "›_")],
      openList,
    );
    this.element = make("header", { class: "bar" }, mark, this.#session, this.#title, this.#size, ...parts);
    this.setSession(session);
  }

  setSession(session: string): void {
    this.#session.textContent = session;
    this.#showTab();
  }

  /** The title comes from a program: it is shown as text, cleaned, and never read as HTML. */
  setTitle(title: string): void {
    this.#title.textContent = cleanTitle(title);
    this.#showTab();
  }

  /** Another window than this one has set the terminal's size. */
  setForeignSize(size: Told | null): void {
    this.#size.hidden = size === null;
    if (size === null) return;
    const { word, sentence } = WHOSE[size.policy];
    this.#size.replaceChildren(`${size.cols}×${size.rows}`, make("span", { class: "whose" }, ` ${word}`));
    this.#size.title = sentence;
  }

  #showTab(): void {
    const name = this.#title.textContent || this.#session.textContent;
    document.title = `${name} · webtty`;
  }
}
