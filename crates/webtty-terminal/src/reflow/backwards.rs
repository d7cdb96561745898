//! Rows that are made from the newest to the oldest.

use crate::row::Row;
use crate::scrollback::Scrollback;

/// Rows as they are made, the newest first.
pub(super) struct Backwards {
    rows: Scrollback,
    /// Rows there were before.
    old: usize,
    /// Where the newest of them are, the newest first; no more of them than a screen has can be
    /// pushed out.
    places: Vec<usize>,
    screen: usize,
    max: usize,
}

impl Backwards {
    pub(super) fn new(old: usize, screen: usize, max: usize) -> Backwards {
        Backwards {
            rows: Scrollback::unbounded(),
            old,
            places: Vec::new(),
            screen,
            max,
        }
    }

    /// All that can be kept is there, also if the newest are pushed out; the rest is forgotten.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= self.max + self.screen
    }

    fn note(&mut self) {
        if self.places.len() < self.screen {
            self.places.push(self.rows.len());
        }
    }

    /// Takes an old row, cut to its new width.
    pub(super) fn keep(&mut self, all: &Scrollback, i: usize, old_cols: usize, cols: usize) {
        if self.is_full() {
            return;
        }
        let fits = all
            .plain(i)
            .is_some_and(|(empty, text, _)| empty + text.len() <= cols);
        if fits {
            self.note();
            self.rows.push_again(all, i);
        } else if let Some(row) = all.get(i, old_cols) {
            self.push(row, false, cols);
        }
    }

    /// Takes a row, an old one or one that is `inserted`.
    pub(super) fn push(&mut self, mut row: Row, inserted: bool, cols: usize) {
        if self.is_full() {
            return;
        }
        if !inserted {
            self.note();
        }
        row.resize(cols);
        self.rows.push_row(&row);
    }

    /// The rows from the oldest, when of the old ones only the first `kept` are left; the oldest
    /// beyond the bound go.
    pub(super) fn forwards(self, kept: usize) -> Scrollback {
        let pushed_out = &self.places[..(self.old - kept).min(self.places.len())];
        let mut surplus = (self.rows.len() - pushed_out.len()).saturating_sub(self.max);
        let mut out = Scrollback::unbounded();
        for i in (0..self.rows.len()).rev() {
            if pushed_out.binary_search(&i).is_ok() {
                continue;
            }
            if surplus > 0 {
                surplus -= 1;
                continue;
            }
            out.push_again(&self.rows, i);
        }
        out
    }
}
