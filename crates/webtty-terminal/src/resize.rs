//! A new size: rows come from and go to the scrollback, and the normal screen's lines are
//! wrapped anew.

use std::collections::VecDeque;

use crate::buffer::Buffer;
use crate::grid_cell::BLANK;
use crate::grid_row::GridRow;
use crate::reflow::{self, Lines};
use crate::row::Row;
use crate::screen::Screen;
use crate::state::State;
use crate::styles::Styles;

impl State {
    /// Takes a new size; the same size changes nothing.
    pub(crate) fn set_size(&mut self, cols: usize, rows: usize) {
        if (cols, rows) == (self.cols, self.rows) {
            return;
        }
        (self.cols, self.rows) = (cols, rows);
        for buffer in [&mut self.normal, &mut self.alternate] {
            resize(buffer, cols, rows, &mut self.styles);
            buffer.tabs.resize(cols);
        }
    }
}

fn resize(buffer: &mut Buffer, cols: usize, rows: usize, styles: &mut Styles) {
    let old_cols = buffer.cols;
    if !buffer.screen.is_empty() {
        let mut screen = std::mem::take(&mut buffer.screen).into_rows();
        if old_cols < cols {
            for row in &mut screen {
                row.resize(cols);
            }
        }
        let raised = if buffer.rows < rows {
            add_rows(buffer, &mut screen, (cols, rows), styles)
        } else {
            remove_rows(buffer, &mut screen, rows, styles);
            0
        };
        buffer.screen = Screen::of(screen);
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
        rewrap(buffer, old_cols, styles);
    }
    buffer.touch_all();
}

/// Adds rows: from the scrollback while there is nothing below the cursor, empty ones
/// otherwise. Returns by how many rows the cursor moves down.
fn add_rows(
    buffer: &mut Buffer,
    screen: &mut VecDeque<GridRow>,
    (cols, rows): (usize, usize),
    styles: &mut Styles,
) -> usize {
    let mut raised = 0;
    while screen.len() < rows {
        let at_end = screen.len() <= buffer.y + raised + 1;
        match at_end
            .then(|| buffer.scrollback.pop_newest(buffer.cols))
            .flatten()
        {
            Some(row) => {
                let mut row = GridRow::of(&row, styles);
                if buffer.cols < cols {
                    row.resize(cols);
                }
                screen.push_front(row);
                raised += 1;
            }
            None => screen.push_back(GridRow::new(cols, BLANK, false)),
        }
    }
    raised
}

/// Removes rows: those below the cursor first, then the topmost.
fn remove_rows(buffer: &mut Buffer, screen: &mut VecDeque<GridRow>, rows: usize, styles: &Styles) {
    while screen.len() > rows {
        if screen.len() > buffer.y + 1 {
            screen.pop_back();
        } else if let Some(row) = screen.pop_front() {
            if buffer.keeps_history() {
                buffer.scrollback.push(&row, styles);
            } else {
                buffer.saved.y = buffer.saved.y.saturating_sub(1);
            }
        }
    }
}

fn rewrap(buffer: &mut Buffer, old_cols: usize, styles: &mut Styles) {
    let (cols, rows) = (buffer.cols, buffer.rows);
    let (max_rows, max_bytes) = (buffer.scrollback.max_rows(), buffer.scrollback.max_bytes());
    let base = buffer.scrollback.len();
    let mut all = std::mem::take(&mut buffer.scrollback);
    for row in std::mem::take(&mut buffer.screen).into_rows() {
        all.push(&row, styles);
    }
    let mut lines = Lines {
        rows: all,
        base,
        y: buffer.y,
        saved_y: buffer.saved.y,
        max: max_rows + rows,
    };
    if cols > old_cols {
        reflow::larger(&mut lines, old_cols, cols, rows);
    } else {
        reflow::smaller(&mut lines, old_cols, cols, rows);
    }
    lines.rows.bound(max_rows, max_bytes);
    put_back(buffer, lines, styles);
}

fn put_back(buffer: &mut Buffer, lines: Lines, styles: &mut Styles) {
    let (cols, rows) = (buffer.cols, buffer.rows);
    let mut all = lines.rows;
    while all.len() < lines.base + rows {
        all.push_row(&Row::new(cols, false));
    }
    while all.len() > lines.base + rows {
        all.drop_newest();
    }
    let mut screen = VecDeque::with_capacity(rows);
    while screen.len() < rows
        && let Some(row) = all.pop_newest(cols)
    {
        screen.push_front(GridRow::of(&row, styles));
    }
    buffer.screen = Screen::of(screen);
    buffer.scrollback = all;
    let dropped = buffer.scrollback.trim();
    buffer.y = lines.y;
    buffer.saved.y = lines.saved_y.saturating_sub(dropped);
}
