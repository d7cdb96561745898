//! A backlog looked at before it is fed, to find how much of it need never be.
//!
//! Lines that leave the screen and then the scrollback leave nothing behind but the pen. Where
//! lines are all that comes, printable text with colours in it, it is enough to know that they
//! are, which takes a fraction of the time of carrying them out.

use std::collections::VecDeque;

use crate::opening::Opening;
use crate::state::State;

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
    /// The sequences since the last that reset the pen, with that one; none if they are too long.
    pen: Option<Vec<u8>>,
    starts: VecDeque<Start>,
}

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
        while let Some(&first) = bytes.get(at) {
            let Next::Known(count) = self.next(first, &bytes[at..]) else {
                break;
            };
            at += count;
            if first == b'\n' {
                self.row_ends(at as u64);
            }
            self.after_return = first == b'\r';
        }
        self.looked += at as u64;
        at
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

    fn next(&mut self, first: u8, bytes: &[u8]) -> Next {
        match first {
            0x20..0x7F => {
                let text = text_len(bytes);
                self.columns += text as u64;
                Next::Known(text)
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

    /// A line feed was looked at, the last of so many bytes that are not counted yet.
    fn row_ends(&mut self, uncounted: u64) {
        self.rows += match self.columns <= self.cols {
            true => 1,
            false => self.columns.div_ceil(self.cols),
        };
        self.columns = 0;
        let last = self.starts.back().map_or(0, |start| start.rows);
        if !self.after_return || self.rows < self.to_bottom || self.rows - last < self.apart {
            return;
        }
        if let Some(pen) = &self.pen {
            self.starts.push_back(Start {
                at: self.looked + uncounted,
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
        let Some(parameters) = bytes.strip_prefix(b"\x1b[") else {
            return Next::Other;
        };
        let parameters = &parameters[..parameters.len().min(LONGEST_PARAMETERS)];
        let len = run_len::<b'0', b';'>(parameters);
        let sequence = &bytes[..(len + 3).min(bytes.len())];
        match parameters.get(len) {
            Some(b'm') => self.keep_pen(sequence),
            // A wrap that was pending may be forgotten.
            Some(b'K') => self.columns = 0,
            _ => return Next::Other,
        }
        Next::Known(sequence.len())
    }

    fn keep_pen(&mut self, sequence: &[u8]) {
        if matches!(sequence[2..], [b'm'] | [b'0', b'm' | b';', ..]) {
            self.pen.get_or_insert_default().clear();
        }
        if let Some(pen) = &mut self.pen {
            pen.extend_from_slice(sequence);
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

/// Printable ASCII at the start.
fn text_len(bytes: &[u8]) -> usize {
    run_len::<b' ', b'~'>(bytes)
}

/// How many bytes at the start are from `LEAST` to `MOST`.
fn run_len<const LEAST: u8, const MOST: u8>(bytes: &[u8]) -> usize {
    const STEP: usize = size_of::<u64>();
    const ONES: u64 = u64::from_ne_bytes([1; STEP]);
    let mut steps = bytes.chunks_exact(STEP);
    for (i, step) in steps.by_ref().enumerate() {
        let step = u64::from_le_bytes(step.try_into().expect("eight bytes"));
        // The highest bit of each byte that is less or more; what is carried or borrowed from it
        // changes only bytes after the first of them.
        let less = step.wrapping_sub(ONES * u64::from(LEAST));
        let more = step.wrapping_add(ONES * u64::from(0x7F - MOST)) | step;
        let others = (less | more) & (ONES << 7);
        if others != 0 {
            return i * STEP + others.trailing_zeros() as usize / 8;
        }
    }
    let rest = steps.remainder();
    let is_in = |byte: &&u8| (LEAST..=MOST).contains(*byte);
    bytes.len() - rest.len() + rest.iter().take_while(is_in).count()
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
    use super::*;

    #[test]
    fn text_ends_at_the_first_byte_that_is_none() {
        for other in [0, 0x1F, 0x7F, 0x80, 0x9F, 0xFF] {
            for at in 0..20 {
                let mut bytes = [b'~'; 40];
                bytes[at] = other;
                bytes[at + 1..].fill(b' ');
                assert_eq!(text_len(&bytes), at, "{other:#x}");
            }
        }
        assert_eq!(text_len(b""), 0);
        assert_eq!(text_len(&[b' '; 17]), 17);
        for other in [0, b'/', b'<', b'm', 0x80, 0xFF] {
            for at in 0..20 {
                let mut bytes = *b"38:2;255;0;19;0123456789";
                bytes[at] = other;
                assert_eq!(run_len::<b'0', b';'>(&bytes), at, "{other:#x}");
            }
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
