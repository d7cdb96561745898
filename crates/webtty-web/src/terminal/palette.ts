// The colours of cells, for who draws them without a terminal.

import type { ScreenColor, ScreenRun } from "@webtty/client";

import type { Theme } from "./terminal";

/** The names of the first sixteen, in the order of their numbers. */
const NAMES = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
];

/** A colour as CSS has it. */
export function cssColor(color: ScreenColor, theme: Theme): string {
  if (typeof color === "string") return color;
  const name = NAMES[color];
  if (name !== undefined) return theme[name] ?? "";
  // A cube of six levels a channel, then a ramp of greys.
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = color - 16;
  const grey = 8 + (color - 232) * 10;
  const [red, green, blue] =
    color >= 232 ? [grey, grey, grey] : [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
  return `rgb(${red} ${green} ${blue})`;
}

/** What a run is written in, and what is behind it; null where that is the terminal's own. */
export function inkOf(run: ScreenRun, theme: Theme): { ink: string; ground: string | null } {
  // Bold text in one of the first eight colours is shown in its bright one, as terminals do.
  const fg = run.bold && typeof run.fg === "number" && run.fg < 8 ? run.fg + 8 : run.fg;
  const ink = fg == null ? (theme["foreground"] ?? "") : cssColor(fg, theme);
  const ground = run.bg == null ? null : cssColor(run.bg, theme);
  if (!run.inverse) return { ink, ground };
  return { ink: ground ?? theme["background"] ?? "", ground: ink };
}
