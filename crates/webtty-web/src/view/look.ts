// The look of a terminal: the daemon's settings, and over them what this browser's user chose.

import type { PageSettings } from "@webtty/client";
import { prefs, setPref } from "../prefs";
import type { Colors, TerminalSettings, TerminalView } from "../terminal/terminal";
import { colorsFor } from "../terminal/themes";

/** What a font of the user's lacks comes from these: letters first, then the symbols of prompts. */
const FALLBACK_FONTS = [
  '"JetBrains Mono"',
  '"Cascadia Mono"',
  '"SF Mono"',
  "Menlo",
  "Consolas",
  '"DejaVu Sans Mono"',
  '"Liberation Mono"',
  '"Symbols Nerd Font Mono"',
  '"Symbols Nerd Font"',
  "monospace",
].join(", ");

const SMALLEST_FONT = 6;
const LARGEST_FONT = 48;

const darkScheme = matchMedia("(prefers-color-scheme: dark)");

export class Look {
  readonly #settings: PageSettings;

  constructor(settings: PageSettings) {
    this.#settings = settings;
    this.#paintPage();
  }

  terminalSettings(): TerminalSettings {
    const settings = this.#settings;
    return {
      size: { cols: settings.cols, rows: settings.rows },
      fontSize: this.fontSize(),
      fontFamily: fontFamily(settings.fontFamily),
      cursorStyle: settings.cursorStyle,
      cursorBlink: settings.cursorStyleBlink,
      scrollbackLines: settings.scrollbackLines,
      wheelSpeed: settings.mouseScrollSpeed,
      screenReader: prefs().screenReader,
      colors: this.#colors(),
    };
  }

  fontSize(): number {
    const wanted = this.#settings.fontSize + prefs().zoom;
    return Math.min(LARGEST_FONT, Math.max(SMALLEST_FONT, wanted));
  }

  /** One step larger or smaller, or with 0 back to the configured size. */
  zoom(by: -1 | 0 | 1): number {
    const before = this.fontSize() - this.#settings.fontSize;
    setPref("zoom", by === 0 ? 0 : before + by);
    return this.fontSize();
  }

  /** Changes the colours whenever the system changes between dark and light. */
  follow(terminal: TerminalView): void {
    darkScheme.addEventListener("change", () => {
      terminal.setColors(this.#colors());
      this.#paintPage();
    });
  }

  #colors(): Colors {
    return colorsFor(darkScheme.matches, this.#settings.theme);
  }

  /** What is around the terminal has its background. */
  #paintPage(): void {
    const { theme } = this.#colors();
    document.documentElement.style.setProperty("--terminal", theme["background"] ?? "");
  }
}

function fontFamily(configured: string): string {
  const own = configured.trim();
  // A generic name would hide everything after it.
  const isGeneric = own === "" || /^(ui-)?monospace$/.test(own);
  return isGeneric ? FALLBACK_FONTS : `${own}, ${FALLBACK_FONTS}`;
}
