// Shows where a link of the terminal leads, before and so that it can be opened.

import { button, make } from "../dom";
import { copyText } from "../input/clipboard";
import { safeLink } from "../terminal/links";
import { isMac } from "./viewport";

export class LinkCard {
  readonly element: HTMLElement;
  readonly #target = make("span", { class: "target" });
  readonly #hint = make("span", { class: "hint" });
  readonly #actions: HTMLElement;
  #shown: string | null = null;

  constructor() {
    this.#actions = make(
      "span",
      { class: "actions" },
      button({ class: "primary" }, ["Open"], () => this.#open()),
      button({}, ["Copy"], () => void this.#copy()),
      button({}, ["Close"], () => this.#hide()),
    );
    this.element = make("div", { class: "link-card", hidden: true }, this.#target, this.#hint, this.#actions);
  }

  /** The pointer is on a link: say where it leads. */
  hover(link: string | null): void {
    if (!this.#actions.hidden && this.#shown !== null) return;
    if (link === null) this.#hide();
    else this.#show(link, true);
  }

  /** A link was clicked. With Ctrl or Cmd held it opens; otherwise its target is shown first. */
  activate(link: string, event: MouseEvent): void {
    const target = safeLink(link);
    if (target !== null && (event.ctrlKey || event.metaKey)) openTarget(target);
    else this.#show(link, false);
  }

  #show(link: string, isHover: boolean): void {
    this.#shown = safeLink(link);
    this.#target.textContent = this.#shown ?? "This link leads nowhere the page would go.";
    this.#hint.textContent = this.#shown === null ? "" : `${isMac ? "Cmd" : "Ctrl"}-click opens it`;
    this.#hint.hidden = !isHover;
    this.#actions.hidden = isHover || this.#shown === null;
    this.element.hidden = false;
    if (this.#shown === null && !isHover) setTimeout(() => this.#hide(), 3000);
  }

  #open(): void {
    if (this.#shown !== null) openTarget(this.#shown);
    this.#hide();
  }

  async #copy(): Promise<void> {
    if (this.#shown !== null) await copyText(this.#shown);
    this.#hide();
  }

  #hide(): void {
    this.#shown = null;
    this.element.hidden = true;
  }
}

function openTarget(target: string): void {
  window.open(target, "_blank", "noopener,noreferrer");
}
