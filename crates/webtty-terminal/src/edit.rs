//! Erasing, inserting and deleting.

use crate::cell::{EMPTY, Pen};
use crate::grid_cell::{BLANK, GridCell};
use crate::grid_row::GridRow;
use crate::state::State;

fn erase(row: &mut GridRow, start: usize, end: usize, fill: GridCell, selective: bool) {
    if selective {
        row.erase_unprotected(start, end, fill);
    } else {
        row.erase(start, end, fill);
    }
}

impl State {
    /// ED; `selective` spares protected cells (DECSED), unless asked for too often.
    pub(crate) fn erase_display(&mut self, what: i32, selective: bool) {
        self.restrict(self.cols);
        match what {
            0 => self.erase_below(selective),
            1 => self.erase_above(selective),
            2 => self.clear_rows(0, self.rows, selective),
            3 => {
                let buffer = self.buffer();
                // xterm.js does not let the saved cursor follow.
                buffer.scrollback.clear();
                buffer.touch_all();
            }
            _ => {}
        }
    }

    fn erase_below(&mut self, selective: bool) {
        let (erased, cols, rows) = (self.erased(), self.cols, self.rows);
        let buffer = self.buffer();
        let (x, y) = (buffer.x, buffer.y);
        let row = buffer.line();
        erase(row, x, cols, erased, selective);
        if x == 0 {
            row.wrapped = false;
        }
        self.clear_rows(y + 1, rows, selective);
    }

    fn erase_above(&mut self, selective: bool) {
        let (erased, cols) = (self.erased(), self.cols);
        let buffer = self.buffer();
        let (x, y) = (buffer.x, buffer.y);
        let row = buffer.line();
        erase(row, 0, x + 1, erased, selective);
        row.wrapped = false;
        if x + 1 >= cols {
            // Counted from the oldest row rather than from the top of the screen: that is what
            // xterm.js does.
            buffer.unwrap_absolute(y + 1);
        }
        self.clear_rows(0, y, selective);
    }

    fn clear_rows(&mut self, from: usize, to: usize, selective: bool) {
        let fill = self.erased();
        if !selective {
            self.buffer().clear_rows(from, to, fill);
            return;
        }
        let screen = &self.active().screen;
        let to = screen.end_unlike(to, fill).max(from);
        let cost = screen.cost(from, to, fill);
        if !self.allowance.spend(cost) {
            return;
        }
        for y in from..to {
            let row = self.buffer().row_mut(y);
            row.clear_unprotected(fill);
            row.wrapped = false;
        }
    }

    /// EL; `selective` spares protected cells (DECSEL).
    pub(crate) fn erase_line(&mut self, what: i32, selective: bool) {
        self.restrict(self.cols);
        let (erased, cols) = (self.erased(), self.cols);
        let buffer = self.buffer();
        let x = buffer.x;
        let row = buffer.line();
        match what {
            0 => {
                erase(row, x, cols, erased, selective);
                row.wrapped &= x > 0;
            }
            1 => erase(row, 0, x + 1, erased, selective),
            2 => {
                erase(row, 0, cols, erased, selective);
                row.wrapped = false;
            }
            _ => {}
        }
    }

    /// ECH.
    pub(crate) fn erase_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.erased();
        let x = self.active().x;
        self.line().erase(x, x + n, erased);
    }

    /// ICH.
    pub(crate) fn insert_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.erased();
        let x = self.active().x;
        self.line().insert(x, n, erased);
    }

    /// DCH.
    pub(crate) fn delete_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.erased();
        let x = self.active().x;
        self.line().delete(x, n, erased);
    }

    fn cursor_between_margins(&self) -> bool {
        let buffer = self.active();
        (buffer.top..=buffer.bottom).contains(&buffer.y)
    }

    /// IL.
    pub(crate) fn insert_lines(&mut self, n: usize) {
        self.restrict_to_screen();
        if !self.cursor_between_margins() {
            return;
        }
        let erased = self.erased();
        let buffer = self.buffer();
        buffer.insert_rows(buffer.y, n, erased);
        buffer.x = 0;
    }

    /// DL.
    pub(crate) fn delete_lines(&mut self, n: usize) {
        self.restrict_to_screen();
        if !self.cursor_between_margins() {
            return;
        }
        let erased = self.erased();
        let buffer = self.buffer();
        buffer.remove_rows(buffer.y, n, erased);
        buffer.x = 0;
    }

    /// SU: never into the scrollback.
    pub(crate) fn scroll_up(&mut self, n: usize) {
        let erased = self.erased();
        let buffer = self.buffer();
        buffer.remove_rows(buffer.top, n, erased);
    }

    /// SD: new rows without a background.
    pub(crate) fn scroll_down(&mut self, n: usize) {
        let buffer = self.buffer();
        buffer.insert_rows(buffer.top, n, BLANK);
    }

    /// SL, SR, DECIC and DECDC: shifts every row between the margins at column `x`, unless
    /// that was asked for too often.
    pub(crate) fn shift_columns(&mut self, x: usize, n: usize, insert: bool) {
        if !self.cursor_between_margins() {
            return;
        }
        let erased = self.erased();
        let buffer = self.active();
        let screen = &buffer.screen;
        let rows = buffer.top..screen.end_unlike(buffer.bottom + 1, erased).max(buffer.top);
        let cost = screen.cost(rows.start, rows.end, erased);
        if !self.allowance.spend(cost) {
            return;
        }
        let buffer = self.buffer();
        for y in rows {
            let row = buffer.row_mut(y);
            if insert {
                row.insert(x, n, erased);
            } else {
                row.delete(x, n, erased);
            }
            row.wrapped = false;
        }
    }

    /// DECALN: the screen full of E. In origin mode it starts at the top margin.
    pub(crate) fn alignment_pattern(&mut self) {
        // The flag of extended attributes comes along, what it stands for does not.
        let pen = Pen {
            ext: 0,
            link: 0,
            ..self.pen
        };
        let fill = GridCell {
            content: u32::from('E') | EMPTY,
            style: self.number(pen),
        };
        self.set_cursor(0, 0);
        let buffer = self.buffer();
        // The alternate screen's rows are a full ring: past the last comes the first.
        let first = if buffer.keeps_history() { buffer.y } else { 0 };
        buffer.clear_rows(first, buffer.rows, fill);
        self.set_cursor(0, 0);
    }
}
