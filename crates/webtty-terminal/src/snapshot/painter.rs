//! The cells of a row. Most are printed or erased where they are; what is left of a wide
//! character that was cut needs more.

use super::writer::Writer;
use crate::cell::{BLANK, Cell, EMPTY, Pen, bg};
use crate::row::Row;
use crate::width::width;

/// Any character of two columns: it is overwritten at once.
pub(super) const WIDE: &str = "\u{4E2D}";

/// Writes the cells of one row.
pub(super) struct Painter<'a> {
    pub(super) row: &'a Row,
}

impl Painter<'_> {
    fn is_odd(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        cell.width() == 1 && !cell.has_content() && cell.pen != cell.pen.erased()
    }

    /// A character that is there once it is printed.
    pub(super) fn is_ordinary(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        let printed = match self.row.combined_at(x).filter(|_| cell.is_combined()) {
            None => cell.has_content() && width(cell.code()) == cell.width(),
            Some(text) => {
                let mut widths = text.chars().map(|c| width(u32::from(c)));
                widths.next() == Some(cell.width()) && widths.all(|width| width == 0)
            }
        };
        match cell.width() {
            0 => false,
            1 => printed,
            _ => {
                let half = self.row.cells.get(x + 1);
                printed && half.is_some_and(|half| *half == Cell::new(0, 0, cell.pen))
            }
        }
    }

    /// A combining character that joined nothing: the cursor moves on, but it has no width.
    pub(super) fn is_columnless(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        cell.width() == 0 && cell.has_content() && !cell.is_combined()
    }

    /// Looks that disagree with each other, a character that is not ordinary, or the second half
    /// of a wide one without the first.
    fn is_strange(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        let odd = match (cell.has_content(), cell.width()) {
            (true, _) => !self.is_ordinary(x),
            (false, 0) => x == 0 || self.row.width(x - 1) != 2,
            (false, width) => width != 1,
        };
        odd || cell.pen != cell.pen.visible()
    }

    /// Paints the row from a column on; what is painted was blank.
    pub(super) fn paint(&self, w: &mut Writer<'_>, from: usize) {
        let cols = w.state.cols;
        let cells = &self.row.cells[..cols];
        if self.is_simple(cols) {
            return self.paint_simple(w, from);
        }
        let stale = self.paint_stale(w, from);
        let Some(last) = cells.iter().rposition(|cell| *cell != BLANK) else {
            return;
        };
        w.doubtful |= (0..cols).any(|x| self.is_strange(x));
        let odd = (0..cols).any(|x| self.is_odd(x) || self.is_half(x));
        let heads = (0..cols).any(|x| self.is_head(x));
        w.doubtful |= odd || heads;
        if heads {
            self.paint_heads(w, from);
        }
        if odd {
            self.paint_odd(w);
        }
        let mut x = if odd { 0 } else { from };
        let mut at = if odd || heads || stale { cols } else { x };
        while x <= last {
            let cell = cells[x];
            if cell == BLANK || self.is_odd(x) {
                x += 1;
                continue;
            }
            if at != x && !self.is_head(x) {
                w.column(x);
            }
            if self.is_head(x) {
                // Painted already, with the cell after it.
                x += 2;
            } else if cell.width() == 2 && x + 1 == cols {
                return;
            } else if !self.is_ordinary(x) && cell.has_content() {
                self.print_nearly(w, x);
                x += 1;
                at = cols;
            } else if cell.has_content() {
                x = self.print(w, x);
                at = x;
            } else if cell.width() == 0 {
                x += 1;
            } else {
                let n = cells[x..].iter().take_while(|next| **next == cell).count();
                w.pen(cell.pen);
                w.text(&format!("\x1b[{n}X"));
                at = x;
                x += n;
            }
        }
    }

    /// ASCII and erased cells only, with looks that agree with each other: what nearly every row
    /// is.
    fn is_simple(&self, cols: usize) -> bool {
        let mut known = Pen::default();
        self.row.combined.is_none()
            && self.row.cells[..cols].iter().all(|cell| {
                let agrees = cell.pen == known || cell.pen == cell.pen.visible();
                known = cell.pen;
                let looks = cell.has_content() || known == known.erased();
                (cell.content ^ EMPTY) < 0x80 && agrees && looks
            })
    }

    fn paint_simple(&self, w: &mut Writer<'_>, from: usize) {
        let cells = &self.row.cells[..w.state.cols];
        let used = cells.iter().rposition(|cell| *cell != BLANK);
        let cells = &cells[..used.map_or(0, |last| last + 1)];
        let (mut x, mut at) = (from, from);
        while let Some(&cell) = cells.get(x) {
            if cell == BLANK {
                x += 1;
                continue;
            }
            if at != x {
                w.column(x);
            }
            w.pen(cell.pen);
            at = x;
            if cell.has_content() {
                w.out.push(cell.content as u8);
                x += 1;
                at += 1;
            } else {
                let n = cells[x..].iter().take_while(|next| **next == cell).count();
                w.text(&format!("\x1b[{n}X"));
                x += n;
            }
        }
    }

    /// Prints texts that were overwritten, and erases them; whether there were any.
    fn paint_stale(&self, w: &mut Writer<'_>, from: usize) -> bool {
        let mut any = false;
        for (x, text) in self.row.stale() {
            w.doubtful = true;
            any = true;
            let mut widths = text.chars().map(|c| width(u32::from(c)) as usize);
            let columns = widths.next().unwrap_or_default();
            let fits = columns > 0 && x + columns <= w.state.cols && x >= from;
            if fits && widths.all(|width| width == 0) {
                w.pen(Pen::default());
                w.column(x);
                w.text(text);
                w.column(x);
                w.text(&format!("\x1b[{columns}X"));
            }
        }
        any
    }

    /// Prints the character at `x`; returns the column after it.
    pub(super) fn print(&self, w: &mut Writer<'_>, x: usize) -> usize {
        let cell = self.row.cells[x];
        let mut text = String::new();
        self.row.text(x, &mut text);
        w.pen(cell.pen);
        w.text(&text);
        x + (cell.width() as usize).max(1)
    }

    /// Prints as much as can be printed at `x` of a text that is not an ordinary one.
    fn print_nearly(&self, w: &mut Writer<'_>, x: usize) {
        let mut text = String::new();
        self.row.text(x, &mut text);
        let columns = |c: char| width(u32::from(c)) as usize;
        let mut chars = text.chars().peekable();
        let Some(first) = chars.next_if(|&c| x + columns(c) <= w.state.cols) else {
            return;
        };
        w.pen(self.row.cells[x].pen);
        // A combining character alone in its cell: after a control sequence it joins nothing.
        w.text(&format!("\x1b[{}G{first}", x + 1));
        if columns(first) > 0 {
            let joined: String = chars.take_while(|&c| columns(c) == 0).collect();
            w.text(&joined);
        }
    }

    /// Restores a cell that was printed over.
    pub(super) fn repair(&self, w: &mut Writer<'_>, x: usize) {
        if self.is_odd(x) && x > 0 {
            self.odd_cell(w, x, 0);
            let half = self.row.width(x - 1) == 0 && !self.row.has_content(x - 1);
            let before = if half && x > 1 { x - 2 } else { x - 1 };
            w.column(before);
            if self.is_columnless(before) {
                self.print_nearly(w, before);
            } else if self.row.has_content(before) {
                self.print(w, before);
            } else {
                w.pen(self.row.cells[before].pen.erased());
                w.text("\x1b[X");
            }
        } else {
            w.column(x);
            w.pen(self.row.cells[x].pen.erased());
            w.text("\x1b[X");
        }
    }

    /// Makes the cell at `x` an empty one with the looks of text: what is left when the second
    /// half of a wide character is cut off. The cell before it is printed over.
    fn odd_cell(&self, w: &mut Writer<'_>, x: usize, left: usize) {
        let Some(at) = x.checked_sub(1 + left) else {
            return;
        };
        w.column(at);
        w.text(WIDE);
        w.column(at);
        w.pen(self.row.cells[x].pen);
        w.text(" ");
    }

    /// Paints the empty cells with looks, before all others.
    fn paint_odd(&self, w: &mut Writer<'_>) {
        let cols = w.state.cols;
        let mut end = (0..cols).take_while(|&x| self.is_odd(x)).count();
        if end == cols {
            end = cols - 1;
        }
        if end > 0 {
            // One column further right, then shifted into place.
            let shifted = Row {
                cells: [&[BLANK], &self.row.cells[..end]].concat(),
                wrapped: false,
                combined: None,
            };
            let painter = Painter { row: &shifted };
            for x in (1..=end).rev() {
                painter.odd_cell(w, x, 0);
            }
            w.pen(Pen::default());
            w.text("\r\x1b[P");
        }
        let mut left = (2..cols).filter(|&x| self.is_half(x)).count();
        for x in (end.max(1)..cols).rev() {
            if self.is_half(x) {
                left = left.saturating_sub(1);
                self.half_cell(w, x, left);
            } else if x + 1 == cols && end == x {
                // Nothing but such cells: the last one would cost the one before it. If it is
                // room a wide character left free, the next row's first one brings it about.
            } else if self.is_odd(x) && !self.is_head(x - 1) && x > left {
                self.odd_cell(w, x, left);
                w.pen(Pen::default());
                w.column(x - 1 - left);
                w.text("\x1b[X");
            }
        }
        w.text("\r");
    }

    /// Second half of a wide character whose first half is gone: inserting in its middle leaves
    /// that.
    fn is_half(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        let alone = x > 0 && self.row.width(x - 1) != 2;
        alone && cell.width() == 0 && !cell.has_content()
    }

    /// Makes such a half. Everything right of it moves by one column, so what is there was made
    /// as many columns further left as halves were still to come, and so is this.
    fn half_cell(&self, w: &mut Writer<'_>, x: usize, left: usize) {
        let at = x.saturating_sub(2 + left);
        w.column(at);
        w.pen(self.row.cells[x].pen);
        w.text(WIDE);
        w.column(at + 1);
        w.pen(Pen::default());
        w.text("\x1b[@");
        if x == 1 {
            // There is room for it one column further right only: everything goes back.
            w.text("\r\x1b[P");
        }
    }

    /// First half of a wide character whose second half is gone, and not at the edge.
    pub(super) fn is_head(&self, x: usize) -> bool {
        let after = self.row.cells[x + 1..].first();
        let lone = self.row.width(x) == 2 && self.row.has_content(x);
        lone && after.is_some_and(|after| after.width() == 1)
    }

    /// Paints such halves, each with the cell after it: they can only be made in the last two
    /// columns, and are then shifted into place.
    fn paint_heads(&self, w: &mut Writer<'_>, from: usize) {
        let cols = w.state.cols;
        let mut end = from;
        for x in 0..cols {
            if !self.is_head(x) || x < end {
                continue;
            }
            self.head(w, x, end);
            let shift = cols - 2 - x;
            if shift > 0 {
                w.pen(Pen::default());
                w.column(end);
                w.text(&format!("\x1b[{shift}P"));
            }
            end = x + 2;
        }
    }

    /// Makes the half of a character that is at `x`, and the cell after it, in the last two
    /// columns. Without wrapping, a wide character that does not fit there is dropped, but the
    /// one printed after it goes to the last column without looking at what it cuts; and what
    /// joins the dropped one joins the cell before that column instead, which becomes wide.
    /// Everything from column `from` on is still blank.
    fn head(&self, w: &mut Writer<'_>, x: usize, from: usize) {
        let cols = w.state.cols;
        let (cell, after) = (self.row.cells[x], self.row.cells[x + 1]);
        let (mut text, mut next) = (String::new(), String::new());
        self.row.text(x, &mut text);
        self.row.text(x + 1, &mut next);
        let first = text.chars().next().unwrap_or(' ');
        let wide = width(u32::from(first)) == 2;
        let kept = match width(u32::from(first)) {
            0 => 0,
            1 => first.len_utf8(),
            _ => text.len(),
        };
        let (now, joined) = text.split_at(kept);
        if !wide && !after.has_content() {
            w.column(cols - 1);
            w.pen(after.pen.erased());
            w.text("\x1b[X");
        }
        w.column(cols - 2);
        let looks = cell.pen != cell.pen.erased();
        if now.is_empty() && looks && from + 3 <= cols {
            // What is joined keeps the looks of the empty cell it is put into: the second half
            // of a wide character that was cut.
            w.column(cols - 3);
            w.text(WIDE);
            w.column(cols - 3);
            w.pen(cell.pen);
            w.text(" ");
            w.pen(Pen::default());
            w.column(cols - 3);
            w.text("\x1b[X");
            w.column(cols - 1);
        } else if now.is_empty() {
            w.pen(cell.pen.erased());
            w.text("\x1b[X");
            w.column(cols - 1);
        } else {
            w.pen(cell.pen);
            w.text(now);
        }
        w.pen(after.pen);
        w.text(&format!("\x1b[?7l{WIDE}{joined}{next}\x1b[?7h"));
    }

    /// Whether the row is empty and of one background.
    pub(super) fn is_even(&self) -> bool {
        let first = self.row.cells[0];
        let erased = first == Cell::empty(first.pen.erased()) && first.pen.bg & bg::EXTENDED == 0;
        erased && self.row.cells.iter().all(|cell| *cell == first)
    }
}
