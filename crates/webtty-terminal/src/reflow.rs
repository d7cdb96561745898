//! Wrapping lines anew for another width, cell by cell the way xterm.js does it: lines that
//! hold the cursor stay as they are, because their program will redraw them.

use crate::cell::BLANK;
use crate::row::{Row, Way};

/// All rows of a buffer and what refers to them by number.
pub(crate) struct Lines {
    pub(crate) rows: Vec<Row>,
    /// Number of the screen's first row.
    pub(crate) base: usize,
    /// Row of the cursor on the screen.
    pub(crate) y: usize,
    /// Row of the saved cursor, from the oldest.
    pub(crate) saved_y: usize,
    /// Rows that can be kept.
    pub(crate) max: usize,
}

/// Columns of row `i` of a wrapped line that belong to it: all, but for an empty last column
/// left by a wide character that did not fit.
fn wrapped_len(line: &[Row], i: usize, cols: usize) -> usize {
    let row = &line[i];
    let Some(next) = line.get(i + 1) else {
        return row.trimmed_len();
    };
    let ends_empty = !row.has_content(cols - 1) && row.width(cols - 1) == 1;
    if ends_empty && next.width(0) == 2 {
        cols - 1
    } else {
        cols
    }
}

/// Copies cells between rows of one line, or inside of one.
fn copy(line: &mut [Row], from: (usize, usize), to: (usize, usize), n: usize, way: Way) {
    match line.get_disjoint_mut([from.0, to.0]) {
        Ok([source, target]) => target.copy_from(source, from.1, to.1, n),
        Err(_) => line[to.0].copy_within(from.1, to.1, n, way),
    }
}

/// Joins what a narrower screen had split.
pub(crate) fn larger(lines: &mut Lines, old_cols: usize, cols: usize, rows: usize) {
    let cursor = lines.base + lines.y;
    let mut remove: Vec<std::ops::Range<usize>> = Vec::new();
    let mut y = 0;
    while y + 1 < lines.rows.len() {
        let rest = lines.rows[y + 1..].iter();
        let n = 1 + rest.take_while(|row| row.wrapped).count();
        if n > 1 && !(y..y + n).contains(&cursor) {
            let used = join(&mut lines.rows[y..y + n], old_cols, cols);
            if used < n {
                remove.push(y + used..y + n);
            }
        }
        y += n;
    }
    let removed: usize = remove.iter().map(ExactSizeIterator::len).sum();
    if removed == 0 {
        return;
    }
    let mut i = 0;
    let mut gone = remove.into_iter().peekable();
    lines.rows.retain(|_| {
        while gone.next_if(|range| range.end <= i).is_some() {}
        let keep = !gone.peek().is_some_and(|range| range.contains(&i));
        i += 1;
        keep
    });
    for _ in 0..removed {
        if lines.base > 0 {
            lines.base -= 1;
            continue;
        }
        lines.y = lines.y.saturating_sub(1);
        if lines.rows.len() < rows {
            lines.rows.push(Row::new(cols, false));
        }
    }
    lines.saved_y = lines.saved_y.saturating_sub(removed);
}

/// Fills each row of a line from the next one; how many rows are still in use.
fn join(line: &mut [Row], old_cols: usize, cols: usize) -> usize {
    let (mut to, mut to_col) = (0, wrapped_len(line, 0, old_cols));
    let (mut from, mut from_col) = (1, 0);
    while from < line.len() {
        let len = wrapped_len(line, from, old_cols);
        let n = (len - from_col).min(cols - to_col);
        copy(line, (from, from_col), (to, to_col), n, Way::Forward);
        to_col += n;
        if to_col == cols {
            to += 1;
            to_col = 0;
        }
        from_col += n;
        if from_col == len {
            from += 1;
            from_col = 0;
        }
        if to_col == 0 && to > 0 && line[to - 1].width(cols - 1) == 2 {
            copy(line, (to - 1, cols - 1), (to, 0), 1, Way::Forward);
            to_col = 1;
            line[to - 1].cells[cols - 1] = BLANK;
        }
    }
    if let Some(row) = line.get_mut(to) {
        row.erase_from(to_col);
    }
    let emptied = |&i: &usize| i > to || line[i].trimmed_len() == 0;
    line.len() - (1..line.len()).rev().take_while(emptied).count()
}

/// Splits what does not fit any more.
pub(crate) fn smaller(lines: &mut Lines, old_cols: usize, cols: usize, rows: usize) {
    let mut inserts: Vec<(usize, Vec<Row>)> = Vec::new();
    let mut inserted = 0;
    // Rows pushed out at the bottom are still looked at in their turn, as in xterm.js, where
    // they move the cursors.
    let mut len = lines.rows.len();
    let mut y = lines.rows.len();
    while y > 0 {
        y -= 1;
        let Some(row) = lines.rows.get(y) else {
            continue;
        };
        if !row.wrapped && row.trimmed_len() <= cols {
            continue;
        }
        let end = y + 1;
        while y > 0 && lines.rows[y].wrapped {
            y -= 1;
        }
        if (y..end).contains(&(lines.base + lines.y)) {
            continue;
        }
        let line = &mut lines.rows[y..end];
        let lens = new_lens(line, old_cols, cols);
        let added = lens.len() as i64 - line.len() as i64;
        let new_rows = split(line, &lens, old_cols, cols);
        inserted += new_rows.len();
        let unfilled = lines.base == 0 && lines.y + 1 != len;
        let held = if unfilled { lines.y } else { len };
        let trimmed = (held as i64 - lines.max as i64 + added).max(0);
        if !new_rows.is_empty() {
            inserts.push((end, new_rows));
        }
        for _ in 0..(added - trimmed).max(0) {
            adjust(lines, rows, &mut len, inserted);
        }
        let saved = (lines.saved_y as i64 + added).max(0) as usize;
        lines.saved_y = saved.min(lines.base + rows - 1);
    }
    lines.rows.truncate(len);
    if !inserts.is_empty() {
        lines.rows = merged(std::mem::take(&mut lines.rows), inserts, lines.max);
    }
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

/// How long the rows of a line become.
fn new_lens(line: &[Row], old_cols: usize, cols: usize) -> Vec<usize> {
    let needed: usize = (0..line.len())
        .map(|i| wrapped_len(line, i, old_cols))
        .sum();
    let mut lens = Vec::new();
    let (mut row, mut col, mut done) = (0, 0, 0);
    while done < needed {
        if needed - done < cols {
            lens.push(needed - done);
            break;
        }
        col += cols;
        let len = wrapped_len(line, row, old_cols);
        if col > len {
            col -= len;
            row = (row + 1).min(line.len() - 1);
        }
        let cuts_wide = col > 0 && line[row].width(col - 1) == 2;
        if cuts_wide {
            col -= 1;
        }
        let len = if cuts_wide { cols - 1 } else { cols };
        lens.push(len);
        done += len;
    }
    lens
}

/// Moves the cells of a line to rows of the given lengths, from the end; returns the rows that
/// are to follow the line's own.
fn split(line: &mut [Row], lens: &[usize], old_cols: usize, cols: usize) -> Vec<Row> {
    let own = line.len();
    let last_len = line[own - 1].trimmed_len();
    let mut all: Vec<Row> = line.iter_mut().map(take).collect();
    let width = all[0].len();
    while all.len() < lens.len() {
        all.push(Row::new(cols.max(width), true));
    }
    let (mut from, mut from_col) = (own, last_len);
    let (mut to, mut to_col) = (lens.len(), lens.last().copied().unwrap_or(0));
    while from > 0 && to > 0 {
        let n = from_col.min(to_col);
        let (start, end) = ((from - 1, from_col - n), (to - 1, to_col - n));
        copy(&mut all, start, end, n, Way::Backward);
        to_col -= n;
        if to_col == 0 {
            to -= 1;
            to_col = if to > 0 { lens[to - 1] } else { 0 };
        }
        from_col -= n;
        if from_col == 0 {
            from -= 1;
            from_col = wrapped_len(&all[..], from.saturating_sub(1), old_cols);
        }
    }
    for (row, &len) in all.iter_mut().zip(lens) {
        if len < cols {
            row.cells[len] = BLANK;
        }
    }
    let new_rows = all.split_off(own);
    for (slot, row) in line.iter_mut().zip(all) {
        *slot = row;
    }
    new_rows
}

fn take(row: &mut Row) -> Row {
    Row {
        cells: std::mem::take(&mut row.cells),
        wrapped: row.wrapped,
        combined: row.combined.take(),
    }
}

/// Puts the new rows behind the rows they belong to; the oldest beyond `max` go.
fn merged(rows: Vec<Row>, mut inserts: Vec<(usize, Vec<Row>)>, max: usize) -> Vec<Row> {
    let mut out = Vec::with_capacity(rows.len());
    for (i, row) in rows.into_iter().enumerate() {
        if inserts.last().is_some_and(|(at, _)| *at == i) {
            out.extend(inserts.pop().into_iter().flat_map(|(_, new)| new));
        }
        out.push(row);
    }
    while let Some((_, new)) = inserts.pop() {
        out.extend(new);
    }
    let surplus = out.len().saturating_sub(max);
    out.drain(..surplus);
    out
}
