// The page at `/s/ID`: a terminal and what belongs to it.

import type { Api } from "../api";
import { renamed as credentialRenamed } from "../auth";
import { type LinkSink, type LinkState, SessionLink } from "../connection/link";
import { make } from "../dom";
import type { PageSettings, Role } from "../generated/protocol";
import { decide, type PageAction } from "../input/bindings";
import { copyText, readText } from "../input/clipboard";
import { Outbox } from "../input/outbox";
import { preparePaste } from "../input/paste";
import { scrollByTouch } from "../input/touch_scroll";
import { prefs, setPref } from "../prefs";
import { sessionPath } from "../route";
import type { TerminalEvents, TerminalView } from "../terminal/terminal";
import { openTerminal } from "../terminal/xterm";
import { askForPaste, confirmAction } from "./dialogs";
import { endBanner } from "./end_banner";
import { FindBar } from "./find";
import { Header } from "./header";
import { KeyBar } from "./key_bar";
import { showKeyScreen } from "./key_screen";
import { LinkCard } from "./link_card";
import { Look } from "./look";
import { type MenuItem, menu } from "./menu";
import { openSessionsDrawer } from "./sessions_drawer";
import { Sizing } from "./sizing";
import { StatusPill } from "./status";
import { Toasts } from "./toast";
import { followVisualViewport, isTouch } from "./viewport";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function showTerminal(api: Api, settings: PageSettings, session: string): void {
  new TerminalPage(api, settings, session);
}

class TerminalPage {
  readonly #api: Api;
  readonly #settings: PageSettings;
  readonly #look: Look;
  readonly #terminal: TerminalView;
  readonly #link: SessionLink;
  readonly #outbox: Outbox;
  readonly #sizing: Sizing;
  readonly #header: Header;
  readonly #pill = new StatusPill(() => {
    this.#link.wake();
    this.#terminal.focus();
  });
  readonly #toasts = new Toasts();
  readonly #linkCard = new LinkCard();
  readonly #find: FindBar;
  readonly #keyBar: KeyBar;
  readonly #end = make("div", { class: "end" });
  readonly #stage = make("main", { class: "stage", "aria-label": "Terminal" });
  #state: LinkState = { is: "connecting" };
  #role: Role | null = null;
  #hasTyped = false;

  constructor(api: Api, settings: PageSettings, session: string) {
    this.#api = api;
    this.#settings = settings;
    this.#look = new Look(settings);
    const { button, popover } = menu(this.#menuItems(), () => this.#terminal.focus());
    this.#header = new Header(session, this.#pill.element, button, () => this.#openList());
    this.#keyBar = this.#makeKeyBar();
    const app = make("div", { class: "app" }, this.#header.element, this.#stage, this.#end, this.#keyBar.element);
    document.body.className = "terminal-page";
    document.body.replaceChildren(app, popover, this.#linkCard.element, this.#toasts.element);
    followVisualViewport();
    this.#showKeyBar();

    this.#terminal = openTerminal(this.#stage, this.#look.terminalSettings(), this.#terminalEvents());
    this.#find = new FindBar(this.#terminal);
    this.#stage.append(this.#find.element);
    this.#look.follow(this.#terminal);
    this.#sizing = new Sizing(this.#stage, this.#terminal, this.#look.fontSize(), {
      ask: (size) => {
        if (this.#role !== "view") this.#link.resize(size);
      },
      foreign: (size) => this.#header.setForeignSize(size),
    });
    this.#link = new SessionLink(session, api, () => this.#sizing.announce(), this.#sink());
    this.#outbox = new Outbox({
      send: (bytes) => this.#link.send(bytes),
      bufferedBytes: () => this.#link.bufferedBytes(),
    });
    this.#listen();
    this.#terminal.focus();
    this.#link.start();
  }

  #sink(): LinkSink {
    return {
      state: (state) => this.#showState(state),
      hello: (hello) => {
        this.#role = hello.role;
        this.#header.setRole(hello.role);
        this.#header.setTitle(hello.title ?? "");
        this.#sizing.begin(hello);
      },
      rebuild: () => this.#terminal.rebuild(),
      bytes: (bytes, processed) => this.#terminal.write(bytes, processed),
      resized: (size) => this.#sizing.told(size),
      title: (title) => this.#header.setTitle(title),
      renamed: (session) => this.#renamed(session),
      notice: (text) => this.#toasts.show(text),
    };
  }

  #terminalEvents(): TerminalEvents {
    return {
      input: (bytes) => this.#input(bytes),
      key: (press) => decide(press, this.#settings.keyboardBindings, isMac),
      action: (action) => this.#act(action),
      hover: (link) => this.#linkCard.hover(link),
      activate: (link, event) => this.#linkCard.activate(link, event),
      found: (index, count) => this.#find.found(index, count),
    };
  }

  #act(action: PageAction): void {
    if (action.does === "send") this.#input(encoder.encode(action.chars));
    else if (action.does === "zoom") this.#sizing.setFont(this.#look.zoom(action.by));
    else if (action.does === "copy") void this.#copy(this.#terminal.selection());
    else this.#find.open();
  }

  #showState(state: LinkState): void {
    this.#state = state;
    this.#pill.show(state);
    this.#stage.classList.toggle("stale", state.is === "reconnecting");
    const lost = state.is === "connected" ? 0 : this.#outbox.clear();
    if (lost > 0) this.#toasts.show(`The connection broke: ${lost} bytes of input were not sent.`);
    const banner = endBanner(state, this.#link.session, this.#mayManage(), {
      newSession: () => void this.#create({}),
      createHere: () => void this.#create({ id: this.#link.session }),
      list: () => this.#openList(),
      enterKey: () => showKeyScreen(this.#api, false),
      reload: () => location.reload(),
    });
    this.#end.replaceChildren(...(banner ? [banner] : []));
    if (state.is === "ended") this.#sizing.release();
  }

  /** Everything a person does that goes to the shell. */
  #input(bytes: Uint8Array): void {
    if (!this.#mayType()) return;
    this.#hasTyped = true;
    const isHeld = this.#keyBar.isHolding();
    this.#outbox.push(isHeld ? encoder.encode(this.#keyBar.apply(decoder.decode(bytes))) : bytes);
  }

  #mayType(): boolean {
    if (this.#role === "view") this.#once("You are watching: this link does not let you type.");
    else if (this.#state.is === "reconnecting") this.#once("Not connected: what you type now is not sent.");
    return this.#role !== "view" && this.#link.isOpen();
  }

  #lastWord = { text: "", at: 0 };

  /** Says something, but not at every key. */
  #once(text: string): void {
    const now = performance.now();
    if (this.#lastWord.text === text && now - this.#lastWord.at < 5_000) return;
    this.#lastWord = { text, at: now };
    this.#toasts.show(text);
  }

  #paste(text: string): void {
    if (text === "" || !this.#mayType()) return;
    this.#hasTyped = true;
    this.#outbox.push(encoder.encode(preparePaste(text, this.#terminal.isBracketedPaste())));
    this.#terminal.scrollToBottom();
  }

  async #pasteFromClipboard(): Promise<void> {
    const text = (await readText()) ?? (await askForPaste());
    if (text !== null) this.#paste(text);
    this.#terminal.focus();
  }

  async #copy(text: string): Promise<void> {
    if (text === "") return;
    if (!(await copyText(text))) this.#toasts.show("This browser does not let the page copy.");
  }

  #listen(): void {
    this.#listenToPointer();
    scrollByTouch(this.#stage);
    this.#stage.addEventListener(
      "paste",
      (event) => {
        if (event.target !== this.#terminal.textArea) return;
        event.preventDefault();
        event.stopPropagation();
        this.#paste(event.clipboardData?.getData("text/plain") ?? "");
      },
      { capture: true },
    );
    const wake = () => {
      if (document.visibilityState === "visible") this.#link.wake();
    };
    for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, wake);
    document.addEventListener("visibilitychange", wake);
    // The page's own keys work wherever on it the focus is.
    window.addEventListener("keydown", (event) => {
      if (event.target === this.#terminal.textArea || event.defaultPrevented) return;
      const action = decide(event, [], isMac);
      if (action.does !== "find" && action.does !== "zoom") return;
      event.preventDefault();
      this.#act(action);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.#hasTyped && this.#state.is === "connected") event.preventDefault();
    });
  }

  #listenToPointer(): void {
    document.addEventListener("mouseup", () => {
      if (this.#settings.copyOnSelect) void this.#copy(this.#terminal.selection());
    });
    this.#stage.addEventListener("contextmenu", (event) => {
      if (this.#settings.rightClickBehavior !== "copyPaste" || this.#terminal.wantsMouse()) return;
      event.preventDefault();
      const selected = this.#terminal.selection();
      this.#terminal.clearSelection();
      if (selected === "") void this.#pasteFromClipboard();
      else void this.#copy(selected);
    });
  }

  #makeKeyBar(): KeyBar {
    return new KeyBar({
      send: (text) => {
        if (this.#mayType()) this.#outbox.push(encoder.encode(text));
      },
      paste: () => void this.#pasteFromClipboard(),
      toggleKeyboard: () => {
        if (document.activeElement === this.#terminal.textArea) this.#terminal.textArea.blur();
        else this.#terminal.focus();
      },
      isApplicationCursor: () => this.#terminal.isApplicationCursor(),
    });
  }

  #menuItems(): MenuItem[] {
    const zoom = (by: -1 | 0 | 1) => this.#sizing.setFont(this.#look.zoom(by));
    return [
      { label: "Find…", keys: "Ctrl Shift F", act: () => setTimeout(() => this.#find.open()) },
      { label: "Copy the whole text", act: () => void this.#copy(this.#terminal.text()) },
      { label: "Paste", keys: "Ctrl Shift V", act: () => void this.#pasteFromClipboard() },
      "line",
      { label: "Larger letters", keys: "Ctrl +", act: () => zoom(1) },
      { label: "Smaller letters", keys: "Ctrl −", act: () => zoom(-1) },
      { label: "Full screen", act: () => void goFullScreen() },
      { label: "Key bar", isOn: keyBarIsOn, act: () => this.#toggleKeyBar() },
      { label: "Screen reader text", isOn: () => prefs().screenReader, act: () => this.#toggleScreenReader() },
      "line",
      { label: "All sessions", act: () => this.#openList() },
      { label: "New session", act: () => void this.#create({}) },
      { label: "End this session…", act: () => void this.#endSession() },
    ];
  }

  #toggleScreenReader(): void {
    setPref("screenReader", !prefs().screenReader);
    this.#terminal.setScreenReader(prefs().screenReader);
  }

  #toggleKeyBar(): void {
    setPref("keyBar", !keyBarIsOn());
    this.#showKeyBar();
  }

  #showKeyBar(): void {
    this.#keyBar.element.hidden = !keyBarIsOn();
  }

  #mayManage(): boolean {
    return this.#role === null ? (this.#api.credential()?.role ?? "admin") === "admin" : this.#role === "admin";
  }

  #openList(): void {
    openSessionsDrawer(this.#api, (id) => this.#leave(sessionPath(id)), () => this.#terminal.focus());
  }

  async #create(request: { id?: string }): Promise<void> {
    try {
      const { id } = await this.#api.create(request);
      this.#leave(sessionPath(id));
    } catch (error) {
      this.#toasts.show(error instanceof Error ? error.message : String(error));
    }
  }

  async #endSession(): Promise<void> {
    const session = this.#link.session;
    const detail = "Its shell and everything that runs in it are ended, for everybody who looks on.";
    if (!(await confirmAction(`End ${session}?`, detail, "End it"))) return;
    try {
      await this.#api.end(session);
    } catch (error) {
      this.#toasts.show(error instanceof Error ? error.message : String(error));
    }
  }

  #renamed(session: string): void {
    credentialRenamed(this.#api.session ?? session, session);
    this.#api.session = session;
    this.#header.setSession(session);
    history.replaceState(history.state, "", sessionPath(session));
  }

  /** Goes to another page, without the question that guards against closing by accident. */
  #leave(path: string): void {
    this.#hasTyped = false;
    location.assign(path);
  }
}

function keyBarIsOn(): boolean {
  return prefs().keyBar ?? isTouch();
}

/** In full screen the browser can be asked for keys it otherwise keeps, such as Ctrl-W. */
async function goFullScreen(): Promise<void> {
  if (document.fullscreenElement) return document.exitFullscreen();
  await document.documentElement.requestFullscreen();
  const { keyboard } = navigator as { keyboard?: { lock(keys: string[]): Promise<void> } };
  await keyboard?.lock(["KeyW", "KeyT", "KeyN", "Tab"]);
}
