// @generated from crates/webtty-protocol/schema/protocol.json by `npm run generate`.

/** A cell's size in a window, in its own pixels; clamped to 1…512. */
export type CellPixels = {
  /** Height of a cell. */
  height: number;
  /** Width of a cell. */
  width: number;
};

/** What a TLS listener shows. */
export type Certificate = {
  /** When it ends, in milliseconds since 1970. */
  expires: number;
  /** Its SHA-256, two hexadecimal digits a byte, with colons. */
  fingerprint: string;
};

/** What can happen in a room. A client must ignore a `kind` it does not know, but count it. */
export type Change =
  | {
    kind: "created";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "started";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "resized";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "titled";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    /** The id it had. */
    from: SessionId;
    kind: "renamed";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "watched";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "exited";
    /** As it is now. */
    session: SessionInfo;
  }
  | {
    kind: "removed";
    /** The id it had. */
    session: SessionId;
  }
  | {
    /** How the daemon is. */
    health: Health;
    kind: "health";
  }
  | {
    /** The end of the terminal's output at that moment, in bytes. */
    at: number;
    /** What was published. */
    data: unknown;
    kind: "published";
    /** When it was taken, in milliseconds since 1970. */
    ts: number;
  }
  | {
    /** Who. */
    client: Presence;
    kind: "joined";
  }
  | {
    /** As it is now. */
    client: Presence;
    kind: "changed";
  }
  | {
    /** The number of the connection. */
    client: number;
    kind: "left";
  };

/** `PATCH /api/keys/KEYID`: what is to change. Who came in by the key stays, and is told. */
export type ChangeKey = {
  /** What it allows from now on. */
  role: Role;
};

/** `PATCH /api/sessions/ID`: what is to change, of which there must be something. Sockets stay. */
export type ChangeSession = {
  /** May programs in it write the clipboard of who drives from now on (OSC 52)? */
  clipboard?: boolean | null;
  /** With the policy `fixed`: width in columns, 1 to 1000; as it is when not given. */
  cols?: number | null;
  /** The new id. */
  id?: SessionId | null;
  /** With the policy `fixed`: height in rows, 1 to 500; as it is when not given. */
  rows?: number | null;
  /** Whose window the terminal has the size of from now on. */
  sizePolicy?: SizePolicy | null;
};

/** What a client says. Anything else closes its socket with 1008. */
export type ClientMessage =
  | {
    /** Since the connection began, never fewer than before. */
    bytes: number;
    type: "ack";
  }
  | {
    /** The size of a cell, for programs that ask in pixels. */
    cell?: CellPixels | null;
    /** Width in columns. */
    cols: number;
    /** Height in rows. */
    rows: number;
    type: "resize";
  }
  | {
    /** Shown without control characters, at most 64 bytes of it. Empty for none. */
    name: string;
    type: "name";
  }
  | {
    type: "request-control";
  }
  | {
    /** The number of its connection. */
    client: number;
    /** For how long, in seconds, clamped to 1…86,400; until it is taken back when not given. */
    seconds?: number | null;
    type: "grant-control";
  }
  | {
    /** The number of its connection. */
    client: number;
    type: "deny-control";
  }
  | {
    /** The number of its connection. */
    client: number;
    type: "take-back-control";
  }
  | {
    /** Anything; it comes back. */
    t: number;
    type: "ping";
  };

/** What can be done about another's control. */
export type ControlAction = "grant" | "deny" | "take-back";

/** How a session's control is shared: the answer to `GET /api/sessions/ID/control`. */
export type ControlInfo = {
  /** All who have the terminal, in the order they came. */
  clients: Array<Presence>;
  /** The connection that typed last, or null when it has left or nobody has typed. */
  driver?: number | null;
  /** In the order in which they were let. */
  loans: Array<ControlLoan>;
  /** In the order in which they asked. */
  requests: Array<ControlRequest>;
};

/** A connection that may type because somebody let it. */
export type ControlLoan = {
  /** The number of its connection. */
  client: number;
  /** The note on the key it came with, or null when there is none. */
  label?: string | null;
  /** What it calls itself, or null when it has not said. */
  name?: string | null;
  /** When that ends, in milliseconds since 1970, or null for when it is taken back. */
  until?: number | null;
};

/** A connection that asks to type. */
export type ControlRequest = {
  /** The number of its connection. */
  client: number;
  /** The note on the key it came with, or null when there is none. */
  label?: string | null;
  /** What it calls itself, or null when it has not said. */
  name?: string | null;
  /** When it is no longer asked for, in milliseconds since 1970. */
  until: number;
};

/** Who asks to type, and who was let: told to those who may answer, and whenever it changes. */
export type ControlState = {
  /** In the order in which they were let. */
  loans: Array<ControlLoan>;
  /** In the order in which they asked. */
  requests: Array<ControlRequest>;
};

/** `POST /api/keys`. */
export type CreateKey = {
  /** A note on what it is for, shown in lists. */
  label?: string | null;
  /** What the key allows. */
  role: Role;
  /** The one session it is for; all of them when not given. */
  session?: SessionId | null;
  /** How long it can be used, in seconds; without end when not given. */
  ttlSeconds?: number | null;
  /** How many logins it is good for; any number when not given. */
  uses?: number | null;
};

/** `POST /api/sessions`. All fields are optional; an empty body asks for a plain session. */
export type CreateSession = {
  /** The directory to start in, absolute; the user's home when not given. */
  baseDir?: string | null;
  /**
   * May programs in it write the clipboard of who drives (OSC 52)? By the settings when not
   * given.
   */
  clipboard?: boolean | null;
  /** The command with its arguments; the user's shell when not given. */
  cmd?: Array<string> | null;
  /** Width in columns, 1 to 1000. */
  cols?: number | null;
  /** Variables added to the environment of the shell. */
  env?: { [name: string]: string };
  /** The id, or none for eight random hexadecimal digits. */
  id?: SessionId | null;
  /** Make it one that nobody can type into, whatever their credential allows. */
  readOnly?: boolean;
  /** Height in rows, 1 to 500. */
  rows?: number | null;
  /** Whose window the terminal has the size of; by the settings when not given. */
  sizePolicy?: SizePolicy | null;
  /**
   * Start at once? A session with `cmd` always does; a plain one otherwise waits for the
   * first attach.
   */
  start?: boolean | null;
};

/** A new key. This is the only time it is shown: the daemon keeps its hash. */
export type CreatedKey = {
  /** Names the key in lists and for revoking; no secret. */
  id: string;
  /** The key itself. */
  key: string;
  /** The page's URL with the key in its fragment. */
  url: string;
};

/** A cursor's shape. */
export type CursorStyle = "block" | "bar" | "underline";

/** Something from another connection to this one alone. */
export type Direct = {
  /** What it sent. */
  event: unknown;
  /** The number of the connection that sent it. */
  from: number;
};

/** `{"error":{"code":…,"message":…}}`. */
export type ErrorBody = {
  /** What went wrong. */
  error: ErrorDetail;
};

/** The causes a request can fail for. */
export type ErrorCode = "bad-request" | "bad-json" | "bad-session-id" | "credential-in-query" | "unauthorized" | "foreign-origin" | "forbidden" | "not-found" | "no-such-session" | "no-such-key" | "no-such-connection" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "session-exists" | "pty-not-running" | "cannot-lend" | "body-too-large" | "target-too-long" | "unsupported-media-type" | "misdirected-request" | "bad-directory" | "cannot-start" | "upgrade-required" | "head-too-large" | "too-many" | "internal" | "exhausted" | "unavailable";

/** What went wrong, for programs and for people. */
export type ErrorDetail = {
  /** Stable, one for each cause. */
  code: ErrorCode;
  /** A sentence that says what happened and what to do. It never repeats the input. */
  message: string;
};

/** One event with its number and time. */
export type EventEnvelope = {
  /**
   * The end of the terminal's output at that moment, in bytes: the clock that events and
   * screen share.
   */
  at: number;
  /** What was published. */
  data: unknown;
  /** Its number, from 1 for each incarnation of a session. */
  seq: number;
  /** When it was taken, in milliseconds since 1970. */
  ts: number;
};

/** A text frame with `envelope=1`. */
export type EventFrame = EventEnvelope | LaggedNotice | LogNotice;

/** What is to be run. Without a shell: `cmd` is looked up on the session's `PATH`. */
export type Execute = {
  /** Its arguments. */
  args?: Array<string>;
  /** The program. */
  cmd: string;
  /**
   * All of its standard input; nothing when not given. A request of JSON lines gives it in the
   * lines after the first instead.
   */
  stdin?: string | null;
};

/** How a program ended. */
export type ExecuteExit = {
  /** Why it was not run, as the system names it: `ENOENT`, `EACCES` … */
  code?: string | null;
  /** Why it was not run, or not to its end, in words. */
  error?: string | null;
  /** Its exit code; 128 and the signal's number when a signal ended it, 1 when it never ran. */
  exit: number;
  /** The signal that ended it, such as `SIGKILL`. */
  signal?: string | null;
};

/** A piece of a program's standard input: a line of a request, after the first. */
export type ExecuteInput =
  | {
    /** The text. */
    data: string;
  }
  | {
    /** The bytes, in base64 with padding (RFC 4648 section 4). */
    base64: string;
  };

/** A line of the answer. */
export type ExecuteLine =
  | {
    /** The text. A character is never divided between two lines. */
    data: string;
    /** Where to. */
    stream: Stream;
  }
  | {
    /** The bytes, in base64 with padding. */
    base64: string;
    /** Where to. */
    stream: Stream;
  }
  | ExecuteExit;

/** How a shell or command ended: by itself with a code, or by a signal. */
export type ExitInfo = {
  /** The exit code, or null when a signal ended it. */
  code?: number | null;
  /** The signal's name (`SIGHUP`), or null when it exited by itself. */
  signal?: string | null;
};

/** The body of `POST /api/sessions/ID/control`. */
export type HandOver = {
  /** What happens to it. */
  action: ControlAction;
  /** The number of the connection it is about. */
  client: number;
  /** With `grant`: for how long, 1 to 86,400 seconds; until it is taken back when not given. */
  seconds?: number | null;
};

/** `GET /api/health`. */
export type Health = {
  /** Does the TCP listener ask for a credential? */
  auth: boolean;
  /** How many connections of the hub there are; only told to who may administer. */
  connections?: number | null;
  /** How the TCP listener can be reached; only told to who may administer. */
  listener?: Listener | null;
  /** The daemon's process id. */
  pid: number;
  /** How many sessions the credential reaches. */
  sessions: number;
  /** How long it has run, in milliseconds. */
  uptimeMs: number;
  /** The URL of the page that lists them, without a key. */
  url: string;
  /** The daemon's version. */
  version: string;
};

/** What a viewer is told when it joins. */
export type Hello = {
  /** The connection whose window has that size, or null when it is of none in particular. */
  by?: number | null;
  /** The number of this connection, unlike any other of this daemon. */
  client: number;
  /** May programs write the clipboard of who drives (OSC 52)? */
  clipboard?: boolean;
  /** The terminal's width in columns. */
  cols: number;
  /**
   * The connection that drives: who typed last or, before anyone has, attached first. Null
   * once that one has left.
   */
  driver?: number | null;
  /**
   * Which output the offsets count: unlike that of any other session, also one of the same
   * id. To be given back, as `epoch`, with the offset to resume from.
   */
  epoch: string;
  /** The end of the output at this moment, in bytes since the shell started. */
  offset: number;
  /** Whose window counts. */
  policy: SizePolicy;
  /** Does the output go on from the offset that was asked for? Otherwise a snapshot follows. */
  resumed: boolean;
  /** What it may do. */
  role: Role;
  /** The terminal's height in rows. */
  rows: number;
  /** The session it is attached to. */
  session: SessionId;
  /** The window title, or null when none was set. */
  title?: string | null;
  /** The most payload bytes that may be unacknowledged. */
  window: number;
};

/** Says why something was not done. */
export type HubError = {
  /** Stable, one for each cause. */
  code: ErrorCode;
  /** What the request carried. */
  id?: number | null;
  /** A sentence that says what happened and what to do. */
  message: string;
  /** The room it was about; none when it was about no room. */
  room?: Room | null;
};

/** What the daemon says in the hub. A client must ignore a `type` it does not know. */
export type HubMessage =
  | {
    payload: Welcome;
    type: "welcome";
  }
  | {
    payload: Subscribed;
    type: "subscribed";
  }
  | {
    payload: Unsubscribed;
    type: "unsubscribed";
  }
  | {
    payload: RoomEvent;
    type: "event";
  }
  | {
    payload: RoomLagged;
    type: "lagged";
  }
  | {
    payload: RoomRenamed;
    type: "renamed";
  }
  | {
    payload: Published;
    type: "published";
  }
  | {
    payload: Sent;
    type: "sent";
  }
  | {
    payload: Direct;
    type: "message";
  }
  | {
    payload: User;
    type: "user";
  }
  | {
    payload: HubError;
    type: "error";
  };

/** What a client says in the hub. Anything else closes its socket with 1008. */
export type HubRequest =
  | {
    payload: Subscribe;
    type: "subscribe";
  }
  | {
    payload: Unsubscribe;
    type: "unsubscribe";
  }
  | {
    payload: Publish;
    type: "publish";
  }
  | {
    payload: SendTo;
    type: "send";
  }
  | {
    payload: Named;
    type: "name";
  };

/** A key, with its modifiers, that sends characters of the user's choice. */
export type KeyBinding = {
  /** What is sent to the shell. */
  chars: string;
  /** `KeyboardEvent.key`, in any case. */
  key: string;
  /** Exactly these of `shift`, `ctrl`, `alt`, `meta` must be held. */
  mods?: Array<string>;
};

/** A key, as listed: everything but the key. */
export type KeyInfo = {
  /** When it was made. */
  createdAt: number;
  /** When it ends, or null for never. */
  expires?: number | null;
  /** Names the key. */
  id: string;
  /** What it is for. */
  label?: string | null;
  /** What it allows. */
  role: Role;
  /** The one session it is for, or null for all. */
  session?: SessionId | null;
  /** How many more logins it is good for, or null for any number. */
  usesLeft?: number | null;
};

/** Tells of events that were missed. */
export type LaggedNotice = {
  /** How many, right before the next frame. */
  lagged: Skipped;
};

/** How the TCP listener can be reached, and by whom. */
export type Listener = {
  /** Its address and port. */
  address: string;
  /** Its certificate; none where it speaks plain HTTP. */
  certificate?: Certificate | null;
  /** The origins it answers to beside its own address. */
  names: Array<string>;
  /** Addresses and networks of proxies that are believed. */
  proxies: Array<string>;
  /**
   * What anybody may do whom one of them names, unless the settings say otherwise of that user;
   * none where they name nobody.
   */
  proxyRole?: Role | null;
};

/** Tells where in which log the events begin, to be given back with the next `since`. */
export type LogNotice = {
  /** Where. */
  log: LogPlace;
};

/** A place in a log of events. */
export type LogPlace = {
  /** Which log the numbers count in: unlike that of any other session, also one of the same id. */
  epoch: string;
  /** Is it the log that was asked for? Otherwise all that is kept of this one follows. */
  resumed: boolean;
  /** The number of the last event before those that follow. */
  seq: number;
};

/** `POST /api/login`: exchange a key for a token. */
export type Login = {
  /** The key, from the page's URL fragment. */
  key: string;
};

/** What a key was exchanged for. `Debug` is not derived, so that no log can hold a token. */
export type LoginReply = {
  /** When it ends, or null for never. */
  expires?: number | null;
  /** What it allows. */
  role: Role;
  /** The one session it is for, or null for all. */
  session?: SessionId | null;
  /** For `Authorization: Bearer` and the token subprotocol. */
  token: string;
};

/** What ends a wait. */
export type Met = "text" | "idle" | "exit" | "timeout";

/** A name to be known by. */
export type Named = {
  /** Shown without control characters, at most 64 bytes of it. Empty for none. */
  name: string;
};

/** The settings of a page, read anew at each load. */
export type PageSettings = {
  /** Columns of a terminal before its page has measured itself. */
  cols: number;
  /** Copy a selection as soon as it is made? */
  copyOnSelect: boolean;
  /** The cursor until a program asks for another. */
  cursorStyle: CursorStyle;
  /** Does that cursor blink? */
  cursorStyleBlink: boolean;
  /** CSS font family list. */
  fontFamily: string;
  /** Font size in CSS pixels. */
  fontSize: number;
  /** Keys that send characters of the user's choice. */
  keyboardBindings: Array<KeyBinding>;
  /** The largest file that may be put beside a session, in bytes. */
  maxFileBytes?: number;
  /** Multiplies the wheel's steps for programs that listen to the mouse; over 0. */
  mouseScrollSpeed: number;
  /** What the right mouse button does. */
  rightClickBehavior: RightClick;
  /** Rows of a terminal before its page has measured itself. */
  rows: number;
  /** Lines kept above the screen by the page's terminal. */
  scrollbackLines: number;
  /**
   * Colours by name (`background`, `red`, `brightBlue` …), each a CSS colour. A name that is
   * missing has the page's default, which follows dark and light.
   */
  theme: { [name: string]: string };
};

/** One connection to a session. */
export type Presence = {
  /** The number of its connection, unlike any other of this daemon. */
  client: number;
  /** The note on the key it came with, or null when there is none. */
  label?: string | null;
  /** What it calls itself, or null when it has not said. */
  name?: string | null;
  /** What it may do. */
  role: Role;
  /** How it is connected. */
  via: Via;
};

/** An event to publish. */
export type Publish = {
  /** Any JSON. */
  event: unknown;
  /** Comes back in the answer. */
  id?: number | null;
  /** A room `session/ID/events`. One need not be subscribed to it. */
  room: Room;
};

/** What came of a publish in which some lines were rejected. */
export type PublishReport = {
  /** How many lines were taken. */
  accepted: number;
  /** The first hundred that were not. */
  rejected: Array<RejectedLine>;
};

/** Tells that an event was published. */
export type Published = {
  /** What the request carried. */
  id?: number | null;
  /** The room. */
  room: Room;
  /** The event's number. */
  seq: number;
};

/** A line that was not taken. */
export type RejectedLine = {
  /** Its number in the request, from 1; empty lines count. */
  line: number;
  /** Why, in words. */
  reason: string;
};

/** How it stands with a connection's own request to type. That it was granted is told by `role`. */
export type RequestState = "waiting" | "denied" | "unanswered" | "too-soon" | "too-many" | "impossible";

/** What the right mouse button does. */
export type RightClick = "default" | "copyPaste";

/** What the holder of a credential may do. */
export type Role = "view" | "publish" | "control" | "admin";

export type Room = string;

/** What happened in a room. */
export type RoomEvent = {
  /** What happened. */
  event: Change;
  /** The room. */
  room: Room;
  /** One more than that of the last event, or of the state. */
  seq: number;
};

/** Tells of events that were missed in a room. */
export type RoomLagged = {
  /** The room. */
  room: Room;
  /** How many. The number of the next event is higher by as many. */
  skipped: number;
};

/** Tells that a room that is subscribed to has another name now. */
export type RoomRenamed = {
  /** The name it had. */
  from: Room;
  /** The name it has. */
  to: Room;
};

/** The state of a room. */
export type RoomSnapshot =
  | {
    kind: "sessions";
    /** In the order of their ids. */
    sessions: Array<SessionInfo>;
  }
  | {
    /** How the daemon is. */
    health: Health;
    kind: "daemon";
  }
  | {
    /**
     * Which log the numbers count in: unlike that of any other session, also one of the
     * same id. To be given back, as `epoch`, with `since`.
     */
    epoch: string;
    kind: "events";
    /** Does the log go on from the number that was asked for? */
    resumed: boolean;
  }
  | {
    /** In the order they came. */
    clients: Array<Presence>;
    kind: "presence";
  };

/** A colour other than the default. */
export type ScreenColor = number | string;

/** The cursor. */
export type ScreenCursor = {
  /** Column, from 0. */
  column: number;
  /** Row of the screen, from 0. */
  row: number;
  /** The shape its program asked for, or null for the viewer's own. */
  shape?: CursorStyle | null;
  /** Does it show? */
  visible: boolean;
};

/** One row. */
export type ScreenLine = {
  /** Its text, in pieces of one style, without the unwritten end. */
  runs: Array<ScreenRun>;
  /** Does it go on where the row above ended? */
  wrapped?: boolean;
};

/** Switches that concern who types. */
export type ScreenModes = {
  /** Cursor keys send application sequences. */
  applicationCursor: boolean;
  /** The keypad sends application sequences. */
  applicationKeypad: boolean;
  /** Pasted text is to be marked. */
  bracketedPaste: boolean;
  /** Changes of focus are reported. */
  focusEvents: boolean;
  /** Mouse events are reported. */
  mouse: boolean;
  /** The program is in the middle of drawing. */
  synchronized: boolean;
};

/** Neighbouring cells of one style. What is off or default is left out. */
export type ScreenRun = {
  /** Colour behind it. */
  bg?: ScreenColor | null;
  /** Blinking. */
  blink?: boolean;
  /** Bold. */
  bold?: boolean;
  /** How many columns it takes; wide characters take two. */
  columns: number;
  /** Dim. */
  dim?: boolean;
  /** Colour of the text. */
  fg?: ScreenColor | null;
  /** Both colours exchanged. */
  inverse?: boolean;
  /** Not shown. */
  invisible?: boolean;
  /** Italic. */
  italic?: boolean;
  /** Where it links to. It comes from the program: show it before opening. */
  link?: string | null;
  /** A line above. */
  overline?: boolean;
  /** Struck through. */
  strikethrough?: boolean;
  /** The text; empty cells are spaces. */
  text: string;
  /** 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
  underline?: number;
};

/** A terminal's screen, with as much of the scrollback as was asked for. */
export type ScreenState = {
  /** How many of `lines` stand above the screen. */
  above: number;
  /** Is this the alternate screen, which has no scrollback? */
  alternate: boolean;
  /** Width in columns. */
  cols: number;
  /** Where the cursor is. */
  cursor: ScreenCursor;
  /** Which output the offset counts. */
  epoch: string;
  /** How many lines are kept above the screen. */
  history: number;
  /** The rows, from the top. */
  lines: Array<ScreenLine>;
  /** What the program has switched on. */
  modes: ScreenModes;
  /** The output offset that this shows. */
  offset: number;
  /** Height in rows. */
  rows: number;
  /** The window title its program has set; empty when none was. */
  title: string;
};

/** Something for one other connection. */
export type SendTo = {
  /** Any JSON. */
  event: unknown;
  /** Comes back in the answer. */
  id?: number | null;
  /** The number of a connection of the hub, as `welcome`, `message` and presence tell it. */
  to: number;
};

/** Tells that something is on its way to another connection. */
export type Sent = {
  /** What the request carried. */
  id?: number | null;
  /** The connection it goes to. */
  to: number;
};

/** What the daemon says. A client must ignore a `type` it does not know. */
export type ServerMessage =
  | Hello & {
    type: "hello";
  }
  | Snapshot & {
    type: "snapshot";
  }
  | SizeChanged & {
    type: "resize";
  }
  | {
    /** The title, without control characters, at most 256 bytes. */
    title: string;
    type: "title";
  }
  | {
    /** The new id. */
    session: SessionId;
    type: "renamed";
  }
  | {
    /** May they? */
    allowed: boolean;
    type: "clipboard";
  }
  | {
    /**
     * In the order they came, the first of them: a classroom is better told by the hub,
     * which tells changes only.
     */
    clients: Array<Presence>;
    /** How many. */
    count: number;
    type: "presence";
  }
  | {
    /** Was it let, rather than by its own key? */
    lent?: boolean;
    /** From now on. */
    role: Role;
    type: "role";
    /** When that ends, in milliseconds since 1970, or null when no end is set. */
    until?: number | null;
  }
  | ControlState & {
    type: "control";
  }
  | {
    /** Since now. */
    state: RequestState;
    type: "request";
  }
  | {
    /** What to show. */
    text: string;
    type: "notice";
  }
  | ExitInfo & {
    type: "exit";
  }
  | {
    /** What the ping carried. */
    t: number;
    type: "pong";
  };

export type SessionId = string;

/** One session, as listed. */
export type SessionInfo = {
  /** The directory its shell starts in. */
  baseDir: string;
  /** May programs in it write the clipboard of who drives? */
  clipboard?: boolean;
  /** The command, or null for the user's shell. */
  cmd?: Array<string> | null;
  /** The terminal's width in columns. */
  cols: number;
  /** Is any viewer attached? */
  connected: boolean;
  /** When it was made. */
  createdAt: number;
  /** What it is called for as long as it lives, whatever its id, and no other ever is. */
  epoch?: string;
  /** How it ended, once it has. */
  exit?: ExitInfo | null;
  /** The id in its URL. */
  id: SessionId;
  /** When somebody last opened it, or null when nobody has. */
  lastUsedAt?: number | null;
  /** The shell's process id while one runs. */
  pid?: number | null;
  /** Can nobody type into it? */
  readOnly?: boolean;
  /** The terminal's height in rows. */
  rows: number;
  /** Whose window that size comes from. */
  sizePolicy: SizePolicy;
  /** Where it is in its life. */
  state: SessionState;
  /** How many event sockets are attached. */
  subscribers: number;
  /** The window title its program has set, or null. */
  title?: string | null;
  /** How many PTY sockets are attached. */
  viewers: number;
};

/** What is typed: first `paste`, then `text`, then `keys`. */
export type SessionInput = {
  /**
   * Keys by name: `Enter`, `Tab`, `Escape`, `Space`, `Backspace`, `Delete`, `Insert`, `Home`,
   * `End`, `PageUp`, `PageDown`, `Up`, `Down`, `Left`, `Right`, `F1` to `F12`, or one character;
   * with `C-`, `M-` and `S-` before it for Ctrl, Alt and Shift.
   */
  keys?: Array<string>;
  /**
   * Text as if pasted: line ends become returns, control characters are left out, and where the
   * program asked for it the text is marked, so that it is not taken for commands line by line.
   */
  paste?: string | null;
  /** Text sent as it is. Nothing is added: no return at its end. */
  text?: string | null;
};

/** Where a session is in its life. */
export type SessionState = "idle" | "running" | "exited";

/** The terminal's size, when it, whose it is, who decides on it or who drives has changed. */
export type SizeChanged = {
  /** The connection whose window has that size, or null when it is of none in particular. */
  by?: number | null;
  /** Width in columns. */
  cols: number;
  /**
   * The connection that drives: who typed last or, before anyone has, attached first. Null
   * once that one has left.
   */
  driver?: number | null;
  /** Whose window counts. */
  policy: SizePolicy;
  /** Height in rows. */
  rows: number;
};

/** Whose window a terminal has the size of. Only windows of who may type ever count. */
export type SizePolicy = "driver" | "smallest" | "latest" | "fixed";

/** A number of missed events. */
export type Skipped = {
  /** How many. */
  skipped: number;
};

/** What precedes the bytes that rebuild a terminal. */
export type Snapshot = {
  /** How many bytes of the following binary frames belong to it. */
  bytes: number;
  /** The output offset that the rebuilt terminal shows. */
  offset: number;
  /** Why it was sent. */
  reason: SnapshotReason;
  /**
   * How many bytes they are unpacked, where they are compressed (RFC 1951): what is large is,
   * for who asked with `deflate=1`.
   */
  unpacked?: number | null;
};

/** Why a snapshot was sent. */
export type SnapshotReason = "join" | "lagged" | "caught-up" | "resume-miss";

/** A file that was put beside a session. */
export type StoredFile = {
  /** How large it is. */
  bytes: number;
  /** Where it is, on the daemon's machine. */
  path: string;
};

/** Where a program writes to. */
export type Stream = "stdout" | "stderr";

/** Which room to be told of, and from where on. */
export type Subscribe = {
  /**
   * With `since`: the epoch it counts in, as `subscribed` told it. When the session has
   * another one, everything that is kept of it is new.
   */
  epoch?: string | null;
  /** Comes back in the answer, so that a client knows what it answers. */
  id?: number | null;
  /** The room. */
  room: Room;
  /**
   * Only of `session/ID/events`: begin after the event of this number. Without it, with what
   * is published from now on.
   */
  since?: number | null;
};

/** A room as it is. */
export type Subscribed = {
  /** What the request carried. */
  id?: number | null;
  /** The room. */
  room: Room;
  /** The number this state has. The next event of the room has the next one. */
  seq: number;
  /** The state. */
  snapshot: RoomSnapshot;
};

/** What was typed has gone to the terminal. */
export type Typed = {
  /** Where the output ended before it: what `wait` may begin to look at. */
  offset: number;
};

/** Which room not to be told of any more. */
export type Unsubscribe = {
  /** Comes back in the answer. */
  id?: number | null;
  /** The room. */
  room: Room;
};

/** Tells that no more is told of a room. */
export type Unsubscribed = {
  /** What the request carried; none when it was not asked for. */
  id?: number | null;
  /** Why. */
  reason: UnsubscribedReason;
  /** The room. */
  room: Room;
};

/** Why no more is told of a room. */
export type UnsubscribedReason = "asked" | "exited" | "removed" | "forbidden";

/** Who is behind a connection. */
export type User = {
  /** The note on its key, or null when there is none. */
  label?: string | null;
  /** What the credential allows. */
  role: Role;
  /** The one session it is for, or null for all. */
  session?: SessionId | null;
};

/** How a client is connected to a session. */
export type Via = "terminal" | "hub";

/** What is waited for: the first of these. The end of the shell ends any wait. */
export type Wait = {
  /** The shell exits. It need not be asked for, unless nothing else is. */
  exit?: boolean;
  /**
   * Also look for the text in what was written from this output offset on, as far as it is
   * kept.
   */
  from?: number | null;
  /** Nothing is written for so long. */
  idleMs?: number | null;
  /** This text shows on the screen, or is written from now on. */
  text?: string | null;
  /** How long to wait at most; 30 seconds when not given. */
  timeoutMs?: number | null;
};

/** Why the wait is over. */
export type Waited = {
  /** How the shell ended, when it has. */
  exit?: ExitInfo | null;
  /** What has come first. */
  met: Met;
  /** Where the output ended then. */
  offset: number;
};

/** What a client is told when it connects. */
export type Welcome = {
  /** The number of this connection, unlike any other of this daemon. */
  connection: number;
  /** Who is behind it. */
  user: User;
  /** The daemon's version. */
  version: string;
};
