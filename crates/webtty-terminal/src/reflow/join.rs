//! One line for a wider screen: each row is filled from the next one.

use super::line::{Line, wrapped_len};
use crate::cell::BLANK;
use crate::row::{Row, Way};
use crate::scrollback::Scrollback;

/// Packs rows as they are filled; of those at the end, only what is not empty.
struct Filled<'a> {
    out: &'a mut Scrollback,
    any: bool,
    empty: usize,
}

impl Filled<'_> {
    fn push(&mut self, row: &Row) {
        let is_empty = self.any && row.trimmed_len() == 0;
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        self.any = true;
        self.out.push_row(row);
    }
}

/// Fills each row of a line from the next one. The row that is filled is never below the one it
/// is filled from; they can be the same.
pub(super) fn join(line: &Line<'_>, out: &mut Scrollback) {
    let (old_cols, cols) = (line.old_cols, line.cols);
    let next_is_wide = |i: usize| (i + 1 < line.len).then(|| line.starts_wide(i + 1));
    let mut filled = Filled {
        out,
        any: false,
        empty: 0,
    };
    let mut target = line.row(0);
    let (mut to, mut to_col) = (0, wrapped_len(&target, next_is_wide(0), old_cols));
    // None if it is the target.
    let mut source = Some(line.row(1));
    let (mut from, mut from_col) = (1, 0);
    while from < line.len {
        let current = source.as_ref().unwrap_or(&target);
        let len = wrapped_len(current, next_is_wide(from), old_cols);
        let n = len.saturating_sub(from_col).min(cols - to_col);
        match &source {
            Some(source) => target.copy_from(source, from_col, to_col, n),
            None => target.copy_within(from_col, to_col, n, Way::Forward),
        }
        to_col += n;
        from_col += n;
        let mut full = None;
        if to_col == cols {
            (to, to_col) = (to + 1, 0);
            let next = match source.take_if(|_| from == to) {
                Some(source) => source,
                None => line.row_or_blank(to),
            };
            full = Some(std::mem::replace(&mut target, next));
        }
        if from_col >= len {
            (from, from_col) = (from + 1, 0);
            source = (from < line.len && from != to).then(|| line.row(from));
        }
        if let Some(mut full) = full {
            if full.width(cols - 1) == 2 {
                target.copy_from(&full, cols - 1, 0, 1);
                to_col = 1;
                full.cells[cols - 1] = BLANK;
            }
            filled.push(&full);
        }
    }
    if to < line.len {
        target.erase_from(to_col);
        filled.push(&target);
    }
    let empty = filled.empty;
    (0..empty).for_each(|_| out.drop_newest());
}
