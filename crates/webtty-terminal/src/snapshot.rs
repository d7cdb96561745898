//! The state as an ANSI stream that rebuilds it. Every step is chosen for what xterm.js does
//! with it; the order matters, and the comments say where.

mod amendments;
mod colors;
mod cursor;
mod painter;
mod rows;
mod writer;

use crate::buffer::Buffer;
use crate::cell::Pen;
use crate::modes::{CursorShape, MouseEncoding, MouseTracking};
use crate::palette::ColorSlot;
use crate::state::State;
use crate::tabs::Tabs;
use amendments::Ending;
use writer::Writer;

/// The stream without the bytes of an unfinished sequence; `lines` is how many rows above the
/// screen it carries at most.
pub(crate) fn write(state: &State, lines: usize) -> Vec<u8> {
    let mut w = Writer::new(state);
    w.hold_drawing();
    titles(&mut w);
    palette(&mut w);
    if !state.alternate_shown {
        hidden_alternate(&mut w);
    }
    tabs(&mut w, &state.normal);
    rows::normal(&mut w, lines);
    settings(&mut w, &state.normal);
    if state.alternate_shown {
        let normal = &state.normal;
        w.pen(Pen::default());
        w.move_to(normal.x.min(state.cols - 1), normal.y);
        w.text("\x1b[?47h");
        w.move_to(0, 0);
        tabs(&mut w, &state.alternate);
        rows::alternate(&mut w);
        settings(&mut w, &state.alternate);
    }
    modes(&mut w);
    w.pen(Pen::default());
    let split = w.out.len();
    cursor::write(&mut w, true);
    if !w.doubtful {
        return w.out;
    }
    let end = ending(&mut w, split);
    cursor::write(&mut w, false);
    let silent_end = ending(&mut w, split);
    amendments::settle(state, lines, &w.out, [end, silent_end])
}

/// Takes back what was written about pen and cursor.
fn ending(w: &mut Writer<'_>, split: usize) -> Ending {
    w.pen = Pen::default();
    Ending {
        bytes: w.out.split_off(split),
        amendable: w.last_amendments.take().map_or(0, |at| at - split),
        amends: std::mem::take(&mut w.amends),
    }
}

fn titles(w: &mut Writer<'_>) {
    let titles = &w.state.titles;
    for title in &titles.pushed_titles {
        w.text(&format!("\x1b]2;{title}\x1b\\\x1b[22;2t"));
    }
    for icon in &titles.pushed_icons {
        w.text(&format!("\x1b]1;{icon}\x1b\\\x1b[22;1t"));
    }
    if !titles.title.is_empty() || !titles.pushed_titles.is_empty() {
        w.text(&format!("\x1b]2;{}\x1b\\", titles.title));
    }
    if !titles.icon.is_empty() || !titles.pushed_icons.is_empty() {
        w.text(&format!("\x1b]1;{}\x1b\\", titles.icon));
    }
}

fn palette(w: &mut Writer<'_>) {
    for (slot, color) in &w.state.palette.changed {
        match slot {
            ColorSlot::Indexed(i) => w.text(&format!("\x1b]4;{i};{color}\x1b\\")),
            slot => w.text(&format!("\x1b]{slot};{color}\x1b\\")),
        }
    }
}

/// While the normal screen is shown, only the saved cursor and the keyboard's flags are left of
/// the alternate one.
fn hidden_alternate(w: &mut Writer<'_>) {
    let alternate = &w.state.alternate;
    let saved = alternate.saved;
    w.doubtful |= saved.y >= w.state.rows || alternate.tabs.len() > w.state.cols;
    if saved == Default::default() && alternate.keyboard == Default::default() {
        return;
    }
    w.text("\x1b[?47h");
    w.move_to(0, saved.y.min(w.state.rows - 1));
    w.save_cursor(saved);
    keyboard(w, alternate);
    w.text("\x1b[?47l");
    w.move_to(0, 0);
}

/// Tab stops of the screen that is shown, while it is blank.
fn tabs(w: &mut Writer<'_>, buffer: &Buffer) {
    let cols = w.state.cols;
    let usual = Tabs::new(cols);
    w.doubtful |= buffer.tabs.len() > cols;
    if (0..=cols).all(|x| usual.is_set(x) == buffer.tabs.is_set(x)) {
        return;
    }
    w.text("\x1b[3g");
    for x in (0..cols).filter(|&x| buffer.tabs.is_set(x)) {
        w.text(&format!("\x1b[{}G\x1bH", x + 1));
    }
    if buffer.tabs.is_set(cols) {
        // While a wrap is pending, the cursor is beyond the edge.
        w.text(&format!("\x1b[{cols}G \x1bH\r\x1b[K"));
    }
    w.text("\r");
}

/// Margins and keyboard flags of the screen that is shown.
fn settings(w: &mut Writer<'_>, buffer: &Buffer) {
    if (buffer.top, buffer.bottom) != (0, w.state.rows - 1) {
        let (top, bottom) = (buffer.top + 1, buffer.bottom + 1);
        w.text(&format!("\x1b[{top};{bottom}r"));
    }
    keyboard(w, buffer);
}

fn keyboard(w: &mut Writer<'_>, buffer: &Buffer) {
    for flags in &buffer.keyboard.pushed {
        w.text(&format!("\x1b[={flags}u\x1b[>0u"));
    }
    if buffer.keyboard.flags != 0 {
        w.text(&format!("\x1b[={}u", buffer.keyboard.flags));
    }
}

/// Switches, but for those that would change how the rest is read: they come with the cursor.
fn modes(w: &mut Writer<'_>) {
    let modes = &w.state.modes;
    let switches = [
        (modes.application_cursor_keys, "\x1b[?1h"),
        (modes.application_keypad, "\x1b="),
        (modes.bracketed_paste, "\x1b[?2004h"),
        (modes.blink_option == Some(true), "\x1b[?12h"),
        // A viewer whose own cursor blinks must be told, too.
        (modes.blink_option == Some(false), "\x1b[?12l"),
        (modes.cursor_hidden, "\x1b[?25l"),
        (!modes.wraparound, "\x1b[?7l"),
        (modes.reverse_wraparound, "\x1b[?45h"),
        (modes.focus_events, "\x1b[?1004h"),
        (modes.newline, "\x1b[20h"),
        (modes.mouse_tracking == MouseTracking::X10, "\x1b[?9h"),
        (modes.mouse_tracking == MouseTracking::Normal, "\x1b[?1000h"),
        (modes.mouse_tracking == MouseTracking::Drag, "\x1b[?1002h"),
        (modes.mouse_tracking == MouseTracking::Any, "\x1b[?1003h"),
        (modes.mouse_encoding == MouseEncoding::Sgr, "\x1b[?1006h"),
        (
            modes.mouse_encoding == MouseEncoding::SgrPixels,
            "\x1b[?1016h",
        ),
    ];
    if !modes.synchronized_output {
        w.may_be_drawn();
    }
    for (_, sequence) in switches.into_iter().filter(|(on, _)| *on) {
        w.text(sequence);
    }
    let shape = match modes.cursor_shape {
        // Beyond the known styles, only the blinking is taken.
        None => 7,
        Some(CursorShape::Block) => 1,
        Some(CursorShape::Underline) => 3,
        Some(CursorShape::Bar) => 5,
    };
    if let Some(blink) = modes.cursor_blink {
        let style = shape + u8::from(!blink);
        w.text(&format!("\x1b[{style} q"));
    }
}
