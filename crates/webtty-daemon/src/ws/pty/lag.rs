//! How far behind a viewer may be, how much may be on its way to it, and what it gets instead.
//!
//! One that keeps up gets every byte. One that does not gets pictures of the screen, as fast as it
//! processes them, until it has come to the present; and then, once, the scrollback they had not.

use std::time::Duration;

use tokio::time::Instant;
use webtty_protocol::limits::WINDOW_BYTES;

use crate::limits::{
    CHASE_LAG_BYTES, CHASE_PATIENCE, CHASE_PAUSE, CHASE_WINDOW_BYTES, HISTORY_PAUSE,
    HISTORY_PAUSE_MOST, LAG_BYTES, TYPING_PAUSE,
};

/// Whether a viewer keeps up.
#[derive(Debug)]
pub(super) struct Lag {
    state: State,
    /// Does it want lines above the screen at all?
    wants_history: bool,
    /// How long it must have kept up again before it is given them.
    pause: Duration,
    /// When it was last given them, if it has kept up since.
    given: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    KeepsUp,
    Chases {
        /// When it got its last picture.
        since: Instant,
        /// How much it had been sent in all when it had been sent all there was.
        all: Option<u64>,
    },
    /// It had processed all there was, which it may have by chance between two floods.
    HasCaughtUp {
        at: Instant,
        /// When it got its last picture.
        since: Instant,
    },
}

impl Lag {
    pub(super) fn new(wants_history: bool) -> Self {
        Self {
            state: State::KeepsUp,
            wants_history,
            pause: HISTORY_PAUSE,
            given: None,
        }
    }

    /// How many bytes may be sent and not processed.
    pub(super) fn window(&self, now: Instant) -> u64 {
        match self.is_chasing(now) {
            true => CHASE_WINDOW_BYTES,
            false => WINDOW_BYTES,
        }
    }

    /// How many bytes it may be behind. A slow line, on which no more than `line` bytes may be on
    /// their way, carries as many in a fifth of a second or two.
    pub(super) fn limit(&self, now: Instant, line: Option<u64>) -> u64 {
        let line = line.unwrap_or(u64::MAX);
        match self.is_chasing(now) {
            true => CHASE_LAG_BYTES.min(line / 4),
            false => LAG_BYTES.min(line.saturating_mul(2)),
        }
    }

    /// Has it not kept up for a while since its last picture? The scrollback may come later still.
    fn is_chasing(&self, now: Instant) -> bool {
        match self.state {
            State::KeepsUp => false,
            State::Chases { .. } => true,
            State::HasCaughtUp { at, .. } => now.saturating_duration_since(at) < HISTORY_PAUSE,
        }
    }

    /// When a picture may be sent to it that is too far behind. Pictures that it has not processed
    /// would only make it wait longer for the one that it wants to see.
    pub(super) fn picture_due(&self, in_flight: u64) -> Option<Instant> {
        match self.state {
            State::Chases { since, .. } if in_flight == 0 => Some(since + CHASE_PAUSE),
            State::Chases { since, .. } => Some(since + CHASE_PATIENCE),
            State::HasCaughtUp { since, .. } => Some(since + CHASE_PAUSE),
            State::KeepsUp => None,
        }
    }

    /// It was too far behind, and gets a picture. Whom the scrollback itself has put behind, as it
    /// may over a slow line, gets it less often.
    pub(super) fn is_brought_up(&mut self, now: Instant) {
        if let Some(given) = self.given.take() {
            let soon = now.saturating_duration_since(given) < HISTORY_PAUSE_MOST;
            let longer = (self.pause * 2).min(HISTORY_PAUSE_MOST);
            self.pause = if soon { longer } else { HISTORY_PAUSE };
        }
        self.state = State::Chases {
            since: now,
            all: None,
        };
    }

    /// It has been sent all there is, so many bytes since its connection began, and has processed so
    /// many. It has caught up when it has processed what it had been sent at such a moment: more may
    /// be on its way for ever where a program writes all the time.
    pub(super) fn has_been_sent_all(&mut self, sent: u64, acknowledged: u64, now: Instant) {
        let State::Chases { all, since } = &mut self.state else {
            return;
        };
        if acknowledged >= *all.get_or_insert(sent) {
            let since = *since;
            self.state = State::HasCaughtUp { at: now, since };
        }
    }

    /// Does it lack the scrollback?
    pub(super) fn lacks_history(&self) -> bool {
        self.wants_history && !matches!(self.state, State::KeepsUp)
    }

    /// When it will have kept up for long enough, if it has caught up, to be given the scrollback. Who
    /// is typing wants to see that first.
    pub(super) fn history_due(&self, last_typed: Option<Instant>) -> Option<Instant> {
        let rests = last_typed.map(|at| at + TYPING_PAUSE);
        match self.state {
            State::HasCaughtUp { at, .. } => rests.max(Some(at + self.pause)),
            State::KeepsUp | State::Chases { .. } => None,
        }
    }

    /// It keeps up. Says whether it is to be given the scrollback now.
    pub(super) fn keeps_up(&mut self, now: Instant) -> bool {
        let lacks_history = self.lacks_history();
        if lacks_history {
            self.given = Some(now);
        }
        self.state = State::KeepsUp;
        lacks_history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn who_does_not_keep_up_has_less_on_the_way_until_it_does() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert_eq!(
            (lag.window(now), lag.limit(now, None)),
            (WINDOW_BYTES, LAG_BYTES)
        );
        lag.is_brought_up(now);
        assert_eq!(
            (lag.window(now), lag.limit(now, None)),
            (CHASE_WINDOW_BYTES, CHASE_LAG_BYTES)
        );
        lag.has_been_sent_all(30, 29, now);
        assert_eq!(lag.limit(now, None), CHASE_LAG_BYTES);
        lag.has_been_sent_all(50, 30, now);
        assert_eq!(
            (lag.window(now), lag.limit(now, None)),
            (CHASE_WINDOW_BYTES, CHASE_LAG_BYTES),
            "it may be behind again in a moment"
        );
        assert_eq!(lag.picture_due(0), Some(now + CHASE_PAUSE));
        let later = now + HISTORY_PAUSE;
        let full = (WINDOW_BYTES, LAG_BYTES);
        assert_eq!((lag.window(later), lag.limit(later, None)), full);
        lag.keeps_up(later);
        assert_eq!((lag.window(now), lag.limit(now, None)), full);
    }

    #[test]
    fn over_a_slow_line_less_is_much() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert_eq!(lag.limit(now, Some(40_000)), 80_000);
        assert_eq!(lag.limit(now, Some(LAG_BYTES)), LAG_BYTES);
        lag.is_brought_up(now);
        assert_eq!(lag.limit(now, Some(40_000)), 10_000);
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
        assert_eq!((lag.lacks_history(), lag.history_due(None)), (true, None));
        lag.has_been_sent_all(5, 5, now);
        lag.has_been_sent_all(5, 5, now + MOMENT);
        assert_eq!(lag.history_due(None), Some(now + HISTORY_PAUSE));
        lag.is_brought_up(now);
        assert_eq!(lag.history_due(None), None, "it has fallen behind again");
        lag.has_been_sent_all(5, 5, now + MOMENT);
        assert!(lag.keeps_up(now));
        assert_eq!((lag.lacks_history(), lag.history_due(None)), (false, None));
    }

    #[test]
    fn who_types_is_given_the_scrollback_afterwards() {
        let mut lag = Lag::new(true);
        let now = Instant::now();
        assert_eq!(lag.history_due(Some(now)), None, "it lacks none");
        lag.is_brought_up(now);
        lag.has_been_sent_all(5, 5, now);
        assert_eq!(lag.history_due(Some(now)), Some(now + TYPING_PAUSE));
        let before = now + HISTORY_PAUSE - TYPING_PAUSE - MOMENT;
        assert_eq!(lag.history_due(Some(before)), Some(now + HISTORY_PAUSE));
    }

    #[test]
    fn who_wants_no_scrollback_is_given_none() {
        let mut lag = Lag::new(false);
        let now = Instant::now();
        lag.is_brought_up(now);
        assert!(!lag.lacks_history());
        lag.has_been_sent_all(5, 5, now);
        assert_eq!(lag.history_due(None), Some(now + HISTORY_PAUSE));
        assert!(!lag.keeps_up(now + HISTORY_PAUSE));
        assert_eq!(lag.limit(now, None), LAG_BYTES);
    }

    #[test]
    fn whom_the_scrollback_puts_behind_gets_it_less_often() {
        let mut lag = Lag::new(true);
        let mut now = Instant::now();
        let mut round = |lag: &mut Lag, after: Duration| {
            now += after;
            lag.is_brought_up(now);
            lag.has_been_sent_all(0, 0, now);
            let pause = lag.history_due(None).expect("it has caught up") - now;
            assert!(lag.keeps_up(now));
            pause
        };
        assert_eq!(round(&mut lag, MOMENT), HISTORY_PAUSE);
        assert_eq!(round(&mut lag, MOMENT), HISTORY_PAUSE * 2);
        for _ in 0..10 {
            round(&mut lag, MOMENT);
        }
        assert_eq!(round(&mut lag, MOMENT), HISTORY_PAUSE_MOST);
        assert_eq!(round(&mut lag, HISTORY_PAUSE_MOST), HISTORY_PAUSE);
    }
}
