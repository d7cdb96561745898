// Pasting and dropping onto the terminal, whatever it is.

import type { Client, Pty, Role } from "@webtty/client";

import { make } from "../dom";
import { readText } from "../input/clipboard";
import { brought, clipboardPicture, readableSize, typedPaths } from "../input/files";
import type { Toasts } from "./toast";
import type { Typing } from "./typing";

/** What a program takes for "look at the clipboard": Ctrl-V. */
const CTRL_V = "\x16";

export class Bringing {
  readonly #client: Client;
  readonly #pty: Pty;
  readonly #typing: Typing;
  readonly #toasts: Toasts;
  readonly #maxFileBytes: number;
  #role: Role | null = null;

  constructor(client: Client, pty: Pty, typing: Typing, toasts: Toasts, maxFileBytes: number) {
    this.#client = client;
    this.#pty = pty;
    this.#typing = typing;
    this.#toasts = toasts;
    this.#maxFileBytes = maxFileBytes;
  }

  setRole(role: Role): void {
    this.#role = role;
  }

  /** Takes pastes of the terminal's field, and drops anywhere: a browser would leave the page to
   * show what was dropped. */
  listen(stage: HTMLElement, textArea: HTMLElement): void {
    const paste = (event: ClipboardEvent) => {
      if (event.target !== textArea) return;
      event.preventDefault();
      event.stopPropagation();
      void this.#paste(event.clipboardData);
    };
    stage.addEventListener("paste", paste, { capture: true });
    this.#listenToDrops(stage);
  }

  /** Pastes what the browser lets the page have of the clipboard: text, else a picture. */
  async fromClipboard(): Promise<void> {
    const picture = (await readText()) ? null : await clipboardPicture();
    if (picture === null) return this.#typing.pasteFromClipboard();
    await this.#upload([picture]);
    this.#typing.focus();
  }

  #listenToDrops(stage: HTMLElement): void {
    const veil = make("div", { class: "drop-veil" }, "Drop files to put them beside the session and type their paths");
    const hide = () => veil.remove();
    window.addEventListener("dragover", (event) => {
      event.preventDefault();
      const over = event.target instanceof Node && stage.contains(event.target);
      if (event.dataTransfer) event.dataTransfer.dropEffect = over ? "copy" : "none";
      if (over && !veil.isConnected && event.dataTransfer?.types.includes("Files")) stage.append(veil);
      if (!over) hide();
    });
    window.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) hide();
    });
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      hide();
      if (event.target instanceof Node && stage.contains(event.target)) void this.#drop(event.dataTransfer);
    });
  }

  async #paste(data: DataTransfer | null): Promise<void> {
    const what = brought(data);
    if (what.is === "text") return this.#typing.paste(what.text);
    if (what.is === "files") return this.#upload(what.files);
    // A paste of plain text only comes without the picture that is there.
    const picture = await clipboardPicture();
    if (picture !== null) return this.#upload([picture]);
    // Something is there that the page cannot have; a program on the same machine may.
    if (what.is === "other") return this.#typing.send(CTRL_V);
    this.#toasts.show("There is nothing on the clipboard that this page can paste.");
  }

  async #drop(data: DataTransfer | null): Promise<void> {
    const what = brought(data);
    if (what.is === "files") return this.#upload(what.files);
    if (what.is === "text") return this.#typing.paste(what.text);
    if (what.is === "directories") this.#toasts.show("A directory cannot be dropped here: pack it into one file first.");
  }

  async #upload(files: File[]): Promise<void> {
    if (this.#role === "view") return this.#toasts.show("You are watching. Ask to type, and somebody may let you.");
    const large = files.find((file) => file.size > this.#maxFileBytes);
    if (large !== undefined) {
      return this.#toasts.show(`${large.name} is larger than ${readableSize(this.#maxFileBytes)}: nothing was sent.`);
    }
    const paths: string[] = [];
    for (const [index, file] of files.entries()) {
      const which = files.length === 1 ? "" : ` (${index + 1} of ${files.length})`;
      const done = this.#toasts.showUntil(`Sending ${file.name}${which}, ${readableSize(file.size)} …`);
      try {
        paths.push((await this.#client.rest.upload(this.#pty.session, file.name, file)).path);
      } catch (error) {
        this.#toasts.show(`${file.name} was not sent: ${error instanceof Error ? error.message : String(error)}`);
        break;
      } finally {
        done();
      }
    }
    if (paths.length > 0) this.#typing.paste(typedPaths(paths));
  }
}
