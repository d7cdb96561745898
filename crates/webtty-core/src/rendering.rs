//! The screen in forms that people and programs read: text, ANSI, HTML, JSON.

use webtty_protocol::config::CursorStyle;
use webtty_protocol::screen::{
    ScreenColor, ScreenCursor, ScreenFormat, ScreenLine, ScreenModes, ScreenRun, ScreenState,
};
use webtty_terminal::{Color, CursorShape, Line, MouseTracking, Run, Style, Terminal};

use crate::limits::RENDERED_HISTORY_RUNS;
use crate::title;

/// What of a screen is wanted, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// In what form.
    pub format: ScreenFormat,
    /// At most this many lines above the screen, the newest.
    pub history: usize,
    /// Without the empty lines at the end.
    pub trimmed: bool,
}

/// The screen of a terminal, as of an offset of an epoch.
pub(crate) fn render(terminal: &Terminal, view: &View, epoch: &str, offset: u64) -> Vec<u8> {
    let above = history(terminal, view.history);
    let kept = terminal.history_len();
    let mut lines = terminal.lines(kept - above..kept + terminal.size().rows());
    if view.trimmed {
        let used = lines.iter().rposition(|line| !is_empty(line));
        lines.truncate(used.map_or(0, |last| last + 1));
    }
    match view.format {
        ScreenFormat::Text => ended(webtty_terminal::text(&lines), "\n"),
        ScreenFormat::Ansi => ended(webtty_terminal::ansi(&lines), "\r\n"),
        ScreenFormat::Html => webtty_terminal::html(&lines, &terminal.theme()).into_bytes(),
        ScreenFormat::Json => {
            let state = state(terminal, &lines, above.min(lines.len()), epoch, offset);
            let mut json = serde_json::to_vec(&state).expect("text and numbers are JSON");
            json.push(b'\n');
            json
        }
    }
}

/// How many lines above the screen are given: those asked for, as far as they are there and do
/// not come in too many pieces.
fn history(terminal: &Terminal, wanted: usize) -> usize {
    let kept = terminal.history_len();
    let mut runs = 0;
    let newest_first = (0..kept).rev().take(wanted);
    newest_first
        .map_while(|number| terminal.line(number))
        .take_while(|line| {
            runs += line.runs.len();
            runs <= RENDERED_HISTORY_RUNS
        })
        .count()
}

/// A text of lines, the last of which ends too.
fn ended(mut text: String, line_end: &str) -> Vec<u8> {
    if !text.is_empty() {
        text.push_str(line_end);
    }
    text.into_bytes()
}

fn is_empty(line: &Line) -> bool {
    line.runs
        .iter()
        .all(|run| run.style == Style::default() && run.text.trim_end_matches(' ').is_empty())
}

fn state(
    terminal: &Terminal,
    lines: &[Line],
    above: usize,
    epoch: &str,
    offset: u64,
) -> ScreenState {
    let (size, cursor, modes) = (terminal.size(), terminal.cursor(), terminal.modes());
    ScreenState {
        epoch: epoch.to_owned(),
        offset,
        cols: size.cols(),
        rows: size.rows(),
        title: title::clean(terminal.title()),
        alternate: terminal.is_alternate(),
        history: terminal.history_len(),
        above,
        cursor: ScreenCursor {
            row: cursor.row,
            column: cursor.column,
            visible: cursor.visible,
            shape: modes.cursor_shape.map(|shape| match shape {
                CursorShape::Block => CursorStyle::Block,
                CursorShape::Underline => CursorStyle::Underline,
                CursorShape::Bar => CursorStyle::Bar,
            }),
        },
        modes: switches(terminal),
        lines: lines.iter().map(line).collect(),
    }
}

/// What a program has switched on that concerns who types.
pub(crate) fn switches(terminal: &Terminal) -> ScreenModes {
    let modes = terminal.modes();
    ScreenModes {
        application_cursor: modes.application_cursor_keys,
        application_keypad: modes.application_keypad,
        bracketed_paste: modes.bracketed_paste,
        focus_events: modes.focus_events,
        mouse: modes.mouse_tracking != MouseTracking::Off,
        synchronized: modes.synchronized_output,
    }
}

fn line(line: &Line) -> ScreenLine {
    ScreenLine {
        wrapped: line.wrapped,
        runs: line.runs.iter().map(run).collect(),
    }
}

fn run(run: &Run) -> ScreenRun {
    let style = &run.style;
    ScreenRun {
        text: run.text.clone(),
        columns: run.columns,
        fg: color(style.foreground),
        bg: color(style.background),
        bold: style.bold,
        dim: style.dim,
        italic: style.italic,
        underline: style.underline,
        blink: style.blink,
        inverse: style.inverse,
        invisible: style.invisible,
        strikethrough: style.strikethrough,
        overline: style.overline,
        link: run.link.clone(),
    }
}

fn color(color: Color) -> Option<ScreenColor> {
    match color {
        Color::Default => None,
        Color::Indexed(number) => Some(ScreenColor::Indexed(number)),
        Color::Rgb(r, g, b) => Some(ScreenColor::Rgb(format!("#{r:02x}{g:02x}{b:02x}"))),
    }
}

#[cfg(test)]
mod tests {
    use webtty_terminal::{Limits, Size};

    use super::*;

    fn rendered(output: &str, format: ScreenFormat, history: usize, trimmed: bool) -> String {
        let mut terminal = Terminal::new(Size::new(10, 3), Limits::default());
        terminal.feed(output.as_bytes());
        let view = View {
            format,
            history,
            trimmed,
        };
        String::from_utf8(render(&terminal, &view, "e", 7)).expect("UTF-8")
    }

    #[test]
    fn wrapped_rows_are_joined_and_the_empty_end_is_left_out_when_asked() {
        let output = "twelve chars\r\n";
        let text = |trimmed| rendered(output, ScreenFormat::Text, 0, trimmed);
        assert_eq!(text(true), "twelve chars\n");
        assert_eq!(text(false), "twelve chars\n\n");
        assert_eq!(rendered("", ScreenFormat::Text, 9, true), "");
    }

    #[test]
    fn as_much_history_comes_as_there_is() {
        let output = "1\r\n2\r\n3\r\n4\r\n5";
        let text = |history| rendered(output, ScreenFormat::Text, history, true);
        assert_eq!(text(0), "3\n4\n5\n");
        assert_eq!(text(1), "2\n3\n4\n5\n");
        assert_eq!(text(usize::MAX), "1\n2\n3\n4\n5\n");
    }

    #[test]
    fn history_in_too_many_pieces_is_cut() {
        let line = "\x1b[31ma\x1b[32mb\x1b[33mc\x1b[34md\x1b[35me\r\n";
        let lines = RENDERED_HISTORY_RUNS / 5;
        let mut terminal = Terminal::new(
            Size::new(10, 1),
            Limits {
                scrollback_lines: lines + 10,
                ..Limits::default()
            },
        );
        terminal.feed(line.repeat(lines + 2).as_bytes());
        assert_eq!(terminal.history_len(), lines + 2);
        assert_eq!(history(&terminal, usize::MAX), lines);
        assert_eq!(history(&terminal, lines + 1), lines);
        assert_eq!(history(&terminal, 7), 7);
    }

    #[test]
    fn every_form_has_the_colours_and_nothing_of_html_gets_through() {
        let output = "\x1b[1;31m<b>\x1b[m&";
        assert_eq!(
            rendered(output, ScreenFormat::Ansi, 0, true),
            "\x1b[1;31m<b>\x1b[m&\r\n"
        );
        let html = rendered(output, ScreenFormat::Html, 0, true);
        assert!(
            html.contains("font-weight:bold") && html.contains("&lt;b&gt;"),
            "{html}"
        );
        assert!(html.contains("</span>&amp;"), "{html}");
    }

    #[test]
    fn json_says_what_shows_and_where_it_stands() {
        let json = rendered(
            "1\r\n2\r\n3\r\n\x1b[38;2;1;2;3m\x1b[4 qxy",
            ScreenFormat::Json,
            5,
            false,
        );
        let state: ScreenState = serde_json::from_str(&json).expect("the protocol's shape");
        assert_eq!((state.cols, state.rows, state.offset), (10, 3, 7));
        assert_eq!((state.history, state.above, state.lines.len()), (1, 1, 4));
        assert_eq!((state.cursor.row, state.cursor.column), (2, 2));
        assert_eq!(state.cursor.shape, Some(CursorStyle::Underline));
        let last = &state.lines[3].runs[0];
        assert_eq!(last.text, "xy");
        assert_eq!(last.fg, Some(ScreenColor::Rgb("#010203".into())));
        assert!(
            json.contains(r##"{"text":"xy","columns":2,"fg":"#010203"}"##),
            "{json}"
        );
    }
}
