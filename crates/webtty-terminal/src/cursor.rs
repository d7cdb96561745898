//! Where the cursor goes.

use crate::buffer::Saved;
use crate::params::Params;
use crate::state::State;

impl State {
    /// Brings the cursor into the screen, or between the margins in origin mode; `max` is the
    /// last column allowed.
    pub(crate) fn restrict(&mut self, max: usize) {
        let origin = self.modes.origin;
        let buffer = self.buffer();
        buffer.x = buffer.x.min(max);
        buffer.y = if origin {
            buffer.y.max(buffer.top).min(buffer.bottom)
        } else {
            buffer.y.min(buffer.rows - 1)
        };
    }

    pub(crate) fn restrict_to_screen(&mut self) {
        self.restrict(self.cols - 1);
    }

    pub(crate) fn set_cursor(&mut self, x: usize, y: usize) {
        let origin = self.modes.origin;
        let buffer = self.buffer();
        buffer.x = x;
        buffer.y = if origin { buffer.top + y } else { y };
        self.restrict_to_screen();
    }

    /// Moves the cursor by columns and rows. In origin mode the row it ends in counts from the
    /// top margin once more, as in xterm.js.
    fn move_cursor(&mut self, columns: i64, rows: i64) {
        self.restrict_to_screen();
        let buffer = self.active();
        let x = (buffer.x as i64 + columns).max(0) as usize;
        let y = buffer.y as i64 + rows;
        if y < 0 {
            let top = if self.modes.origin {
                buffer.top as i64
            } else {
                0
            };
            let target = (top + y).max(0) as usize;
            let buffer = self.buffer();
            (buffer.x, buffer.y) = (x, target);
            self.restrict_to_screen();
        } else {
            self.set_cursor(x, y as usize);
        }
    }

    /// CUU and CPL: not past the top margin when starting below it.
    pub(crate) fn up(&mut self, n: i64) {
        let buffer = self.active();
        let room = buffer.y as i64 - buffer.top as i64;
        let n = if room >= 0 { n.min(room) } else { n };
        self.move_cursor(0, -n);
    }

    /// CUD and CNL: not past the bottom margin when starting above it.
    pub(crate) fn down(&mut self, n: i64) {
        let buffer = self.active();
        let room = buffer.bottom as i64 - buffer.y as i64;
        let n = if room >= 0 { n.min(room) } else { n };
        self.move_cursor(0, n);
    }

    pub(crate) fn right(&mut self, n: i64) {
        self.move_cursor(n, 0);
    }

    pub(crate) fn left(&mut self, n: i64) {
        self.move_cursor(-n, 0);
    }

    /// VPR: regardless of margins.
    pub(crate) fn down_freely(&mut self, n: i64) {
        self.move_cursor(0, n);
    }

    /// CUP.
    pub(crate) fn position(&mut self, params: &Params) {
        let column = if params.len() > 1 { params.get(1) } else { 1 };
        let y = params.get(0).max(1) as usize - 1;
        self.set_cursor(column.max(1) as usize - 1, y);
    }

    /// CHA.
    pub(crate) fn column(&mut self, column: i32) {
        let y = self.active().y;
        self.set_cursor(column.max(1) as usize - 1, y);
    }

    /// VPA.
    pub(crate) fn line_position(&mut self, line: i32) {
        let x = self.active().x;
        self.set_cursor(x, line.max(1) as usize - 1);
    }

    pub(crate) fn line_feed(&mut self) {
        let (newline, erased) = (self.modes.newline, self.erased());
        let (buffer, styles) = self.buffer_and_styles();
        if newline {
            buffer.x = 0;
        }
        if buffer.y == buffer.bottom {
            buffer.scroll(erased, false, styles);
        } else if buffer.y + 1 >= buffer.rows {
            buffer.y = buffer.rows - 1;
        } else {
            buffer.y += 1;
            buffer.line().wrapped = false;
        }
        if buffer.x >= buffer.cols {
            buffer.x -= 1;
        }
    }

    /// IND.
    pub(crate) fn index(&mut self) {
        self.restrict_to_screen();
        let erased = self.erased();
        let (buffer, styles) = self.buffer_and_styles();
        if buffer.y == buffer.bottom {
            buffer.scroll(erased, false, styles);
        } else {
            buffer.y = (buffer.y + 1).min(buffer.rows - 1);
        }
        self.restrict_to_screen();
    }

    /// RI.
    pub(crate) fn reverse_index(&mut self) {
        self.restrict_to_screen();
        let erased = self.erased();
        let buffer = self.buffer();
        if buffer.y == buffer.top {
            buffer.insert_rows(buffer.top, 1, erased);
        } else {
            buffer.y = buffer.y.saturating_sub(1);
            self.restrict_to_screen();
        }
    }

    pub(crate) fn backspace(&mut self) {
        if !self.modes.reverse_wraparound {
            self.restrict_to_screen();
            let buffer = self.buffer();
            buffer.x = buffer.x.saturating_sub(1);
            return;
        }
        self.restrict(self.cols);
        let buffer = self.buffer();
        if buffer.x > 0 {
            buffer.x -= 1;
        } else if buffer.y > buffer.top
            && buffer.y <= buffer.bottom
            && buffer.screen.row(buffer.y).wrapped
        {
            buffer.line().wrapped = false;
            buffer.y -= 1;
            buffer.x = buffer.cols - 1;
            // An empty last cell means that a wide character did not fit there.
            let row = buffer.screen.row(buffer.y);
            if row.width(buffer.x) > 0 && !row.has_content(buffer.x) {
                buffer.x -= 1;
            }
        }
        self.restrict_to_screen();
    }

    /// HT and CHT.
    pub(crate) fn tab(&mut self, n: usize) {
        let cols = self.cols;
        let buffer = self.buffer();
        if buffer.x < cols {
            for _ in 0..n.min(cols) {
                if buffer.x + 1 >= cols {
                    break;
                }
                buffer.x = buffer.tabs.next(buffer.x, cols);
            }
        }
    }

    /// CBT.
    pub(crate) fn back_tab(&mut self, n: usize) {
        let cols = self.cols;
        let buffer = self.buffer();
        if buffer.x < cols {
            for _ in 0..n.min(cols) {
                if buffer.x == 0 {
                    break;
                }
                buffer.x = buffer.tabs.previous(buffer.x, cols);
            }
        }
    }

    /// DECSTBM.
    pub(crate) fn set_margins(&mut self, params: &Params) {
        let rows = self.rows as i64;
        let top = i64::from(params.get(0).max(1));
        let asked = i64::from(params.get(1));
        let bottom = if params.len() < 2 || asked > rows || asked == 0 {
            rows
        } else {
            asked
        };
        if bottom > top {
            let buffer = self.buffer();
            buffer.top = top as usize - 1;
            buffer.bottom = bottom as usize - 1;
            self.set_cursor(0, 0);
        }
    }

    /// DECSC.
    pub(crate) fn save_cursor(&mut self) {
        let (pen, charset) = (self.pen, self.charsets.active);
        let buffer = self.buffer();
        buffer.saved = Saved {
            x: buffer.x,
            y: buffer.base() + buffer.y,
            fg: pen.fg,
            bg: pen.bg,
            charset,
        };
    }

    /// DECRC. The extended attributes stay as they are.
    pub(crate) fn restore_cursor(&mut self) {
        let buffer = self.buffer();
        let saved = buffer.saved;
        buffer.x = saved.x;
        buffer.y = saved.y.saturating_sub(buffer.base());
        self.pen.fg = saved.fg;
        self.pen.bg = saved.bg;
        self.charsets.active = saved.charset;
        self.restrict_to_screen();
    }
}
