//! Readers of a bounded log that must not miss anything, and how long they are waited for.

use std::time::{Duration, Instant};

/// Readers whose positions a log respects, as long as each keeps up a decent pace.
#[derive(Debug)]
pub(crate) struct Holders {
    all: Vec<Holder>,
    last_id: u64,
    window: Duration,
    least: u64,
}

#[derive(Debug)]
struct Holder {
    id: u64,
    /// The first thing it has not taken.
    position: u64,
    /// Since when the log waits for it, and where it was then.
    waited_for: Option<(Instant, u64)>,
    /// It was too slow, and is not waited for until it has caught up.
    given_up: bool,
}

impl Holders {
    /// No readers yet. One that is waited for must take `least` within each `window`.
    pub(crate) fn new(window: Duration, least: u64) -> Self {
        Self {
            all: Vec::new(),
            last_id: 0,
            window,
            least,
        }
    }

    /// Adds a reader. Gives its id.
    pub(crate) fn add(&mut self, position: u64) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.all.push(Holder {
            id,
            position,
            waited_for: None,
            given_up: false,
        });
        id
    }

    /// A reader has taken everything before `position`.
    pub(crate) fn advance(&mut self, id: u64, position: u64) {
        if let Some(holder) = self.all.iter_mut().find(|holder| holder.id == id) {
            holder.position = position;
        }
    }

    /// A reader left.
    pub(crate) fn remove(&mut self, id: u64) {
        self.all.retain(|holder| holder.id != id);
    }

    /// How many readers there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Does any reader still need what comes before `kept_from`? Gives up on those that have
    /// taken too little since they were first waited for.
    pub(crate) fn any_behind(&mut self, kept_from: u64, now: Instant) -> bool {
        let mut any = false;
        for holder in &mut self.all {
            // Each is looked at, so that each one's time runs.
            any |= holder.is_behind(kept_from, now, self.window, self.least);
        }
        any
    }
}

impl Holder {
    fn is_behind(&mut self, kept_from: u64, now: Instant, window: Duration, least: u64) -> bool {
        if self.position >= kept_from {
            self.waited_for = None;
            self.given_up = false;
            return false;
        }
        if self.given_up {
            return false;
        }
        let (since, position) = *self.waited_for.get_or_insert((now, self.position));
        if now.duration_since(since) < window {
            return true;
        }
        self.given_up = self.position - position < least;
        self.waited_for = Some((now, self.position));
        !self.given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_reader_is_waited_for_and_a_stuck_one_is_not() {
        let window = Duration::from_secs(1);
        let mut holders = Holders::new(window, 10);
        let steady = holders.add(0);
        let start = Instant::now();
        assert!(holders.any_behind(90, start));
        assert!(holders.any_behind(90, start + window / 2));
        holders.advance(steady, 10);
        assert!(
            holders.any_behind(90, start + window),
            "it has taken enough"
        );
        assert!(
            !holders.any_behind(90, start + window * 2),
            "it has taken nothing since"
        );
        holders.advance(steady, 20);
        assert!(
            !holders.any_behind(90, start + window * 2),
            "not before it has caught up"
        );
        holders.advance(steady, 90);
        assert!(!holders.any_behind(90, start + window * 3));
        assert!(
            holders.any_behind(100, start + window * 4),
            "waited for anew"
        );
        holders.remove(steady);
        assert!(!holders.any_behind(100, start + window * 4));
        assert_eq!(holders.len(), 0);
    }
}
