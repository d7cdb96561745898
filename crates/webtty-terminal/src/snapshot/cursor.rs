//! The cursor, the pen and the character before it: last, because nearly everything else moves
//! the one and ends the other.

use super::colors;
use super::rows::Painter;
use super::writer::Writer;
use crate::cell::{Pen, bg, fg};
use crate::state::State;

/// Bits of the foreground that only an underline changes.
const UNDERLINE: u32 = fg::UNDERLINE;

pub(super) fn write(w: &mut Writer<'_>) {
    let state = w.state;
    w.pen(Pen::default());
    charsets(w);
    let disagrees = state.pen.visible() != state.pen;
    if disagrees {
        disagreeing_pen(w);
    }
    if state.modes.origin {
        w.text("\x1b[?6h");
    }
    let repeats = state.join != 0;
    let buffer = state.active();
    if buffer.x >= state.cols && !repeats && !disagrees {
        last_column(w);
    } else if !repeats {
        position(w, buffer.x.min(state.cols - 1));
    }
    if !disagrees {
        w.pen(state.pen);
        extended_color(w);
    }
    if state.modes.insert {
        w.text("\x1b[4h");
    }
    if repeats {
        last_character(w);
    }
}

fn charsets(w: &mut Writer<'_>) {
    let sets = w.state.charsets;
    for (set, level) in sets.designated.iter().zip(['(', ')', '*', '+']) {
        if let Some(set) = set {
            w.text(&format!("\x1b{level}{}", char::from(set.last())));
        }
    }
    match sets.level {
        0 => {}
        1 => w.text("\x0e"),
        2 => w.text("\x1bn"),
        _ => w.text("\x1bo"),
    }
    let saved = w.state.active().saved.charset;
    if sets.active != sets.designated[sets.level] && saved == sets.active {
        w.text("\x1b8\x1b[m");
    }
}

fn position(w: &mut Writer<'_>, x: usize) {
    let buffer = w.state.active();
    let top = if w.state.modes.origin { buffer.top } else { 0 };
    w.move_to(x, buffer.y.saturating_sub(top));
}

/// An underline colour without an underline: it does not show, but a later underline has it.
fn extended_color(w: &mut Writer<'_>) {
    let hidden = w.state.pen.visible().ext != w.state.pen.ext;
    if hidden {
        let sgr = colors::underline(w.state.pen.ext & crate::cell::COLOR);
        if !sgr.is_empty() {
            w.text(&format!("\x1b[{}m", &sgr[1..]));
        }
    }
}

/// A pen left by DECRC, which takes the underline from the saved cursor and its style from
/// before. It is made the same way.
fn disagreeing_pen(w: &mut Writer<'_>) {
    let state = w.state;
    let (pen, saved) = (state.pen, state.active().saved);
    let same_bits = (pen.fg ^ saved.fg) & UNDERLINE == 0 && (pen.bg ^ saved.bg) & bg::EXTENDED == 0;
    if !same_bits {
        w.pen(pen);
        return;
    }
    if let Some(link) = state.links.get(pen.link) {
        let id = link.id.as_ref().map(|id| format!("id={id}"));
        let id = id.unwrap_or_default();
        w.text(&format!("\x1b]8;{id};{}\x1b\\", link.address));
    }
    let underline = colors::underline(pen.ext);
    if !underline.is_empty() {
        w.text(&format!("\x1b[{}m", &underline[1..]));
    }
    w.text("\x1b8");
    let plain = colors::plain(pen);
    w.text(&format!("\x1b[22;23;25;27;28;29;39;49;55{plain}m"));
    let protect = if pen.bg & bg::PROTECTED != 0 { 1 } else { 0 };
    w.text(&format!("\x1b[{protect}\"q"));
    let active = state.charsets.active;
    if saved.charset != active {
        // Shifting to where we are takes the designated set again.
        w.text(match state.charsets.level {
            0 => "\x0f",
            1 => "\x0e",
            2 => "\x1bn",
            _ => "\x1bo",
        });
    }
}

/// The cursor waits behind the last column, and what was printed there is not the last thing
/// that happened.
fn last_column(w: &mut Writer<'_>) {
    let buffer = w.state.active();
    let last = w.state.cols - 1;
    let row = &buffer.row(buffer.y, &w.state.styles);
    let painter = Painter { row };
    let cell = row.cells[last];
    let cut = row.width(last - 1) == 2;
    if buffer.x == w.state.cols && cell.has_content() && cell.width() == 1 && !cut {
        position(w, last);
        plain_print(w, &painter, last);
    } else if buffer.x == w.state.cols && cell.width() == 0 && row.width(last - 1) == 2 {
        position(w, last - 1);
        plain_print(w, &painter, last - 1);
    } else if !w.state.alternate_shown {
        // The cursor crosses from screen to screen as it is: so it waits there, where no cell
        // matters.
        w.text("\x1b[?47h");
        w.move_to(last, buffer.y);
        w.text(" ");
        if buffer.x > w.state.cols {
            // A combining character with nothing to join took a column that is not there.
            w.text("\x1b\\\u{301}");
        }
        w.text("\x1b[?47l");
    } else if painter.is_even() {
        w.pen(cell.pen);
        position(w, last);
        w.text(" \x1b[1K");
    } else {
        position(w, last);
    }
    // A control sequence without effect: nothing is left to join.
    w.text("\x1b\\");
}

/// Prints a character of the row whatever set is in use.
fn plain_print(w: &mut Writer<'_>, painter: &Painter<'_>, x: usize) {
    w.pen(painter.row.cells[x].pen);
    let text = source(w.state, painter, x);
    w.text(&text);
}

/// What to print so that the cell's text appears.
fn source(state: &State, painter: &Painter<'_>, x: usize) -> String {
    let mut text = String::new();
    painter.row.text(x, &mut text);
    let Some(set) = state.charsets.active else {
        return text;
    };
    let print = |c: char| {
        set.source(u32::from(c))
            .and_then(char::from_u32)
            .unwrap_or(c)
    };
    text.chars().map(print).collect()
}

/// Prints the last character again, so that a combining one that follows joins it.
fn last_character(w: &mut Writer<'_>) {
    let state = w.state;
    let buffer = state.active();
    let columns = (state.join >> 1 & 3) as usize;
    let row = &buffer.row(buffer.y, &w.state.styles);
    let last = state.cols - 1;
    if columns == 2 && buffer.x == last && row.width(last.saturating_sub(2)) != 2 {
        // It was wide, did not fit and was dropped; so it is again.
        position(w, last);
        w.text(super::rows::WIDE);
        return;
    }
    let Some(x) = buffer.x.min(state.cols).checked_sub(columns) else {
        return;
    };
    position(w, x);
    if state.modes.insert {
        w.text(&format!("\x1b[{columns}P"));
    }
    let text = source(state, &Painter { row }, x);
    w.text(&text);
}
