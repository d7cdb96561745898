//! A snapshot fed to a fresh engine gives the same terminal.

#[path = "common/mixes.rs"]
mod mixes;

use mixes::{Random, mix};
use proptest::prelude::*;
use webtty_terminal::{History, Limits, Size, Terminal};

fn terminal(cols: u16, rows: u16) -> Terminal {
    let limits = Limits {
        scrollback_lines: 50,
        ..Limits::default()
    };
    Terminal::new(Size::new(cols, rows), limits)
}

/// Feeds a mix to both, in pieces with new sizes between them.
fn carry_on(terminals: &mut [Terminal], random: &mut Random, pieces: usize) {
    for _ in 0..1 + random.below(3) {
        if random.below(3) == 0 {
            let size = Size::new(random.below(40) as u16, random.below(9) as u16);
            terminals
                .iter_mut()
                .for_each(|terminal| terminal.resize(size));
        }
        let size = terminals[0].size();
        let mut bytes = mix(random, pieces, size.cols(), size.rows());
        if random.below(2) == 0 {
            bytes.truncate(random.below(bytes.len() + 1));
        }
        terminals
            .iter_mut()
            .for_each(|terminal| terminal.feed(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    })]

    #[test]
    fn a_fresh_engine_becomes_the_same(seed: u64, cols in 2u16..40, rows in 1u16..10) {
        let mut random = Random::new(seed);
        let mut original = terminal(cols, rows);
        carry_on(std::slice::from_mut(&mut original), &mut random, 40);
        let size = original.size();
        let mut again = terminal(size.cols() as u16, size.rows() as u16);
        again.feed(&original.snapshot(History::All));
        prop_assert_eq!(original.describe_all(), again.describe_all());
        let mut both = [original, again];
        carry_on(&mut both, &mut random, 20);
        let [original, again] = both;
        prop_assert_eq!(original.describe_all(), again.describe_all());
    }
}

/// What only a snapshot may say: an X in the first cell.
const AMENDMENT: &[u8] = b"\x1b]7717;cells;0;0;0;0;0;0;0;1;1;X\x07";
const OPENING: &[u8] = b"\x1b]7717;snapshot\x1b\\";

#[test]
fn a_state_beyond_output_is_rebuilt() {
    let mut original = terminal(20, 4);
    original.feed(b"\x1b[?47hbeyond the edge");
    original.resize(Size::new(6, 4));
    let snapshot = original.snapshot(History::All);
    assert!(snapshot.starts_with(OPENING));
    let mut again = terminal(6, 4);
    for piece in snapshot.chunks(3) {
        again.feed(piece);
    }
    assert_eq!(original.describe_all(), again.describe_all());
    // It has ended: what comes now is output.
    original.feed(AMENDMENT);
    again.feed(AMENDMENT);
    assert_eq!(original.describe_all(), again.describe_all());
}

#[test]
fn output_cannot_say_what_a_snapshot_may() {
    for start in [&b"\r"[..], b"\x1b]7717;snapshot\x07", b""] {
        let mut terminal = terminal(20, 4);
        terminal.feed(start);
        terminal.feed(if start.is_empty() { b"" } else { OPENING });
        terminal.feed(AMENDMENT);
        assert_eq!(terminal.screen()[0].runs, []);
    }
}

#[test]
fn history_can_be_left_out_or_cut() {
    let mut original = terminal(20, 4);
    for i in 0..30 {
        original.feed(format!("line {i}\r\n").as_bytes());
    }
    for (history, rows) in [
        (History::None, 0),
        (History::Lines(5), 5),
        (History::All, original.history_len()),
    ] {
        let mut again = terminal(20, 4);
        again.feed(&original.snapshot(history));
        assert_eq!(again.history_len(), rows);
        let first = original.history_len() - rows;
        assert_eq!(
            again.lines(0..rows + 4),
            original.lines(first..first + rows + 4)
        );
        assert_eq!(again.cursor(), original.cursor());
    }
}

/// Terminals draw on after a while though they are told not to, so they are told again.
#[test]
fn nothing_of_it_is_drawn_before_it_is_whole() {
    let text = |terminal: &Terminal| {
        String::from_utf8(terminal.snapshot(History::All)).expect("of characters")
    };
    let mut terminal = terminal(20, 5);
    terminal.feed("a line\r\n".repeat(200).as_bytes());
    let snapshot = text(&terminal);
    let (held, after) = snapshot.split_once("\x1b[?2026l").expect("it ends");
    assert!(!after.contains("line"), "{after:?}");
    let pieces: Vec<&str> = held.split("\x1b[?2026h").collect();
    assert_eq!((pieces.len(), pieces[0]), (3, ""));
    assert!(
        pieces
            .iter()
            .all(|piece| piece.matches("line").count() <= 32)
    );
    // A program that is in the middle of drawing says itself when it is done.
    terminal.feed(b"\x1b[?2026h");
    assert!(!text(&terminal).contains("\x1b[?2026l"));
}
