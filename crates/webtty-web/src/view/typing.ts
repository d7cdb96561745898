// Everything that a person sends to the shell, whichever way it comes: one order, one set of
// rules.

import type { ConnectionState, Pty, Role } from "@webtty/client";

import { readText } from "../input/clipboard";
import { Outbox } from "../input/outbox";
import { preparePaste } from "../input/paste";
import type { TerminalView } from "../terminal/terminal";
import { lossWords } from "../text";
import { askForPaste } from "./dialogs";
import { KeyBar } from "./key_bar";
import type { Toasts } from "./toast";

/** How long the same thing is not said again. */
const REPEAT_MS = 5_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Typing {
  readonly keyBar: KeyBar;
  readonly #pty: Pty;
  readonly #terminal: TerminalView;
  readonly #toasts: Toasts;
  readonly #outbox: Outbox;
  #role: Role | null = null;
  #state: ConnectionState = { is: "connecting" };
  #hasTyped = false;
  #lastWords = { text: "", at: -Infinity };

  constructor(pty: Pty, terminal: TerminalView, toasts: Toasts) {
    this.#pty = pty;
    this.#terminal = terminal;
    this.#toasts = toasts;
    this.#outbox = new Outbox({
      send: (bytes) => pty.sendInput(bytes),
      // What is given to a connection that is about to end would be gone without a word.
      bufferedBytes: () => (pty.isOpen() ? pty.bufferedBytes() : Infinity),
    });
    this.keyBar = this.#makeKeyBar();
    pty.onBreak((unsureBytes) => this.#broke(unsureBytes));
  }

  setRole(role: Role): void {
    this.#role = role;
  }

  setState(state: ConnectionState): void {
    this.#state = state;
  }

  /** Would closing the page by accident interrupt somebody at work? */
  isAtWork(): boolean {
    return this.#hasTyped && this.#state.is === "connected";
  }

  /** The page is left on purpose. */
  rest(): void {
    this.#hasTyped = false;
  }

  /** Tells a program of the focus, in order with what is typed. It is nobody's work: nothing is said
   * when it cannot be sent, and nothing is lost by leaving after it. */
  reportFocus(bytes: Uint8Array): void {
    if (this.#role !== "view" && this.#pty.isOpen()) this.#outbox.push(bytes);
  }

  /** Terminal input: keys and mouse reports. */
  input(bytes: Uint8Array): void {
    const isHeld = this.keyBar.isHolding();
    this.#send(isHeld ? encoder.encode(this.keyBar.apply(decoder.decode(bytes))) : bytes);
  }

  /** Characters as they are. */
  send(text: string): void {
    this.#send(encoder.encode(text));
  }

  paste(text: string): void {
    if (text === "") return;
    this.send(preparePaste(text, this.#terminal.isBracketedPaste()));
    this.#terminal.scrollToBottom();
  }

  focus(): void {
    this.#terminal.focus();
  }

  async pasteFromClipboard(): Promise<void> {
    const text = (await readText()) ?? (await askForPaste());
    if (text !== null) this.paste(text);
    this.#terminal.focus();
  }

  /** What waited for a connection that broke is not sent later, when nobody expects it any more. */
  #broke(unsureBytes: number): void {
    const words = lossWords(unsureBytes, this.#outbox.clear());
    if (words !== null) this.#toasts.show(words);
  }

  #send(bytes: Uint8Array): void {
    if (this.#role === "view") return this.#say("You are watching. Ask to type, and somebody may let you.");
    if (!this.#pty.isOpen()) return this.#sayNotSent();
    this.#hasTyped = true;
    this.#outbox.push(bytes);
  }

  #sayNotSent(): void {
    // That a session is over, or not to be reached with this link, is said elsewhere.
    const isOver = this.#state.is === "ended" || this.#state.is === "refused";
    if (!isOver) this.#say("Not connected: what you type now is not sent.");
  }

  /** Says something, but not at every key. */
  #say(text: string): void {
    const now = performance.now();
    if (this.#lastWords.text === text && now - this.#lastWords.at < REPEAT_MS) return;
    this.#lastWords = { text, at: now };
    this.#toasts.show(text);
  }

  #makeKeyBar(): KeyBar {
    const { textArea } = this.#terminal;
    return new KeyBar({
      send: (text) => this.send(text),
      paste: () => void this.pasteFromClipboard(),
      toggleKeyboard: () => {
        if (document.activeElement === textArea) textArea.blur();
        else this.#terminal.focus();
      },
      isApplicationCursor: () => this.#terminal.isApplicationCursor(),
    });
  }
}
