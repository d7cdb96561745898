//! What 64 KB of input can cost at most: a processor's time, and memory while it is fed.
//! `cargo xtask bench terminal --worst`; with `pairs`, every pair of sequences too, which takes
//! half an hour; with a size such as `80x24`, only there.

#[path = "common/clock.rs"]
mod clock;
#[path = "../tests/common/counting.rs"]
mod counting;
#[path = "../tests/common/worst.rs"]
mod worst;

use std::time::Duration;

use clock::now;
use counting::measured;
use webtty_terminal::{Limits, Size, Terminal};
use worst::{SIZES, atoms, changing, repeated, states};

struct Case {
    took: Duration,
    /// Bytes held at most, more than before.
    most: isize,
    name: String,
}

fn once(from: &Terminal, bytes: &[u8]) -> (Duration, isize) {
    let mut terminal = from.clone();
    let (took, _, most) = measured(|| {
        let started = now();
        terminal.feed(bytes);
        now().saturating_sub(started)
    });
    (took, most)
}

/// Input by name: each sequence alone, and with what makes blank rows dirty again: a character,
/// one at the end of the row, one in the next row.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let mut inputs = changing();
    for atom in atoms() {
        for after in ["", "x", "x\r", "\r\tx", "x\n", "e\u{301}\r"] {
            let unit = format!("{atom}{after}");
            inputs.push((format!("{unit:?}"), repeated(&unit)));
        }
    }
    inputs
}

/// Every two sequences, in the one order: again and again, it is the other one too. Of those
/// that take a number, without any and with one beyond every edge.
fn pairs() -> impl Iterator<Item = String> {
    let atoms: Vec<String> = atoms()
        .into_iter()
        .filter(|atom| !atom.starts_with("\x1b[2") && !atom.starts_with("\x1b[?2"))
        .collect();
    let last = atoms.len();
    let places = (0..last).flat_map(move |a| (a + 1..last).map(move |b| (a, b)));
    places.map(move |(a, b)| format!("{}{}", atoms[a], atoms[b]))
}

/// What takes long is tried twice more: the machine does other things too.
fn measure(from: &Terminal, bytes: &[u8], name: impl FnOnce() -> String) -> Case {
    let (mut took, most) = once(from, bytes);
    if took >= Duration::from_millis(15) {
        took = took.min(once(from, bytes).0).min(once(from, bytes).0);
    }
    let name = name();
    Case { took, most, name }
}

/// All of one size, but only the dearest cases of each state.
fn cases(cols: u16, rows: u16, with_pairs: bool, kept: usize) -> (usize, Vec<Case>) {
    let (mut tried, mut cases) = (0, Vec::new());
    for (state, prefix) in states(cols, rows) {
        let mut terminal = Terminal::new(Size::new(cols, rows), Limits::default());
        terminal.feed(&prefix);
        let start = cases.len();
        for (name, bytes) in inputs() {
            let name = || format!("{name} from {state}");
            cases.push(measure(&terminal, &bytes, name));
        }
        if with_pairs {
            for unit in pairs() {
                let name = || format!("{unit:?} from {state}");
                cases.push(measure(&terminal, &repeated(&unit), name));
            }
        }
        tried += cases.len() - start;
        let largest = (start..cases.len()).max_by_key(|&i| cases[i].most);
        let largest = largest.map(|i| cases.swap_remove(i));
        cases[start..].sort_by_key(|case| std::cmp::Reverse(case.took));
        cases.truncate(start + kept);
        cases.extend(largest);
    }
    (tried, cases)
}

fn say(case: &Case) {
    let (ms, mib) = (case.took.as_secs_f64() * 1e3, case.most as f64 / 1048576.0);
    println!("{ms:>8.1} ms {mib:>6.1} MiB  {}", case.name);
}

fn main() {
    let with_pairs = std::env::args().any(|arg| arg == "pairs");
    let kept = std::env::args().filter_map(|arg| arg.parse().ok()).next();
    let kept = kept.unwrap_or(3);
    let named = |(cols, rows)| std::env::args().any(|arg| arg == format!("{cols}x{rows}"));
    let all = !SIZES.into_iter().any(named);
    for (cols, rows) in SIZES.into_iter().filter(|&size| all || named(size)) {
        let (tried, mut cases) = cases(cols, rows, with_pairs, kept);
        println!("{cols}x{rows}, {tried} inputs of 64 KB; the dearest, and the largest:");
        cases.sort_by_key(|case| std::cmp::Reverse(case.took));
        cases.iter().take(kept).for_each(say);
        if let Some(case) = cases.iter().max_by_key(|case| case.most) {
            say(case);
        }
    }
}
