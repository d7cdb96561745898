//! Rows in other forms: plain text, ANSI, HTML, and the whole screen for JSON.

mod html;
mod sgr;

use serde::Serialize;

use crate::line::{Cursor, Line};
use crate::modes::Modes;
use crate::terminal::Terminal;

pub use html::html;

/// Plain text, one line of it for each line of the program: rows that wrap are joined, and
/// spaces at the end of a line are left out.
pub fn text(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for (i, line) in lines.iter().enumerate() {
        if i > 0 && !line.wrapped {
            trim_spaces(&mut out, start);
            out.push('\n');
            start = out.len();
        }
        out.push_str(&line.text());
    }
    trim_spaces(&mut out, start);
    out
}

fn trim_spaces(out: &mut String, start: usize) {
    let kept = out[start..].trim_end_matches(' ').len();
    out.truncate(start + kept);
}

/// Text with SGR and OSC 8 sequences, a line end after each row; rows that wrap are joined.
pub fn ansi(lines: &[Line]) -> String {
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 && !line.wrapped {
            out.push_str("\r\n");
        }
        for run in &line.runs {
            if let Some(link) = &run.link {
                out.push_str(&format!("\x1b]8;;{link}\x1b\\"));
            }
            let style = sgr::parameters(&run.style);
            if !style.is_empty() {
                out.push_str(&format!("\x1b[{style}m"));
            }
            out.push_str(&run.text);
            if !style.is_empty() {
                out.push_str("\x1b[m");
            }
            if run.link.is_some() {
                out.push_str("\x1b]8;;\x1b\\");
            }
        }
    }
    out
}

/// Everything on the screen, ready for JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Screen {
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
    /// The window's title.
    pub title: String,
    /// Whether this is the alternate screen.
    pub alternate: bool,
    /// Rows above the screen.
    pub history: usize,
    /// The cursor.
    pub cursor: Cursor,
    /// The switches.
    pub modes: Modes,
    /// The rows, from the top.
    pub lines: Vec<Line>,
}

/// The screen as it is.
pub fn screen(terminal: &Terminal) -> Screen {
    Screen {
        cols: terminal.size().cols(),
        rows: terminal.size().rows(),
        title: terminal.title().to_owned(),
        alternate: terminal.is_alternate(),
        history: terminal.history_len(),
        cursor: terminal.cursor(),
        modes: terminal.modes(),
        lines: terminal.screen(),
    }
}
