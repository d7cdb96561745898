//! What a terminal holds, measured: an allocator counts for each thread what it was given.

#[path = "common/counting.rs"]
mod counting;
#[path = "common/few.rs"]
mod few;
#[path = "common/mixes.rs"]
mod mixes;
#[path = "common/worst.rs"]
mod worst;

use counting::{held, measured};
use mixes::{Random, mix};
use webtty_terminal::{History, Limits, Size, Terminal};

/// What a terminal of 80 columns holds after ten thousand lines and a screen more.
fn after(line: &str) -> isize {
    let (terminal, held, _) = measured(|| {
        let mut terminal = Terminal::new(Size::new(80, 24), Limits::default());
        for _ in 0..10_024 {
            terminal.feed(line.as_bytes());
        }
        terminal
    });
    assert_eq!(terminal.history_len(), 10_000);
    held
}

#[test]
fn an_empty_terminal_is_small() {
    let (_terminal, held, _) = measured(|| Terminal::new(Size::new(80, 24), Limits::default()));
    assert!(held <= 64 << 10, "{held}");
}

#[test]
fn ten_thousand_lines_are_small() {
    let plain = after(&format!("{}\r\n", "x".repeat(80)));
    assert!(plain <= 2_000_000, "{plain}");
    let words = "\x1b[31mred \x1b[1;44mblue\x1b[m and ".repeat(6);
    let coloured = after(&format!("{words}\r\n"));
    assert!(coloured <= 8_000_000, "{coloured}");
    let each = (0..16)
        .map(|i| format!("\x1b[38;5;{}mword ", i * 7))
        .collect::<String>();
    let coloured = after(&format!("{each}\r\n"));
    assert!(coloured <= 8_000_000, "{coloured}");
}

#[test]
fn a_backlog_taken_at_once_is_small() {
    let text = format!("{}\r\n", "x".repeat(80)).repeat(30_000);
    let mut terminal = Terminal::new(Size::new(80, 24), Limits::default());
    let ((), held, most) = measured(|| terminal.feed(text.as_bytes()));
    assert_eq!(terminal.history_len(), 10_000);
    assert!(held <= 2_000_000 && most <= 3_000_000, "{held} {most}");
}

/// What a new size takes beyond the scrollback and one more like it: the screen's own rows.
const A_NEW_SIZE: isize = 8 << 20;

#[test]
fn a_new_size_takes_little_more_than_the_scrollback() {
    let plain = "x".repeat(1000);
    let colours = "\x1b[31mred\x1b[44mblue\x1b[m and ".repeat(50);
    let wide = "\u{4E2D}".repeat(499);
    for line in [plain, colours, wide] {
        for end in ["\r\n", ""] {
            let mut terminal = Terminal::new(Size::new(1000, 500), Limits::default());
            let ((), before, _) = measured(|| {
                for _ in 0..10_500 {
                    terminal.feed(line.as_bytes());
                    terminal.feed(end.as_bytes());
                }
            });
            for (cols, rows) in [(999, 500), (80, 24), (2, 1), (1000, 500)] {
                let resize = || terminal.resize(Size::new(cols, rows));
                let ((), _, most) = measured(resize);
                let bound = before + A_NEW_SIZE;
                assert!(most <= bound, "{cols}x{rows} {end:?}: {most} of {bound}");
            }
        }
    }
}

#[test]
fn no_input_makes_it_large() {
    let inputs = few::inputs(worst::BYTES);
    let mut worst = (0, String::new());
    for (state, start) in few::starts(|state| !state.starts_with("full")) {
        for (name, bytes) in &inputs {
            let mut terminal = start.clone();
            let ((), _, most) = measured(|| terminal.feed(bytes));
            if most > worst.0 {
                worst = (most, format!("{name} from {state}"));
            }
        }
    }
    assert!(worst.0 <= 16 << 20, "{worst:?}");
}

/// Bytes of any value, or output of a kind, for a screen of this size.
fn noise(random: &mut Random, bytes: usize, (cols, rows): (u16, u16)) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes + 256);
    let uniform = random.below(2) == 0;
    while out.len() < bytes {
        if uniform {
            out.extend((random.below(1 << 24) as u32).to_le_bytes().iter().take(3));
        } else {
            out.extend(mix(random, 60, usize::from(cols), usize::from(rows)));
        }
    }
    out
}

#[test]
fn fifty_megabytes_of_noise_are_survived() {
    const PIECE: usize = 128 << 10;
    let limits = Limits {
        scrollback_lines: 1000,
        scrollback_bytes: 4 << 20,
    };
    let mut random = Random::new(50);
    let mut size = (80, 24);
    let mut terminal = Terminal::new(Size::new(size.0, size.1), limits);
    let mut left = 50_000_000_usize;
    for piece in 0.. {
        let bytes = noise(&mut random, PIECE.min(left), size);
        left = left.saturating_sub(bytes.len());
        let start = held();
        let ((), _, most) = measured(|| terminal.feed(&bytes));
        assert!(
            most <= 16 << 20,
            "piece {piece} at {size:?}: {most} more than {start}"
        );
        if random.below(8) == 0 {
            let again = terminal.snapshot(History::Lines(random.below(200)));
            Terminal::new(terminal.size(), limits).feed(&again);
        }
        let (cols, rows) = (random.below(150), random.below(50));
        size = match random.below(12) {
            0 => (1, 1),
            1 => (1000, 500),
            2 => (cols as u16, 1),
            _ => (cols as u16, rows as u16),
        };
        terminal.resize(Size::new(size.0, size.1));
        assert_eq!(terminal.screen().len(), terminal.size().rows());
        if left == 0 {
            break;
        }
    }
    let ((), held, _) = measured(|| drop(terminal));
    assert!(-held <= 64 << 20, "{held}");
}
