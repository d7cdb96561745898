//! How much work a few bytes may ask for.
//!
//! Nearly every sequence costs no more than what it writes or one row. Those few that touch
//! every cell of the screen, or print a character a thousand times, would let a stream of
//! nothing else stop the world: they spend what the bytes fed have earned, and are refused
//! when that is used up. A program that also draws what it shifted never comes near.

/// Earned by every byte fed. At 1000 columns, drawing a column anew takes more bytes than
/// shifting all the others costs at this rate.
const EACH_BYTE: usize = 256;
/// What is kept for later at most: sixteen shifts of the largest screen.
const MOST: usize = 8 << 20;

/// Work that may still be asked for, about one cell moved each.
#[derive(Clone, Debug)]
pub(crate) struct Allowance(usize);

impl Default for Allowance {
    fn default() -> Allowance {
        Allowance(MOST)
    }
}

impl Allowance {
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.0 = self
            .0
            .min(MOST)
            .saturating_add(bytes.saturating_mul(EACH_BYTE));
    }

    /// Whether there is enough; then it is spent.
    pub(crate) fn spend(&mut self, cost: usize) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}
