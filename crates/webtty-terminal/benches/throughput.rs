//! Bytes a second of the engine, of the `vte` parser alone and of alacritty_terminal, on the
//! same bytes in one run, by the processor's time. `cargo xtask bench terminal`.

#[path = "common/clock.rs"]
mod clock;
#[path = "common/corpora.rs"]
mod corpora;
#[path = "common/subjects.rs"]
mod subjects;

use std::time::Duration;

use clock::now;
use corpora::{COLS, Corpus, ROWS, corpora};
use subjects::{SUBJECTS, Subject};

/// The best of three rounds.
fn best(subject: Subject, corpus: &Corpus) -> f64 {
    let round = |_| {
        let pieces = corpus.bytes.chunks(corpus.piece);
        let mut took = Duration::ZERO;
        (subject.run)(&mut |feed| {
            let started = now();
            pieces.clone().for_each(feed);
            took = now().saturating_sub(started);
        });
        took
    };
    let took = (0..3).map(round).min().unwrap_or_default();
    corpus.bytes.len() as f64 / took.as_secs_f64() / 1e6
}

fn main() {
    let mut arguments = std::env::args().filter_map(|arg| arg.parse::<usize>().ok());
    let megabytes = arguments.next().unwrap_or(16);
    println!("{COLS}x{ROWS}, MB/s, best of 3; ratio is engine to alacritty_terminal");
    let [engine, vte, alacritty] = SUBJECTS.map(|subject| subject.name);
    println!(
        "{:<20} {engine:>8} {vte:>8} {alacritty:>10} {:>7}",
        "", "ratio"
    );
    for corpus in corpora(megabytes << 20) {
        let [engine, vte, alacritty] = SUBJECTS.map(|subject| best(subject, &corpus));
        let ratio = engine / alacritty;
        println!(
            "{:<20} {engine:>8.0} {vte:>8.0} {alacritty:>10.0} {ratio:>6.1}x",
            corpus.name
        );
    }
}
