// Keys that a phone's keyboard lacks, above it.

import { button, ICONS, icon, make } from "../dom";
import { cursorKey, type CursorKey, type Modifiers, withModifiers } from "../input/sticky";

export interface KeyBarEvents {
  send(text: string): void;
  paste(): void;
  toggleKeyboard(): void;
  isApplicationCursor(): boolean;
}

/** How long a finger rests before a key repeats, and how often it then does. */
const REPEAT_AFTER_MS = 400;
const REPEAT_EVERY_MS = 70;

export class KeyBar {
  readonly element: HTMLElement;
  readonly #events: KeyBarEvents;
  readonly #held: Modifiers = { ctrl: false, alt: false };
  readonly #modifierKeys: Record<keyof Modifiers, HTMLButtonElement>;

  constructor(events: KeyBarEvents) {
    this.#events = events;
    this.#modifierKeys = { ctrl: this.#modifier("ctrl", "Ctrl"), alt: this.#modifier("alt", "Alt") };
    this.element = make(
      "div",
      { class: "key-bar", role: "toolbar", "aria-label": "Keys" },
      this.#key("Esc", "Escape", () => this.#type("\x1b")),
      this.#key("Tab", "Tab", () => this.#type("\t")),
      this.#modifierKeys.ctrl,
      this.#modifierKeys.alt,
      this.#arrow("left"),
      this.#arrow("down"),
      this.#arrow("up"),
      this.#arrow("right"),
      this.#key(icon(ICONS.clipboard), "Paste", () => events.paste()),
      this.#key(icon(ICONS.keyboard), "Show or hide the keyboard", () => events.toggleKeyboard()),
      ...["-", "/", "|", "~"].map((text) => this.#key(text, text, () => this.#type(text))),
    );
    // The keyboard must stay open, and the focus in the terminal, while keys of the bar are used.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** What was typed on the real keyboard, with the held modifiers, which this lets go. */
  apply(text: string): string {
    const applied = withModifiers(text, this.#held);
    this.#letGo();
    return applied;
  }

  isHolding(): boolean {
    return this.#held.ctrl || this.#held.alt;
  }

  #type(text: string): void {
    this.#events.send(this.apply(text));
  }

  #key(label: string | Node, name: string, act: () => void): HTMLButtonElement {
    return button({ "aria-label": name }, [label], act);
  }

  #arrow(direction: CursorKey & keyof typeof ICONS): HTMLButtonElement {
    const press = () => {
      this.#events.send(cursorKey(direction, this.#held, this.#events.isApplicationCursor()));
    };
    const key = this.#key(icon(ICONS[direction]), `Arrow ${direction}`, () => {
      press();
      this.#letGo();
    });
    repeatWhileHeld(key, press);
    return key;
  }

  #modifier(which: keyof Modifiers, label: string): HTMLButtonElement {
    const key = button({ "aria-pressed": "false" }, [label], () => {
      this.#held[which] = !this.#held[which];
      key.setAttribute("aria-pressed", String(this.#held[which]));
    });
    return key;
  }

  #letGo(): void {
    this.#held.ctrl = false;
    this.#held.alt = false;
    for (const key of Object.values(this.#modifierKeys)) key.setAttribute("aria-pressed", "false");
  }
}

function repeatWhileHeld(key: HTMLElement, press: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = () => {
    press();
    timer = setTimeout(again, REPEAT_EVERY_MS);
  };
  key.addEventListener("pointerdown", () => (timer = setTimeout(again, REPEAT_AFTER_MS)));
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    key.addEventListener(end, () => clearTimeout(timer));
  }
}
