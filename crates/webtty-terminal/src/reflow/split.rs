//! One line for a narrower screen: its cells move to more rows, from the end.

use super::backwards::Backwards;
use super::line::{Line, wrapped_len};
use crate::cell::BLANK;
use crate::row::{Row, Way};

/// How a line is to be split.
pub(super) struct Layout {
    /// Columns of each row.
    pub(super) lens: Vec<usize>,
    /// Columns of the last row there is, up to the end of its text.
    last: usize,
    /// Whether each row there is begins with a wide character.
    wide: Vec<bool>,
}

/// What has to be known of a row there is.
#[derive(Clone, Copy)]
struct Facts {
    trimmed: usize,
    /// Its last column is empty.
    ends_empty: bool,
    starts_wide: bool,
}

fn facts(line: &Line<'_>, i: usize) -> Facts {
    let last = line.old_cols - 1;
    if let Some((empty, text, _)) = line.all.plain(line.first + i) {
        let trimmed = if text.is_empty() {
            0
        } else {
            empty + text.len()
        };
        return Facts {
            trimmed,
            ends_empty: trimmed <= last,
            starts_wide: false,
        };
    }
    let row = line.row(i);
    Facts {
        trimmed: row.trimmed_len(),
        ends_empty: !row.has_content(last) && row.width(last) == 1,
        starts_wide: row.width(0) == 2,
    }
}

/// How long the rows of a line become.
pub(super) fn layout(line: &Line<'_>) -> Layout {
    let facts: Vec<Facts> = (0..line.len).map(|i| facts(line, i)).collect();
    let len = |i: usize| match facts.get(i + 1) {
        None => facts[i].trimmed,
        Some(next) if facts[i].ends_empty && next.starts_wide => line.old_cols - 1,
        Some(_) => line.old_cols,
    };
    let needed: usize = (0..line.len).map(len).sum();
    let mut lens = Vec::new();
    let (mut row, mut col, mut done) = (0, 0, 0);
    let mut current = (0, line.row(0));
    while done < needed {
        if needed - done < line.cols {
            lens.push(needed - done);
            break;
        }
        col += line.cols;
        if col > len(row) {
            col -= len(row);
            row = (row + 1).min(line.len - 1);
        }
        if current.0 != row {
            current = (row, line.row(row));
        }
        let cuts_wide = col > 0 && current.1.width(col - 1) == 2;
        col -= usize::from(cuts_wide);
        let len = line.cols - usize::from(cuts_wide);
        lens.push(len);
        done += len;
    }
    Layout {
        lens,
        last: facts[line.len - 1].trimmed,
        wide: facts.iter().map(|facts| facts.starts_wide).collect(),
    }
}

/// Moves the cells of a line to rows of the given lengths, from the end. The row they go to is
/// never above the one they come from; they can be the same.
pub(super) fn split(line: &Line<'_>, layout: Layout, out: &mut Backwards) {
    if out.is_full() {
        return;
    }
    let Layout { lens, last, wide } = layout;
    let (own, cols) = (line.len, line.cols);
    let at = |i: usize| match i < own {
        true => line.row(i),
        false => Row::new(line.old_cols, true),
    };
    let mut wide = wide;
    let mut finish = |i: usize, mut row: Row, wide: &mut [bool]| {
        if let Some(wide) = wide.get_mut(i) {
            *wide = row.width(0) == 2;
        }
        if let Some(&len) = lens.get(i).filter(|&&len| len < cols) {
            row.cells[len] = BLANK;
        }
        out.push(row, i >= own, cols);
    };
    // Nothing goes to these.
    for i in (lens.len()..own).rev() {
        finish(i, at(i), &mut wide);
    }
    let Some(mut to) = lens.len().checked_sub(1) else {
        return;
    };
    let mut to_col = lens[to];
    let mut target = at(to);
    let (mut from, mut from_col) = (own - 1, last);
    // None if it is the target.
    let mut source = (from != to).then(|| line.row(from));
    loop {
        let n = from_col.min(to_col);
        let (start, end) = (from_col - n, to_col - n);
        match &source {
            Some(source) => target.copy_from(source, start, end, n),
            None => target.copy_within(start, end, n, Way::Backward),
        }
        (from_col, to_col) = (start, end);
        if to_col == 0 {
            let next = match to.checked_sub(1) {
                None => None,
                Some(next) if next == from => source.take().or_else(|| Some(at(next))),
                Some(next) => Some(at(next)),
            };
            let Some(next) = next else {
                break finish(to, target, &mut wide);
            };
            finish(to, std::mem::replace(&mut target, next), &mut wide);
            to -= 1;
            to_col = lens[to];
        }
        if from_col == 0 {
            let Some(next) = from.checked_sub(1) else {
                break finish(to, target, &mut wide);
            };
            from = next;
            source = (from != to).then(|| line.row(from));
            let current = source.as_ref().unwrap_or(&target);
            from_col = wrapped_len(current, wide.get(from + 1).copied(), line.old_cols);
        }
    }
}
