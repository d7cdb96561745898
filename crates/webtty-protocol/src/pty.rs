//! Text messages of `ws /ws/ID/pty` with the subprotocol `webtty.v1`. Terminal bytes are binary
//! frames, both ways, and are not described here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{ControlState, RequestState};
use crate::id::SessionId;
use crate::presence::Presence;
use crate::rest::ExitInfo;
use crate::role::Role;
use crate::size::{CellPixels, SizePolicy};

/// What the daemon says. A client must ignore a `type` it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ServerMessage {
    /// First, once.
    Hello(Hello),
    /// Reset the terminal: the next bytes rebuild it.
    Snapshot(Snapshot),
    /// The terminal's size changed.
    Resize(SizeChanged),
    /// The program set the window title.
    Title {
        /// The title, without control characters, at most 256 bytes.
        title: String,
    },
    /// The session was renamed; its URL is another now.
    Renamed {
        /// The new id.
        session: SessionId,
    },
    /// Programs may write the clipboard of who drives from now on, or no longer.
    Clipboard {
        /// May they?
        allowed: bool,
    },
    /// Who watches the terminal: after `hello`, and whenever it changes.
    Presence {
        /// How many.
        count: usize,
        /// In the order they came, the first of them: a classroom is better told by the hub,
        /// which tells changes only.
        clients: Vec<Presence>,
    },
    /// What this connection may do has changed: the key it came by allows something else now, or
    /// somebody lets it type, or no longer.
    Role {
        /// From now on.
        role: Role,
        /// Was it let, rather than by its own key?
        #[serde(default)]
        lent: bool,
        /// When that ends, in milliseconds since 1970, or null when no end is set.
        #[serde(default)]
        until: Option<u64>,
    },
    /// Who asks to type, and who was let: to those who may answer, whenever it changes.
    Control(ControlState),
    /// How it stands with this connection's own request to type.
    Request {
        /// Since now.
        state: RequestState,
    },
    /// Something to show to a person.
    Notice {
        /// What to show.
        text: String,
    },
    /// The shell or command ended; every byte of it has been sent. A close with 4001 follows.
    Exit(ExitInfo),
    /// The answer to `ping`.
    Pong {
        /// What the ping carried.
        t: f64,
    },
}

/// What a viewer is told when it joins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// The number of this connection, unlike any other of this daemon.
    pub client: u64,
    /// The session it is attached to.
    pub session: SessionId,
    /// Which output the offsets count: unlike that of any other session, also one of the same
    /// id. To be given back, as `epoch`, with the offset to resume from.
    pub epoch: String,
    /// What it may do.
    pub role: Role,
    /// The terminal's width in columns.
    pub cols: u16,
    /// The terminal's height in rows.
    pub rows: u16,
    /// The connection whose window has that size, or null when it is of none in particular.
    pub by: Option<u64>,
    /// Whose window counts.
    pub policy: SizePolicy,
    /// The connection that drives: who typed last or, before anyone has, attached first. Null
    /// once that one has left.
    #[serde(default)]
    pub driver: Option<u64>,
    /// The end of the output at this moment, in bytes since the shell started.
    pub offset: u64,
    /// The window title, or null when none was set.
    pub title: Option<String>,
    /// May programs write the clipboard of who drives (OSC 52)?
    #[serde(default)]
    pub clipboard: bool,
    /// The most payload bytes that may be unacknowledged.
    pub window: u64,
    /// Does the output go on from the offset that was asked for? Otherwise a snapshot follows.
    pub resumed: bool,
}

/// What precedes the bytes that rebuild a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The output offset that the rebuilt terminal shows.
    pub offset: u64,
    /// How many bytes of the following binary frames belong to it.
    pub bytes: u64,
    /// How many bytes they are unpacked, where they are compressed (RFC 1951): what is large is,
    /// for who asked with `deflate=1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
    /// Why it was sent.
    pub reason: SnapshotReason,
}

/// Why a snapshot was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotReason {
    /// The viewer has just joined.
    Join,
    /// The viewer fell too far behind. Has no scrollback: a viewer that does not keep up may get
    /// many of them.
    Lagged,
    /// The viewer has caught up since, and gets the scrollback that those had not.
    CaughtUp,
    /// The offset to resume from is no longer kept.
    ResumeMiss,
}

/// The terminal's size, when it, whose it is, who decides on it or who drives has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SizeChanged {
    /// Width in columns.
    pub cols: u16,
    /// Height in rows.
    pub rows: u16,
    /// The connection whose window has that size, or null when it is of none in particular.
    pub by: Option<u64>,
    /// Whose window counts.
    pub policy: SizePolicy,
    /// The connection that drives: who typed last or, before anyone has, attached first. Null
    /// once that one has left.
    #[serde(default)]
    pub driver: Option<u64>,
}

/// What a client says. Anything else closes its socket with 1008.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Its terminal has processed this many binary payload bytes of this connection.
    Ack {
        /// Since the connection began, never fewer than before.
        bytes: u64,
    },
    /// Its window has this size; clamped to 1…1000 × 1…500.
    Resize {
        /// Width in columns.
        cols: f64,
        /// Height in rows.
        rows: f64,
        /// The size of a cell, for programs that ask in pixels.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cell: Option<CellPixels>,
    },
    /// Be known by this name where presence is told.
    Name {
        /// Shown without control characters, at most 64 bytes of it. Empty for none.
        name: String,
    },
    /// Ask those who may type to be let.
    RequestControl,
    /// Let a viewer type, whether it has asked or not. Only from who may type by its own key; so
    /// are the next two.
    GrantControl {
        /// The number of its connection.
        client: u64,
        /// For how long, in seconds, clamped to 1…86,400; until it is taken back when not given.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        seconds: Option<u64>,
    },
    /// Let it not, though it has asked.
    DenyControl {
        /// The number of its connection.
        client: u64,
    },
    /// Let it type no longer. Who was let may say so of itself, too.
    TakeBackControl {
        /// The number of its connection.
        client: u64,
    },
    /// Answer with `pong`.
    Ping {
        /// Anything; it comes back.
        t: f64,
    },
}
