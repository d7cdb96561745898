//! A backlog of plain lines: rows that would cross the screen and leave it within the same
//! bytes go to the scrollback at once, and those that would leave the scrollback too are not
//! made at all.

use memchr::memchr_iter;

use crate::cell::Pen;
use crate::packed::PackedRow;
use crate::parser::ascii_len;
use crate::row::Row;
use crate::state::State;

/// Fewer bytes than this are not worth a look.
pub(crate) const WORTHWHILE: usize = 4096;

/// A finished row: its text and whether it continues the one before.
type Piece<'a> = (&'a [u8], bool);

impl State {
    /// Takes as many plain rows from the start of `bytes` as it can; returns how many bytes
    /// that were. What is left is to be parsed.
    pub(crate) fn feed_lines(&mut self, bytes: &[u8]) -> usize {
        if !self.takes_lines() {
            return 0;
        }
        if self.normal.x == self.cols && bytes.first().is_some_and(|byte| ascii_len(&[*byte]) == 1)
        {
            self.wrap_line();
        }
        let bottom = &self.normal.screen[self.rows - 1];
        if self.normal.x > 0 || !bottom.cells.iter().all(|cell| cell.is_blank()) {
            return 0;
        }
        let (pieces, taken, open) = split(bytes, self.cols, bottom.wrapped);
        if pieces.len() < 2 * self.rows {
            return 0;
        }
        self.push_pieces(&pieces, open);
        taken
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
    fn push_pieces(&mut self, pieces: &[Piece<'_>], open: bool) {
        let (cols, rows) = (self.cols, self.rows);
        let (gone, shown) = pieces.split_at(pieces.len() + 1 - rows);
        let buffer = &mut self.normal;
        let max = buffer.scrollback.max_rows();
        let kept = &gone[gone.len().saturating_sub(max)..];
        if kept.len() == max {
            buffer.scrollback.clear();
        } else {
            for row in buffer.screen.iter_mut().take(rows - 1) {
                buffer.scrollback.push(row);
            }
        }
        for (text, wrapped) in kept {
            buffer
                .scrollback
                .push_packed(PackedRow::from_text(text, *wrapped));
        }
        buffer.scrollback.trim();
        for (row, (text, wrapped)) in buffer.screen.iter_mut().zip(shown) {
            *row = PackedRow::from_text(text, *wrapped).unpack(cols);
        }
        buffer.screen[rows - 1] = Row::new(cols, Pen::default(), open);
        buffer.touch_all();
        self.join = 0;
    }
}

/// Cuts plain lines into rows, from the start of a row on. Returns the finished rows, the bytes
/// they took, and whether what follows continues the last of them.
fn split(bytes: &[u8], cols: usize, wrapped: bool) -> (Vec<Piece<'_>>, usize, bool) {
    let mut pieces = Vec::with_capacity(bytes.len() / 32);
    let mut start = 0;
    let mut first = wrapped;
    for end in memchr_iter(b'\n', bytes) {
        let line = &bytes[start..end];
        let Some((b'\r', text)) = line.split_last() else {
            break;
        };
        if ascii_len(text) < text.len() {
            break;
        }
        let mut rest = text;
        loop {
            let (row, after) = rest.split_at(rest.len().min(cols));
            pieces.push((row, first));
            first = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        first = false;
        start = end + 1;
    }
    // A row of an unfinished line is finished once the next one has begun.
    let text = &bytes[start..start + ascii_len(&bytes[start..])];
    let full = text.len().saturating_sub(1) / cols;
    for row in text.chunks_exact(cols).take(full) {
        pieces.push((row, first));
        first = true;
    }
    (pieces, start + full * cols, first)
}
