// Short messages that go away by themselves.

import { make } from "../dom";

const SHOWN_MS = 4_000;

export class Toasts {
  readonly element = make("div", { class: "toasts", role: "status" });

  show(text: string): void {
    setTimeout(this.showUntil(text), SHOWN_MS);
  }

  /** Shows it until the function that is given back is called. */
  showUntil(text: string): () => void {
    const toast = make("div", { class: "toast" }, text);
    this.element.append(toast);
    return () => toast.remove();
  }
}
