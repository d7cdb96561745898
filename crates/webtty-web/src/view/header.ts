// The bar above the terminal: which session this is, and how it stands.

import { button, make } from "../dom";
import type { Role } from "@webtty/client";
import type { Size } from "../terminal/terminal";
import { cleanTitle } from "../text";

export class Header {
  readonly element: HTMLElement;
  readonly #session = make("span", { class: "session" });
  readonly #title = make("span", { class: "title" });
  readonly #size = make("span", { class: "chip size", hidden: true });
  readonly #role = make("span", { class: "chip", hidden: true }, "view only");

  constructor(session: string, pill: HTMLElement, menuButton: HTMLElement, openList: () => void) {
    const mark = button(
      { class: "mark", "aria-label": "All sessions", title: "All sessions" },
      [make("span", { "aria-hidden": "true" }, "›_")],
      openList,
    );
    this.element = make("header", { class: "bar" }, mark, this.#session, this.#title, this.#size, this.#role, pill, menuButton);
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

  setRole(role: Role): void {
    this.#role.hidden = role !== "view";
  }

  /** Another window than this one has set the terminal's size. */
  setForeignSize(size: Size | null): void {
    this.#size.hidden = size === null;
    if (size === null) return;
    this.#size.textContent = `${size.cols}×${size.rows}`;
    this.#size.title = "The size of another viewer's window";
  }

  #showTab(): void {
    const name = this.#title.textContent || this.#session.textContent;
    document.title = `${name} · webtty`;
  }
}
