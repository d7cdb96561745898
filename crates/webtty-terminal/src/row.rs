//! One row of the screen and the ways cells move within it.

use std::collections::BTreeMap;

use crate::cell::{BLANK, COMBINED, Cell, EMPTY, HAS_CONTENT, Pen, WIDTH, WIDTH_SHIFT};

/// Texts of more than one code point, by column. A text stays when its cell is overwritten and
/// counts again only if the cell is marked as combined, as in xterm.js, whose reflow shows it.
pub(crate) type Combined = BTreeMap<u16, Box<str>>;

/// Code points one cell may hold; more are dropped.
const MAX_CODE_POINTS: usize = 32;

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// This row goes on where the one above ended.
    pub(crate) wrapped: bool,
    pub(crate) combined: Option<Box<Combined>>,
}

impl Row {
    pub(crate) fn new(cols: usize, pen: Pen, wrapped: bool) -> Row {
        Row {
            cells: vec![Cell::empty(pen); cols],
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

    #[inline]
    pub(crate) fn put(&mut self, x: usize, code: u32, width: u32, pen: Pen) {
        if let Some(cell) = self.cells.get_mut(x) {
            *cell = Cell::new(code, width, pen);
        }
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

    fn set_combined(&mut self, x: usize, text: Box<str>) {
        self.combined.get_or_insert_default().insert(x as u16, text);
    }

    /// Adds a combining character to a cell; `width` 0 leaves the cell's width alone.
    pub(crate) fn add_code_point(&mut self, x: usize, code: u32, width: u32) {
        let Some(cell) = self.cells.get(x).copied() else {
            return;
        };
        let Some(c) = char::from_u32(code) else {
            return;
        };
        let mut content = cell.content;
        if content & HAS_CONTENT == 0 {
            content = code | EMPTY;
        } else {
            let mut text = String::new();
            self.text(x, &mut text);
            if text.chars().count() < MAX_CODE_POINTS {
                text.push(c);
            }
            self.set_combined(x, text.into());
            content = content & !HAS_CONTENT | COMBINED;
        }
        if width > 0 {
            content = content & !WIDTH | width << WIDTH_SHIFT;
        }
        self.cells[x].content = content;
    }

    fn copy_within(&mut self, from: usize, to: usize) {
        let cell = self.cells[from];
        if cell.is_combined()
            && let Some(text) = self.combined_at(from).map(Into::into)
        {
            self.set_combined(to, text);
        }
        self.cells[to] = cell;
    }

    /// Shifts what is right of `x` by `n` columns to the right; what leaves the row is lost.
    pub(crate) fn insert(&mut self, x: usize, n: usize, fill: Pen) {
        let len = self.len();
        let x = x % len;
        if x > 0 && self.width(x - 1) == 2 {
            self.put(x - 1, 0, 1, fill);
        }
        if n < len - x {
            if self.combined.is_none() {
                self.cells.copy_within(x..len - n, x + n);
            } else {
                for i in (x..len - n).rev() {
                    self.copy_within(i, i + n);
                }
            }
            self.cells[x..x + n].fill(Cell::empty(fill));
        } else {
            self.cells[x..].fill(Cell::empty(fill));
        }
        if self.width(len - 1) == 2 {
            self.put(len - 1, 0, 1, fill);
        }
    }

    /// Removes `n` cells at `x`; the end of the row is filled.
    pub(crate) fn delete(&mut self, x: usize, n: usize, fill: Pen) {
        let len = self.len();
        let x = x % len;
        if n < len - x {
            if self.combined.is_none() {
                self.cells.copy_within(x + n..len, x);
            } else {
                for i in x..len - n {
                    self.copy_within(i + n, i);
                }
            }
            self.cells[len - n..].fill(Cell::empty(fill));
        } else {
            self.cells[x..].fill(Cell::empty(fill));
        }
        if x > 0 && self.width(x - 1) == 2 {
            self.put(x - 1, 0, 1, fill);
        }
        if self.width(x) == 0 && !self.has_content(x) {
            self.put(x, 0, 1, fill);
        }
    }

    /// Empties the cells `start..end`; protected ones stay if `selective`.
    pub(crate) fn erase(&mut self, start: usize, end: usize, fill: Pen, selective: bool) {
        let len = self.len();
        let guarded = |row: &Row, x: usize| selective && row.cells[x].is_protected();
        if start > 0 && self.width(start - 1) == 2 && !guarded(self, start - 1) {
            self.put(start - 1, 0, 1, fill);
        }
        if end > 0 && end < len && self.width(end - 1) == 2 && !guarded(self, end) {
            self.put(end, 0, 1, fill);
        }
        for x in start..end.min(len) {
            if !guarded(self, x) {
                self.cells[x] = Cell::empty(fill);
            }
        }
    }

    /// Empties the whole row, also what lies beyond the screen's edge.
    pub(crate) fn clear(&mut self, fill: Cell, selective: bool) {
        if selective {
            for cell in &mut self.cells {
                if !cell.is_protected() {
                    *cell = fill;
                }
            }
            return;
        }
        self.combined = None;
        self.cells.fill(fill);
    }

    /// Makes this a fresh row of `cols` columns, keeping its memory.
    pub(crate) fn recycle(&mut self, cols: usize, pen: Pen, wrapped: bool) {
        let fill = Cell::empty(pen);
        if fill == BLANK && self.len() == cols {
            // Most rows are blank at their end, and looking is cheaper than writing.
            let used = self.cells.iter().rposition(|cell| !cell.is_blank());
            self.cells[..used.map_or(0, |last| last + 1)].fill(BLANK);
        } else {
            self.cells.clear();
            self.cells.resize(cols, fill);
        }
        self.combined = None;
        self.wrapped = wrapped;
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

    /// Copies `n` cells from another row. Every combined text right of `from` comes along.
    pub(crate) fn copy_from(&mut self, source: &Row, from: usize, to: usize, n: usize) {
        for i in 0..n {
            let cell = source.cells.get(from + i).copied().unwrap_or(BLANK);
            if let Some(slot) = self.cells.get_mut(to + i) {
                *slot = cell;
            }
        }
        let Some(texts) = &source.combined else {
            return;
        };
        let moved: Vec<(usize, Box<str>)> = texts
            .range(from as u16..)
            .map(|(&x, text)| (usize::from(x) - from + to, text.clone()))
            .collect();
        for (x, text) in moved {
            if x < self.len() {
                self.set_combined(x, text);
            }
        }
    }
}
