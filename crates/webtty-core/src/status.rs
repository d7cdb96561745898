//! What everyone attached to a session is told of.

use webtty_protocol::SessionId;
use webtty_protocol::rest::{ExitInfo, SessionState};

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

impl Phase {
    /// As a list has it: the state, the shell's process id, and how it ended.
    pub(crate) fn listed(self) -> (SessionState, Option<u32>, Option<ExitInfo>) {
        match self {
            Self::Idle | Self::Starting => (SessionState::Idle, None, None),
            Self::Running { pid } => (SessionState::Running, Some(pid), None),
            Self::Exited(exit) => (SessionState::Exited, None, Some(exit)),
            Self::Deleted => (SessionState::Exited, None, None),
        }
    }
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
