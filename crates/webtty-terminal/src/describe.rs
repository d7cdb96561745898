//! The whole state as lines of text, in a form the oracle's other side writes too, so that two
//! terminals can be compared without either knowing the other.

use std::fmt::Write;

use crate::buffer::Buffer;
use crate::cell::{Cell, Pen};
use crate::charset::Charset;
use crate::links::Links;
use crate::row::Row;
use crate::state::State;

/// Separates the cells of a row.
const CELL: char = '\u{1}';

/// What is told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What xterm.js has too.
    Common,
    /// Also what only shows after a new size, and what is ours alone.
    All,
}

/// Every observable part, one a line.
pub(crate) fn describe(state: &State, detail: Detail) -> Vec<String> {
    let mut out = vec![
        format!("size {}x{}", state.cols, state.rows),
        format!("pen {}", pen(state.pen, &state.links)),
        format!("join {}", state.join >> 1),
        format!("modes {}", modes(state)),
        format!("charsets {}", charsets(state)),
        format!("titles {}", quoted(&state.titles.title)),
        format!("icon {}", quoted(&state.titles.icon)),
        format!("pushed {}", list(&state.titles.pushed_titles)),
        format!("pushed icons {}", list(&state.titles.pushed_icons)),
    ];
    for (slot, color) in &state.palette.changed {
        out.push(format!("color {slot} {color}"));
    }
    for (name, buffer) in [("normal", &state.normal), ("alternate", &state.alternate)] {
        let shown = (name == "alternate") == state.alternate_shown;
        let shown_word = if shown { " shown" } else { "" };
        out.push(format!("{name}{shown_word}"));
        describe_buffer(state, buffer, shown, &mut out, detail);
    }
    out
}

fn describe_buffer(
    state: &State,
    buffer: &Buffer,
    shown: bool,
    out: &mut Vec<String>,
    detail: Detail,
) {
    if shown {
        out.push(format!("cursor {} {}", buffer.x, buffer.y));
    }
    let saved = buffer.saved;
    out.push(format!(
        "saved {} {} {:x} {:x} {}",
        saved.x,
        saved.y,
        saved.fg,
        saved.bg,
        charset(saved.charset)
    ));
    let (cols, width) = match detail {
        Detail::Common => (buffer.cols, buffer.cols),
        Detail::All => (buffer.tabs.len().max(buffer.cols), usize::MAX),
    };
    if detail == Detail::All {
        out.push(format!("keyboard {:?}", buffer.keyboard));
    }
    let tabs = (0..cols).filter(|&x| buffer.tabs.is_set(x));
    out.push(format!("tabs {:?}", tabs.collect::<Vec<_>>()));
    out.push(format!("margins {} {}", buffer.top, buffer.bottom));
    out.push(format!("base {}", buffer.base()));
    let screen = buffer.screen.iter().map(|row| row.read(&state.styles));
    for row in buffer.scrollback.rows(buffer.cols).chain(screen) {
        let mut text = row_text(&row, width, &state.links);
        if detail == Detail::All {
            for (x, hidden) in row.stale() {
                let _ = write!(text, "{{{x} {hidden}}}");
            }
        }
        out.push(text);
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

fn charset(set: Option<Charset>) -> char {
    char::from(set.map_or(b'B', Charset::last))
}

fn charsets(state: &State) -> String {
    let sets = state.charsets.designated.map(charset);
    let [a, b, c, d] = sets;
    let active = charset(state.charsets.active);
    format!("{a}{b}{c}{d} {} {active}", state.charsets.level)
}

fn modes(state: &State) -> String {
    let modes = &state.modes;
    let flags = [
        modes.application_cursor_keys,
        modes.application_keypad,
        modes.bracketed_paste,
        modes.origin,
        modes.wraparound,
        modes.reverse_wraparound,
        modes.focus_events,
        modes.synchronized_output,
        modes.insert,
        modes.newline,
        modes.cursor_hidden,
        modes.blink_option == Some(true),
    ];
    let flags: String = flags.map(|on| if on { '1' } else { '0' }).iter().collect();
    format!(
        "{flags} {:?} {:?} {:?} {:?}",
        modes.cursor_shape, modes.cursor_blink, modes.mouse_tracking, modes.mouse_encoding
    )
}

fn pen(pen: Pen, links: &Links) -> String {
    let mut text = format!("{:x},{:x},{:x},", pen.fg, pen.bg, pen.ext);
    if let Some(link) = links.get(pen.link) {
        let id = link.id.as_deref().unwrap_or_default();
        let _ = write!(text, "{id};{}", link.address);
    }
    text
}

fn row_text(row: &Row, cols: usize, links: &Links) -> String {
    let cols = cols.min(row.len());
    let mut text = String::from(if row.wrapped { "+" } else { "-" });
    let blank = |cell: &Cell| cell.is_blank();
    let used = row.cells[..cols].iter().rposition(|cell| !blank(cell));
    let cells = &row.cells[..used.map_or(0, |last| last + 1)];
    let mut last = (None, String::new());
    for (x, cell) in cells.iter().enumerate() {
        if last.0 != Some(cell.pen) {
            let described = pen(cell.pen, links);
            if last.1 != described {
                let _ = write!(text, "[{described}]");
            }
            last = (Some(cell.pen), described);
        }
        row.text(x, &mut text);
        if cell.width() != 1 {
            let _ = write!(text, "/{}", cell.width());
        }
        text.push(CELL);
    }
    text
}
