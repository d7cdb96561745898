//! A row as it is read: by snapshots, renderings and reflow.

use std::collections::BTreeMap;

use crate::cell::{BLANK, COMBINED, Cell, Pen, WIDTH_SHIFT};
use crate::limits::MAX_COLS;

/// Texts of more than one code point, by column. A text stays when its cell is overwritten and
/// counts again only if the cell is marked as combined, as in xterm.js, whose reflow shows it.
pub(crate) type Combined = BTreeMap<u16, Box<str>>;

/// Code points one cell may hold; more are dropped.
pub(crate) const MAX_CODE_POINTS: usize = 32;

/// In which order cells are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Forward,
    Backward,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// This row goes on where the one above ended.
    pub(crate) wrapped: bool,
    pub(crate) combined: Option<Box<Combined>>,
}

impl Row {
    /// A blank row.
    pub(crate) fn new(cols: usize, wrapped: bool) -> Row {
        Row::from_cells(vec![BLANK; cols], wrapped)
    }

    pub(crate) fn from_cells(cells: Vec<Cell>, wrapped: bool) -> Row {
        Row {
            cells,
            wrapped,
            combined: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    #[inline]
    pub(crate) fn width(&self, x: usize) -> u32 {
        self.cells.get(x).map_or(0, |cell| cell.width())
    }

    #[inline]
    pub(crate) fn has_content(&self, x: usize) -> bool {
        self.cells.get(x).is_some_and(|cell| cell.has_content())
    }

    /// The cell's text; empty for an empty cell.
    pub(crate) fn text(&self, x: usize, out: &mut String) {
        let Some(cell) = self.cells.get(x) else {
            return;
        };
        if cell.is_combined() {
            if let Some(text) = self.combined_at(x) {
                out.push_str(text);
            }
        } else if let Some(c) = char::from_u32(cell.code()).filter(|&c| c != '\0') {
            out.push(c);
        }
    }

    pub(crate) fn combined_at(&self, x: usize) -> Option<&str> {
        let texts = self.combined.as_ref()?;
        texts.get(&(x as u16)).map(|text| &**text)
    }

    /// Texts that do not show, also beyond the row's end, but that a new width may bring back.
    pub(crate) fn stale(&self) -> impl Iterator<Item = (usize, &str)> {
        let texts = self.combined.iter().flat_map(|texts| texts.iter());
        let shows = |x: usize| self.cells.get(x).is_some_and(|cell| cell.is_combined());
        texts
            .map(|(&x, text)| (usize::from(x), &**text))
            .filter(move |&(x, _)| !shows(x))
    }

    /// Keeps a text at a column, whether it shows there or not; an empty one is none.
    pub(crate) fn keep_text(&mut self, x: usize, text: &str) {
        let text: String = text.chars().take(MAX_CODE_POINTS).collect();
        if !text.is_empty() {
            self.set_combined(x, text.into());
        } else if let Some(texts) = &mut self.combined {
            texts.remove(&(x as u16));
        }
    }

    pub(crate) fn set_combined(&mut self, x: usize, text: Box<str>) {
        self.combined.get_or_insert_default().insert(x as u16, text);
    }

    /// The cell at `x`, which must be in the row.
    pub(crate) fn cell(&self, x: usize) -> Cell {
        self.cells[x]
    }

    /// Makes a cell what is said, whatever is beside it; nothing beyond the row's end.
    pub(crate) fn set(&mut self, x: usize, text: &str, width: u32, pen: Pen) {
        let Some(cell) = self.cells.get_mut(x) else {
            return;
        };
        let mut chars = text.chars().take(MAX_CODE_POINTS);
        *cell = Cell::new(chars.next().map_or(0, u32::from), width, pen);
        if chars.next().is_some() {
            cell.content = COMBINED | width << WIDTH_SHIFT;
            let text: String = text.chars().take(MAX_CODE_POINTS).collect();
            self.set_combined(x, text.into());
        }
    }

    /// Empties the cells from `start` on.
    pub(crate) fn erase_from(&mut self, start: usize) {
        if start > 0 && self.width(start - 1) == 2 {
            self.cells[start - 1] = BLANK;
        }
        let start = start.min(self.len());
        self.cells[start..].fill(BLANK);
    }

    pub(crate) fn resize(&mut self, cols: usize) {
        if cols < self.len()
            && let Some(texts) = &mut self.combined
        {
            texts.retain(|&x, _| usize::from(x) < cols);
        }
        self.cells.resize(cols, BLANK);
    }

    /// Columns up to the end of the last text.
    pub(crate) fn trimmed_len(&self) -> usize {
        match self.cells.iter().rposition(|cell| cell.has_content()) {
            Some(x) => x + self.cells[x].width() as usize,
            None => 0,
        }
    }

    /// Copies `n` cells from another row. Every text right of `from` comes along, as far as
    /// any row can be wide.
    pub(crate) fn copy_from(&mut self, source: &Row, from: usize, to: usize, n: usize) {
        for i in 0..n {
            let cell = source.cells.get(from + i).copied().unwrap_or(BLANK);
            if let Some(slot) = self.cells.get_mut(to + i) {
                *slot = cell;
            }
        }
        for (&x, text) in source.combined.iter().flat_map(|texts| texts.iter()) {
            if usize::from(x) >= from {
                self.bring(usize::from(x) - from + to, text.clone());
            }
        }
    }

    /// The same inside of a row, cell by cell: a cell may be one that was copied before. So may
    /// be a text, because they are looked up one after the other, from the left.
    pub(crate) fn copy_within(&mut self, from: usize, to: usize, n: usize, way: Way) {
        let copy = |i: usize| {
            let cell = self.cells.get(from + i).copied().unwrap_or(BLANK);
            if let Some(slot) = self.cells.get_mut(to + i) {
                *slot = cell;
            }
        };
        match way {
            Way::Forward => (0..n).for_each(copy),
            Way::Backward => (0..n).rev().for_each(copy),
        }
        let Some(texts) = &self.combined else {
            return;
        };
        let columns: Vec<u16> = texts.range(from as u16..).map(|(&x, _)| x).collect();
        for x in columns {
            let text = self.combined_at(usize::from(x)).map(Box::from);
            if let Some(text) = text {
                self.bring(usize::from(x) - from + to, text);
            }
        }
    }

    fn bring(&mut self, x: usize, text: Box<str>) {
        if x < usize::from(MAX_COLS) {
            self.set_combined(x, text);
        }
    }
}
