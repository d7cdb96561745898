//! How far behind a viewer may be, how much may be on its way to it, and what it gets instead.
//!
//! One that keeps up gets every byte. One that does not gets pictures of the screen, as fast as it
//! processes them, until it has come to the present; and then, once, the scrollback they had not.

use tokio::time::Instant;
use webtty_protocol::limits::WINDOW_BYTES;

use crate::limits::{
    CHASE_LAG_BYTES, CHASE_PATIENCE, CHASE_PAUSE, CHASE_WINDOW_BYTES, HISTORY_PAUSE, LAG_BYTES,
};

/// Whether a viewer keeps up.
#[derive(Debug)]
pub(super) struct Lag {
    state: State,
    /// Does it want lines above the screen at all?
    wants_history: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    KeepsUp,
    /// It got a picture then, and has not processed all there is since.
    Chases(Instant),
    /// It has processed all there was then, and has no scrollback.
    HasCaughtUp(Instant),
}

impl Lag {
    pub(super) fn new(wants_history: bool) -> Self {
        Self {
            state: State::KeepsUp,
            wants_history,
        }
    }

    /// How many bytes may be sent and not processed.
    pub(super) fn window(&self) -> u64 {
        match self.state {
            State::Chases(_) => CHASE_WINDOW_BYTES,
            State::KeepsUp | State::HasCaughtUp(_) => WINDOW_BYTES,
        }
    }

    /// How many bytes it may be behind.
    pub(super) fn limit(&self) -> u64 {
        match self.state {
            State::Chases(_) => CHASE_LAG_BYTES,
            State::KeepsUp | State::HasCaughtUp(_) => LAG_BYTES,
        }
    }

    /// When a picture may be sent to it that is too far behind. Pictures that it has not processed
    /// would only make it wait longer for the one that it wants to see.
    pub(super) fn picture_due(&self, in_flight: u64) -> Option<Instant> {
        match self.state {
            State::Chases(last) if in_flight == 0 => Some(last + CHASE_PAUSE),
            State::Chases(last) => Some(last + CHASE_PATIENCE),
            State::KeepsUp | State::HasCaughtUp(_) => None,
        }
    }

    /// It was too far behind, and gets a picture.
    pub(super) fn is_brought_up(&mut self, now: Instant) {
        self.state = State::Chases(now);
    }

    /// It has processed all there is.
    pub(super) fn has_caught_up(&mut self, now: Instant) {
        self.state = match self.state {
            State::Chases(_) if self.wants_history => State::HasCaughtUp(now),
            State::Chases(_) => State::KeepsUp,
            state => state,
        };
    }

    /// Does it lack the scrollback?
    pub(super) fn lacks_history(&self) -> bool {
        self.wants_history && !matches!(self.state, State::KeepsUp)
    }

    /// When it is to be given the scrollback, if it has caught up.
    pub(super) fn history_due(&self) -> Option<Instant> {
        match self.state {
            State::HasCaughtUp(at) => Some(at + HISTORY_PAUSE),
            State::KeepsUp | State::Chases(_) => None,
        }
    }

    /// It is given the scrollback.
    pub(super) fn has_history(&mut self) {
        self.state = State::KeepsUp;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn who_does_not_keep_up_has_less_on_the_way_until_it_does() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert_eq!((lag.window(), lag.limit()), (WINDOW_BYTES, LAG_BYTES));
        lag.is_brought_up(now);
        assert_eq!(
            (lag.window(), lag.limit()),
            (CHASE_WINDOW_BYTES, CHASE_LAG_BYTES)
        );
        lag.has_caught_up(now);
        assert_eq!((lag.window(), lag.limit()), (WINDOW_BYTES, LAG_BYTES));
    }

    #[test]
    fn the_first_picture_comes_at_once_and_the_next_when_it_can_be_seen() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert_eq!(lag.picture_due(0), None);
        lag.is_brought_up(now);
        assert_eq!(lag.picture_due(0), Some(now + CHASE_PAUSE));
        assert_eq!(lag.picture_due(1), Some(now + CHASE_PATIENCE));
    }

    #[test]
    fn who_has_kept_up_for_a_while_is_given_the_scrollback_once() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert!(!lag.lacks_history());
        lag.is_brought_up(now);
        assert_eq!((lag.lacks_history(), lag.history_due()), (true, None));
        lag.has_caught_up(now);
        lag.has_caught_up(now + MOMENT);
        assert_eq!(lag.history_due(), Some(now + HISTORY_PAUSE));
        lag.is_brought_up(now);
        assert_eq!(lag.history_due(), None, "it has fallen behind again");
        lag.has_caught_up(now + MOMENT);
        lag.has_history();
        assert_eq!((lag.lacks_history(), lag.history_due()), (false, None));
    }

    #[test]
    fn who_wants_no_scrollback_is_given_none() {
        let mut lag = Lag::new(false);
        lag.is_brought_up(Instant::now());
        assert!(!lag.lacks_history());
        lag.has_caught_up(Instant::now());
        assert_eq!(lag.history_due(), None);
        assert_eq!(lag.limit(), LAG_BYTES);
    }
}
