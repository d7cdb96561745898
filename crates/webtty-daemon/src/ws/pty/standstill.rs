//! How long a viewer has acknowledged nothing.

use tokio::time::Instant;

/// A viewer that is waited for to acknowledge more.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    /// How many bytes it had acknowledged in all, and since when that is all.
    last: Option<(u64, Instant)>,
}

impl Standstill {
    /// It has acknowledged so many bytes in all. Says since when that is all.
    pub(super) fn since(&mut self, acknowledged: u64) -> Instant {
        match self.last {
            Some((known, since)) if known == acknowledged => since,
            _ => self.last.insert((acknowledged, Instant::now())).1,
        }
    }

    /// It is not waited for any more.
    pub(super) fn is_over(&mut self) {
        self.last = None;
    }
}
