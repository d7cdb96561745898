// The bar that finds text in the terminal.

import { button, ICONS, icon, make } from "../dom";
import type { FindDirection, TerminalView } from "../terminal/terminal";

export class FindBar {
  readonly element: HTMLElement;
  readonly #field = make("input", { type: "search", "aria-label": "Find in the terminal", placeholder: "Find" });
  readonly #count = make("span", { class: "count", role: "status" });
  readonly #terminal: TerminalView;

  constructor(terminal: TerminalView) {
    this.#terminal = terminal;
    this.element = make(
      "div",
      { class: "find", role: "search", hidden: true },
      this.#field,
      this.#count,
      button({ class: "quiet", "aria-label": "Previous match" }, [icon(ICONS.up)], () => this.#find("previous")),
      button({ class: "quiet", "aria-label": "Next match" }, [icon(ICONS.down)], () => this.#find("next")),
      button({ class: "quiet", "aria-label": "Close" }, [icon(ICONS.close)], () => this.close()),
    );
    this.#field.addEventListener("input", () => this.#find("previous"));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
  }

  open(): void {
    this.element.hidden = false;
    const selected = this.#terminal.selection();
    if (selected !== "" && !selected.includes("\n")) this.#field.value = selected;
    this.#field.focus();
    this.#field.select();
  }

  close(): void {
    this.element.hidden = true;
    this.#count.textContent = "";
    this.#terminal.endFind();
    this.#terminal.focus();
  }

  found(index: number, count: number): void {
    if (this.#field.value === "") this.#count.textContent = "";
    else if (count === 0) this.#count.textContent = "none";
    else this.#count.textContent = index < 0 ? `${count}` : `${index + 1} of ${count}`;
  }

  #find(direction: FindDirection): void {
    if (this.#field.value === "") {
      this.#terminal.endFind();
      this.found(-1, 0);
    } else {
      this.#terminal.find(this.#field.value, direction);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter") this.#find(event.shiftKey ? "next" : "previous");
    else return;
    event.preventDefault();
  }
}
