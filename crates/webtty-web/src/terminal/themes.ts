// The page's own colours of a terminal, one set for dark and one for light.

import type { Colors, Theme } from "./terminal";

const DARK: Theme = {
  background: "#0d1117",
  foreground: "#d3dbe6",
  cursor: "#6fd3b5",
  cursorAccent: "#0d1117",
  selectionBackground: "#2c4a6b",
  selectionInactiveBackground: "#3c608a",
  black: "#343e4c",
  red: "#f2777a",
  green: "#84cf8a",
  yellow: "#e3c46c",
  blue: "#6aa9f7",
  magenta: "#c596ec",
  cyan: "#62d0cf",
  white: "#c3ccd8",
  brightBlack: "#6c7887",
  brightRed: "#ff9a9c",
  brightGreen: "#a4e5a8",
  brightYellow: "#f4dc92",
  brightBlue: "#93c3ff",
  brightMagenta: "#dcb8f8",
  brightCyan: "#8fe8e6",
  brightWhite: "#f3f6fa",
};

const LIGHT: Theme = {
  background: "#fcfbf8",
  foreground: "#2a2f37",
  cursor: "#13806a",
  cursorAccent: "#fcfbf8",
  selectionBackground: "#bcd7f2",
  selectionInactiveBackground: "#a3c9ef",
  black: "#2a2f37",
  red: "#b92b32",
  green: "#257a33",
  yellow: "#8c6400",
  blue: "#1d5fc2",
  magenta: "#8b3fae",
  cyan: "#0b7480",
  white: "#d5d2ca",
  brightBlack: "#757b84",
  brightRed: "#d33f45",
  brightGreen: "#2f9440",
  brightYellow: "#a97b00",
  brightBlue: "#2f78e6",
  brightMagenta: "#a653cb",
  brightCyan: "#0f8e9b",
  brightWhite: "#ffffff",
};

/** Programs choose their colours for dark screens; on light ones they are moved to be legible. */
const LIGHT_CONTRAST = 4.5;

/** Names of colours in the settings that the terminal has under others. */
const OTHER_NAMES: Theme = {
  purple: "magenta",
  brightPurple: "brightMagenta",
  selection: "selectionBackground",
};

function renamed(own: Theme): Theme {
  return Object.fromEntries(Object.entries(own).map(([name, color]) => [OTHER_NAMES[name] ?? name, color]));
}

/** The colours for dark or light, with the user's own over them. */
export function colorsFor(isDark: boolean, own: Theme): Colors {
  const theme = { ...(isDark ? DARK : LIGHT), ...renamed(own) };
  // The scroll bar's edge would be white otherwise.
  const overviewRulerBorder = theme["background"] ?? "";
  return {
    theme: { overviewRulerBorder, ...theme },
    contrast: isDark ? 1 : LIGHT_CONTRAST,
    match: isDark ? "#54461c" : "#f2dfa3",
  };
}
