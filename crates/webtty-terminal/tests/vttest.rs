//! What vttest shows in its menus 1, 2, 3, 6 and 8, screen by screen, at 80 × 24.
//!
//! The recordings lie with the oracle's, which compares them with xterm.js. They were made in a
//! PTY whose other end was the engine: it answered vttest's questions, and Return was pressed
//! whenever vttest waited. A golden file says after how many bytes that was, and what was on the
//! screen. With `UPDATE_GOLDENS` set, it is written anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use webtty_terminal::{Color, Limits, Line, Size, Style, Terminal};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The screens of one menu, each with its heading.
fn rendered(recording: &[u8], golden: &str) -> String {
    let mut terminal = Terminal::new(Size::new(80, 24), Limits::default());
    let mut out = String::new();
    let mut fed = 0;
    for heading in golden.lines().filter(|line| line.starts_with("== ")) {
        let mut words = heading.split(' ');
        let end: usize = words.nth(2).and_then(|n| n.parse().ok()).expect("a number");
        terminal.feed(&recording[fed..end]);
        fed = end;
        let cursor = terminal.cursor();
        let _ = writeln!(
            out,
            "== after {end} bytes, cursor {}:{}",
            cursor.row, cursor.column
        );
        for line in terminal.screen() {
            let _ = writeln!(out, "{}", row(&line));
        }
    }
    assert_eq!(
        fed,
        recording.len(),
        "the golden file ends before the recording"
    );
    out
}

/// A row between bars; then, for each run that does not look like plain text, where it is and
/// how it looks.
fn row(line: &Line) -> String {
    let text: String = line.runs.iter().map(|run| run.text.as_str()).collect();
    let mut out = format!("{}{text}|", if line.wrapped { '>' } else { '|' });
    for run in line.runs.iter().filter(|run| run.style != Style::default()) {
        let end = run.column + run.columns - 1;
        let _ = write!(out, " {}-{end}:{}", run.column, looks(&run.style));
    }
    out
}

fn looks(style: &Style) -> String {
    let flags = [
        (style.bold, "bold"),
        (style.dim, "dim"),
        (style.italic, "italic"),
        (style.underline > 0, "underline"),
        (style.blink, "blink"),
        (style.inverse, "inverse"),
        (style.invisible, "invisible"),
    ];
    let mut words: Vec<String> = flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| (*word).to_owned())
        .collect();
    for (name, color) in [("fg", style.foreground), ("bg", style.background)] {
        if color != Color::Default {
            words.push(format!("{name} {color:?}"));
        }
    }
    words.join("+")
}

fn check(menu: u8) {
    let recording = tests().join(format!("oracle/recordings/vttest-{menu}.80x24.bin"));
    let recording = std::fs::read(recording).expect("the recording");
    let path = tests().join(format!("vttest/menu-{menu}.txt"));
    let golden = std::fs::read_to_string(&path).expect("the golden file");
    let found = rendered(&recording, &golden);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, &found).expect("the golden file is written");
    } else if found != golden {
        let differs = |(a, b): &(&str, &str)| a != b;
        let (wanted, shown) = golden
            .lines()
            .zip(found.lines())
            .find(differs)
            .unwrap_or(("as many lines", "another number of lines"));
        panic!("{}:\nwanted {wanted}\nfound  {shown}", path.display());
    }
}

#[test]
fn menu_1_cursor_movements() {
    check(1);
}

#[test]
fn menu_2_screen_features() {
    check(2);
}

#[test]
fn menu_3_character_sets() {
    check(3);
}

#[test]
fn menu_6_terminal_reports() {
    check(6);
}

#[test]
fn menu_8_inserting_and_deleting() {
    check(8);
}
