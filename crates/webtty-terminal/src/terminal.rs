//! The terminal as its users see it.

use std::ops::Range;

use crate::bulk::{Offer, WORTHWHILE};
use crate::describe::{Detail, describe};
use crate::limits::{Limits, Size};
use crate::line::{Cursor, Line};
use crate::modes::Modes;
use crate::palette::ColorSlot;
use crate::parser::Parser;
use crate::reply::{Metrics, Reply, Theme};
use crate::skim::Skim;
use crate::snapshot;
use crate::state::State;

/// How much of the scrollback a snapshot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// The screen alone.
    None,
    /// At most this many rows above the screen, the newest.
    Lines(usize),
    /// Everything.
    All,
}

/// A moment to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u64);

/// A terminal: feed it a program's output, read its screen.
///
/// It does what xterm.js 6 does, so that a viewer there sees the same cells. It knows no time,
/// no files and no threads.
#[derive(Clone, Debug)]
pub struct Terminal {
    parser: Parser,
    state: State,
    seen_title: u64,
    seen_bells: u64,
}

impl Terminal {
    /// An empty terminal.
    pub fn new(size: Size, limits: Limits) -> Terminal {
        Terminal {
            parser: Parser::new(),
            state: State::new(size, limits),
            seen_title: 0,
            seen_bells: 0,
        }
    }

    /// Takes output of the program, or a snapshot, cut anywhere.
    ///
    /// A snapshot is one only from the terminal's very first byte on: any byte before it keeps
    /// output from being taken for a snapshot.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.state.opening.see(bytes);
        self.state.allowance.earn(bytes.len());
        let mut rest = bytes;
        while rest.len() >= WORTHWHILE {
            // To the start of a row, where plain lines can be taken without parsing.
            let to_edge = match self.state.active().x {
                0 => 0,
                x => self.state.cols.saturating_sub(x),
            };
            let line = memchr::memchr(b'\n', &rest[..to_edge]).map_or(to_edge, |end| end + 1);
            let (now, later) = rest.split_at(line);
            self.parser.advance(&mut self.state, now);
            let offer = match self.parser.is_idle() {
                true => self.state.offer_lines(later),
                false => Offer::Refused(WORTHWHILE),
            };
            rest = match offer {
                Offer::Taken(taken) => &later[taken..],
                Offer::Refused(until) => {
                    let (now, later) = later.split_at(until.min(later.len()));
                    self.parser.advance(&mut self.state, now);
                    later
                }
            };
        }
        self.parser.advance(&mut self.state, rest);
    }

    /// Begins to look at output ahead of feeding it, if the state is one in which that may save
    /// work.
    pub fn skim(&self) -> Option<Skim> {
        let idle = self.parser.is_idle().then_some(());
        idle.and_then(|()| Skim::new(&self.state))
    }

    /// Is what comes next no part of a sequence or a character that has begun?
    pub fn is_between_sequences(&self) -> bool {
        self.parser.is_idle()
    }

    /// Leaves out as much as need not be fed of what was looked at since [`Terminal::skim`].
    /// Gives how many bytes that is. Once the others that were looked at have been fed, the
    /// state is as if all had been; before, it is none to be read.
    pub fn leave_out(&mut self, skim: Skim) -> u64 {
        let Some((bytes, pen)) = skim.into_start() else {
            return 0;
        };
        self.parser.advance(&mut self.state, &pen);
        self.state
            .allowance
            .earn(usize::try_from(bytes).unwrap_or(usize::MAX));
        self.state.leave_out_lines();
        bytes
    }

    /// Takes a new size. The normal screen's lines are wrapped anew, the alternate screen's are
    /// cut.
    pub fn resize(&mut self, size: Size) {
        self.state.set_size(size.cols(), size.rows());
    }

    /// The size.
    pub fn size(&self) -> Size {
        Size::new(self.state.cols as u16, self.state.rows as u16)
    }

    /// Answers to the program's questions since the last call, oldest first, at most 1024.
    pub fn take_replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.state.replies)
    }

    /// Colours to answer questions about colours with.
    pub fn set_theme(&mut self, theme: Theme) {
        self.state.theme = theme;
    }

    /// The colours in force: the theme's, but for those the program has changed.
    pub fn theme(&self) -> Theme {
        let color = |slot| self.state.color(slot);
        Theme {
            foreground: color(ColorSlot::Foreground),
            background: color(ColorSlot::Background),
            cursor: color(ColorSlot::Cursor),
            named: std::array::from_fn(|i| color(ColorSlot::Indexed(i as u8))),
        }
    }

    /// Size of a cell to answer questions about pixels with; without it they go unanswered.
    pub fn set_metrics(&mut self, metrics: Option<Metrics>) {
        self.state.metrics = metrics;
    }

    /// The window's title, at most 256 bytes.
    pub fn title(&self) -> &str {
        &self.state.titles.title
    }

    /// The title, if it was set since the last call.
    pub fn take_title_change(&mut self) -> Option<&str> {
        let changes = self.state.titles.changes;
        if std::mem::replace(&mut self.seen_title, changes) == changes {
            return None;
        }
        Some(&self.state.titles.title)
    }

    /// How often the bell rang since the last call.
    pub fn take_bells(&mut self) -> u64 {
        let bells = self.state.bells;
        bells - std::mem::replace(&mut self.seen_bells, bells)
    }

    /// The state as bytes that rebuild it in a fresh terminal of the same size, here or in
    /// xterm.js; the bytes of an unfinished sequence or character come last.
    pub fn snapshot(&self, history: History) -> Vec<u8> {
        let lines = match history {
            History::None => 0,
            History::Lines(n) => n,
            History::All => usize::MAX,
        };
        let mut out = snapshot::write(&self.state, lines);
        out.extend(self.parser.unfinished());
        out
    }
}

/// Reading.
impl Terminal {
    /// Rows above the screen.
    pub fn history_len(&self) -> usize {
        self.state.active().base()
    }

    /// Bytes the scrollback takes.
    pub fn history_bytes(&self) -> usize {
        self.state.normal.scrollback.bytes()
    }

    /// A row, counted from the oldest of the scrollback; the screen begins at
    /// [`Terminal::history_len`].
    pub fn line(&self, number: usize) -> Option<Line> {
        let row = self.state.active().absolute(number, &self.state.styles)?;
        Some(Line::new(&row, self.state.cols, &self.state.links))
    }

    /// The rows of a range, as far as they exist.
    pub fn lines(&self, range: Range<usize>) -> Vec<Line> {
        range.map_while(|number| self.line(number)).collect()
    }

    /// The rows of the screen.
    pub fn screen(&self) -> Vec<Line> {
        let start = self.history_len();
        self.lines(start..start + self.state.rows)
    }

    /// The cursor.
    pub fn cursor(&self) -> Cursor {
        let buffer = self.state.active();
        Cursor {
            row: buffer.y,
            column: buffer.x.min(self.state.cols - 1),
            pending_wrap: buffer.x >= self.state.cols,
            visible: !self.state.modes.cursor_hidden,
        }
    }

    /// The switches.
    pub fn modes(&self) -> Modes {
        self.state.modes
    }

    /// Whether the alternate screen is shown.
    pub fn is_alternate(&self) -> bool {
        self.state.alternate_shown
    }

    /// The kitty keyboard protocol's flags.
    pub fn keyboard_flags(&self) -> u8 {
        self.state.active().keyboard.flags
    }

    /// Remembers this moment for [`Terminal::changed_rows`].
    pub fn mark(&mut self) -> Mark {
        let generation = self.state.normal.generation;
        for buffer in [&mut self.state.normal, &mut self.state.alternate] {
            buffer.generation = generation + 1;
        }
        Mark(generation)
    }

    /// Rows of the screen that may have changed since a mark, from the top. A scrolled screen
    /// has changed everywhere.
    pub fn changed_rows(&self, mark: Mark) -> Vec<usize> {
        let buffer = self.state.active();
        let rows = 0..self.state.rows;
        rows.filter(|&y| buffer.changed_since(y, mark.0)).collect()
    }

    /// Every part of the state that xterm.js has too, one a line; made for comparing with it.
    pub fn describe(&self) -> Vec<String> {
        describe(&self.state, Detail::Common)
    }

    /// The whole state: two terminals with equal descriptions do the same whatever follows.
    pub fn describe_all(&self) -> Vec<String> {
        let mut lines = describe(&self.state, Detail::All);
        lines.push(format!("unfinished {:?}", self.parser.unfinished()));
        lines
    }
}
