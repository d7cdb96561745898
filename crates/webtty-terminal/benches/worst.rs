//! What 64 KB of input can cost at most. `cargo xtask bench terminal --worst`; with `pairs`,
//! every pair of sequences too, which takes long.

#[path = "common/clock.rs"]
mod clock;
#[path = "../tests/common/worst.rs"]
mod worst;

use std::time::Duration;

use clock::now;
use webtty_terminal::{Limits, Size, Terminal};
use worst::{SIZES, atoms, changing, repeated, states};

struct Case {
    took: Duration,
    name: String,
}

fn time(from: &Terminal, bytes: &[u8]) -> Duration {
    let mut terminal = from.clone();
    let started = now();
    terminal.feed(bytes);
    now().saturating_sub(started)
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

/// What takes long is tried twice more: the machine does other things too.
fn measure(from: &Terminal, bytes: &[u8]) -> Duration {
    let first = time(from, bytes);
    if first < Duration::from_millis(15) {
        return first;
    }
    first.min(time(from, bytes)).min(time(from, bytes))
}

fn main() {
    let pairs = std::env::args().any(|arg| arg == "pairs");
    let most = std::env::args().filter_map(|arg| arg.parse().ok()).next();
    let atoms = atoms();
    for (cols, rows) in SIZES {
        let mut cases = Vec::new();
        for (state, prefix) in states(cols, rows) {
            let mut terminal = Terminal::new(Size::new(cols, rows), Limits::default());
            terminal.feed(&prefix);
            for (name, bytes) in inputs() {
                let took = measure(&terminal, &bytes);
                let name = format!("{name} from {state}");
                cases.push(Case { took, name });
            }
            let dearest = state == "marks in every cell" && (cols, rows) == SIZES[0];
            let seconds = if pairs && dearest { &atoms[..] } else { &[] };
            for (first, second) in atoms
                .iter()
                .flat_map(|a| seconds.iter().map(move |b| (a, b)))
            {
                let unit = format!("{first}{second}");
                let took = measure(&terminal, &repeated(&unit));
                let name = format!("{unit:?} from {state}");
                cases.push(Case { took, name });
            }
        }
        cases.sort_by_key(|case| std::cmp::Reverse(case.took));
        println!(
            "{cols}x{rows}, {} inputs of 64 KB; the dearest:",
            cases.len()
        );
        for case in cases.iter().take(most.unwrap_or(3)) {
            println!("{:>8.1} ms  {}", case.took.as_secs_f64() * 1e3, case.name);
        }
    }
}
