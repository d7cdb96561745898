//! A backlog looked at before it is fed, to find how much of it need never be.
//!
//! Lines that leave the screen and then the scrollback leave nothing behind but the pen. Where
//! lines are all that comes, printable text with colours in it, it is enough to know that they
//! are, which takes a fraction of the time of carrying them out.

mod parts;

use std::collections::VecDeque;

use memchr::memrchr_iter;

use crate::opening::Opening;
use crate::state::State;
use parts::{BLOCK, Parts};

/// Bytes of the parameters of an SGR or EL sequence, with its end. Longer ones are not looked for.
const LONGEST_PARAMETERS: usize = 80;

/// Bytes of the sequences that a pen is rebuilt from.
const LONGEST_PEN: usize = 512;

/// Of so many parts of what may be seen at one time, the whole of one may be fed in vain, so
/// that not every line's start has to be remembered.
const PARTS: u64 = 32;

/// What is known of output that comes next and has not been fed yet.
#[derive(Clone, Debug)]
pub struct Skim {
    cols: u64,
    /// Rows that push all before them out of the screen and the scrollback.
    enough: u64,
    /// Rows between the starts that are remembered.
    apart: u64,
    /// Rows after which the cursor is in the last row, wherever it was.
    to_bottom: u64,
    looked: u64,
    /// Rows that are finished, at least.
    rows: u64,
    /// Columns of text in the row, or rows, the cursor is in, at least.
    columns: u64,
    after_return: bool,
    /// Of the bytes that are being looked at, those that the pen is known after.
    drawn: usize,
    pen: Pen,
    starts: VecDeque<Start>,
}

/// The sequences since the last that reset the pen, with that one; none if they are too long.
type Pen = Option<Vec<u8>>;

/// A place where a line begins.
#[derive(Clone, Debug)]
struct Start {
    at: u64,
    rows: u64,
    pen: Vec<u8>,
}

/// What comes next.
enum Next {
    /// So many bytes that do nothing but what lines do.
    Known(usize),
    /// Something else, or something unfinished.
    Other,
}

impl Skim {
    /// Bytes from which it can always be told whether the next are a part of a line.
    pub const ENOUGH_TO_TELL: usize = b"\x1b[".len() + LONGEST_PARAMETERS;

    /// Before any byte, if the state is one in which lines do nothing but what lines do.
    pub(crate) fn new(state: &State) -> Option<Skim> {
        let buffer = &state.normal;
        let usual = !state.alternate_shown
            && !state.opening.is_open()
            && state.modes.wraparound
            && (buffer.top, buffer.bottom) == (0, state.rows - 1);
        let rows = state.rows as u64;
        let enough = buffer.scrollback.max_rows() as u64 + rows + 1;
        usual.then(|| Skim {
            cols: state.cols as u64,
            enough,
            apart: (enough / PARTS).max(1),
            to_bottom: rows,
            looked: 0,
            rows: 0,
            columns: 0,
            after_return: false,
            drawn: 0,
            pen: Some(Vec::new()),
            starts: VecDeque::new(),
        })
    }

    /// Looks at bytes that follow those looked at. Gives how many of them are known now. They
    /// are all of them, unless the next are no part of a line, or more is needed to tell: in
    /// both cases no further byte is looked at until those have been fed or, with more after
    /// them, offered again.
    pub fn look(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if let Some(block) = bytes[at..].first_chunk::<BLOCK>() {
                let parts = Parts::of(block);
                if parts.len > 0 {
                    self.take(&parts, at, bytes);
                    at += parts.len;
                    continue;
                }
            }
            let Next::Known(count) = self.next(&bytes[at..]) else {
                break;
            };
            at += count;
            if bytes[at - 1] == b'\n' {
                self.row_ends(&bytes[..at]);
            }
            self.after_return = bytes[at - 1] == b'\r';
        }
        self.draw(&bytes[..at]);
        self.drawn = 0;
        self.looked += at as u64;
        at
    }

    /// Takes in parts of lines, which are at `at` in what is being looked at.
    fn take(&mut self, parts: &Parts, at: usize, bytes: &[u8]) {
        let lone_returns = parts.returns & !(parts.feeds >> 1);
        let mut breaks = parts.feeds | lone_returns | parts.erasures;
        let mut text = parts.text;
        while breaks != 0 {
            let place = breaks.trailing_zeros();
            let before = (1 << place) - 1;
            if parts.feeds >> place & 1 == 1 {
                self.columns += u64::from((text & before).count_ones());
                if place > 0 {
                    self.after_return = parts.returns >> (place - 1) & 1 == 1;
                }
                self.row_ends(&bytes[..=at + place as usize]);
            } else {
                // After a return, or where a wrap that was pending may be forgotten.
                self.columns = 0;
            }
            text &= !before;
            breaks &= breaks - 1;
        }
        self.columns += u64::from(text.count_ones());
        self.after_return = bytes[at + parts.len - 1] == b'\r';
    }

    /// Bytes known.
    pub fn looked(&self) -> u64 {
        self.looked
    }

    /// Bytes, from the first known on, that need not be fed.
    pub fn needless(&self) -> u64 {
        let start = self.starts.front();
        start
            .filter(|start| self.is_past(start))
            .map_or(0, |start| start.at)
    }

    fn is_past(&self, start: &Start) -> bool {
        self.rows - start.rows >= self.enough
    }

    /// One part of a line, however it comes.
    fn next(&mut self, bytes: &[u8]) -> Next {
        match bytes[0] {
            0x20..0x7F => {
                self.columns += 1;
                Next::Known(1)
            }
            b'\n' | b'\t' => Next::Known(1),
            b'\r' => {
                if bytes.get(1) != Some(&b'\n') {
                    self.columns = 0;
                }
                Next::Known(1)
            }
            0x1B => self.sequence(bytes),
            0xC2.. => character_len(bytes).map_or(Next::Other, Next::Known),
            _ => Next::Other,
        }
    }

    /// A row ends with the last of these bytes, a line feed.
    fn row_ends(&mut self, bytes: &[u8]) {
        self.rows += match self.columns <= self.cols {
            true => 1,
            false => self.columns.div_ceil(self.cols),
        };
        self.columns = 0;
        let last = self.starts.back().map_or(0, |start| start.rows);
        if !self.after_return || self.rows < self.to_bottom || self.rows - last < self.apart {
            return;
        }
        self.draw(bytes);
        if let Some(pen) = &self.pen {
            self.starts.push_back(Start {
                at: self.looked + bytes.len() as u64,
                rows: self.rows,
                pen: pen.clone(),
            });
        }
        while self.starts.get(1).is_some_and(|start| self.is_past(start)) {
            self.starts.pop_front();
        }
    }

    /// SGR, or EL, which changes nothing outside its row.
    fn sequence(&mut self, bytes: &[u8]) -> Next {
        match bytes.starts_with(b"\x1b[").then(|| sequence_len(bytes)) {
            Some(Some((len, b'm'))) => Next::Known(len),
            Some(Some((len, b'K'))) => {
                // A wrap that was pending may be forgotten.
                self.columns = 0;
                Next::Known(len)
            }
            _ => Next::Other,
        }
    }

    /// Brings the pen to where these bytes leave it, of which all are known. Few of them have to be
    /// seen again: those since the last reset, if they are not too many.
    fn draw(&mut self, bytes: &[u8]) {
        let new = &bytes[self.drawn..];
        self.drawn = bytes.len();
        let mut sequences = Vec::new();
        let mut len = 0;
        let mut is_reset = false;
        for at in memrchr_iter(0x1B, new) {
            let Some((sequence_len, b'm')) = sequence_len(&new[at..]) else {
                continue;
            };
            let sequence = &new[at..at + sequence_len];
            sequences.push(sequence);
            len += sequence.len();
            is_reset = matches!(sequence[2..], [b'm'] | [b'0', b'm' | b';', ..]);
            if is_reset || len > LONGEST_PEN {
                break;
            }
        }
        if is_reset {
            self.pen.get_or_insert_default().clear();
        }
        if let Some(pen) = &mut self.pen {
            sequences
                .iter()
                .rev()
                .for_each(|sequence| pen.extend_from_slice(sequence));
        }
        self.pen.take_if(|pen| pen.len() > LONGEST_PEN);
    }

    /// Where feeding is to begin, and the sequences that set the pen as it is there.
    pub(crate) fn into_start(mut self) -> Option<(u64, Vec<u8>)> {
        let start = self.starts.pop_front()?;
        self.is_past(&start).then_some((start.at, start.pen))
    }
}

impl State {
    /// Makes the state such as lines that are left out leave it, but for the rows, which all
    /// go when what follows them is fed. The pen is set already. The saved cursor is where
    /// xterm.js has it: the scrollback's bound in bytes, which is ours alone, does not move it
    /// here.
    pub(crate) fn leave_out_lines(&mut self) {
        self.opening.see(b"\r");
        debug_assert!(matches!(self.opening, Opening::Closed));
        let (cols, rows, erased) = (self.cols, self.rows, self.erased());
        let buffer = &mut self.normal;
        (buffer.x, buffer.y) = (0, rows - 1);
        buffer.scrollback.clear();
        buffer.screen.row_mut(rows - 1).recycle(cols, erased, false);
        buffer.touch_all();
        self.join = 0;
    }
}

/// Length of a control sequence with no more than parameters in it, and its last byte.
fn sequence_len(bytes: &[u8]) -> Option<(usize, u8)> {
    let parameters = bytes.get(2..)?;
    let mut parameters = parameters.iter().take(LONGEST_PARAMETERS);
    let len = parameters.position(|byte| !(b'0'..=b';').contains(byte))?;
    Some((len + 3, bytes[len + 2]))
}

/// Length of a character of more than one byte that is whole and no control.
fn character_len(bytes: &[u8]) -> Option<usize> {
    let len = match bytes[0] {
        0xC2 if *bytes.get(1)? < 0xA0 => return None,
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    std::str::from_utf8(bytes.get(..len)?).ok()?;
    Some(len)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample;

    use super::*;
    use crate::{Limits, Size, Terminal};

    /// Parts of lines, among them such as look like others.
    const USUAL: &[&str] = &[
        "\r\n",
        "\n",
        "\t",
        "\rx",
        "a",
        "[38;2;7m",
        "0123456789:;<",
        "~ ~\u{20}",
        "thirty columns of printable text",
        "\u{1b}[m",
        "\u{1b}[0;4m",
        "\u{1b}[01m",
        "\u{1b}[1m",
        "\u{1b}[38;2;255;0;19m",
        "\u{1b}[48:2::1:2:3m",
        "\u{1b}[K",
        "\u{1b}[2K",
        "\u{1b}[0000000000000000000000000000000000000000000000000000000000000000000000001m",
        "\u{a0}",
        "\u{e9}",
        "\u{800}",
        "\u{6f22}",
        "\u{d7ff}\u{e000}",
        "\u{ffff}",
        "\u{10000}",
        "\u{1f600}",
        "\u{10ffff}",
    ];

    /// What is no part of a line.
    const OTHER: &[&[u8]] = &[
        b"\x1b[2J",
        b"\x1b[?25l",
        b"\x1b]0;title\x07",
        b"\x1b[3\x07m",
        b"\x1b[\x1b[m",
        b"\x1b[3\xc3\xa9m",
        b"\x1b\x1b",
        b"\x07",
        b"\x7f",
        b"\x80",
        b"\xc2\x9b",
        b"\xc0\x80",
        b"\xc3x",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xe6\xbc",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xff",
    ];

    fn skim(scrollback_lines: usize) -> Skim {
        let limits = Limits {
            scrollback_lines,
            scrollback_bytes: 1 << 20,
        };
        let mut terminal = Terminal::new(Size::new(10, 3), limits);
        terminal.feed(b"\r");
        terminal.skim().unwrap()
    }

    type Known = (u64, u64, u64, bool, Pen, Vec<(u64, u64, Vec<u8>)>);

    fn known(skim: Skim) -> Known {
        let starts = skim.starts.into_iter();
        let starts = starts.map(|Start { at, rows, pen }| (at, rows, pen));
        let Skim {
            looked,
            rows,
            columns,
            after_return,
            pen,
            ..
        } = skim;
        (looked, rows, columns, after_return, pen, starts.collect())
    }

    proptest! {
        /// Blocks are more than any part: who is offered one part at a time sees no block.
        #[test]
        fn blocks_come_to_the_same_as_one_part_at_a_time(
            parts in vec(sample::select(USUAL), 0..400),
            other in sample::select(OTHER),
            scrollback in 0_usize..80,
        ) {
            let mut whole: Vec<u8> = parts.concat().into();
            let lines = whole.len();
            whole.extend_from_slice(other);
            whole.extend_from_slice(&[b'x'; BLOCK]);
            let mut at_once = skim(scrollback);
            prop_assert_eq!(at_once.look(&whole), lines);
            let mut by_parts = skim(scrollback);
            for part in parts {
                // What comes after a return says what that does.
                match part.strip_prefix('\r') {
                    Some("x") => by_parts.look(b"\r") + by_parts.look(b"x"),
                    _ => by_parts.look(part.as_bytes()),
                };
            }
            prop_assert_eq!(known(by_parts), known(at_once));
        }
    }

    #[test]
    fn characters_are_whole_and_no_controls() {
        let len = |bytes: &[u8]| character_len(bytes);
        assert_eq!(len("éa".as_bytes()), Some(2));
        assert_eq!(len("\u{a0}".as_bytes()), Some(2));
        assert_eq!(len("漢".as_bytes()), Some(3));
        assert_eq!(len("\u{1f600}x".as_bytes()), Some(4));
        for other in ["\u{80}", "\u{9b}", "\u{85}"] {
            assert_eq!(len(other.as_bytes()), None);
        }
        for broken in [
            &b"\xc2"[..],
            b"\xe0\x80\x80",
            b"\xed\xa0\x80",
            b"\xff\x80\x80\x80",
            b"\xe6\xbc",
        ] {
            assert_eq!(len(broken), None);
        }
    }
}
