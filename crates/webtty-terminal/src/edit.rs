//! Erasing, inserting and deleting.

use crate::cell::{Cell, EMPTY, Pen};
use crate::state::State;

impl State {
    /// ED; `selective` spares protected cells (DECSED).
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
        let (erased, cols, rows) = (self.pen.erased(), self.cols, self.rows);
        let buffer = self.buffer();
        let (x, y) = (buffer.x, buffer.y);
        let row = buffer.line();
        row.erase(x, cols, erased, selective);
        if x == 0 {
            row.wrapped = false;
        }
        self.clear_rows(y + 1, rows, selective);
    }

    fn erase_above(&mut self, selective: bool) {
        let (erased, cols) = (self.pen.erased(), self.cols);
        let buffer = self.buffer();
        let (x, y) = (buffer.x, buffer.y);
        let row = buffer.line();
        row.erase(0, x + 1, erased, selective);
        row.wrapped = false;
        if x + 1 >= cols {
            // Counted from the oldest row rather than from the top of the screen: that is what
            // xterm.js does.
            buffer.unwrap_absolute(y + 1);
        }
        self.clear_rows(0, y, selective);
    }

    fn clear_rows(&mut self, from: usize, to: usize, selective: bool) {
        let fill = Cell::empty(self.pen.erased());
        let buffer = self.buffer();
        for y in from..to {
            let row = buffer.row_mut(y);
            row.clear(fill, selective);
            row.wrapped = false;
        }
    }

    /// EL; `selective` spares protected cells (DECSEL).
    pub(crate) fn erase_line(&mut self, what: i32, selective: bool) {
        self.restrict(self.cols);
        let (erased, cols) = (self.pen.erased(), self.cols);
        let buffer = self.buffer();
        let x = buffer.x;
        let row = buffer.line();
        match what {
            0 => {
                row.erase(x, cols, erased, selective);
                row.wrapped &= x > 0;
            }
            1 => row.erase(0, x + 1, erased, selective),
            2 => {
                row.erase(0, cols, erased, selective);
                row.wrapped = false;
            }
            _ => {}
        }
    }

    /// ECH.
    pub(crate) fn erase_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.pen.erased();
        let x = self.active().x;
        self.line().erase(x, x + n, erased, false);
    }

    /// ICH.
    pub(crate) fn insert_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.pen.erased();
        let x = self.active().x;
        self.line().insert(x, n, erased);
    }

    /// DCH.
    pub(crate) fn delete_chars(&mut self, n: usize) {
        self.restrict_to_screen();
        let erased = self.pen.erased();
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
        let erased = self.pen.erased();
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
        let erased = self.pen.erased();
        let buffer = self.buffer();
        buffer.remove_rows(buffer.y, n, erased);
        buffer.x = 0;
    }

    /// SU: never into the scrollback.
    pub(crate) fn scroll_up(&mut self, n: usize) {
        let erased = self.pen.erased();
        let buffer = self.buffer();
        buffer.remove_rows(buffer.top, n, erased);
    }

    /// SD: new rows without a background.
    pub(crate) fn scroll_down(&mut self, n: usize) {
        let buffer = self.buffer();
        buffer.insert_rows(buffer.top, n, Pen::default());
    }

    /// SL, SR, DECIC and DECDC: shifts every row between the margins at column `x`.
    pub(crate) fn shift_columns(&mut self, x: usize, n: usize, insert: bool) {
        if !self.cursor_between_margins() {
            return;
        }
        let erased = self.pen.erased();
        let buffer = self.buffer();
        for y in buffer.top..=buffer.bottom {
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
        let (pen, fill) = (self.pen, u32::from('E') | EMPTY);
        let fill = Cell {
            content: fill,
            // The flag comes along, what it stands for does not.
            pen: Pen {
                ext: 0,
                link: 0,
                ..pen
            },
        };
        self.set_cursor(0, 0);
        let buffer = self.buffer();
        // The alternate screen's rows are a full ring: past the last comes the first.
        let first = if buffer.keeps_history() { buffer.y } else { 0 };
        for y in first..buffer.rows {
            let row = buffer.row_mut(y);
            row.clear(fill, false);
            row.wrapped = false;
        }
        self.set_cursor(0, 0);
    }
}
