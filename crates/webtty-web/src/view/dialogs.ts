// Questions that have to be answered before anything else.

import { button, make } from "../dom";

/** Asks whether to do something that cannot be undone. */
export function confirmAction(question: string, detail: string, verb: string): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = make("dialog", { "aria-labelledby": "question" });
    const answer = (yes: boolean) => {
      dialog.close();
      resolve(yes);
    };
    const cancel = button({}, ["Cancel"], () => answer(false));
    dialog.append(
      make("h2", { id: "question" }, question),
      make("p", {}, detail),
      make("div", { class: "actions" }, cancel, button({ class: "danger" }, [verb], () => answer(true))),
    );
    open(dialog, () => resolve(false));
    cancel.focus();
  });
}

/** Asks for text where the browser does not give the page its clipboard. */
export function askForPaste(): Promise<string | null> {
  return new Promise((resolve) => {
    const field = make("textarea", { rows: "4", "aria-label": "Text to paste", placeholder: "Paste here" });
    const dialog = make("dialog", { "aria-labelledby": "paste-title" });
    const send = () => {
      dialog.close();
      resolve(field.value);
    };
    dialog.append(
      make("h2", { id: "paste-title" }, "Paste into the terminal"),
      make("p", {}, "This browser does not let the page read the clipboard. Paste here first."),
      field,
      make(
        "div",
        { class: "actions" },
        button({}, ["Cancel"], () => dialog.close()),
        button({ class: "primary" }, ["Send"], send),
      ),
    );
    open(dialog, () => resolve(null));
    field.focus();
  });
}

/** Asks by what name to ask others; null when it is not to be asked. */
export function askForName(known: string): Promise<string | null> {
  return new Promise((resolve) => {
    const field = make("input", { "aria-label": "Your name", placeholder: "Your name", maxlength: "40", autocomplete: "name" });
    field.value = known;
    const dialog = make("dialog", { "aria-labelledby": "name-title" });
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { id: "name-title" }, "Ask to type"),
      make("p", {}, "Those who may type see who asks, and can let you for a time."),
      field,
      make(
        "div",
        { class: "actions" },
        button({}, ["Cancel"], () => dialog.close()),
        make("button", { type: "submit", class: "primary" }, "Ask"),
      ),
    );
    form.addEventListener("submit", () => resolve(field.value.trim()));
    dialog.append(form);
    open(dialog, () => resolve(null));
    field.focus();
  });
}

/** Shows a dialog; `closed` runs when it is gone, after whatever answered it. */
function open(dialog: HTMLDialogElement, closed: () => void): void {
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
}
