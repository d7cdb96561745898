//! Bytes a second of the engine, of the `vte` parser alone and of alacritty_terminal, on the
//! same bytes in one run. `cargo xtask bench terminal`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::Config;
use alacritty_terminal::term::test::TermSize;
use webtty_terminal::{Limits, Size, Terminal};

const COLS: usize = 80;
const ROWS: usize = 24;
/// What a read of a PTY brings at most, about.
const PIECE: usize = 16 * 1024;

struct Workload {
    name: &'static str,
    bytes: Vec<u8>,
    piece: usize,
}

fn repeated(size: usize, mut next: impl FnMut(usize) -> String) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 4096);
    let mut i = 0;
    while out.len() < size {
        out.extend_from_slice(next(i).as_bytes());
        i += 1;
    }
    out
}

const WORDS: &str =
    "the quick brown fox jumps over the lazy dog and runs away from all the others ";

fn line(i: usize) -> String {
    let length = 20 + i * 37 % 58;
    format!("{}\r\n", &WORDS[..length])
}

fn redraw(i: usize) -> String {
    let mut out = String::from("\x1b[H");
    for row in 0..ROWS {
        let text = &WORDS[(i + row) % 20..][..40];
        out += &format!(
            "\x1b[{};1H\x1b[3{}m{text}\x1b[0;7m {i:6} \x1b[m\x1b[K",
            row + 1,
            row % 8
        );
    }
    out
}

fn workloads(size: usize) -> Vec<Workload> {
    let make = |name, bytes, piece| Workload { name, bytes, piece };
    let color = |i: usize| {
        format!(
            "\x1b[3{}m{}\x1b[1;4{}m{}\x1b[m\r\n",
            i % 8,
            &WORDS[..30],
            i % 7,
            &WORDS[30..50]
        )
    };
    let unicode = |i: usize| format!("日本語のテキスト {i} émoji 😀 Привет мир ─│┌ 한국어\r\n");
    let long = |_| WORDS.repeat(50);
    let region = |i: usize| format!("\x1b[5;20r\x1b[20;1H\n{}\x1b[5;1H\x1bM{i}", &WORDS[..60]);
    vec![
        make("plain text", repeated(size, line), PIECE),
        make("colours", repeated(size, color), PIECE),
        make("full-screen redraw", repeated(size, redraw), PIECE),
        make("unicode", repeated(size, unicode), PIECE),
        make("long lines", repeated(size, long), PIECE),
        make("scroll regions", repeated(size, region), PIECE),
        make("plain backlog", repeated(size * 4, line), 1 << 20),
    ]
}

/// The best of three rounds.
fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..3).map(|_| round()).min().unwrap_or_default()
}

fn engine(work: &Workload) -> Duration {
    let mut terminal = Terminal::new(Size::new(COLS as u16, ROWS as u16), Limits::default());
    let started = Instant::now();
    for piece in work.bytes.chunks(work.piece) {
        terminal.feed(piece);
    }
    let took = started.elapsed();
    black_box(terminal.cursor());
    took
}

struct Nothing;
impl vte::Perform for Nothing {
    fn print(&mut self, c: char) {
        black_box(c);
    }
}

fn parser(work: &Workload) -> Duration {
    let mut parser = vte::Parser::new();
    let started = Instant::now();
    for piece in work.bytes.chunks(work.piece) {
        parser.advance(&mut Nothing, piece);
    }
    started.elapsed()
}

fn alacritty(work: &Workload) -> Duration {
    let config = Config {
        scrolling_history: 10_000,
        ..Config::default()
    };
    let mut term = Term::new(config, &TermSize::new(COLS, ROWS), VoidListener);
    let mut processor: alacritty_terminal::vte::ansi::Processor = Default::default();
    let started = Instant::now();
    for piece in work.bytes.chunks(work.piece) {
        processor.advance(&mut term, piece);
    }
    let took = started.elapsed();
    black_box(term.grid().cursor.point);
    took
}

fn main() {
    let mut arguments = std::env::args().filter_map(|arg| arg.parse::<usize>().ok());
    let megabytes = arguments.next().unwrap_or(16);
    println!("{COLS}x{ROWS}, MB/s, best of 3; ratio is engine to alacritty_terminal");
    println!(
        "{:<20} {:>8} {:>8} {:>10} {:>7}",
        "", "engine", "vte", "alacritty", "ratio"
    );
    for work in workloads(megabytes << 20) {
        let speed = |took: Duration| work.bytes.len() as f64 / took.as_secs_f64() / 1e6;
        let engine = speed(best(|| engine(&work)));
        let parser = speed(best(|| parser(&work)));
        let alacritty = speed(best(|| alacritty(&work)));
        let ratio = engine / alacritty;
        println!(
            "{:<20} {engine:>8.0} {parser:>8.0} {alacritty:>10.0} {ratio:>6.1}x",
            work.name
        );
    }
}
