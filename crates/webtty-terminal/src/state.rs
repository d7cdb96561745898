//! Everything a terminal remembers.

use std::collections::BTreeMap;

use crate::allowance::Allowance;
use crate::buffer::Buffer;
use crate::cell::Pen;
use crate::charset::Charsets;
use crate::grid_cell::BLANK;
use crate::grid_row::GridRow;
use crate::limits::{Limits, Size};
use crate::links::Links;
use crate::modes::Modes;
use crate::opening::Opening;
use crate::packed::PackedRow;
use crate::palette::Palette;
use crate::reply::{Metrics, Reply, Theme};
use crate::scrollback::Scrollback;
use crate::styles::{Ink, Styles};
use crate::titles::Titles;

/// Replies kept until they are taken; further questions stay unanswered.
pub(crate) const MAX_REPLIES: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    pub(crate) normal: Buffer,
    pub(crate) alternate: Buffer,
    pub(crate) alternate_shown: bool,
    pub(crate) pen: Pen,
    pub(crate) allowance: Allowance,
    pub(crate) ink: Ink,
    pub(crate) styles: Styles,
    pub(crate) charsets: Charsets,
    pub(crate) modes: Modes,
    /// What a combining character would join: twice the width of the last character, 0 after
    /// anything that was not text.
    pub(crate) join: u32,
    /// What `join` becomes once the sequence being carried out has ended.
    pub(crate) join_next: u32,
    /// Whether this stream may amend the state.
    pub(crate) opening: Opening,
    /// Rows of the scrollback that are being amended.
    pub(crate) amended: BTreeMap<usize, PackedRow>,
    pub(crate) titles: Titles,
    pub(crate) links: Links,
    pub(crate) palette: Palette,
    pub(crate) bells: u64,
    pub(crate) replies: Vec<Reply>,
    pub(crate) theme: Theme,
    pub(crate) metrics: Option<Metrics>,
}

impl State {
    pub(crate) fn new(size: Size, limits: Limits) -> State {
        let (cols, rows) = (size.cols(), size.rows());
        let scrollback = Scrollback::new(limits.scrollback_lines, limits.scrollback_bytes);
        let mut state = State {
            cols,
            rows,
            normal: Buffer::new(cols, rows, Some(scrollback)),
            alternate: Buffer::new(cols, rows, None),
            alternate_shown: false,
            pen: Pen::default(),
            allowance: Allowance::default(),
            ink: Ink::default(),
            styles: Styles::default(),
            charsets: Charsets::default(),
            modes: Modes::default(),
            join: 0,
            join_next: 0,
            opening: Opening::new(),
            amended: BTreeMap::new(),
            titles: Titles::default(),
            links: Links::default(),
            palette: Palette::default(),
            bells: 0,
            replies: Vec::new(),
            theme: Theme::default(),
            metrics: None,
        };
        state.normal.fill(BLANK);
        state
    }

    /// The screen that is shown.
    #[inline]
    pub(crate) fn active(&self) -> &Buffer {
        if self.alternate_shown {
            &self.alternate
        } else {
            &self.normal
        }
    }

    #[inline]
    pub(crate) fn buffer(&mut self) -> &mut Buffer {
        if self.alternate_shown {
            &mut self.alternate
        } else {
            &mut self.normal
        }
    }

    /// The screen that is shown and what its cells look like.
    #[inline]
    pub(crate) fn buffer_and_styles(&mut self) -> (&mut Buffer, &Styles) {
        if self.alternate_shown {
            (&mut self.alternate, &self.styles)
        } else {
            (&mut self.normal, &self.styles)
        }
    }

    /// The row the cursor is in, about to be changed.
    #[inline]
    pub(crate) fn line(&mut self) -> &mut GridRow {
        self.buffer().line()
    }

    pub(crate) fn reply(&mut self, reply: Reply) {
        if self.replies.len() < MAX_REPLIES {
            self.replies.push(reply);
        }
    }

    /// RIS. Titles, palette, cursor visibility and the line feed mode survive.
    pub(crate) fn full_reset(&mut self) {
        self.normal.restart();
        self.alternate.hide();
        self.alternate.restart();
        self.alternate_shown = false;
        self.pen = Pen::default();
        self.charsets = Charsets::default();
        self.modes.full_reset();
    }

    /// DECSTR.
    pub(crate) fn soft_reset(&mut self) {
        self.modes.cursor_hidden = false;
        self.pen = Pen::default();
        self.modes.soft_reset();
        self.charsets = Charsets::default();
        let buffer = self.buffer();
        buffer.top = 0;
        buffer.bottom = buffer.rows - 1;
        buffer.keyboard = Default::default();
        buffer.saved = Default::default();
        buffer.saved.y = buffer.base();
    }

    /// Shows the alternate screen, new rows filled with the pen's background.
    pub(crate) fn show_alternate(&mut self) {
        if self.alternate_shown {
            return;
        }
        let erased = self.erased();
        self.alternate.fill(erased);
        self.alternate.x = self.normal.x;
        self.alternate.y = self.normal.y;
        self.alternate_shown = true;
    }

    /// Shows the normal screen; the alternate one is forgotten but for its saved cursor.
    pub(crate) fn show_normal(&mut self) {
        if !self.alternate_shown {
            return;
        }
        self.normal.x = self.alternate.x;
        self.normal.y = self.alternate.y;
        self.alternate.hide();
        self.alternate_shown = false;
        self.normal.touch_all();
    }
}
