//! Wrapping lines anew for another width, cell by cell the way xterm.js does it: lines that
//! hold the cursor stay as they are, because their program will redraw them.
//!
//! Rows are unpacked one or two at a time and packed again at once: unpacked, a scrollback takes
//! a hundred times as much.

mod join;
mod split;

use crate::row::Row;
use crate::scrollback::Scrollback;

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

/// Rows of which each continues the one before it.
struct Line<'a> {
    all: &'a Scrollback,
    first: usize,
    /// How many there are.
    len: usize,
    old_cols: usize,
    cols: usize,
}

impl Line<'_> {
    fn row(&self, i: usize) -> Row {
        let width = self.old_cols.max(self.cols);
        let row = self.all.get(self.first + i, width);
        row.unwrap_or_else(|| Row::new(width, true))
    }

    /// The same, but none beyond the line's last.
    fn row_or_blank(&self, i: usize) -> Row {
        match i < self.len {
            true => self.row(i),
            false => Row::new(self.cols, true),
        }
    }

    /// Whether a row begins with a wide character.
    fn starts_wide(&self, i: usize) -> bool {
        self.all.plain(self.first + i).is_none() && self.row(i).width(0) == 2
    }
}

/// Columns of a row that belong to its line: all, but for an empty last column left by a wide
/// character that did not fit. `next_is_wide` is whether the next row begins with one, if there
/// is a next row.
fn wrapped_len(row: &Row, next_is_wide: Option<bool>, old_cols: usize) -> usize {
    let last = old_cols - 1;
    match next_is_wide {
        None => row.trimmed_len(),
        Some(true) if !row.has_content(last) && row.width(last) == 1 => last,
        Some(_) => old_cols,
    }
}

/// Columns up to the end of the last text of a row of `cols` columns.
fn trimmed_len(rows: &Scrollback, i: usize, cols: usize) -> usize {
    match rows.plain(i) {
        Some((_, [], _)) => 0,
        Some((empty, text, _)) => empty + text.len(),
        None => rows.get(i, cols).map_or(0, |row| row.trimmed_len()),
    }
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

/// Rows as they are made, the newest first.
struct Backwards {
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
    fn new(old: usize, screen: usize, max: usize) -> Backwards {
        Backwards {
            rows: Scrollback::unbounded(),
            old,
            places: Vec::new(),
            screen,
            max,
        }
    }

    /// All that can be kept is there, also if the newest are pushed out; the rest is forgotten.
    fn is_full(&self) -> bool {
        self.rows.len() >= self.max + self.screen
    }

    fn note(&mut self) {
        if self.places.len() < self.screen {
            self.places.push(self.rows.len());
        }
    }

    /// Takes an old row, cut to its new width.
    fn keep(&mut self, all: &Scrollback, i: usize, old_cols: usize, cols: usize) {
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
    fn push(&mut self, mut row: Row, inserted: bool, cols: usize) {
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
    fn forwards(self, kept: usize) -> Scrollback {
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
