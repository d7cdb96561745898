// What a key press does before the terminal sees it.

import type { KeyBinding } from "@webtty/client";

/** The part of a `KeyboardEvent` that decides. */
export type KeyPress = Pick<KeyboardEvent, "type" | "key" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/** What the page does at a key press. */
export type PageAction =
  | { does: "send"; chars: string }
  | { does: "zoom"; by: -1 | 0 | 1 }
  | { does: "copy" }
  | { does: "find" }
  /** Goes to who is here, and who asks to type. */
  | { does: "people" };

/** What is done at a key press. */
export type KeyAction =
  | PageAction
  /** The browser handles it: its own `paste` or `copy` event follows. */
  | { does: "browser" }
  | { does: "terminal" };

/** Decides in this order: the user's bindings, the page's own keys, the terminal. */
export function decide(press: KeyPress, bindings: KeyBinding[], isMac: boolean): KeyAction {
  const binding = bindings.find((candidate) => matches(candidate, press));
  if (binding) return { does: "send", chars: binding.chars };
  if (press.altKey) return { does: "terminal" };
  const key = press.key.toLowerCase();
  return isMac && press.metaKey ? macAction(key) : controlAction(press, key);
}

function macAction(key: string): KeyAction {
  switch (key) {
    case "f":
      return { does: "find" };
    case "c":
    case "v":
      return { does: "browser" };
    default:
      return zoomAction(key) ?? { does: "terminal" };
  }
}

function controlAction(press: KeyPress, key: string): KeyAction {
  if (press.metaKey || !press.ctrlKey) {
    const isPaste = key === "insert" && press.shiftKey && !press.metaKey;
    return { does: isPaste ? "browser" : "terminal" };
  }
  // Ctrl-Shift-minus is Ctrl-_, an undo key of shells and editors: it stays theirs.
  if (!press.shiftKey || key === "+") return zoomAction(key) ?? { does: "terminal" };
  switch (key) {
    case "c":
      return { does: "copy" };
    case "v":
      return { does: "browser" };
    case "f":
      return { does: "find" };
    case "y":
      return { does: "people" };
    default:
      return { does: "terminal" };
  }
}

function zoomAction(key: string): KeyAction | null {
  switch (key) {
    case "-":
      return { does: "zoom", by: -1 };
    case "0":
      return { does: "zoom", by: 0 };
    case "=":
    case "+":
      return { does: "zoom", by: 1 };
    default:
      return null;
  }
}

/** Does the press have the binding's key, in any case, and exactly its modifiers? */
function matches(binding: KeyBinding, press: KeyPress): boolean {
  if (binding.key.toLowerCase() !== press.key.toLowerCase()) return false;
  const wanted = new Set((binding.mods ?? []).map((mod) => mod.toLowerCase()));
  return (
    wanted.has("ctrl") === press.ctrlKey &&
    wanted.has("shift") === press.shiftKey &&
    wanted.has("alt") === press.altKey &&
    wanted.has("meta") === press.metaKey
  );
}
