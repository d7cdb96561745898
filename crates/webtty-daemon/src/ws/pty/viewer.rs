//! What the two directions of a viewer share.

use tokio::sync::watch;
use webtty_core::presence::Watcher;
use webtty_protocol::Role;

/// What the two directions of a viewer know of each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How many binary payload bytes its terminal has processed.
    pub(super) acked: watch::Sender<u64>,
    /// How many have been sent.
    pub(super) sent: watch::Sender<u64>,
    /// Has it typed anything?
    pub(super) typed: watch::Sender<bool>,
    /// The last ping that is to be answered.
    pub(super) ping: watch::Sender<Option<f64>>,
}

/// Who a viewer is.
pub(super) struct Identity {
    /// The number of its connection.
    pub(super) client: u64,
    /// What it may do here.
    pub(super) role: Role,
    /// Does it speak `webtty.v1`?
    pub(super) v1: bool,
    /// Is the shell to wait for it, within limits, rather than that it misses a byte?
    pub(super) lossless: bool,
    /// Its place among those who watch the session.
    pub(super) watcher: Watcher,
}
