//! What everyone attached to a session is told of.

use webtty_protocol::SessionId;
use webtty_protocol::rest::ExitInfo;

use crate::size::Shape;

/// Where a session is in its life. It only ever moves down this list, except that a start that
/// failed goes back to `Idle`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Made, not started.
    Idle,
    /// Its shell is being spawned.
    Starting,
    /// Its shell runs.
    Running {
        /// The shell's process id.
        pid: u32,
    },
    /// Its shell has ended.
    Exited(ExitInfo),
    /// It was deleted; its shell is being ended.
    Deleted,
}

/// What everyone attached to a session is told of. Watched as a value: who is slow misses
/// intermediate states, never the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id, which a rename changes.
    pub id: SessionId,
    /// Where it is in its life.
    pub phase: Phase,
    /// The terminal's size, and where it comes from.
    pub shape: Shape,
    /// The window title its program has set.
    pub title: Option<String>,
    /// May its programs write the clipboard of who drives?
    pub clipboard: bool,
}
