//! The cursor, the pen and the character before it: last, because nearly everything else moves
//! the one and ends the other.

use super::colors;
use super::painter::{Painter, WIDE};
use super::writer::{Writer, amendment, link_to};
use crate::cell::{Cell, Pen, bg, fg};
use crate::state::State;

/// Bits of the foreground that only an underline changes.
const UNDERLINE: u32 = fg::UNDERLINE;

/// With `again`, the last character is printed again if another may join it.
pub(super) fn write(w: &mut Writer<'_>, again: bool) {
    let state = w.state;
    w.pen(Pen::default());
    charsets(w);
    let disagrees = state.pen.visible() != state.pen;
    let told = disagrees && {
        w.doubtful = true;
        disagreeing_pen(w)
    };
    if state.modes.origin {
        w.text("\x1b[?6h");
    }
    let repeats = again && state.join != 0 && can_repeat(state);
    let buffer = state.active();
    w.doubtful |= buffer.x >= state.cols || state.join != 0 && !is_simple(state);
    if buffer.x >= state.cols && !repeats && !disagrees {
        last_column(w);
    } else if buffer.x >= state.cols && !repeats && !state.alternate_shown {
        cross(w);
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
        if !told && disagrees && state.pen.visible().link == state.pen.link {
            let Pen { fg, bg, ext, .. } = state.pen;
            w.text(&amendment(&format!("pen;{fg};{bg};{ext}")));
            w.amends = true;
        }
        w.last_amendments = Some(w.out.len());
        last_character(w);
    }
}

/// Whether the last character is what it seems: printing it again changes nothing.
fn is_simple(state: &State) -> bool {
    let buffer = state.active();
    let columns = (state.join >> 1 & 3) as usize;
    let Some(x) = buffer.x.checked_sub(columns) else {
        return false;
    };
    let row = buffer.row(buffer.y, &state.styles);
    let cell = |x: usize| (x < row.len()).then(|| row.cell(x));
    let is = cell(x).is_some_and(|cell| {
        cell.has_content()
            && !cell.is_combined()
            && cell.width() as usize == columns
            && cell.pen == Cell::new(0, 1, state.pen).pen
    });
    let half = columns == 1 || cell(x + 1).is_some_and(|half| half.width() == 0);
    is && half && state.charsets.active.is_none() && !state.modes.insert && state.modes.wraparound
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
    w.doubtful |= sets.active != sets.designated[sets.level];
    if sets.active != sets.designated[sets.level] && saved == sets.active {
        w.text("\x1b8\x1b[m");
    }
}

fn position(w: &mut Writer<'_>, x: usize) {
    let buffer = w.state.active();
    let inside = (buffer.top..=buffer.bottom).contains(&buffer.y);
    if w.state.modes.origin && !inside {
        w.doubtful = true;
        if !w.state.alternate_shown {
            // Origin mode keeps it between the margins, but the other screen has its own.
            w.text("\x1b[?47h");
            w.move_to(x, buffer.y);
            w.text("\x1b[?47l");
            return;
        }
    }
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
/// before. It is made the same way, if the saved cursor still allows it, else one that looks
/// like it. Whether it is the same.
fn disagreeing_pen(w: &mut Writer<'_>) -> bool {
    let state = w.state;
    let (pen, saved) = (state.pen, state.active().saved);
    let same_bits = (pen.fg ^ saved.fg) & UNDERLINE == 0 && (pen.bg ^ saved.bg) & bg::EXTENDED == 0;
    if !same_bits {
        w.pen(pen);
        return false;
    }
    if pen.link != 0 {
        w.text(&link_to(state, pen.link));
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
    true
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
    let again = match buffer.x == w.state.cols {
        true if cell.has_content() && cell.width() == 1 && !cut => Some(last),
        true if cell.width() == 0 && cut => Some(last - 1),
        _ => None,
    };
    let again = again.and_then(|x| Some((x, source(w.state, &painter, x)?)));
    if let Some((x, text)) = again {
        position(w, x);
        w.pen(painter.row.cells[x].pen);
        w.text(&text);
    } else if !w.state.alternate_shown {
        cross(w);
    } else if painter.is_even() {
        w.pen(cell.pen);
        position(w, last);
        w.text(" \x1b[1K");
    } else if !wait_in_a_row_to_go(w) {
        position(w, last);
    }
    // A control sequence without effect: nothing is left to join.
    w.text("\x1b\\");
}

/// To behind the last column by way of the alternate screen, where no cell matters: the cursor
/// crosses from screen to screen as it is.
fn cross(w: &mut Writer<'_>) {
    let buffer = w.state.active();
    w.text("\x1b[?47h");
    w.move_to(w.state.cols - 1, buffer.y);
    w.text(" ");
    if buffer.x > w.state.cols {
        // A combining character with nothing to join took a column that is not there.
        w.text("\x1b\\\u{301}");
    }
    w.text("\x1b[?47l");
}

/// At an edge of the region, the cursor can wait in a row that then scrolls away from under it,
/// if the row that comes in at the other edge is a blank one. Returns whether it was so.
fn wait_in_a_row_to_go(w: &mut Writer<'_>) -> bool {
    let buffer = w.state.active();
    let is_blank = |y: usize| {
        let row = buffer.screen.row(y);
        !row.wrapped && row.is_blank()
    };
    let (away, back) = if buffer.y == buffer.bottom && is_blank(buffer.top) {
        ("\x1b[S", " \x1b[T")
    } else if buffer.y == buffer.top && is_blank(buffer.bottom) {
        ("\x1b[T", " \x1b[S")
    } else {
        return false;
    };
    w.pen(Pen::default());
    w.text(away);
    position(w, w.state.cols - 1);
    w.text(back);
    true
}

/// What to print so that the cell's text appears, if the set in use has it.
fn source(state: &State, painter: &Painter<'_>, x: usize) -> Option<String> {
    let mut text = String::new();
    painter.row.text(x, &mut text);
    let Some(set) = state.charsets.active else {
        return Some(text);
    };
    let print = |c: char| set.source(u32::from(c)).and_then(char::from_u32);
    text.chars().map(print).collect()
}

/// Where [`last_character`] prints what is in a cell, if it does.
fn repeated(state: &State) -> Option<usize> {
    let buffer = state.active();
    let columns = (state.join >> 1 & 3) as usize;
    buffer.x.min(state.cols).checked_sub(columns)
}

/// Whether the set in use has the last character.
fn can_repeat(state: &State) -> bool {
    let buffer = state.active();
    let row = &buffer.row(buffer.y, &state.styles);
    let x = repeated(state).filter(|&x| x < state.cols);
    x.is_none_or(|x| source(state, &Painter { row }, x).is_some())
}

/// Moves to the last column; where that can be done without looking at what is printed over
/// there, to where a wrap is pending.
fn beside_last_column(w: &mut Writer<'_>) {
    let last = w.state.cols - 1;
    if w.state.alternate_shown {
        position(w, last);
        return;
    }
    let pen = w.pen;
    w.text("\x1b[?47h");
    w.move_to(last, w.state.active().y);
    w.text(" \x1b[?47l");
    w.pen(pen);
}

/// Prints the last character again, so that a combining one that follows joins it.
fn last_character(w: &mut Writer<'_>) {
    let state = w.state;
    let buffer = state.active();
    let columns = (state.join >> 1 & 3) as usize;
    let row = &buffer.row(buffer.y, &w.state.styles);
    let last = state.cols - 1;
    let head = Painter { row }.is_head(last - 1);
    if columns == 2 && buffer.x == last && !state.modes.wraparound {
        // It was wide, did not fit and was dropped; so it is again.
        if head {
            beside_last_column(w);
        } else {
            position(w, last);
        }
        w.text(WIDE);
        return;
    }
    if columns == 1 && buffer.x == state.cols && !state.modes.wraparound && head {
        // Without wrapping it goes to the last column from beyond, and leaves what is before it.
        beside_last_column(w);
        let text = source(state, &Painter { row }, last);
        w.text(&text.unwrap_or_default());
        return;
    }
    let Some(x) = repeated(state) else {
        return;
    };
    position(w, x);
    if state.modes.insert {
        w.text(&format!("\x1b[{columns}P"));
    }
    let text = source(state, &Painter { row }, x);
    w.text(&text.unwrap_or_default());
}
