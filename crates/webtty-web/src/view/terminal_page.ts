// The page at `/s/ID`: a terminal and what belongs to it.

import type { ChangeSession, Client, ConnectionState, Hello, PageSettings, Pty, Role, SizePolicy } from "@webtty/client";

import { make } from "../dom";
import { decide, type PageAction } from "../input/bindings";
import { copyText } from "../input/clipboard";
import { scrollByTouch } from "../input/touch_scroll";
import { prefs, setPref } from "../prefs";
import { sessionPath } from "../route";
import type { TerminalEvents, TerminalView } from "../terminal/terminal";
import { openTerminal } from "../terminal/xterm";
import { Bringing } from "./bringing";
import { confirmAction } from "./dialogs";
import { endBanner } from "./end_banner";
import { FindBar } from "./find";
import { Handover } from "./handover";
import { Header } from "./header";
import { showKeyScreen } from "./key_screen";
import { LinkCard } from "./link_card";
import { Look } from "./look";
import { type MenuItem, menu } from "./menu";
import { openSessionsDrawer } from "./sessions_drawer";
import { Sizing } from "./sizing";
import { StatusPill } from "./status";
import { Toasts } from "./toast";
import { Typing } from "./typing";
import { followVisualViewport, goFullScreen, isMac, isTouch } from "./viewport";

export function showTerminal(client: Client, settings: PageSettings, session: string): void {
  new TerminalPage(client, settings, session);
}

class TerminalPage {
  readonly #client: Client;
  readonly #settings: PageSettings;
  readonly #look: Look;
  readonly #header: Header;
  readonly #pill = new StatusPill(() => this.#tryNow());
  readonly #stage = make("main", { class: "stage", "aria-label": "Terminal" });
  readonly #end = make("div", { class: "end" });
  readonly #toasts = new Toasts();
  readonly #linkCard = new LinkCard();
  readonly #terminal: TerminalView;
  readonly #find: FindBar;
  readonly #sizing: Sizing;
  readonly #pty: Pty;
  readonly #typing: Typing;
  readonly #handover: Handover;
  readonly #bringing: Bringing;
  #role: Role | null = null;
  #letsClipboard = false;

  constructor(client: Client, settings: PageSettings, session: string) {
    this.#client = client;
    this.#settings = settings;
    this.#look = new Look(settings);
    const { button, popover } = menu(() => this.#menuItems(), () => this.#terminal.focus());
    this.#pty = client.pty(session, { size: () => this.#sizing.announce() });
    this.#handover = new Handover(this.#pty, this.#toasts, () => this.#terminal.focus());
    const { own, panel, bar } = this.#handover;
    this.#header = new Header(session, [own.element, panel.opener, this.#pill.element, button], () => this.#openList());
    const app = make("div", { class: "app" }, this.#header.element, this.#stage, this.#end);
    document.body.className = "terminal-page";
    document.body.replaceChildren(app, popover, panel.popover, this.#linkCard.element, this.#toasts.element);
    followVisualViewport();

    this.#terminal = openTerminal(this.#stage, this.#look.terminalSettings(), this.#terminalEvents());
    this.#look.follow(this.#terminal);
    this.#find = new FindBar(this.#terminal);
    this.#stage.append(this.#find.element, bar.element);
    this.#typing = new Typing(this.#pty, this.#terminal, this.#toasts);
    this.#bringing = new Bringing(client, this.#pty, this.#typing, this.#toasts, settings.maxFileBytes ?? 0);
    app.append(this.#typing.keyBar.element);
    this.#showKeyBar();
    this.#sizing = new Sizing(this.#stage, this.#terminal, this.#look.fontSize(), {
      ask: (size) => {
        if (this.#role !== "view") this.#pty.sendResize(size);
      },
      foreign: (size) => this.#header.setForeignSize(size),
    });
    this.#listen();
    this.#terminal.focus();
    this.#pty.open();
  }

  #listenToSession(): void {
    this.#pty.onState((state) => this.#showState(state));
    this.#pty.onHello((hello) => this.#greet(hello));
    this.#pty.onSnapshot(() => this.#terminal.rebuild());
    this.#pty.onOutput((bytes) => new Promise<void>((processed) => this.#terminal.write(bytes, processed)));
    this.#pty.onResize((size) => this.#sizing.told(size));
    this.#pty.onTitle((title) => this.#header.setTitle(title));
    this.#pty.onClipboard((allowed) => (this.#letsClipboard = allowed));
    this.#pty.onRole((role) => {
      this.#setRole(role);
      const size = this.#sizing.announce();
      if (role !== "view") this.#pty.sendResize(size);
    });
    this.#pty.onRenamed((session) => this.#renamed(session));
    this.#pty.onNotice((text) => this.#toasts.show(text));
  }

  #terminalEvents(): TerminalEvents {
    return {
      input: (bytes) => this.#typing.input(bytes),
      focusReport: (bytes) => this.#typing.reportFocus(bytes),
      key: (press) => decide(press, this.#settings.keyboardBindings, isMac),
      action: (action) => this.#act(action),
      title: (title) => this.#header.setTitle(title),
      clipboard: (text) => this.#setClipboard(text),
      hover: (link) => this.#linkCard.hover(link),
      activate: (link, event) => this.#linkCard.activate(link, event),
      found: (index, count) => this.#find.found(index, count),
    };
  }

  #act(action: PageAction): void {
    if (action.does === "send") this.#typing.send(action.chars);
    else if (action.does === "zoom") this.#zoom(action.by);
    else if (action.does === "people") this.#handover.focus();
    else if (action.does === "copy") void this.#copy(this.#terminal.selection());
    else this.#find.open();
  }

  #greet(hello: Hello): void {
    this.#setRole(hello.role);
    // A resumed terminal has a title that the daemon need not know.
    if (hello.title || !hello.resumed) this.#header.setTitle(hello.title ?? "");
    this.#sizing.begin(hello);
    this.#letsClipboard = hello.clipboard ?? false;
  }

  #setRole(role: Role): void {
    this.#role = role;
    this.#typing.setRole(role);
    this.#bringing.setRole(role);
  }

  #showState(state: ConnectionState): void {
    this.#pill.show(state);
    this.#typing.setState(state);
    this.#stage.classList.toggle("stale", state.is === "reconnecting");
    const banner = endBanner(state, this.#pty.session, this.#mayManage(), {
      newSession: () => void this.#create({}),
      createHere: () => void this.#create({ id: this.#pty.session }),
      list: () => this.#openList(),
      enterKey: () => showKeyScreen(this.#client, false),
      reload: () => location.reload(),
    });
    this.#end.replaceChildren(...(banner ? [banner] : []));
    if (state.is === "ended") this.#sizing.release();
  }

  #tryNow(): void {
    this.#pty.tryNow();
    this.#terminal.focus();
  }

  #zoom(by: -1 | 0 | 1): void {
    this.#sizing.setFont(this.#look.zoom(by));
  }

  async #copy(text: string): Promise<void> {
    if (text !== "" && !(await copyText(text))) this.#toasts.show("This browser does not let the page copy.");
  }

  /** A program may set the clipboard where its session lets it, and only of who works with it. */
  #setClipboard(text: string): void {
    if (this.#letsClipboard && this.#handover.drives() && document.hasFocus()) void this.#copy(text);
  }

  #listen(): void {
    this.#listenToSession();
    this.#listenToPointer();
    this.#listenToKeys();
    window.addEventListener("beforeunload", (event) => {
      if (this.#typing.isAtWork()) event.preventDefault();
    });
  }

  #listenToKeys(): void {
    const { textArea } = this.#terminal;
    // The page's own keys work wherever on it the focus is.
    window.addEventListener("keydown", (event) => {
      if (event.target === textArea || event.defaultPrevented) return;
      const action = decide(event, [], isMac);
      if (action.does !== "find" && action.does !== "zoom" && action.does !== "people") return;
      event.preventDefault();
      this.#act(action);
    });
    this.#bringing.listen(this.#stage, textArea);
  }

  #listenToPointer(): void {
    scrollByTouch(this.#stage);
    document.addEventListener("mouseup", () => {
      if (this.#settings.copyOnSelect) void this.#copy(this.#terminal.selection());
    });
    this.#stage.addEventListener("contextmenu", (event) => {
      if (this.#settings.rightClickBehavior !== "copyPaste" || this.#terminal.wantsMouse()) return;
      event.preventDefault();
      const selected = this.#terminal.selection();
      this.#terminal.clearSelection();
      if (selected === "") void this.#bringing.fromClipboard();
      else void this.#copy(selected);
    });
  }

  #menuItems(): MenuItem[] {
    return [
      { label: "Find…", keys: "Ctrl Shift F", act: () => setTimeout(() => this.#find.open()) },
      { label: "Copy the whole text", act: () => void this.#copy(this.#terminal.text()) },
      { label: "Paste", keys: "Ctrl Shift V", act: () => void this.#bringing.fromClipboard() },
      "line",
      { label: "Larger letters", keys: "Ctrl +", act: () => this.#zoom(1) },
      { label: "Smaller letters", keys: "Ctrl −", act: () => this.#zoom(-1) },
      { label: "Full screen", act: () => void goFullScreen() },
      { label: "Key bar", isOn: keyBarIsOn, act: () => this.#toggleKeyBar() },
      { label: "Screen reader text", isOn: () => prefs().screenReader, act: () => this.#toggleScreenReader() },
      "line",
      { label: "Who is here", keys: "Ctrl Shift Y", act: () => setTimeout(() => this.#handover.focus()) },
      { label: "All sessions", act: () => this.#openList() },
      ...(this.#mayManage() ? this.#managingItems() : []),
    ];
  }

  #managingItems(): MenuItem[] {
    const policy = (label: string, sizePolicy: SizePolicy): MenuItem => ({
      label,
      isOn: () => this.#sizing.policy === sizePolicy,
      act: () => void this.#change({ sizePolicy }),
    });
    return [
      policy("Size of who types", "driver"),
      policy("Size of the latest window", "latest"),
      policy("Size that fits all", "smallest"),
      policy("Size stays as it is", "fixed"),
      "line",
      {
        label: "Programs may set the clipboard",
        isOn: () => this.#letsClipboard,
        act: () => void this.#change({ clipboard: !this.#letsClipboard }),
      },
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
    this.#typing.keyBar.element.hidden = !keyBarIsOn();
  }

  /** May sessions be made and ended with this page's credential? */
  #mayManage(): boolean {
    return (this.#role ?? this.#client.rest.credential()?.role ?? "admin") === "admin";
  }

  #openList(): void {
    openSessionsDrawer(this.#client, (id) => this.#leave(sessionPath(id)), () => this.#terminal.focus());
  }

  async #create(request: { id?: string }): Promise<void> {
    await this.#orSayWhy(async () => this.#leave(sessionPath((await this.#client.rest.create(request)).id)));
  }

  async #change(request: ChangeSession): Promise<void> {
    await this.#orSayWhy(() => this.#client.rest.change(this.#pty.session, request));
  }

  async #endSession(): Promise<void> {
    const { session } = this.#pty;
    const detail = "Its shell and everything that runs in it are ended, for everybody who looks on.";
    if (await confirmAction(`End ${session}?`, detail, "End it")) await this.#orSayWhy(() => this.#client.rest.end(session));
  }

  async #orSayWhy(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#toasts.show(error instanceof Error ? error.message : String(error));
    }
  }

  #renamed(session: string): void {
    this.#header.setSession(session);
    history.replaceState(history.state, "", sessionPath(session));
  }

  /** Goes to another page, without the question that guards against closing by accident. */
  #leave(path: string): void {
    this.#typing.rest();
    location.assign(path);
  }
}

function keyBarIsOn(): boolean {
  return prefs().keyBar ?? isTouch();
}
