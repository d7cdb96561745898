//! What a session knows of where it lives: the registry, as it sees it.

use webtty_protocol::SessionId;

use crate::activity::Activity;
use crate::environment::{SessionVariables, ShellSettings};
use crate::pty::Trickle;

/// What a session needs from the house it lives in.
pub(crate) trait House: Send + Sync {
    /// The shell settings of this moment.
    fn shell_settings(&self) -> ShellSettings;
    /// What the session's programs are told about it.
    fn variables(&self, id: &SessionId, epoch: &str) -> SessionVariables;
    /// Where its sessions tell of their changes.
    fn activity(&self) -> Activity;
    /// A PTY that is to be read while little comes from it.
    fn follow(&self, trickle: Trickle);
    /// A thread of a session is about to begin, with what it holds open.
    fn work_begun(&self);
    /// The session's shell has ended by itself.
    fn shell_exited(&self, incarnation: u64);
    /// A thread of a session is over, and nothing that it held open is left.
    fn work_over(&self);
}

/// The work of a thread, which is over however the thread ends.
pub(crate) struct Work<'a>(pub(crate) &'a dyn House);

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.0.work_over();
    }
}
