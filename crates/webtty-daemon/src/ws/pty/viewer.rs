//! What the two directions of a viewer share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use webtty_core::presence::Watcher;
use webtty_protocol::Role;

/// What the two directions of a viewer know of each other. They belong to one task, so what one
/// stores the other sees.
#[derive(Debug)]
pub(super) struct Shared {
    role: Mutex<Role>,
    acked: AtomicU64,
    sent: AtomicU64,
    typed: AtomicBool,
    ping: Mutex<Option<f64>>,
    heard: Notify,
}

impl Shared {
    /// What a viewer that may do this begins with.
    pub(super) fn new(role: Role) -> Self {
        Self {
            role: Mutex::new(role),
            acked: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            typed: AtomicBool::new(false),
            ping: Mutex::default(),
            heard: Notify::new(),
        }
    }

    /// What it may do at this moment.
    pub(super) fn role(&self) -> Role {
        *self.role.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It may do this from now on.
    pub(super) fn set_role(&self, role: Role) {
        *self.role.lock().unwrap_or_else(PoisonError::into_inner) = role;
        self.heard.notify_one();
    }

    /// So many more binary payload bytes are about to be sent.
    pub(super) fn sends(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Its terminal has processed so many binary payload bytes in all. Says whether that can
    /// be: nobody processes what was not sent, and nothing is processed backwards.
    pub(super) fn acknowledges(&self, bytes: u64) -> bool {
        let sent = self.sent.load(Ordering::Relaxed);
        let possible = self.acked.load(Ordering::Relaxed)..=sent;
        if !possible.contains(&bytes) {
            return false;
        }
        self.acked.store(bytes, Ordering::Relaxed);
        self.heard.notify_one();
        true
    }

    /// How many binary payload bytes are sent and not processed.
    pub(super) fn in_flight(&self) -> u64 {
        self.sent.load(Ordering::Relaxed) - self.acked.load(Ordering::Relaxed)
    }

    /// It has typed something.
    pub(super) fn types(&self) {
        if !self.typed.swap(true, Ordering::Relaxed) {
            self.heard.notify_one();
        }
    }

    /// Has it ever typed anything?
    pub(super) fn has_typed(&self) -> bool {
        self.typed.load(Ordering::Relaxed)
    }

    /// It asks for an answer with this.
    pub(super) fn pings(&self, t: f64) {
        *self.ping.lock().unwrap_or_else(PoisonError::into_inner) = Some(t);
        self.heard.notify_one();
    }

    /// What it asks to be answered with, if it has asked.
    pub(super) fn take_ping(&self) -> Option<f64> {
        let mut ping = self.ping.lock().unwrap_or_else(PoisonError::into_inner);
        ping.take()
    }

    /// Waits until it has said something since this was last waited for.
    pub(super) async fn hears(&self) {
        self.heard.notified().await;
    }
}

/// Who a viewer is.
pub(super) struct Identity {
    /// The number of its connection.
    pub(super) client: u64,
    /// Does it speak `webtty.v1`?
    pub(super) v1: bool,
    /// Is the shell to wait for it, within limits, rather than that it misses a byte?
    pub(super) lossless: bool,
    /// Its place among those who watch the session.
    pub(super) watcher: Watcher,
}
