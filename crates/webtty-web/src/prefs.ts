// What this browser's user has chosen, over the daemon's settings.

import { load, save } from "./storage";

const STORE = "webtty.prefs";

export type Prefs = {
  /** Steps of one pixel added to the configured font size. */
  zoom: number;
  /** Keep a text copy of the screen for screen readers? */
  screenReader: boolean;
  /** Show the key bar? Null until chosen: where a finger is the pointer. */
  keyBar: boolean | null;
  /** By what name others are told of this browser's user; empty until chosen. */
  name: string;
};

export function prefs(): Prefs {
  const stored = (load(STORE) ?? {}) as Partial<Prefs>;
  return {
    zoom: typeof stored.zoom === "number" ? stored.zoom : 0,
    screenReader: stored.screenReader === true,
    keyBar: typeof stored.keyBar === "boolean" ? stored.keyBar : null,
    name: typeof stored.name === "string" ? stored.name : "",
  };
}

export function setPref<Name extends keyof Prefs>(name: Name, value: Prefs[Name]): void {
  save(STORE, { ...prefs(), [name]: value });
}
