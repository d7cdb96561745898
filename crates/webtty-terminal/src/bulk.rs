//! A backlog of plain lines: rows that would cross the screen and leave it within the same
//! bytes go to the scrollback at once, and those that would leave the scrollback too are not
//! even looked for.

use memchr::{memrchr, memrchr_iter};

use crate::cell::Pen;
use crate::grid_cell::BLANK;
use crate::scrollback::PlainRow;
use crate::state::State;

/// Fewer bytes than this are not worth a look.
pub(crate) const WORTHWHILE: usize = 4096;
/// Bytes looked at at once, so that places in them fit into 32 bits.
const MOST: usize = 1 << 30;

/// What became of bytes offered as plain lines.
pub(crate) enum Offer {
    /// So many were taken.
    Taken(usize),
    /// None were, and it makes no sense to offer before so many have been parsed.
    Refused(usize),
}

impl State {
    /// Takes as many plain rows from the start of `bytes` as it can. What is left is to be
    /// parsed.
    pub(crate) fn offer_lines(&mut self, bytes: &[u8]) -> Offer {
        if !self.takes_lines() {
            return Offer::Refused(WORTHWHILE);
        }
        let starts_with_text = matches!(bytes.first(), Some(0x20..0x7F));
        if self.normal.x == self.cols && starts_with_text {
            self.wrap_line();
        }
        let bottom = self.normal.screen.row(self.rows - 1);
        if self.normal.x > 0 || !bottom.is_blank() {
            return Offer::Refused(WORTHWHILE);
        }
        let bytes = &bytes[..bytes.len().min(MOST)];
        let plain = &bytes[..plain_len(bytes)];
        let most = self.normal.scrollback.max_rows() + self.rows - 1;
        let rows = split(plain, self.cols, bottom.wrapped, most);
        if rows.pieces.len() < 2 * self.rows {
            return Offer::Refused(plain.len().max(WORTHWHILE));
        }
        self.push_pieces(plain, &rows.pieces, rows.open);
        Offer::Taken(rows.taken)
    }

    /// Nothing is set that would make plain lines anything but plain rows at the bottom.
    fn takes_lines(&self) -> bool {
        let buffer = &self.normal;
        !self.alternate_shown
            && self.pen == Pen::default()
            && self.charsets.active.is_none()
            && self.modes.wraparound
            && !self.modes.insert
            && (buffer.top, buffer.bottom, buffer.y) == (0, self.rows - 1, self.rows - 1)
            && buffer.scrollback.has_room_for_plain(self.cols)
    }

    /// Puts finished rows, at least as many as the screen has; `open` is whether the row after
    /// them continues the last.
    fn push_pieces(&mut self, text: &[u8], pieces: &[PlainRow], open: bool) {
        let (cols, rows) = (self.cols, self.rows);
        let (gone, shown) = pieces.split_at(pieces.len() + 1 - rows);
        let buffer = &mut self.normal;
        if gone.len() == buffer.scrollback.max_rows() {
            buffer.scrollback.set_plain(text, gone);
        } else {
            for row in buffer.screen.iter().take(rows - 1) {
                buffer.scrollback.push(row, &self.styles);
            }
            buffer.scrollback.push_plain(text, gone);
        }
        buffer.scrollback.trim();
        for (y, piece) in shown.iter().enumerate() {
            let row = buffer.screen.row_mut(y);
            row.recycle(cols, BLANK, piece.wrapped);
            row.put_ascii(0, piece.of(text), BLANK.style);
        }
        buffer.screen.row_mut(rows - 1).recycle(cols, BLANK, open);
        buffer.touch_all();
        self.join = 0;
    }
}

/// Bytes looked at in one step.
const STEP: usize = 64;
/// Bytes of a part, a page of memory: the processor fetches ahead up to its end only.
const PART: usize = 4096;
/// Parts looked at side by side, so that the memory of one is on its way while others are
/// looked at.
const PARTS: usize = 8;
/// Plain bytes at the start after which it is worth looking at many parts at once.
const PROMISING: usize = 16 * 1024;

/// Of neighbours, the second is a line feed exactly when the first is a carriage return.
fn is_plain(before: u8, byte: u8) -> bool {
    let printable = byte.wrapping_sub(0x20) < 0x5F;
    let end = (byte == b'\n') | (byte == b'\r');
    (printable | end) & ((before == b'\r') == (byte == b'\n'))
}

/// Whether all these are plain, each after the one before it. No early exit, so that it becomes
/// a few vector instructions.
fn all_plain(before: &[u8], now: &[u8]) -> bool {
    let pairs = before.iter().zip(now);
    pairs.fold(true, |plain, (&before, &byte)| {
        plain & is_plain(before, byte)
    })
}

/// The same for many parts, in steps from part to part.
fn all_parts_plain(before: &[u8], now: &[u8]) -> bool {
    (0..PART).step_by(STEP).all(|at| {
        let steps = (at..).step_by(PART).take(PARTS);
        steps.fold(true, |plain, at| {
            plain & all_plain(&before[at..at + STEP], &now[at..at + STEP])
        })
    })
}

/// How many steps of `size` are plain, from byte `len` on, in bytes.
fn plain_steps(bytes: &[u8], len: usize, size: usize, check: fn(&[u8], &[u8]) -> bool) -> usize {
    let before = bytes[len - 1..].chunks_exact(size);
    let steps = before.zip(bytes[len..].chunks_exact(size));
    steps.take_while(|(before, now)| check(before, now)).count() * size
}

/// Length of the plain text at the start: printable ASCII, and line ends of CR and LF.
fn plain_len(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(|&first| is_plain(0, first)) {
        return 0;
    }
    let start = &bytes[..bytes.len().min(PROMISING)];
    let mut len = 1 + plain_steps(start, 1, STEP, all_plain);
    if len + STEP > PROMISING {
        len += plain_steps(bytes, len, PARTS * PART, all_parts_plain);
    }
    len += plain_steps(bytes, len, STEP, all_plain);
    while len < bytes.len() && is_plain(bytes[len - 1], bytes[len]) {
        len += 1;
    }
    // A line feed may still come.
    len - usize::from(bytes[len - 1] == b'\r')
}

/// Plain text as rows.
struct Rows {
    /// The finished rows, oldest first.
    pieces: Vec<PlainRow>,
    /// Bytes that are in them or before them.
    taken: usize,
    /// What follows continues the last of them.
    open: bool,
}

/// Cuts plain text, from the start of a row on, into rows; of the finished ones, no more than
/// the last `most`.
fn split(text: &[u8], cols: usize, wrapped: bool, most: usize) -> Rows {
    let lines = memrchr(b'\n', text).map_or(0, |end| end + 1);
    // A row of an unfinished line is finished once the next one has begun.
    let full = (text.len() - lines).saturating_sub(1) / cols;
    let mut rows = Rows {
        pieces: Vec::with_capacity(most.min(text.len() / 32)),
        taken: lines + full * cols,
        open: full > 0 || lines == 0 && wrapped,
    };
    let mut add = |start: usize, len: usize| {
        if len <= cols && start > 0 && rows.pieces.len() < most {
            // Nearly every line is one row.
            rows.pieces.push(PlainRow {
                start: start as u32,
                len: len as u16,
                wrapped: false,
            });
            return true;
        }
        // Rows of a line, from its last.
        for row in (0..len.div_ceil(cols).max(1)).rev() {
            if rows.pieces.len() == most {
                return false;
            }
            let from = row * cols;
            rows.pieces.push(PlainRow {
                start: (start + from) as u32,
                len: (len - from).min(cols) as u16,
                wrapped: row > 0 || start == 0 && wrapped,
            });
        }
        true
    };
    let mut wanted = full == 0 || add(lines, full * cols);
    if let Some(last) = lines.checked_sub(1) {
        let mut end = last;
        let mut starts = memrchr_iter(b'\n', &text[..last]).map(|before| before + 1);
        while wanted {
            let start = starts.next();
            let from = start.unwrap_or(0);
            wanted = add(from, end - 1 - from) && start.is_some();
            end = from.saturating_sub(1);
        }
    }
    rows.pieces.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_where_the_first_other_byte_is() {
        let line = b"what nearly every line is like\r\n";
        let plain = line.repeat(2 * (PROMISING + 2 * PARTS * PART) / line.len());
        assert_eq!(plain_len(&plain), plain.len());
        let places = (0..plain.len()).step_by(9973);
        let edges = [PROMISING, PROMISING + PARTS * PART, plain.len() - STEP];
        let edges = edges.into_iter().flat_map(|edge| edge - 2..edge + 3);
        let strange = [0x1B, 0x7F, 0xC3, b'\t'].into_iter().cycle();
        for (at, strange) in places.chain(edges).zip(strange) {
            let mut bytes = plain.clone();
            bytes[at] = strange;
            // A carriage return before it counts for nothing.
            let len = at - usize::from(at > 0 && plain[at - 1] == b'\r');
            assert_eq!(plain_len(&bytes), len, "{strange:x} at {at}");
        }
    }

    #[test]
    fn line_ends_are_two_bytes() {
        assert_eq!(plain_len(b""), 0);
        assert_eq!(plain_len(b"\nab"), 0);
        assert_eq!(plain_len(b"ab\ncd"), 2);
        assert_eq!(plain_len(b"ab\rcd"), 2);
        assert_eq!(plain_len(b"ab\r\ncd\r"), 6);
        assert_eq!(plain_len(b"ab\r\r\n"), 2);
    }
}
