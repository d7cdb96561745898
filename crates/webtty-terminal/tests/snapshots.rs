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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_fresh_engine_becomes_the_same(seed: u64, cut in 0.0..1.0f64) {
        let mut random = Random::new(seed);
        let bytes = mix(&mut random, 40, 20, 6);
        // What docs/terminal.md names as out of a snapshot's reach: half characters left at the
        // edge by writing without wrapping, and a wrap waiting behind an empty cell of the
        // alternate screen.
        prop_assume!(!bytes.windows(5).any(|five| five == b"\x1b[?7l"));
        let cut = (bytes.len() as f64 * cut) as usize;
        let mut original = terminal(20, 6);
        original.feed(&bytes[..cut]);
        prop_assume!(!(original.is_alternate() && original.cursor().pending_wrap));
        let mut again = terminal(20, 6);
        again.feed(&original.snapshot(History::All));
        prop_assert_eq!(original.describe_visible(), again.describe_visible());
        original.feed(&bytes[cut..]);
        again.feed(&bytes[cut..]);
        prop_assert_eq!(original.describe_visible(), again.describe_visible());
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
