//! What no other sequence can say. The stream is fed to an engine like the one it is for, and
//! where that one still differs from the original, it is told so.

use super::writer::{NO_LINK, amendment, link_to};
use crate::buffer::Buffer;
use crate::cell::{Cell, Pen};
use crate::charset::Charset;
use crate::limits::{Limits, Size};
use crate::opening::{MARK, Opening};
use crate::parser::Parser;
use crate::row::Row;
use crate::state::State;

/// How a stream ends: pen and cursor.
pub(super) struct Ending {
    pub(super) bytes: Vec<u8>,
    /// Up to here amendments do no harm.
    pub(super) amendable: usize,
    /// It has amendments of its own.
    pub(super) amends: bool,
}

/// Amends a stream. `before` brings about everything but pen and cursor and leaves the default
/// pen; the rest is the first of the two endings if it does no damage to the rows, else
/// the second.
pub(super) fn settle(state: &State, lines: usize, before: &[u8], ends: [Ending; 2]) -> Vec<u8> {
    let mut reader = Reader::new(state);
    reader.feed(before);
    let body = reader.missing(state, lines);
    reader.feed(&body);
    let base = reader.state.normal.base();
    let mut ended = reader.clone();
    let [mut after, silent] = ends;
    ended.feed(&after.bytes);
    let at = |state: &State| (state.active().x, state.active().y, state.normal.base());
    let moved = at(&ended.state) != (state.active().x, state.active().y, base);
    if moved || !ended.missing(state, lines).is_empty() {
        after = silent;
        ended = reader;
        ended.feed(&after.bytes);
    }
    let mut rest = ended.missing(state, lines);
    ended.feed(&rest);
    rest.extend(ended.end(state));
    if body.is_empty() && rest.is_empty() && !after.amends {
        return [before, &after.bytes].concat();
    }
    // The end mark ends what a combining character could join, so it comes early if it can.
    let early = match rest.is_empty() {
        true => amendment("end"),
        false => String::new(),
    };
    let (now, last) = after.bytes.split_at(after.amendable);
    [MARK, before, &body, now, early.as_bytes(), last, &rest].concat()
}

/// A fresh engine that reads a snapshot.
#[derive(Clone)]
struct Reader {
    parser: Parser,
    state: State,
}

impl Reader {
    fn new(original: &State) -> Reader {
        let scrollback = &original.normal.scrollback;
        let limits = Limits {
            scrollback_lines: scrollback.max_rows(),
            scrollback_bytes: scrollback.max_bytes(),
        };
        let size = Size::new(original.cols as u16, original.rows as u16);
        let mut state = State::new(size, limits);
        state.opening = Opening::Open;
        Reader {
            parser: Parser::new(),
            state,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.state, bytes);
    }

    /// Amendments to rows, saved cursors and tab stops.
    fn missing(&self, original: &State, lines: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let pairs = [
            (false, &original.normal, &self.state.normal),
            (true, &original.alternate, &self.state.alternate),
        ];
        for (alternate, wanted, found) in pairs {
            let mut difference = Difference {
                alternate: u8::from(alternate),
                original,
                reader: &self.state,
                out: &mut out,
            };
            difference.rows(wanted, found, lines);
            difference.saved(wanted, found);
            difference.tabs(wanted, found);
        }
        out
    }

    /// Amendments to pen, cursor, character set and what a combining character would join; they
    /// come last of all.
    fn end(&self, original: &State) -> Vec<u8> {
        let links = (original.links.get(original.pen.link), &self.state.links);
        let same_link = links.0 == links.1.get(self.state.pen.link);
        if same_link && last_things(original) == last_things(&self.state) {
            return Vec::new();
        }
        let mut out = if same_link {
            Vec::new()
        } else {
            link_to(original, original.pen.link).into_bytes()
        };
        let Pen { fg, bg, ext, .. } = original.pen;
        let (x, y) = (original.active().x, original.active().y);
        let charset = name(original.charsets.active);
        let join = original.join;
        let end = format!("end;{fg};{bg};{ext};{x};{y};{charset};{join}");
        out.extend(amendment(&end).into_bytes());
        out
    }
}

fn last_things(state: &State) -> (Pen, usize, usize, Option<Charset>, u32) {
    let pen = Pen {
        link: 0,
        ..state.pen
    };
    let buffer = state.active();
    (pen, buffer.x, buffer.y, state.charsets.active, state.join)
}

fn name(charset: Option<Charset>) -> char {
    char::from(charset.map_or(b'B', Charset::last))
}

struct Difference<'a> {
    alternate: u8,
    original: &'a State,
    reader: &'a State,
    out: &'a mut Vec<u8>,
}

impl Difference<'_> {
    fn say(&mut self, text: &str) {
        self.out.extend(amendment(text).into_bytes());
    }

    fn rows(&mut self, wanted: &Buffer, found: &Buffer, lines: usize) {
        let start = wanted.base() - lines.min(wanted.base());
        for number in start..wanted.base() + wanted.screen.len() {
            let rows = (
                wanted.absolute(number, &self.original.styles),
                found.absolute(number - start, &self.reader.styles),
            );
            if let (Some(wanted_row), Some(found_row)) = rows {
                let line = number as i64 - wanted.base() as i64;
                self.row(line, &wanted_row, &found_row);
            }
        }
        if !self.out.is_empty() && self.alternate == 0 {
            self.say("rows");
        }
    }

    fn row(&mut self, line: i64, wanted: &Row, found: &Row) {
        let alternate = self.alternate;
        if wanted.len() != found.len() || wanted.wrapped != found.wrapped {
            let (len, wrapped) = (wanted.len(), u8::from(wanted.wrapped));
            self.say(&format!("row;{alternate};{line};{len};{wrapped}"));
        }
        let mut linked = false;
        let mut x = 0;
        while x < wanted.len() {
            if self.same_cell(wanted, found, x) {
                x += 1;
                continue;
            }
            let cell = wanted.cell(x);
            let alike = |x: &usize| wanted.cell(*x) == cell && !cell.is_combined();
            let count = (x..wanted.len()).take_while(alike).count().max(1);
            let Pen { fg, bg, ext, link } = cell.pen;
            if link != 0 {
                self.out.extend(link_to(self.original, link).into_bytes());
                linked = true;
            }
            let (has_link, width) = (u8::from(link != 0), cell.width());
            let mut text = String::new();
            wanted.text(x, &mut text);
            self.say(&format!(
                "cells;{alternate};{line};{x};{fg};{bg};{ext};{has_link};{width};{count};{text}"
            ));
            x += count;
        }
        if linked {
            self.out.extend(NO_LINK.as_bytes());
        }
        self.texts(line, wanted, found);
    }

    /// Texts that do not show.
    fn texts(&mut self, line: i64, wanted: &Row, found: &Row) {
        let alternate = self.alternate;
        for (x, text) in wanted.stale() {
            if found.combined_at(x) != Some(text) {
                self.say(&format!("text;{alternate};{line};{x};{text}"));
            }
        }
        for (x, _) in found.stale() {
            if wanted.combined_at(x).is_none() {
                self.say(&format!("text;{alternate};{line};{x};"));
            }
        }
    }

    fn same_cell(&self, wanted: &Row, found: &Row, x: usize) -> bool {
        if x >= found.len() {
            return wanted.cell(x).is_blank();
        }
        let (a, b) = (wanted.cell(x), found.cell(x));
        let links = |cell: Cell, state: &State| state.links.get(cell.pen.link).cloned();
        let unlinked = |cell: Cell| Pen {
            link: 0,
            ..cell.pen
        };
        a.content == b.content
            && unlinked(a) == unlinked(b)
            && links(a, self.original) == links(b, self.reader)
            && (!a.is_combined() || wanted.combined_at(x) == found.combined_at(x))
    }

    fn saved(&mut self, wanted: &Buffer, found: &Buffer) {
        let line = |buffer: &Buffer| buffer.saved.y as i64 - buffer.base() as i64;
        // A row above those that are carried is as good as the topmost.
        let wanted_line = line(wanted).max(-(found.base() as i64));
        let (mut a, mut b) = (wanted.saved, found.saved);
        (a.y, b.y) = (0, 0);
        if a != b || wanted_line != line(found) {
            let text = format!(
                "saved;{};{};{wanted_line};{};{};{}",
                self.alternate,
                a.x,
                a.fg,
                a.bg,
                name(a.charset)
            );
            self.say(&text);
        }
    }

    fn tabs(&mut self, wanted: &Buffer, found: &Buffer) {
        for x in 0..wanted.tabs.len().max(found.tabs.len()) {
            let set = wanted.tabs.is_set(x);
            if set != found.tabs.is_set(x) {
                let (alternate, set) = (self.alternate, u8::from(set));
                self.say(&format!("tab;{alternate};{x};{set}"));
            }
        }
    }
}
