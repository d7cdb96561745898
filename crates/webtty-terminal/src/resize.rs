//! A new size: rows come from and go to the scrollback, and the normal screen's lines are
//! wrapped anew.

use std::collections::VecDeque;

use crate::buffer::Buffer;
use crate::cell::Pen;
use crate::reflow::{self, Lines};
use crate::row::Row;
use crate::state::State;

impl State {
    /// Takes a new size; the same size changes nothing.
    pub(crate) fn set_size(&mut self, cols: usize, rows: usize) {
        if (cols, rows) == (self.cols, self.rows) {
            return;
        }
        (self.cols, self.rows) = (cols, rows);
        for buffer in [&mut self.normal, &mut self.alternate] {
            resize(buffer, cols, rows);
            buffer.tabs.resize(cols);
        }
    }
}

fn resize(buffer: &mut Buffer, cols: usize, rows: usize) {
    let old_cols = buffer.cols;
    if !buffer.screen.is_empty() {
        if old_cols < cols {
            for row in &mut buffer.screen {
                row.resize(cols);
            }
        }
        let raised = if buffer.rows < rows {
            add_rows(buffer, old_cols, cols, rows)
        } else {
            remove_rows(buffer, rows);
            0
        };
        let dropped = buffer.scrollback.trim();
        buffer.saved.y = buffer.saved.y.saturating_sub(dropped);
        buffer.x = buffer.x.min(cols - 1);
        buffer.y = buffer.y.min(rows - 1) + raised;
        buffer.saved.x = buffer.saved.x.min(cols - 1);
        buffer.top = 0;
    }
    buffer.bottom = rows - 1;
    (buffer.cols, buffer.rows) = (cols, rows);
    if buffer.keeps_history() && old_cols != cols {
        rewrap(buffer, old_cols);
    }
    buffer.touch_all();
}

/// Adds rows: from the scrollback while there is nothing below the cursor, empty ones
/// otherwise. Returns by how many rows the cursor moves down.
fn add_rows(buffer: &mut Buffer, old_cols: usize, cols: usize, rows: usize) -> usize {
    let mut raised = 0;
    while buffer.screen.len() < rows {
        let at_end = buffer.screen.len() <= buffer.y + raised + 1;
        match at_end
            .then(|| buffer.scrollback.pop_newest(old_cols))
            .flatten()
        {
            Some(mut row) => {
                if old_cols < cols {
                    row.resize(cols);
                }
                buffer.screen.push_front(row);
                raised += 1;
            }
            None => buffer
                .screen
                .push_back(Row::new(cols, Pen::default(), false)),
        }
    }
    raised
}

/// Removes rows: those below the cursor first, then the topmost.
fn remove_rows(buffer: &mut Buffer, rows: usize) {
    while buffer.screen.len() > rows {
        if buffer.screen.len() > buffer.y + 1 {
            buffer.screen.pop_back();
        } else if let Some(mut row) = buffer.screen.pop_front() {
            if buffer.keeps_history() {
                buffer.scrollback.push(&mut row);
            } else {
                buffer.saved.y = buffer.saved.y.saturating_sub(1);
            }
        }
    }
}

fn rewrap(buffer: &mut Buffer, old_cols: usize) {
    let (cols, rows) = (buffer.cols, buffer.rows);
    let base = buffer.scrollback.len();
    let history = buffer.scrollback.iter();
    let all: Vec<Row> = history
        .map(|row| row.unpack(old_cols.max(cols)))
        .chain(buffer.screen.drain(..))
        .collect();
    let mut lines = Lines {
        rows: all,
        base,
        y: buffer.y,
        saved_y: buffer.saved.y,
        max: buffer.scrollback.max_rows() + rows,
    };
    if cols > old_cols {
        reflow::larger(&mut lines, old_cols, cols, rows);
    } else {
        reflow::smaller(&mut lines, old_cols, cols, rows);
        for row in &mut lines.rows {
            row.resize(cols);
        }
    }
    put_back(buffer, lines);
}

fn put_back(buffer: &mut Buffer, mut lines: Lines) {
    let (cols, rows) = (buffer.cols, buffer.rows);
    while lines.rows.len() < lines.base + rows {
        lines.rows.push(Row::new(cols, Pen::default(), false));
    }
    lines.rows.truncate(lines.base + rows);
    buffer.screen = VecDeque::from(lines.rows.split_off(lines.base));
    buffer.scrollback.clear();
    for mut row in lines.rows {
        buffer.scrollback.push(&mut row);
    }
    let dropped = buffer.scrollback.trim();
    buffer.y = lines.y;
    buffer.saved.y = lines.saved_y.saturating_sub(dropped);
}
