//! One of the two screens: its rows, its scrollback, its cursor, margins and tab stops.

use std::collections::VecDeque;

use crate::cell::Pen;
use crate::charset::Charset;
use crate::kitty::Keyboard;
use crate::row::Row;
use crate::scrollback::Scrollback;
use crate::tabs::Tabs;

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
    pub(crate) screen: VecDeque<Row>,
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
    all_stamp: u64,
}

impl Buffer {
    pub(crate) fn new(cols: usize, rows: usize, scrollback: Option<Scrollback>) -> Buffer {
        Buffer {
            keeps_history: scrollback.is_some(),
            scrollback: scrollback.unwrap_or_default(),
            screen: VecDeque::new(),
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
    pub(crate) fn fill(&mut self, pen: Pen) {
        if self.screen.is_empty() {
            self.screen = (0..self.rows)
                .map(|_| Row::new(self.cols, pen, false))
                .collect();
        }
        self.touch_all();
    }

    /// Forgets rows, margins and tab stops; the saved cursor stays.
    pub(crate) fn reset(&mut self) {
        self.screen = VecDeque::new();
        self.x = 0;
        self.y = 0;
        self.top = 0;
        self.bottom = self.rows - 1;
        self.tabs = Tabs::new(self.cols);
    }

    #[inline]
    pub(crate) fn touch(&mut self, y: usize) {
        if let Some(stamp) = self.stamps.get_mut(y) {
            *stamp = self.generation;
        }
    }

    pub(crate) fn touch_range(&mut self, from: usize, to: usize) {
        for y in from..=to {
            self.touch(y);
        }
    }

    pub(crate) fn touch_all(&mut self) {
        self.stamps.resize(self.rows, self.generation);
        self.all_stamp = self.generation;
    }

    pub(crate) fn changed_since(&self, y: usize, mark: u64) -> bool {
        self.all_stamp > mark || self.stamps.get(y).is_some_and(|&stamp| stamp > mark)
    }

    /// The row of the screen at `y`, about to be changed. `y` must be on the screen.
    #[inline]
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut Row {
        self.touch(y);
        &mut self.screen[y]
    }

    /// The row the cursor is in, about to be changed.
    #[inline]
    pub(crate) fn line(&mut self) -> &mut Row {
        self.row_mut(self.y)
    }

    /// Clears the wrap flag of a row counted from the oldest one, if there is such a row.
    pub(crate) fn unwrap_absolute(&mut self, line: usize) {
        let base = self.base();
        if let Some(row) = self.scrollback.get_mut(line) {
            row.wrapped = false;
        } else if line - base < self.screen.len() {
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
    pub(crate) fn scroll(&mut self, pen: Pen, wrapped: bool) {
        let cols = self.cols;
        if self.top > 0 {
            self.remove_rows(self.top, 1, pen);
            self.screen[self.bottom].wrapped = wrapped;
            return;
        }
        let Some(mut row) = self.screen.pop_front() else {
            return;
        };
        if self.keeps_history {
            self.scrollback.push(&mut row);
            // One row in, one row out: that keeps every number. What the bound in bytes takes
            // beyond that shifts them.
            let surplus = self.scrollback.trim().saturating_sub(1);
            self.saved.y = self.saved.y.saturating_sub(surplus);
        }
        row.recycle(cols, pen, wrapped);
        if self.bottom == self.rows - 1 {
            self.screen.push_back(row);
        } else {
            self.screen.insert(self.bottom, row);
        }
        self.touch_all();
    }

    /// Removes `n` rows at `y`; the rows down to the bottom margin move up.
    pub(crate) fn remove_rows(&mut self, y: usize, n: usize, pen: Pen) {
        let n = n.min(self.bottom + 1 - y);
        for i in y..self.bottom + 1 - n {
            self.screen.swap(i, i + n);
        }
        for i in self.bottom + 1 - n..=self.bottom {
            self.screen[i].recycle(self.cols, pen, false);
        }
        self.touch_range(y, self.bottom);
    }

    /// Inserts `n` rows at `y`; the rows down to the bottom margin move down.
    pub(crate) fn insert_rows(&mut self, y: usize, n: usize, pen: Pen) {
        let n = n.min(self.bottom + 1 - y);
        for i in (y + n..=self.bottom).rev() {
            self.screen.swap(i, i - n);
        }
        for i in y..y + n {
            self.screen[i].recycle(self.cols, pen, false);
        }
        self.touch_range(y, self.bottom);
    }

    /// A row of the scrollback or the screen, counted from the oldest.
    pub(crate) fn absolute(&self, line: usize) -> Option<std::borrow::Cow<'_, Row>> {
        let base = self.base();
        if let Some(packed) = self.scrollback.get(line) {
            return Some(std::borrow::Cow::Owned(packed.unpack(self.cols)));
        }
        self.screen.get(line - base).map(std::borrow::Cow::Borrowed)
    }
}
