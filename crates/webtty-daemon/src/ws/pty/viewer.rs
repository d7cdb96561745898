//! What the two directions of a viewer share.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use webtty_core::presence::Watcher;
use webtty_protocol::Role;
use webtty_protocol::control::RequestState;

use super::flow::Flow;
use crate::limits::LOST_CONTROL_GRACE;

/// What a viewer may do, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What.
    pub(super) role: Role,
    /// Was it let, rather than by its own key?
    pub(super) lent: bool,
    /// When that ends, in milliseconds since 1970, if an end is set.
    pub(super) until: Option<u64>,
}

impl Standing {
    /// By its own key.
    pub(super) fn own(role: Role) -> Self {
        Self {
            role,
            lent: false,
            until: None,
        }
    }

    /// May it let others type?
    pub(super) fn may_lend(&self) -> bool {
        self.role.may_control() && !self.lent
    }
}

/// What the two directions of a viewer know of each other. They belong to one task, so what one
/// stores the other sees.
#[derive(Debug)]
pub(super) struct Shared {
    standing: Mutex<Standing>,
    /// When it lost what it was let.
    lost: Mutex<Option<Instant>>,
    answer: Mutex<Option<RequestState>>,
    flow: Mutex<Flow>,
    typed_at: Mutex<Option<Instant>>,
    ping: Mutex<Option<f64>>,
    heard: Notify,
}

impl Shared {
    /// What a viewer that may do this begins with.
    pub(super) fn new(role: Role) -> Self {
        Self {
            standing: Mutex::new(Standing::own(role)),
            lost: Mutex::default(),
            answer: Mutex::default(),
            flow: Mutex::default(),
            typed_at: Mutex::default(),
            ping: Mutex::default(),
            heard: Notify::new(),
        }
    }

    /// What it may do at this moment.
    pub(super) fn standing(&self) -> Standing {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It may do this from now on.
    pub(super) fn set_standing(&self, standing: Standing, now: Instant) {
        let before = {
            let mut kept = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *kept, standing)
        };
        if before.lent && !standing.role.may_control() {
            *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
        self.heard.notify_one();
    }

    /// Has it lost what it was let so shortly ago that it may not have heard of it?
    pub(super) fn has_just_lost(&self, now: Instant) -> bool {
        let lost = *self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.is_some_and(|at| now.saturating_duration_since(at) < LOST_CONTROL_GRACE)
    }

    /// Its request to type stands like this, which it is to be told.
    pub(super) fn answers(&self, state: RequestState) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
        self.heard.notify_one();
    }

    /// How its request stands, if it has not been told.
    pub(super) fn take_answer(&self) -> Option<RequestState> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.take()
    }

    /// So many more binary payload bytes are about to be sent.
    pub(super) fn sends(&self, bytes: u64) {
        self.flow().sends(bytes, Instant::now());
    }

    /// Its terminal has processed so many binary payload bytes in all. Says whether that can be.
    pub(super) fn acknowledges(&self, bytes: u64) -> bool {
        let possible = self.flow().acknowledges(bytes, Instant::now());
        self.heard.notify_one();
        possible
    }

    /// What it was sent and has processed, and how fast that goes.
    pub(super) fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It types something.
    pub(super) fn types(&self, now: Instant) {
        if self.typed_at().replace(now).is_none() {
            self.heard.notify_one();
        }
    }

    /// When it typed last, if it ever has.
    pub(super) fn last_typed(&self) -> Option<Instant> {
        *self.typed_at()
    }

    fn typed_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.typed_at.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// Can it unpack compressed snapshots?
    pub(super) deflate: bool,
    /// How long it may acknowledge nothing once nothing more will come.
    pub(super) patience: Duration,
    /// Its place among those who watch the session.
    pub(super) watcher: Watcher,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lost_control_is_spared_for_as_long_as_the_news_may_take() {
        let start = Instant::now();
        let shared = Shared::new(Role::View);
        assert!(!shared.has_just_lost(start), "it had none to lose");
        let lent = Standing {
            role: Role::Control,
            lent: true,
            until: None,
        };
        shared.set_standing(lent, start);
        assert!(!shared.has_just_lost(start));
        shared.set_standing(Standing::own(Role::View), start);
        assert!(shared.has_just_lost(start));
        let last = start + LOST_CONTROL_GRACE - Duration::from_millis(1);
        assert!(shared.has_just_lost(last));
        assert!(!shared.has_just_lost(start + LOST_CONTROL_GRACE));
    }

    #[test]
    fn who_lost_a_key_of_its_own_is_not_spared() {
        let start = Instant::now();
        let shared = Shared::new(Role::Control);
        shared.set_standing(Standing::own(Role::View), start);
        assert!(!shared.has_just_lost(start));
    }
}
