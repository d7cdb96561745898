//! What a terminal is put through by an input of any bytes: fed, given new sizes, asked for
//! snapshots, and held to its bounds.
//!
//! The first two bytes are the size. After them, everything is output but 0xFF, which no UTF-8
//! has: the byte after it says what is done, a new size takes two bytes more.

use webtty_terminal::{History, Limits, Size, Terminal};

/// Rows of scrollback: few, so that short inputs fill it.
const SCROLLBACK: usize = 6;

/// Bytes a cell may take in a snapshot, and a row beside that: links of 2 KiB and 32 code points
/// a cell are possible, but not in inputs of this length.
const MOST_A_CELL: usize = 256;
/// Bytes for titles, colours, modes and what is unfinished.
const MOST_ELSE: usize = 64 * 1024;

fn limits() -> Limits {
    Limits {
        scrollback_lines: SCROLLBACK,
        scrollback_bytes: 1 << 20,
    }
}

fn size(cols: u8, rows: u8) -> Size {
    Size::new(u16::from(cols % 24), u16::from(rows % 8))
}

/// Runs one input; panics at what must not be.
pub(crate) fn run(input: &[u8]) {
    let [cols, rows, rest @ ..] = input else {
        return;
    };
    let mut terminal = Terminal::new(size(*cols, *rows), limits());
    // What a snapshot was made into, fed the same from then on.
    let mut twin: Option<Terminal> = None;
    let mut rest = rest;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == 0xFF);
        let (output, later) = rest.split_at(end.unwrap_or(rest.len()));
        terminal.feed(output);
        if let Some(twin) = &mut twin {
            twin.feed(output);
        }
        rest = match later {
            [_, 0, cols, rows, later @ ..] => {
                let size = size(*cols, *rows);
                terminal.resize(size);
                if let Some(twin) = &mut twin {
                    twin.resize(size);
                }
                later
            }
            [_, 1, later @ ..] => {
                compare(&terminal, twin.as_ref());
                twin = Some(rebuilt(&terminal));
                later
            }
            [_, 2, later @ ..] => {
                assert!(terminal.take_replies().len() <= 1024);
                later
            }
            [_, 3, later @ ..] => {
                let _ = terminal.snapshot(History::None);
                let _ = terminal.snapshot(History::Lines(3));
                later
            }
            [_, later @ ..] => later,
            [] => later,
        };
        check_bounds(&terminal);
    }
    assert_eq!(terminal.screen().len(), terminal.size().rows());
    compare(&terminal, twin.as_ref());
    rebuilt(&terminal);
}

fn compare(terminal: &Terminal, twin: Option<&Terminal>) {
    if let Some(twin) = twin {
        assert_eq!(terminal.describe_all(), twin.describe_all(), "later on");
    }
}

/// A fresh engine with the snapshot, which must be like the terminal.
fn rebuilt(terminal: &Terminal) -> Terminal {
    let snapshot = terminal.snapshot(History::All);
    let size = terminal.size();
    let cells = size.cols() * (size.rows() + SCROLLBACK);
    assert!(snapshot.len() <= cells * MOST_A_CELL + MOST_ELSE);
    let mut fresh = Terminal::new(size, limits());
    fresh.feed(&snapshot);
    assert_eq!(terminal.describe_all(), fresh.describe_all(), "at once");
    fresh
}

fn check_bounds(terminal: &Terminal) {
    let (size, cursor) = (terminal.size(), terminal.cursor());
    assert!(terminal.history_len() <= SCROLLBACK);
    assert!(terminal.history_bytes() <= limits().scrollback_bytes);
    assert!(cursor.row < size.rows() && cursor.column < size.cols());
    assert!(terminal.title().len() <= 256);
}
