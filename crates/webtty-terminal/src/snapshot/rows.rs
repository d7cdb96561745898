//! Rows: their cells, the wraps between them, and the saved cursor on the way.

use super::painter::Painter;
use super::writer::Writer;
use crate::buffer::Buffer;
use crate::cell::{Cell, Pen};
use crate::row::Row;

/// The normal screen with at most `lines` rows above it.
pub(super) fn normal(w: &mut Writer<'_>, lines: usize) {
    let buffer = &w.state.normal;
    let start = buffer.base() - lines.min(buffer.base());
    let total = buffer.base() + w.state.rows;
    let saved_row = buffer.saved.y.saturating_sub(start);
    w.doubtful |= buffer.saved.y < start;
    let at = (buffer.saved != Default::default()).then_some(saved_row);
    if let Some(row) = at.filter(|&row| start + row >= total) {
        w.doubtful = true;
        // The saved cursor is below everything: that many rows are pushed up and forgotten.
        w.text(&"\n".repeat(row));
        w.save_cursor(buffer.saved);
        w.text("\x1b[3J\x1b[H\x1b[J");
    }
    paint(w, buffer, start..total, at);
}

/// The alternate screen, shown and blank, with the cursor at its top.
pub(super) fn alternate(w: &mut Writer<'_>) {
    let buffer = &w.state.alternate;
    w.on_alternate = true;
    let at = buffer.saved.y.min(w.state.rows - 1);
    w.doubtful |= buffer.saved.y >= w.state.rows;
    let at = (buffer.saved != Default::default()).then_some(at);
    paint(w, buffer, 0..w.state.rows, at);
}

/// What stands above the row that is painted next.
enum Above {
    /// A plain row of the scrollback, by its number, and whether it fills its last column.
    Plain(usize, bool),
    Row(Row),
}

fn paint(w: &mut Writer<'_>, buffer: &Buffer, lines: std::ops::Range<usize>, saved: Option<usize>) {
    let start = lines.start;
    let mut above: Option<Above> = None;
    for line in lines {
        let saves = saved == Some(line - start);
        if !saves && let Some(full) = paint_plain(w, buffer, line, above.as_ref()) {
            above = Some(Above::Plain(line, full));
            continue;
        }
        let Some(mut row) = buffer.absolute(line, &w.state.styles) else {
            continue;
        };
        if row.len() > w.state.cols {
            w.doubtful = true;
            row.resize(w.state.cols);
        }
        let painter = Painter { row: &row };
        let mut from = 0;
        match above {
            None if row.wrapped => wrap_first_row(w, buffer.keeps_history()),
            None => {}
            Some(Above::Row(above)) if row.wrapped => from = wrap(w, &above, &painter, saves),
            Some(Above::Plain(above, _)) if row.wrapped => {
                let above = buffer.absolute(above, &w.state.styles);
                from = above.map_or(0, |above| wrap(w, &above, &painter, saves));
            }
            Some(_) => {
                w.pen(Pen::default());
                w.next_row();
            }
        }
        if saves {
            w.save_cursor(buffer.saved);
        }
        painter.paint(w, from);
        above = Some(Above::Row(row));
    }
}

/// Paints a row of the scrollback that is nothing but text, which most are, without looking at
/// its cells. Says whether it fills its last column, or that it is not such a row.
fn paint_plain(
    w: &mut Writer<'_>,
    buffer: &Buffer,
    line: usize,
    above: Option<&Above>,
) -> Option<bool> {
    let cols = w.state.cols;
    let (empty, text, wrapped) = buffer.scrollback.plain(line)?;
    if empty + text.len() > cols || text.contains(&0) {
        return None;
    }
    if wrapped {
        // Printing on is what wrapped it.
        let goes_on = matches!(above, Some(Above::Plain(_, true))) && empty == 0;
        if !goes_on || text.is_empty() {
            return None;
        }
    }
    w.pen(Pen::default());
    if !wrapped && above.is_some() {
        w.next_row();
    }
    if empty > 0 && !text.is_empty() {
        w.column(empty);
    }
    w.out.extend_from_slice(text);
    Some(empty + text.len() == cols)
}

/// The topmost row goes on where a row ended that is not there any more.
fn wrap_first_row(w: &mut Writer<'_>, history: bool) {
    let cols = w.state.cols;
    w.doubtful = true;
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
    let painter = Painter { row: above };
    let wide = above.width(cols - 2) == 2 && painter.is_ordinary(cols - 2);
    let narrow = painter.is_ordinary(cols - 1) || painter.is_columnless(cols - 1);
    let full = wide || narrow && !painter.is_head(cols - 2);
    if next.is_ordinary(0) && !saves && first.pen.erased() == Pen::default() {
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
