//! How far behind a viewer may be, and how much may be on its way to it.

use webtty_protocol::limits::WINDOW_BYTES;

use crate::limits::{CHASE_LAG_BYTES, CHASE_WINDOW_BYTES, LAG_BYTES};

/// Whether a viewer keeps up. One that does not is brought to the present by a snapshot, and until
/// it has caught up with the shell what is sent to it after that is old again before it has
/// processed it: more on the way would only make it wait longer for what it wants to see.
#[derive(Debug, Default)]
pub(super) struct Lag {
    /// The size of its last snapshot, while it has not caught up since.
    chases: Option<u64>,
}

impl Lag {
    /// It was too far behind, and gets a snapshot of so many bytes.
    pub(super) fn is_brought_up(&mut self, snapshot_bytes: u64) {
        self.chases = Some(snapshot_bytes);
    }

    /// It has processed all there is.
    pub(super) fn has_caught_up(&mut self) {
        self.chases = None;
    }

    /// How many bytes may be sent and not processed.
    pub(super) fn window(&self) -> u64 {
        match self.chases {
            None => WINDOW_BYTES,
            Some(_) => CHASE_WINDOW_BYTES,
        }
    }

    /// How many bytes it may be behind.
    pub(super) fn limit(&self) -> u64 {
        match self.chases {
            None => LAG_BYTES,
            // The state is worth telling anew when it is said sooner than what led to it.
            Some(snapshot) => snapshot.saturating_mul(2).clamp(CHASE_LAG_BYTES, LAG_BYTES),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_keep_up_has_less_on_the_way_until_it_does() {
        let mut lag = Lag::default();
        assert_eq!((lag.window(), lag.limit()), (WINDOW_BYTES, LAG_BYTES));
        lag.is_brought_up(1000);
        assert_eq!(
            (lag.window(), lag.limit()),
            (CHASE_WINDOW_BYTES, CHASE_LAG_BYTES)
        );
        lag.has_caught_up();
        assert_eq!((lag.window(), lag.limit()), (WINDOW_BYTES, LAG_BYTES));
    }

    #[test]
    fn a_snapshot_is_not_sent_instead_of_less_than_twice_itself() {
        let mut lag = Lag::default();
        lag.is_brought_up(CHASE_LAG_BYTES);
        assert_eq!(lag.limit(), 2 * CHASE_LAG_BYTES);
        lag.is_brought_up(u64::MAX);
        assert_eq!(
            lag.limit(),
            LAG_BYTES,
            "who was not yet behind is no better off"
        );
    }
}
