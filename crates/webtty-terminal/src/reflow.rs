//! Wrapping lines anew for another width, cell by cell the way xterm.js does it: lines that
//! hold the cursor stay as they are, because their program will redraw them.
//!
//! Rows are unpacked one or two at a time and packed again at once: unpacked, a scrollback takes
//! a hundred times as much.

mod backwards;
mod join;
mod line;
mod split;

use crate::row::Row;
use crate::scrollback::Scrollback;
use backwards::Backwards;
use line::{Line, trimmed_len};

/// All rows of a buffer and what refers to them by number.
pub(crate) struct Lines {
    /// Without bounds of their own.
    pub(crate) rows: Scrollback,
    /// Number of the screen's first row.
    pub(crate) base: usize,
    /// Row of the cursor on the screen.
    pub(crate) y: usize,
    /// Row of the saved cursor, from the oldest.
    pub(crate) saved_y: usize,
    /// Rows that can be kept.
    pub(crate) max: usize,
}

/// Joins what a narrower screen had split.
pub(crate) fn larger(lines: &mut Lines, old_cols: usize, cols: usize, rows: usize) {
    let cursor = lines.base + lines.y;
    let all = std::mem::take(&mut lines.rows);
    let mut out = Scrollback::unbounded();
    let mut y = 0;
    while y < all.len() {
        let len = 1
            + (y + 1..all.len())
                .take_while(|&i| all.is_wrapped(i))
                .count();
        if len > 1 && !(y..y + len).contains(&cursor) {
            let line = Line {
                all: &all,
                first: y,
                len,
                old_cols,
                cols,
            };
            join::join(&line, &mut out);
        } else {
            (y..y + len).for_each(|i| out.push_again(&all, i));
        }
        y += len;
    }
    let removed = all.len() - out.len();
    for _ in 0..removed {
        if lines.base > 0 {
            lines.base -= 1;
            continue;
        }
        lines.y = lines.y.saturating_sub(1);
        if out.len() < rows {
            out.push_row(&Row::new(cols, false));
        }
    }
    lines.saved_y = lines.saved_y.saturating_sub(removed);
    lines.rows = out;
}

/// Splits what does not fit any more.
pub(crate) fn smaller(lines: &mut Lines, old_cols: usize, cols: usize, rows: usize) {
    let all = std::mem::take(&mut lines.rows);
    let mut out = Backwards::new(all.len(), rows, lines.max);
    let mut inserted = 0;
    // Rows pushed out at the bottom are still looked at in their turn, as in xterm.js, where
    // they move the cursors.
    let mut len = all.len();
    let mut y = all.len();
    while y > 0 {
        y -= 1;
        let end = y + 1;
        let alone = !all.is_wrapped(y) && trimmed_len(&all, y, old_cols) <= cols;
        while !alone && y > 0 && all.is_wrapped(y) {
            y -= 1;
        }
        if alone || (y..end).contains(&(lines.base + lines.y)) {
            for i in (y..end).rev() {
                out.keep(&all, i, old_cols, cols);
            }
            continue;
        }
        let line = Line {
            all: &all,
            first: y,
            len: end - y,
            old_cols,
            cols,
        };
        let layout = split::layout(&line);
        let added = layout.lens.len() as i64 - line.len as i64;
        inserted += added.max(0) as usize;
        split::split(&line, layout, &mut out);
        let unfilled = lines.base == 0 && lines.y + 1 != len;
        let held = if unfilled { lines.y } else { len };
        let trimmed = (held as i64 - lines.max as i64 + added).max(0);
        for _ in 0..(added - trimmed).max(0) {
            adjust(lines, rows, &mut len, inserted);
        }
        let saved = (lines.saved_y as i64 + added).max(0) as usize;
        lines.saved_y = saved.min(lines.base + rows - 1);
    }
    drop(all);
    lines.rows = out.forwards(len);
}

/// Makes room on the screen for one row more.
fn adjust(lines: &mut Lines, rows: usize, len: &mut usize, inserted: usize) {
    if lines.base == 0 {
        if lines.y + 1 < rows {
            lines.y += 1;
            *len -= 1;
        } else {
            lines.base += 1;
        }
    } else if lines.base + rows < lines.max.min(*len + inserted) {
        lines.base += 1;
    }
}
