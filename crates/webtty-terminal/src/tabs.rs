//! Tab stops.

/// Columns between the stops of a fresh screen.
const EVERY: usize = 8;

/// Columns in one number.
const BITS: usize = u64::BITS as usize;
/// The stops of a fresh screen in it.
const USUAL: u64 = u64::MAX / ((1 << EVERY) - 1);

/// One bit a column, also for columns beyond the edge: they count again on a wider screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tabs {
    stops: Vec<u64>,
}

impl Tabs {
    pub(crate) fn new(cols: usize) -> Tabs {
        let mut tabs = Tabs { stops: Vec::new() };
        tabs.restart(cols);
        tabs
    }

    /// Makes these the stops of a fresh screen.
    pub(crate) fn restart(&mut self, cols: usize) {
        self.stops.clear();
        self.stops.resize(cols.div_ceil(BITS), USUAL);
        if let Some(last) = self.stops.last_mut() {
            *last &= u64::MAX >> (cols.next_multiple_of(BITS) - cols);
        }
    }

    pub(crate) fn is_set(&self, x: usize) -> bool {
        let stops = self.stops.get(x / BITS);
        stops.is_some_and(|stops| stops >> (x % BITS) & 1 == 1)
    }

    /// One more than the last column that has a stop.
    pub(crate) fn len(&self) -> usize {
        let last = self.stops.iter().rposition(|&stops| stops != 0);
        last.map_or(0, |at| {
            (at + 1) * BITS - self.stops[at].leading_zeros() as usize
        })
    }

    pub(crate) fn set(&mut self, x: usize) {
        let at = x / BITS;
        if self.stops.len() <= at {
            self.stops.resize(at + 1, 0);
        }
        self.stops[at] |= 1 << (x % BITS);
    }

    pub(crate) fn clear(&mut self, x: usize) {
        if let Some(stops) = self.stops.get_mut(x / BITS) {
            *stops &= !(1 << (x % BITS));
        }
    }

    pub(crate) fn clear_all(&mut self) {
        self.stops.clear();
    }

    /// Continues the stops to a new width, from the last one.
    pub(crate) fn resize(&mut self, cols: usize) {
        let from = if self.is_set(cols) {
            cols
        } else {
            self.previous(cols, cols)
        };
        for x in (from..cols).step_by(EVERY) {
            self.set(x);
        }
    }

    pub(crate) fn next(&self, x: usize, cols: usize) -> usize {
        let from = x + 1;
        let mut mask = u64::MAX << (from % BITS);
        for (at, stops) in self.stops.iter().enumerate().skip(from / BITS) {
            let found = stops & mask;
            if found != 0 {
                let stop = at * BITS + found.trailing_zeros() as usize;
                return stop.min(cols - 1);
            }
            mask = u64::MAX;
        }
        cols - 1
    }

    pub(crate) fn previous(&self, x: usize, cols: usize) -> usize {
        let Some(from) = x.checked_sub(1) else {
            return 0;
        };
        let last = u64::MAX >> (BITS - 1 - from % BITS);
        for (at, stops) in self.stops.iter().enumerate().take(from / BITS + 1).rev() {
            let found = if at == from / BITS {
                stops & last
            } else {
                *stops
            };
            if found != 0 {
                let stop = at * BITS + BITS - 1 - found.leading_zeros() as usize;
                return stop.min(cols - 1);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_are_found_in_both_directions() {
        for cols in [2, 63, 64, 65, 80, 1000] {
            let mut tabs = Tabs::new(cols);
            for step in 0..3 {
                let stops: Vec<usize> = (0..cols).filter(|&x| tabs.is_set(x)).collect();
                if step == 0 {
                    assert_eq!(stops, (0..cols).step_by(8).collect::<Vec<_>>());
                }
                for x in 0..cols {
                    let next = stops.iter().find(|&&stop| stop > x);
                    assert_eq!(tabs.next(x, cols), *next.unwrap_or(&(cols - 1)));
                    let previous = stops.iter().rfind(|&&stop| stop < x);
                    assert_eq!(tabs.previous(x, cols), *previous.unwrap_or(&0));
                }
                match step {
                    0 => (3..cols).step_by(77).for_each(|x| tabs.set(x)),
                    _ => tabs.clear_all(),
                }
            }
        }
    }

    #[test]
    fn stops_beyond_the_edge_count_on_a_wider_screen() {
        let mut tabs = Tabs::new(100);
        tabs.set(90);
        tabs.resize(20);
        assert_eq!(tabs.next(16, 20), 19);
        tabs.resize(100);
        assert!(tabs.is_set(88) && tabs.is_set(90));
        tabs.resize(120);
        assert!(tabs.is_set(112) && !tabs.is_set(120));
    }
}
