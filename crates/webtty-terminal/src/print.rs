//! Text: what a printed character does to the row.

use crate::grid_cell::GridCell;
use crate::limits::MAX_COLS;
use crate::state::State;
use crate::width::width;

/// Join state after a character of one column.
const NARROW: u32 = 1 << 1;

/// What repeating a character costs that is not ASCII, which goes to the row one by one: a wide
/// one takes six bytes of the scrollback, where they stay.
const NOT_ASCII: usize = 12;

/// Width and whether it joins the character before, packed as xterm.js packs them.
fn properties(code: u32, preceding: u32) -> (u32, bool) {
    let own = width(code);
    let old = preceding >> 1 & 3;
    if own == 0 && old > 0 {
        (old, true)
    } else {
        (own, false)
    }
}

impl State {
    /// The run's first character would land on the second half of a wide one: that one goes.
    pub(crate) fn begin_run(&mut self) {
        let style = self.style();
        let buffer = self.buffer();
        let x = buffer.x;
        if x > 0 && buffer.screen.row(buffer.y).width(x - 1) == 2 {
            buffer.line().put(x - 1, 0, 1, style);
        }
    }

    /// The run's last character may have cut a wide one in half.
    pub(crate) fn end_run(&mut self) {
        let style = self.style();
        let buffer = self.buffer();
        let (x, row) = (buffer.x, buffer.screen.row(buffer.y));
        if x < buffer.cols && row.width(x) == 0 && !row.has_content(x) {
            buffer.line().put(x, 0, 1, style);
        }
    }

    /// Puts printable ASCII.
    pub(crate) fn put_ascii(&mut self, text: &[u8]) {
        if self.charsets.active.is_some() || self.modes.insert || !self.modes.wraparound {
            for &byte in text {
                self.put_codes(&[u32::from(byte)]);
            }
            return;
        }
        let (style, cols) = (self.style(), self.cols);
        let mut rest = text;
        while !rest.is_empty() {
            if self.active().x >= cols {
                self.wrap_line();
            }
            let buffer = self.buffer();
            let (x, n) = (buffer.x, rest.len().min(cols - buffer.x));
            let (now, later) = rest.split_at(n);
            buffer.line().put_ascii(x, now, style);
            buffer.x += n;
            rest = later;
        }
        self.join = NARROW;
    }

    /// Puts any printable characters.
    pub(crate) fn put_codes(&mut self, codes: &[u32]) {
        let usual = self.charsets.active.is_none() && !self.modes.insert;
        let cols = self.cols;
        let mut rest = codes;
        while let Some((&first, after)) = rest.split_first() {
            let style = self.style();
            let buffer = self.buffer();
            let x = buffer.x;
            let put = match usual && x < cols {
                true => buffer.line().put_codes(x, cols, rest, style),
                false => 0,
            };
            if let Some(last) = put.checked_sub(1) {
                let (now, later) = rest.split_at(put);
                buffer.x += now.iter().map(|&code| width(code) as usize).sum::<usize>();
                self.join = width(now[last]) << 1;
                rest = later;
            } else {
                self.put_any(first);
                rest = after;
            }
        }
    }

    /// The same for every case there is: character sets, wrapping, joining, inserting.
    fn put_any(&mut self, code: u32) {
        let code = match self.charsets.active {
            Some(set) if code < 127 => set.map(code),
            _ => code,
        };
        let (columns, joins) = properties(code, self.join);
        let old = if joins { self.join >> 1 & 3 } else { 0 };
        self.join = columns << 1;
        let cols = self.cols;
        let added = (columns - old) as usize;
        if self.active().x + added > cols {
            if self.modes.wraparound {
                self.wrap_wide();
            } else {
                self.buffer().x = cols - 1;
                if columns == 2 {
                    return;
                }
            }
        }
        let x = self.active().x;
        if joins && x > 0 {
            let row = self.line();
            let back = if row.width(x - 1) > 0 { 1 } else { 2 };
            if let Some(x) = x.checked_sub(back) {
                row.add_code_point(x, code, columns);
            }
            return;
        }
        if self.modes.insert {
            self.make_room(added);
        }
        let style = self.style();
        let buffer = self.buffer();
        buffer.line().put(x, code, columns, style);
        buffer.x += 1;
        if columns == 2 {
            buffer.line().put(x + 1, 0, 0, style);
            buffer.x += 1;
        }
    }

    fn make_room(&mut self, columns: usize) {
        let (style, last) = (self.style(), self.cols - 1);
        let buffer = self.buffer();
        let x = buffer.x;
        let row = buffer.line();
        row.insert(x, columns, GridCell::empty(style));
        if row.width(last) == 2 {
            row.put(last, 0, 1, style);
        }
    }

    /// Wraps before a character that does not fit; what it leaves free is emptied.
    fn wrap_wide(&mut self) {
        let cols = self.cols;
        let buffer = self.buffer();
        let x = buffer.x;
        // The only row of a screen without history is its own successor.
        let same_row = buffer.rows == 1 && !buffer.keeps_history();
        if same_row {
            self.wrap_line();
        }
        let style = self.style();
        let buffer = self.buffer();
        for free in x..cols {
            buffer.line().put(free, 0, 1, style);
        }
        if !same_row {
            self.wrap_line();
        }
    }

    /// Goes to the start of the next row, which continues this one.
    pub(crate) fn wrap_line(&mut self) {
        let erased = self.erased();
        let (buffer, styles) = self.buffer_and_styles();
        buffer.x = 0;
        if buffer.y == buffer.bottom {
            buffer.scroll(erased, true, styles);
            return;
        }
        buffer.y = (buffer.y + 1).min(buffer.rows - 1);
        buffer.line().wrapped = true;
    }

    /// REP: the last character again, at most as often as the widest row is wide: a few bytes
    /// must not cost millions of cells. Asked for too often, no more than a row of ASCII, or one
    /// of any other character.
    pub(crate) fn repeat(&mut self, count: usize) {
        if self.join == 0 {
            return;
        }
        let buffer = self.active();
        let columns = (self.join >> 1 & 3) as usize;
        let mut text = String::new();
        if let Some(x) = buffer.x.checked_sub(columns) {
            buffer.screen.row(buffer.y).text(x, &mut text);
        }
        let (mut count, chars) = (count.min(usize::from(MAX_COLS)), text.chars().count());
        let shifted = match self.modes.insert {
            true => {
                let row = buffer.screen.row(buffer.y);
                row.cost(row.fill())
            }
            false => 0,
        };
        let (each, fewest) = match chars {
            0 => return,
            1 if shifted == 0 && text.is_ascii() => (1, self.cols),
            1 if shifted == 0 => (NOT_ASCII, 1),
            chars => (64 * chars + shifted, 1),
        };
        let rows = 1 + count * columns / self.cols;
        if !self.allowance.spend(count * each + rows * 32) {
            count = count.min(fewest);
        }
        self.begin_run();
        if text.is_ascii() {
            self.put_ascii(text.repeat(count).as_bytes());
        } else {
            for c in std::iter::repeat_n(&text, count).flat_map(|text| text.chars()) {
                self.put_codes(&[u32::from(c)]);
            }
        }
        self.end_run();
    }
}
