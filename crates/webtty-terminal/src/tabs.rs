//! Tab stops.

/// Columns between the stops of a fresh screen.
const EVERY: usize = 8;

/// One flag a column, also for columns beyond the edge: they count again on a wider screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tabs {
    stops: Vec<bool>,
}

impl Tabs {
    pub(crate) fn new(cols: usize) -> Tabs {
        let mut tabs = Tabs { stops: Vec::new() };
        tabs.fill(0, cols);
        tabs
    }

    pub(crate) fn is_set(&self, x: usize) -> bool {
        self.stops.get(x).copied().unwrap_or(false)
    }

    pub(crate) fn set(&mut self, x: usize) {
        if self.stops.len() <= x {
            self.stops.resize(x + 1, false);
        }
        self.stops[x] = true;
    }

    pub(crate) fn clear(&mut self, x: usize) {
        if let Some(stop) = self.stops.get_mut(x) {
            *stop = false;
        }
    }

    pub(crate) fn clear_all(&mut self) {
        self.stops.clear();
    }

    fn fill(&mut self, from: usize, cols: usize) {
        for x in (from..cols).step_by(EVERY) {
            self.set(x);
        }
    }

    /// Continues the stops to a new width, from the last one.
    pub(crate) fn resize(&mut self, cols: usize) {
        let from = if self.is_set(cols) {
            cols
        } else {
            self.previous(cols, cols)
        };
        self.fill(from, cols);
    }

    pub(crate) fn next(&self, x: usize, cols: usize) -> usize {
        let mut x = x + 1;
        while x < cols && !self.is_set(x) {
            x += 1;
        }
        x.min(cols - 1)
    }

    pub(crate) fn previous(&self, x: usize, cols: usize) -> usize {
        let mut x = x.saturating_sub(1);
        while x > 0 && !self.is_set(x) {
            x -= 1;
        }
        x.min(cols - 1)
    }
}
