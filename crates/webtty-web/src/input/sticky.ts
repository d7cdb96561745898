// Modifiers of the touch key bar: tapped once, they hold for the next key.

export type Modifiers = { ctrl: boolean; alt: boolean };

export type CursorKey = "up" | "down" | "right" | "left" | "home" | "end";

const CURSOR_FINALS: Record<CursorKey, string> = {
  up: "A",
  down: "B",
  right: "C",
  left: "D",
  home: "H",
  end: "F",
};

/** What typed text becomes while the modifiers hold. */
export function withModifiers(data: string, { ctrl, alt }: Modifiers): string {
  const held = ctrl ? controlCharacter(data) : data;
  return alt ? `\x1b${held}` : held;
}

/** The control character of a key, or the text itself when it has none. */
function controlCharacter(data: string): string {
  if (data === " ") return "\0";
  if (data === "?") return "\x7f";
  const code = data.toUpperCase().charCodeAt(0);
  const hasOne = data.length === 1 && code >= 0x40 && code <= 0x5f;
  return hasOne ? String.fromCharCode(code & 0x1f) : data;
}

/** The bytes of a cursor key, as xterm sends them. */
export function cursorKey(key: CursorKey, { ctrl, alt }: Modifiers, isApplicationMode: boolean): string {
  const final = CURSOR_FINALS[key];
  const modifier = 1 + (alt ? 2 : 0) + (ctrl ? 4 : 0);
  if (modifier > 1) return `\x1b[1;${modifier}${final}`;
  return isApplicationMode ? `\x1bO${final}` : `\x1b[${final}`;
}
