//! What a terminal holds, measured: an allocator counts for each thread what it was given.

#[path = "common/few.rs"]
mod few;
#[path = "common/mixes.rs"]
mod mixes;
#[path = "common/worst.rs"]
mod worst;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use mixes::{Random, mix};
use webtty_terminal::{History, Limits, Size, Terminal};

thread_local! {
    /// Bytes held, and the most there were since they were last looked at.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

struct Counting;

fn count(change: isize) {
    // A thread that is ending counts no more.
    let _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        held.set((now + change, most.max(now + change)));
    });
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new are there at once while one is copied to the other.
        count(size as isize);
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work`; gives what it made, by how much more is held after it, and the most in between.
fn measured<T>(work: impl FnOnce() -> T) -> (T, isize, isize) {
    let before = HELD.get().0;
    HELD.set((before, before));
    let made = work();
    let (now, most) = HELD.get();
    (made, now - before, most - before)
}

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
        let start = HELD.get().0;
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
