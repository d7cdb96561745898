//! What is measured side by side: the engine, a parser alone, another engine.

use std::hint::black_box;

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::Config;
use alacritty_terminal::term::test::TermSize;
use webtty_terminal::{Limits, Size, Terminal};

use super::corpora::{COLS, ROWS};

/// Takes one piece of output.
pub(crate) type Feed<'a> = &'a mut dyn FnMut(&[u8]);

/// Lets what it is given be fed.
pub(crate) type Work<'a> = &'a mut dyn FnMut(Feed<'_>);

#[derive(Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Makes a fresh one, and lets it be fed.
    pub(crate) run: fn(Work<'_>),
}

pub(crate) const SUBJECTS: [Subject; 3] = [
    Subject {
        name: "engine",
        run: engine,
    },
    Subject {
        name: "vte",
        run: parser,
    },
    Subject {
        name: "alacritty",
        run: alacritty,
    },
];

fn engine(work: Work<'_>) {
    let mut terminal = Terminal::new(Size::new(COLS as u16, ROWS as u16), Limits::default());
    work(&mut |piece| terminal.feed(piece));
    black_box(terminal.cursor());
}

struct Nothing;
impl vte::Perform for Nothing {
    fn print(&mut self, c: char) {
        black_box(c);
    }
}

fn parser(work: Work<'_>) {
    let mut parser = vte::Parser::new();
    work(&mut |piece| parser.advance(&mut Nothing, piece));
}

fn alacritty(work: Work<'_>) {
    let config = Config {
        scrolling_history: 10_000,
        ..Config::default()
    };
    let mut term = Term::new(config, &TermSize::new(COLS, ROWS), VoidListener);
    let mut processor: alacritty_terminal::vte::ansi::Processor = Default::default();
    work(&mut |piece| processor.advance(&mut term, piece));
    black_box(term.grid().cursor.point);
}
