//! Instructions a byte, counted by callgrind: the same on a busy machine as on an idle one.
//! `cargo xtask bench terminal --callgrind`. Needs valgrind.

#[path = "common/corpora.rs"]
mod corpora;
#[path = "common/subjects.rs"]
mod subjects;

use std::process::Command;

use corpora::{COLS, ROWS, corpora};
use subjects::SUBJECTS;

/// Enough for the scrollback to be full half of the time.
const SIZE: usize = 1 << 20;

/// What callgrind counts: the name is how it knows.
#[inline(never)]
fn counted_part(work: impl FnOnce()) {
    work();
}

/// One subject fed one corpus, by their numbers.
fn run(subject: usize, corpus: usize) {
    let corpus = &corpora(SIZE)[corpus];
    (SUBJECTS[subject].run)(&mut |feed| {
        counted_part(|| corpus.bytes.chunks(corpus.piece).for_each(feed));
    });
}

/// The same under callgrind: how many instructions that took.
fn count(subject: usize, corpus: usize) -> u64 {
    let program = std::env::current_exe().expect("a program knows its own path");
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*counted_part*")
        .arg(program)
        .args(["run", &subject.to_string(), &corpus.to_string()])
        .output()
        .expect("valgrind runs; it is a package of that name");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let count = said
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    let count = count.and_then(|count| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("callgrind counted nothing: {said}"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|arg| arg == "run") {
        let number = |at: usize| arguments[at].parse().expect("a number");
        return run(number(at + 1), number(at + 2));
    }
    println!("{COLS}x{ROWS}, instructions a byte");
    let [engine, vte, alacritty] = SUBJECTS.map(|subject| subject.name);
    println!("{:<20} {engine:>8} {vte:>8} {alacritty:>10}", "");
    for (i, corpus) in corpora(SIZE).iter().enumerate() {
        let each = |subject| count(subject, i) as f64 / corpus.bytes.len() as f64;
        let [engine, vte, alacritty] = [0, 1, 2].map(each);
        println!(
            "{:<20} {engine:>8.1} {vte:>8.1} {alacritty:>10.1}",
            corpus.name
        );
    }
}
