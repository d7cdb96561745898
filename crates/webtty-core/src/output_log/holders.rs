//! Readers that want every byte, and how long they are waited for.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::limits::{HOLD_CHECK, HOLD_MIN_BYTES};

/// All readers with a hold.
#[derive(Debug, Default)]
pub(super) struct Holders {
    all: Vec<Holder>,
    last_id: u64,
}

#[derive(Debug)]
struct Holder {
    id: u64,
    /// The offset of the first byte it has not taken.
    position: u64,
    /// Since when the log waits for it, and where it was then.
    waited_for: Option<(Instant, u64)>,
    /// It was too slow, and is not waited for until it has caught up.
    given_up: bool,
}

impl Holders {
    /// Does any reader still need bytes before `kept_from`? Gives up on those that have taken
    /// too little since they were first waited for.
    pub(super) fn any_behind(&mut self, kept_from: u64, now: Instant) -> bool {
        let mut any = false;
        for holder in &mut self.all {
            // Each is looked at, so that each one's time runs.
            any |= holder.is_behind(kept_from, now);
        }
        any
    }

    fn find(&mut self, id: u64) -> Option<&mut Holder> {
        self.all.iter_mut().find(|holder| holder.id == id)
    }
}

impl Holder {
    fn is_behind(&mut self, kept_from: u64, now: Instant) -> bool {
        if self.position >= kept_from {
            self.waited_for = None;
            self.given_up = false;
            return false;
        }
        if self.given_up {
            return false;
        }
        let (since, position) = *self.waited_for.get_or_insert((now, self.position));
        if now.duration_since(since) < HOLD_CHECK {
            return true;
        }
        self.given_up = self.position - position < HOLD_MIN_BYTES;
        self.waited_for = Some((now, self.position));
        !self.given_up
    }
}

/// A reader's wish that nothing is dropped before it has taken it. Dropping it ends the wish.
#[derive(Debug)]
pub struct Hold<'a> {
    holders: &'a Mutex<Holders>,
    id: u64,
}

impl<'a> Hold<'a> {
    pub(super) fn new(holders: &'a Mutex<Holders>, position: u64) -> Self {
        let mut all = holders.lock().unwrap_or_else(PoisonError::into_inner);
        all.last_id += 1;
        let id = all.last_id;
        all.all.push(Holder {
            id,
            position,
            waited_for: None,
            given_up: false,
        });
        Self { holders, id }
    }

    /// The reader has taken everything before `position`.
    pub fn advance(&self, position: u64) {
        let mut all = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = all.find(self.id) {
            holder.position = position;
        }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut all = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        all.all.retain(|holder| holder.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_steady_reader_is_waited_for_and_a_stuck_one_is_not() {
        let holders = Mutex::default();
        let steady = Hold::new(&holders, 0);
        let behind = |at: Instant| {
            holders
                .lock()
                .expect("free")
                .any_behind(HOLD_MIN_BYTES * 9, at)
        };
        let start = Instant::now();
        assert!(behind(start));
        assert!(behind(start + HOLD_CHECK / 2));
        steady.advance(HOLD_MIN_BYTES);
        assert!(behind(start + HOLD_CHECK), "it has taken enough");
        assert!(
            !behind(start + HOLD_CHECK * 2),
            "it has taken nothing since"
        );
        steady.advance(HOLD_MIN_BYTES * 2);
        assert!(
            !behind(start + HOLD_CHECK * 2),
            "not before it has caught up"
        );
        steady.advance(HOLD_MIN_BYTES * 9);
        assert!(!behind(start + HOLD_CHECK * 3));
        let later = HOLD_MIN_BYTES * 10;
        let again = start + HOLD_CHECK * 3 + Duration::from_millis(1);
        assert!(
            holders.lock().expect("free").any_behind(later, again),
            "waited for anew"
        );
        drop(steady);
        assert!(!holders.lock().expect("free").any_behind(later, again));
    }
}
