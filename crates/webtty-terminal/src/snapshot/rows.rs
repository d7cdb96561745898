//! Rows: their cells, the wraps between them, and the saved cursor on the way.

use super::writer::Writer;
use crate::buffer::Buffer;
use crate::cell::{BLANK, Cell, Pen, bg};
use crate::row::Row;
use crate::width::width;

/// Any character of two columns: it is overwritten at once.
pub(super) const WIDE: &str = "\u{4E2D}";

/// The normal screen with at most `lines` rows above it.
pub(super) fn normal(w: &mut Writer<'_>, lines: usize) {
    let buffer = &w.state.normal;
    let start = buffer.base() - lines.min(buffer.base());
    let total = buffer.base() + w.state.rows;
    let saved_row = buffer.saved.y.saturating_sub(start);
    let at = (buffer.saved != Default::default()).then_some(saved_row);
    if let Some(row) = at.filter(|&row| start + row >= total) {
        // The saved cursor is below everything: that many rows are pushed up and forgotten.
        w.text(&"\n".repeat(row));
        w.save_cursor(buffer.saved);
        w.text("\x1b[3J\x1b[H\x1b[J");
    }
    paint(w, buffer, start..total, at);
}

/// The alternate screen, shown and blank.
pub(super) fn alternate(w: &mut Writer<'_>) {
    let buffer = &w.state.alternate;
    w.move_to(0, 0);
    w.on_alternate = true;
    let at = buffer.saved.y.min(w.state.rows - 1);
    let at = (buffer.saved != Default::default()).then_some(at);
    paint(w, buffer, 0..w.state.rows, at);
}

fn paint(w: &mut Writer<'_>, buffer: &Buffer, lines: std::ops::Range<usize>, saved: Option<usize>) {
    let start = lines.start;
    let mut above: Option<Row> = None;
    for line in lines {
        let Some(row) = buffer.absolute(line, &w.state.styles) else {
            continue;
        };
        let saves = saved == Some(line - start);
        let painter = Painter { row: &row };
        let mut from = 0;
        match &above {
            None if row.wrapped => wrap_first_row(w, buffer.keeps_history()),
            None => {}
            Some(above) if row.wrapped => from = wrap(w, above, &painter, saves),
            Some(_) => {
                w.pen(Pen::default());
                w.text("\r\n");
            }
        }
        if saves {
            w.save_cursor(buffer.saved);
        }
        painter.paint(w, from);
        above = Some(row);
    }
}

/// The topmost row goes on where a row ended that is not there any more.
fn wrap_first_row(w: &mut Writer<'_>, history: bool) {
    let cols = w.state.cols;
    w.column(cols - 1);
    w.text("  ");
    if w.state.rows > 1 {
        w.text("\x1b[S\x1b[H");
    } else if history {
        w.text("\x1b[3J\r");
    }
    w.text("\r\x1b[X");
}

/// Goes on from a row to one that continues it; returns the column from which the new row is
/// still to be painted.
fn wrap(w: &mut Writer<'_>, above: &Row, next: &Painter<'_>, saves: bool) -> usize {
    let cols = w.state.cols;
    let last = above.cells[cols - 1];
    let first = next.row.cells[0];
    let printable = first.has_content() && first.width() > 0;
    // A wide character cut by the edge of a screen that became narrower was not painted.
    let full = last.width() == 0 || last.has_content() && last.width() == 1;
    if printable && !saves && first.pen.erased() == Pen::default() {
        let early = first.width() == 2 && last == Cell::empty(first.pen.visible());
        if full || early {
            if early {
                w.pen(first.pen);
                w.column(cols - 1);
            }
            return next.print(w, 0);
        }
    }
    w.pen(Pen::default());
    let painter = Painter { row: above };
    if full {
        w.text(" ");
    } else if !w.on_alternate {
        // The cursor crosses from screen to screen as it is: it goes to wait behind the last
        // column where no cell matters.
        w.text("\x1b[?47h");
        w.column(cols - 1);
        w.text(" \x1b[?47l ");
    } else if w.state.rows > 1 {
        w.column(cols - 1);
        w.text("  ");
        w.text("\x1b[A");
        painter.repair(w, cols - 1);
        w.pen(Pen::default());
        w.text("\x1b[B");
    }
    w.text("\r\x1b[X");
    0
}

pub(super) struct Painter<'a> {
    pub(super) row: &'a Row,
}

impl Painter<'_> {
    fn is_odd(&self, x: usize) -> bool {
        let cell = self.row.cells[x];
        cell.width() == 1 && !cell.has_content() && cell.pen != cell.pen.erased()
    }

    /// Paints the row from a column on; what is painted was blank.
    fn paint(&self, w: &mut Writer<'_>, from: usize) {
        let cols = w.state.cols;
        let cells = &self.row.cells[..cols];
        let Some(last) = cells.iter().rposition(|cell| *cell != BLANK) else {
            return;
        };
        let odd = (0..cols).any(|x| self.is_odd(x) || self.is_half(x));
        if odd {
            self.paint_odd(w);
        }
        let mut x = if odd { 0 } else { from };
        let mut at = if odd { cols } else { x };
        while x <= last {
            let cell = cells[x];
            if cell == BLANK || self.is_odd(x) {
                x += 1;
                continue;
            }
            if at != x {
                w.column(x);
            }
            if self.print_cut(w, x) {
                return;
            }
            if cell.width() == 2 && x + 1 == cols {
                return;
            }
            if cell.has_content() {
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

    /// Prints the character at `x`; returns the column after it.
    pub(super) fn print(&self, w: &mut Writer<'_>, x: usize) -> usize {
        let cell = self.row.cells[x];
        let mut text = String::new();
        self.row.text(x, &mut text);
        w.pen(cell.pen);
        if cell.width() == 0 {
            // Alone in its cell: after a control sequence it joins nothing.
            w.column(x);
            if x == 0 {
                w.text("\x1b[G");
            }
        }
        w.text(&text);
        x + (cell.width() as usize).max(1)
    }

    /// Restores a cell that was printed over.
    fn repair(&self, w: &mut Writer<'_>, x: usize) {
        if self.is_odd(x) && x > 0 {
            self.odd_cell(w, x, 0);
            let before = if self.row.width(x - 1) == 0 && x > 1 {
                x - 2
            } else {
                x - 1
            };
            w.column(before);
            if self.row.has_content(before) {
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
        let at = x - 1 - left;
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
        let mut left = (0..cols).filter(|&x| self.is_half(x)).count();
        for x in (end.max(1)..cols).rev() {
            if self.is_half(x) {
                left -= 1;
                self.half_cell(w, x, left);
            } else if self.is_odd(x) {
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
        let Some(at) = (x - left).checked_sub(2) else {
            return;
        };
        w.column(at);
        w.pen(self.row.cells[x].pen);
        w.text(WIDE);
        w.column(at + 1);
        w.pen(Pen::default());
        w.text("\x1b[@");
    }

    /// A wide character in the last two columns whose second half was printed over although it
    /// should have been cut: without wrapping, a wide character that does not fit is dropped
    /// and the next one takes its place. Returns whether it was one.
    fn print_cut(&self, w: &mut Writer<'_>, x: usize) -> bool {
        let last = w.state.cols - 1;
        let cells = &self.row.cells;
        let cut = x + 1 == last && cells[x].width() == 2 && cells[last].width() == 1;
        if !cut || !cells[last].has_content() {
            return false;
        }
        let (mut text, mut after) = (String::new(), String::new());
        self.row.text(x, &mut text);
        self.row.text(last, &mut after);
        let base = text.chars().next().map_or(0, char::len_utf8);
        let narrow = text
            .chars()
            .next()
            .is_some_and(|c| width(u32::from(c)) == 1);
        let (now, joined) = text.split_at(if narrow { base } else { text.len() });
        w.pen(cells[x].pen);
        w.text(now);
        w.pen(cells[last].pen);
        w.text("\x1b[?7l");
        w.text(&format!("{WIDE}{joined}{after}"));
        w.text("\x1b[?7h");
        true
    }

    /// Whether the row is empty and of one background.
    pub(super) fn is_even(&self) -> bool {
        let first = self.row.cells[0];
        let erased = first == Cell::empty(first.pen.erased()) && first.pen.bg & bg::EXTENDED == 0;
        erased && self.row.cells.iter().all(|cell| *cell == first)
    }
}
