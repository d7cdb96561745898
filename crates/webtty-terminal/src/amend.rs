//! What a snapshot says to this engine alone: see [`crate::opening`] for when it counts. Every
//! number is checked against the screen; what does not fit is left out.

use std::str::FromStr;

use crate::buffer::{Buffer, Saved};
use crate::cell::Pen;
use crate::charset::Charset;
use crate::grid_row::GridRow;
use crate::limits::MAX_COLS;
use crate::opening::Opening;
use crate::packed::PackedRow;
use crate::row::Row;
use crate::state::State;

/// Columns a row or a tab stop may have.
const MOST: usize = MAX_COLS as usize;

/// What it costs to put a row of the scrollback into its place again. A snapshot's own two bytes
/// for a row earn more than both times it asks.
const EACH_ROW: usize = 128;

/// The fields of one amendment, in order.
struct Fields<'a>(std::str::SplitN<'a, char>);

impl<'a> Fields<'a> {
    fn text(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    fn number<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// A number of at most `most`.
    fn bounded(&mut self, most: usize) -> Option<usize> {
        self.number().filter(|&number| number <= most)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.bounded(1)? == 1)
    }

    fn charset(&mut self) -> Option<Option<Charset>> {
        Charset::named(*self.text()?.as_bytes().first()?)
    }

    /// Foreground, background and extended attributes; a link is not among them.
    fn pen(&mut self) -> Option<Pen> {
        Some(Pen {
            fg: self.number()?,
            bg: self.number()?,
            ext: self.number()?,
            link: 0,
        })
    }
}

impl State {
    /// Carries out one amendment, if this stream may have any.
    pub(crate) fn amend(&mut self, text: &str) {
        if !self.opening.is_open() {
            return;
        }
        let (verb, rest) = text.split_once(';').unwrap_or((text, ""));
        // A text comes last, and may have a semicolon of its own.
        let most = if verb == "text" { 4 } else { 10 };
        let fields = Fields(rest.splitn(most, ';'));
        // A field that does not fit ends it there.
        let _ = match verb {
            "cells" => self.amend_cells(fields),
            "row" => self.amend_row(fields),
            "text" => self.amend_text(fields),
            "rows" => self.amend_rows(),
            "saved" => self.amend_saved(fields),
            "tab" => self.amend_tab(fields),
            "pen" => self.amend_pen(fields),
            "end" => self.amend_end(fields),
            _ => None,
        };
    }

    fn buffer_at(&mut self, alternate: bool) -> &mut Buffer {
        if alternate {
            &mut self.alternate
        } else {
            &mut self.normal
        }
    }

    /// Changes a row; its number counts from the top of the screen, below zero is above it.
    fn change_row(
        &mut self,
        alternate: bool,
        line: i64,
        change: impl FnOnce(&mut Row),
    ) -> Option<()> {
        let cols = self.cols;
        let Ok(y) = usize::try_from(line) else {
            let base = self.normal.base();
            let at = base.checked_sub(usize::try_from(line.unsigned_abs()).ok()?)?;
            let mut row = match self.amended.get(&at) {
                Some(row) => row.row(cols),
                None => self.normal.scrollback.get(at, cols)?,
            };
            change(&mut row);
            self.amended.insert(at, PackedRow::of(&row));
            return Some(());
        };
        let buffer = match alternate {
            true => &mut self.alternate,
            false => &mut self.normal,
        };
        if y < buffer.screen.len() {
            let mut row = buffer.row(y, &self.styles);
            change(&mut row);
            *buffer.row_mut(y) = GridRow::of(&row, &mut self.styles);
        }
        Some(())
    }

    /// `rows`: puts what was changed above the screen into its place. It goes through the whole
    /// scrollback, so a stream that asks for it too often waits for its end.
    fn amend_rows(&mut self) -> Option<()> {
        if self.allowance.spend(EACH_ROW * self.normal.base()) {
            self.put_amended_rows();
        }
        Some(())
    }

    /// Puts the rows of the scrollback that were changed into their places, all at once.
    fn put_amended_rows(&mut self) {
        let rows = std::mem::take(&mut self.amended);
        if !rows.is_empty() {
            self.normal.scrollback.replace(&rows);
        }
    }

    /// `cells ; alternate ; line ; column ; fg ; bg ; ext ; linked ; width ; count ; text`.
    fn amend_cells(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let (alternate, line) = (fields.flag()?, fields.number()?);
        let x = fields.bounded(MOST)?;
        let mut pen = fields.pen()?;
        if fields.flag()? {
            pen.link = self.pen.link;
        }
        let width = fields.bounded(2)?;
        let count = fields.bounded(MOST)?;
        let text = fields.text()?;
        self.change_row(alternate, line, |row| {
            for x in x..x + count {
                row.set(x, text, width as u32, pen);
            }
        })
    }

    /// `row ; alternate ; line ; columns ; wrapped`.
    fn amend_row(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let (alternate, line) = (fields.flag()?, fields.number()?);
        let len = fields.bounded(MOST)?.max(self.cols);
        let wrapped = fields.flag()?;
        self.change_row(alternate, line, |row| {
            row.resize(len);
            row.wrapped = wrapped;
        })
    }

    /// `text ; alternate ; line ; column ; text`: a text that does not show; none is forgotten.
    fn amend_text(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let (alternate, line) = (fields.flag()?, fields.number()?);
        let x = fields.bounded(MOST)?;
        let text = fields.text()?;
        self.change_row(alternate, line, |row| row.keep_text(x, text))
    }

    /// `saved ; alternate ; column ; line ; fg ; bg ; charset`.
    fn amend_saved(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let alternate = fields.flag()?;
        let x = fields.bounded(MOST + 1)?;
        let line: i64 = fields.number()?;
        let (fg, bg) = (fields.number()?, fields.number()?);
        let charset = fields.charset()?;
        let buffer = self.buffer_at(alternate);
        let y = (buffer.base() as i64).checked_add(line)?;
        buffer.saved = Saved {
            x,
            y: y.max(0) as usize,
            fg,
            bg,
            charset,
        };
        Some(())
    }

    /// `tab ; alternate ; column ; set`.
    fn amend_tab(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let tabs = &mut self.buffer_at(fields.flag()?).tabs;
        let x = fields.bounded(MOST + 1)?;
        if fields.flag()? {
            tabs.set(x);
        } else {
            tabs.clear(x);
        }
        Some(())
    }

    /// `pen ; fg ; bg ; ext`: the link stays.
    fn amend_pen(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let link = self.pen.link;
        self.pen = Pen {
            link,
            ..fields.pen()?
        };
        Some(())
    }

    /// `end`, or `end ; fg ; bg ; ext ; column ; row ; charset ; join`: nothing more is to come.
    fn amend_end(&mut self, mut fields: Fields<'_>) -> Option<()> {
        self.opening = Opening::Closed;
        self.put_amended_rows();
        let pen = fields.pen()?;
        let (x, y) = (
            fields.bounded(self.cols + 1)?,
            fields.bounded(self.rows - 1)?,
        );
        let charset = fields.charset()?;
        let join = fields.bounded(4)?;
        self.pen = Pen {
            link: self.pen.link,
            ..pen
        };
        let buffer = self.buffer();
        (buffer.x, buffer.y) = (x, y);
        self.charsets.active = charset;
        self.join_next = join as u32;
        Some(())
    }
}
