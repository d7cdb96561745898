//! Where a PTY's news goes.

use webtty_protocol::rest::ExitInfo;

/// Who is told what a PTY does. Called by whoever reads it at the moment, by one at a time.
pub(crate) trait Sink: Send + Sync + 'static {
    /// The shell wrote this. If it is little, those who cannot wait hear of it at once.
    fn output(&self, bytes: &[u8]);
    /// Everybody is to hear of what was written.
    fn tell(&self);
    /// Must the shell wait before it may write this many bytes more?
    fn is_held(&self, incoming: usize) -> bool;
    /// The shell has ended, and all it wrote has been given to [`output`](Self::output).
    fn exited(&self, exit: ExitInfo);
    /// Nothing is left of the shell's session: no process, no thread, no descriptor but the share of
    /// who follows it, which goes with its turn. Comes after [`exited`](Self::exited).
    fn gone(&self);
}
