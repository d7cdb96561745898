//! One of the two screens: its rows, its scrollback, its cursor, margins and tab stops.

use crate::charset::Charset;
use crate::grid_cell::{BLANK, GridCell};
use crate::grid_row::GridRow;
use crate::kitty::Keyboard;
use crate::row::Row;
use crate::screen::Screen;
use crate::scrollback::Scrollback;
use crate::styles::Styles;
use crate::tabs::Tabs;
use crate::work::done;

/// What DECSC keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) x: usize,
    /// Row counted from the oldest one of the scrollback at that time.
    pub(crate) y: usize,
    pub(crate) fg: u32,
    pub(crate) bg: u32,
    pub(crate) charset: Option<Charset>,
}

#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) scrollback: Scrollback,
    /// Empty while this is the alternate screen and not shown.
    pub(crate) screen: Screen,
    /// Rows that were hidden, all blank, to be shown again.
    spare: Screen,
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    /// Column of the cursor; `cols` while a wrap is pending.
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) saved: Saved,
    pub(crate) tabs: Tabs,
    pub(crate) keyboard: Keyboard,
    keeps_history: bool,
    /// Rises with every mark; rows touched carry it.
    pub(crate) generation: u64,
    stamps: Vec<u64>,
    /// Rows `.1..=.2` all carry the generation `.0`.
    stamped: (u64, usize, usize),
    all_stamp: u64,
}

impl Buffer {
    pub(crate) fn new(cols: usize, rows: usize, scrollback: Option<Scrollback>) -> Buffer {
        Buffer {
            keeps_history: scrollback.is_some(),
            scrollback: scrollback.unwrap_or_default(),
            screen: Screen::default(),
            spare: Screen::default(),
            cols,
            rows,
            x: 0,
            y: 0,
            top: 0,
            bottom: rows - 1,
            saved: Saved::default(),
            tabs: Tabs::new(cols),
            keyboard: Keyboard::default(),
            generation: 1,
            stamps: vec![1; rows],
            stamped: (0, 0, 0),
            all_stamp: 1,
        }
    }

    /// Rows above the screen.
    #[inline]
    pub(crate) fn base(&self) -> usize {
        self.scrollback.len()
    }

    pub(crate) fn keeps_history(&self) -> bool {
        self.keeps_history
    }

    /// Creates the rows if there are none.
    pub(crate) fn fill(&mut self, fill: GridCell) {
        if self.screen.is_empty() {
            let spare = std::mem::take(&mut self.spare);
            self.screen = match spare.has_size(self.cols, self.rows) {
                true => spare,
                false => Screen::new(self.cols, self.rows, BLANK),
            };
            self.screen.clear_rows(0, self.rows, fill);
        }
        self.touch_all();
    }

    /// Forgets rows, margins and tab stops; the saved cursor stays.
    pub(crate) fn hide(&mut self) {
        let mut screen = std::mem::take(&mut self.screen);
        if screen.has_size(self.cols, self.rows) {
            screen.empty(self.cols);
            self.spare = screen;
        }
        self.forget_margins();
    }

    fn forget_margins(&mut self) {
        self.x = 0;
        self.y = 0;
        self.top = 0;
        self.bottom = self.rows - 1;
        self.tabs.restart(self.cols);
    }

    /// Makes this like a new one, with blank rows if it had some.
    pub(crate) fn restart(&mut self) {
        self.forget_margins();
        self.screen.restart(self.cols);
        self.scrollback.clear();
        self.saved = Saved::default();
        self.keyboard = Keyboard::default();
        self.touch_all();
    }

    #[inline]
    pub(crate) fn touch(&mut self, y: usize) {
        if let Some(stamp) = self.stamps.get_mut(y) {
            *stamp = self.generation;
        }
    }

    pub(crate) fn touch_range(&mut self, from: usize, to: usize) {
        let (generation, first, last) = self.stamped;
        if generation == self.generation && first <= from && to <= last {
            return;
        }
        let to = to.min(self.stamps.len().saturating_sub(1));
        if let Some(stamps) = self.stamps.get_mut(from..=to) {
            done(stamps.len() / 8);
            stamps.fill(self.generation);
            self.stamped = (self.generation, from, to);
        }
    }

    pub(crate) fn touch_all(&mut self) {
        if self.stamps.len() != self.rows {
            self.stamps.resize(self.rows, self.generation);
            self.stamped = (0, 0, 0);
        }
        self.all_stamp = self.generation;
    }

    pub(crate) fn changed_since(&self, y: usize, mark: u64) -> bool {
        self.all_stamp > mark || self.stamps.get(y).is_some_and(|&stamp| stamp > mark)
    }

    /// The row of the screen at `y`, about to be changed. `y` must be on the screen.
    #[inline]
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut GridRow {
        self.touch(y);
        self.screen.row_mut(y)
    }

    /// The row the cursor is in, about to be changed.
    #[inline]
    pub(crate) fn line(&mut self) -> &mut GridRow {
        self.row_mut(self.y)
    }

    /// Empties the rows `from..to` of the screen, also beyond its edge.
    pub(crate) fn clear_rows(&mut self, from: usize, to: usize, fill: GridCell) {
        if from < to {
            self.touch_range(from, to - 1);
            self.screen.clear_rows(from, to, fill);
        }
    }

    /// Clears the wrap flag of a row counted from the oldest one, if there is such a row.
    pub(crate) fn unwrap_absolute(&mut self, line: usize) {
        let base = self.base();
        if self.scrollback.unwrap(line) {
            return;
        }
        if line - base < self.screen.len() {
            self.row_mut(line - base).wrapped = false;
        } else if !self.keeps_history && !self.screen.is_empty() {
            // The list of rows is a ring, and on this screen it is full: past the last row
            // comes the first.
            self.row_mut(0).wrapped = false;
        }
    }

    /// Moves the rows between the margins up by one; the topmost goes to the scrollback if the
    /// region begins at the top.
    #[inline]
    pub(crate) fn scroll(&mut self, fill: GridCell, wrapped: bool, styles: &Styles) {
        if self.screen.is_empty() {
            return;
        }
        if self.top == 0 && self.keeps_history {
            self.scrollback.push(self.screen.row(0), styles);
            // One row in, one row out: that keeps every number. What the bound in bytes takes
            // beyond that shifts them.
            let surplus = self.scrollback.trim().saturating_sub(1);
            self.saved.y = self.saved.y.saturating_sub(surplus);
        }
        let (top, bottom) = (self.top, self.bottom);
        self.screen.shift_up(top, bottom, 1, self.cols, fill);
        self.screen.row_mut(bottom).wrapped = wrapped;
        if top == 0 {
            self.touch_all();
        } else {
            self.touch_range(top, bottom);
        }
    }

    /// Removes `n` rows at `y`; the rows down to the bottom margin move up.
    pub(crate) fn remove_rows(&mut self, y: usize, n: usize, fill: GridCell) {
        let (n, bottom) = (n.min(self.bottom + 1 - y), self.bottom);
        self.screen.shift_up(y, bottom, n, self.cols, fill);
        self.touch_range(y, bottom);
    }

    /// Inserts `n` rows at `y`; the rows down to the bottom margin move down.
    pub(crate) fn insert_rows(&mut self, y: usize, n: usize, fill: GridCell) {
        let (n, bottom) = (n.min(self.bottom + 1 - y), self.bottom);
        self.screen.shift_down(y, bottom, n, self.cols, fill);
        self.touch_range(y, bottom);
    }

    /// A row of the scrollback or the screen as others read it, counted from the oldest.
    pub(crate) fn absolute(&self, line: usize, styles: &Styles) -> Option<Row> {
        match self.scrollback.get(line, self.cols) {
            Some(row) => Some(row),
            None => Some(self.screen.get(line - self.base())?.read(styles)),
        }
    }

    /// A row of the screen as others read it. `y` must be on the screen.
    pub(crate) fn row(&self, y: usize, styles: &Styles) -> Row {
        self.screen.row(y).read(styles)
    }
}
