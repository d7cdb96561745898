// The menu of the terminal's page.

import { button, ICONS, icon, make } from "../dom";

export type MenuItem =
  | { label: string; keys?: string; act: () => void }
  | { label: string; isOn: () => boolean; act: () => void }
  | "line";

/** A button, and the menu it opens, whose items are asked for each time. */
export function menu(items: () => MenuItem[], closed: () => void): { button: HTMLElement; popover: HTMLElement } {
  const popover = make("div", { id: "menu", class: "menu", popover: "auto", role: "menu" });
  const opener = make(
    "button",
    { type: "button", class: "quiet", popovertarget: "menu", "aria-label": "Menu", "aria-haspopup": "menu" },
    icon(ICONS.more),
  );
  popover.addEventListener("beforetoggle", (event) => {
    if ((event as ToggleEvent).newState !== "open") return;
    popover.replaceChildren(...items().map((item) => entry(item, () => popover.hidePopover())));
  });
  popover.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState === "open") popover.querySelector("button")?.focus();
    else closed();
  });
  popover.addEventListener("keydown", (event) => moveFocus(popover, event));
  return { button: opener, popover };
}

function entry(item: MenuItem, close: () => void): HTMLElement {
  if (item === "line") return make("hr");
  const isChoice = "isOn" in item;
  const keys = "keys" in item && item.keys !== undefined ? make("kbd", {}, item.keys) : null;
  return button(
    {
      role: isChoice ? "menuitemcheckbox" : "menuitem",
      "aria-checked": isChoice ? String(item.isOn()) : undefined,
    },
    [item.label, keys],
    () => {
      close();
      item.act();
    },
  );
}

function moveFocus(popover: HTMLElement, event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const entries = [...popover.querySelectorAll("button")];
  const at = entries.findIndex((candidate) => candidate === document.activeElement);
  entries[(at + step + entries.length) % entries.length]?.focus();
}
