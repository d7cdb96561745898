//! A line: a row and those that continue it.

use crate::row::Row;
use crate::scrollback::Scrollback;

/// Rows of which each continues the one before it.
pub(super) struct Line<'a> {
    pub(super) all: &'a Scrollback,
    pub(super) first: usize,
    /// How many there are.
    pub(super) len: usize,
    pub(super) old_cols: usize,
    pub(super) cols: usize,
}

impl Line<'_> {
    pub(super) fn row(&self, i: usize) -> Row {
        let width = self.old_cols.max(self.cols);
        let row = self.all.get(self.first + i, width);
        row.unwrap_or_else(|| Row::new(width, true))
    }

    /// The same, but none beyond the line's last.
    pub(super) fn row_or_blank(&self, i: usize) -> Row {
        match i < self.len {
            true => self.row(i),
            false => Row::new(self.cols, true),
        }
    }

    /// Whether a row begins with a wide character.
    pub(super) fn starts_wide(&self, i: usize) -> bool {
        self.all.plain(self.first + i).is_none() && self.row(i).width(0) == 2
    }
}

/// Columns of a row that belong to its line: all, but for an empty last column left by a wide
/// character that did not fit. `next_is_wide` is whether the next row begins with one, if there
/// is a next row.
pub(super) fn wrapped_len(row: &Row, next_is_wide: Option<bool>, old_cols: usize) -> usize {
    let last = old_cols - 1;
    match next_is_wide {
        None => row.trimmed_len(),
        Some(true) if !row.has_content(last) && row.width(last) == 1 => last,
        Some(_) => old_cols,
    }
}

/// Columns up to the end of the last text of a row of `cols` columns.
pub(super) fn trimmed_len(rows: &Scrollback, i: usize, cols: usize) -> usize {
    match rows.plain(i) {
        Some((_, [], _)) => 0,
        Some((empty, text, _)) => empty + text.len(),
        None => rows.get(i, cols).map_or(0, |row| row.trimmed_len()),
    }
}
