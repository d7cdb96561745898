//! Bodies of the REST paths. Times are milliseconds since 1970.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::SessionId;
use crate::role::Role;
use crate::size::SizePolicy;

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Made, but its shell has not been started: the first attach does that.
    Idle,
    /// Its shell or command runs.
    Running,
    /// Its command has ended; screen and exit can still be read.
    Exited,
}

/// How a shell or command ended: by itself with a code, or by a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExitInfo {
    /// The exit code, or null when a signal ended it.
    pub code: Option<u32>,
    /// The signal's name (`SIGHUP`), or null when it exited by itself.
    pub signal: Option<String>,
}

/// One session, as listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// The id in its URL.
    pub id: SessionId,
    /// What it is called for as long as it lives, whatever its id, and no other ever is.
    #[serde(default)]
    pub epoch: String,
    /// When it was made.
    pub created_at: u64,
    /// When somebody last opened it, or null when nobody has.
    pub last_used_at: Option<u64>,
    /// The directory its shell starts in.
    pub base_dir: PathBuf,
    /// Is any viewer attached?
    pub connected: bool,
    /// The shell's process id while one runs.
    pub pid: Option<u32>,
    /// Where it is in its life.
    pub state: SessionState,
    /// The command, or null for the user's shell.
    pub cmd: Option<Vec<String>>,
    /// The window title its program has set, or null.
    pub title: Option<String>,
    /// The terminal's width in columns.
    pub cols: u16,
    /// The terminal's height in rows.
    pub rows: u16,
    /// Whose window that size comes from.
    pub size_policy: SizePolicy,
    /// Can nobody type into it?
    #[serde(default)]
    pub read_only: bool,
    /// May programs in it write the clipboard of who drives?
    #[serde(default)]
    pub clipboard: bool,
    /// How many PTY sockets are attached.
    pub viewers: usize,
    /// How many event sockets are attached.
    pub subscribers: usize,
    /// How it ended, once it has.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit: Option<ExitInfo>,
}

/// `POST /api/sessions`. All fields are optional; an empty body asks for a plain session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CreateSession {
    /// The id, or none for eight random hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// The directory to start in, absolute; the user's home when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_dir: Option<PathBuf>,
    /// The command with its arguments; the user's shell when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Vec<String>>,
    /// Variables added to the environment of the shell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Width in columns, 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub cols: Option<u16>,
    /// Height in rows, 1 to 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub rows: Option<u16>,
    /// Whose window the terminal has the size of; by the settings when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_policy: Option<SizePolicy>,
    /// Make it one that nobody can type into, whatever their credential allows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// May programs in it write the clipboard of who drives (OSC 52)? By the settings when not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<bool>,
    /// Start at once? A session with `cmd` always does; a plain one otherwise waits for the
    /// first attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<bool>,
}

/// `PATCH /api/sessions/ID`: what is to change, of which there must be something. Sockets stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChangeSession {
    /// The new id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// Whose window the terminal has the size of from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_policy: Option<SizePolicy>,
    /// With the policy `fixed`: width in columns, 1 to 1000; as it is when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub cols: Option<u16>,
    /// With the policy `fixed`: height in rows, 1 to 500; as it is when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub rows: Option<u16>,
    /// May programs in it write the clipboard of who drives from now on (OSC 52)?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<bool>,
}

/// `GET /api/health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The daemon's version.
    pub version: String,
    /// The daemon's process id.
    pub pid: u32,
    /// How long it has run, in milliseconds.
    pub uptime_ms: u64,
    /// How many sessions the credential reaches.
    pub sessions: usize,
    /// How many connections of the hub there are; only told to who may administer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connections: Option<usize>,
    /// The URL of the page that lists them, without a key.
    pub url: String,
    /// Does the TCP listener ask for a credential?
    pub auth: bool,
    /// How the TCP listener can be reached; only told to who may administer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listener: Option<Box<Listener>>,
}

/// How the TCP listener can be reached, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Its address and port.
    pub address: String,
    /// Its certificate; none where it speaks plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<Certificate>,
    /// The origins it answers to beside its own address.
    pub names: Vec<String>,
    /// Addresses and networks of proxies that are believed.
    pub proxies: Vec<String>,
    /// What anybody may do whom one of them names, unless the settings say otherwise of that user;
    /// none where they name nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proxy_role: Option<Role>,
}

/// What a TLS listener shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its SHA-256, two hexadecimal digits a byte, with colons.
    pub fingerprint: String,
    /// When it ends, in milliseconds since 1970.
    pub expires: u64,
}

/// `POST /api/login`: exchange a key for a token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The key, from the page's URL fragment.
    pub key: String,
}

/// What a key was exchanged for. `Debug` is not derived, so that no log can hold a token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct LoginReply {
    /// For `Authorization: Bearer` and the token subprotocol.
    pub token: String,
    /// What it allows.
    pub role: Role,
    /// The one session it is for, or null for all.
    pub session: Option<SessionId>,
    /// When it ends, or null for never.
    pub expires: Option<u64>,
}

/// `POST /api/keys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateKey {
    /// What the key allows.
    pub role: Role,
    /// The one session it is for; all of them when not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionId>,
    /// How long it can be used, in seconds; without end when not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ttl_seconds: Option<u64>,
    /// How many logins it is good for; any number when not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uses: Option<u32>,
    /// A note on what it is for, shown in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
}

/// `PATCH /api/keys/KEYID`: what is to change. Who came in by the key stays, and is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeKey {
    /// What it allows from now on.
    pub role: Role,
}

/// A new key. This is the only time it is shown: the daemon keeps its hash.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedKey {
    /// Names the key in lists and for revoking; no secret.
    pub id: String,
    /// The key itself.
    pub key: String,
    /// The page's URL with the key in its fragment.
    pub url: String,
}

/// A key, as listed: everything but the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyInfo {
    /// Names the key.
    pub id: String,
    /// What it allows.
    pub role: Role,
    /// The one session it is for, or null for all.
    pub session: Option<SessionId>,
    /// When it was made.
    pub created_at: u64,
    /// When it ends, or null for never.
    pub expires: Option<u64>,
    /// How many more logins it is good for, or null for any number.
    pub uses_left: Option<u32>,
    /// What it is for.
    pub label: Option<String>,
}

/// What came of a publish in which some lines were rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishReport {
    /// How many lines were taken.
    pub accepted: u64,
    /// The first hundred that were not.
    pub rejected: Vec<RejectedLine>,
}

/// A file that was put beside a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredFile {
    /// Where it is, on the daemon's machine.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RejectedLine {
    /// Its number in the request, from 1; empty lines count.
    pub line: u64,
    /// Why, in words.
    pub reason: String,
}
