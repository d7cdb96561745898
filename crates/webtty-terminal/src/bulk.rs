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
            buffer.scrollback.empty();
        } else {
            for row in buffer.screen.iter().take(rows - 1) {
                buffer.scrollback.push(row, &self.styles);
            }
        }
        buffer.scrollback.push_plain(text, gone);
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

/// Length of the plain text at the start: printable ASCII, and line ends of CR and LF.
fn plain_len(bytes: &[u8]) -> usize {
    const STEP: usize = 64;
    // Of neighbours, the second is a line feed exactly when the first is a carriage return.
    let is_plain = |before: u8, byte: u8| {
        let printable = byte.wrapping_sub(0x20) < 0x5F;
        let end = (byte == b'\n') | (byte == b'\r');
        (printable | end) & ((before == b'\r') == (byte == b'\n'))
    };
    let Some(&first) = bytes.first() else {
        return 0;
    };
    if !is_plain(0, first) {
        return 0;
    }
    let mut len = 1;
    let before = bytes.chunks_exact(STEP);
    for (before, now) in before.zip(bytes[1..].chunks_exact(STEP)) {
        // No early exit inside the step, so that it becomes a few vector instructions.
        let pairs = before.iter().zip(now);
        let plain = pairs.fold(true, |plain, (&before, &byte)| {
            plain & is_plain(before, byte)
        });
        if !plain {
            break;
        }
        len += STEP;
    }
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
