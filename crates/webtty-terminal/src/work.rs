//! How much the grid does, counted in tests alone: cells and rows gone through. A bound on it
//! holds on every machine, one on time would not.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Notes work in proportion to `n`, about one a cell.
#[inline(always)]
pub(crate) fn done(n: usize) {
    #[cfg(test)]
    DONE.set(DONE.get() + n as u64);
    #[cfg(not(test))]
    let _ = n;
}

#[cfg(test)]
#[path = "../tests/common/worst.rs"]
mod worst;

#[cfg(test)]
#[path = "../tests/common/few.rs"]
mod few;

#[cfg(test)]
mod tests {
    use super::DONE;
    use super::{few, worst};
    use crate::Terminal;

    /// Cells and rows that a byte of input may make the grid go through: as many as there are
    /// in the widest row. Inserting a character moves them.
    const EACH_BYTE: usize = 1024;
    /// And what may be saved up for sequences that go through every cell.
    const ONCE: usize = 8 << 20;

    fn work(from: &Terminal, bytes: &[u8]) -> u64 {
        let mut terminal = from.clone();
        DONE.set(0);
        terminal.feed(bytes);
        DONE.get()
    }

    #[test]
    fn no_input_costs_much() {
        let inputs = few::inputs(worst::BYTES / 4);
        let mut most = (0, String::new());
        for (state, terminal) in few::starts(|_| true) {
            for (name, bytes) in &inputs {
                let bound = ONCE + bytes.len() * EACH_BYTE;
                let share = work(&terminal, bytes) * 100 / bound as u64;
                if share > most.0 {
                    most = (share, format!("{name} from {state}"));
                }
            }
        }
        assert!(most.0 <= 100, "percent of the bound: {most:?}");
    }
}
