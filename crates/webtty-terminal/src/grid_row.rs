//! One row of the screen and the ways cells move within it.
//!
//! Only the cells up to the last one written are kept. Those after it are all alike, so a row
//! that is blank, or was cleared, or is full of one character takes no cells at all.

use crate::cell::{COMBINED, Cell, EMPTY, HAS_CONTENT, WIDTH, WIDTH_SHIFT};
use crate::grid_cell::{BLANK, GridCell};
use crate::row::{MAX_CODE_POINTS, Row};
use crate::styles::Styles;
use crate::texts::Texts;
use crate::width::width;
use crate::work::done;

#[derive(Clone, Debug)]
pub(crate) struct GridRow {
    /// The cells from the first column on, as far as they are kept.
    cells: Vec<GridCell>,
    /// What is in every column after them.
    fill: GridCell,
    /// Columns; more than the screen's on an alternate screen that became narrower.
    len: u16,
    /// This row goes on where the one above ended.
    pub(crate) wrapped: bool,
    texts: Option<Box<Texts>>,
}

impl GridRow {
    pub(crate) fn new(cols: usize, fill: GridCell, wrapped: bool) -> GridRow {
        GridRow {
            cells: Vec::new(),
            fill,
            len: cols as u16,
            wrapped,
            texts: None,
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The cells that are kept.
    #[inline]
    pub(crate) fn cells(&self) -> &[GridCell] {
        &self.cells
    }

    pub(crate) fn fill(&self) -> GridCell {
        self.fill
    }

    pub(crate) fn texts(&self) -> Option<&Texts> {
        self.texts.as_deref()
    }

    /// What it costs to go through every cell, about one a cell moved, and to put in `fill`: if
    /// that is not what is at the end of the row, cells are made of what was none.
    #[inline]
    pub(crate) fn cost(&self, fill: GridCell) -> usize {
        let each = if self.texts.is_some() { 4 } else { 1 };
        let made = if fill == self.fill { 0 } else { self.len() };
        8 + (self.cells.len() + made) * each
    }

    #[inline]
    pub(crate) fn get(&self, x: usize) -> Option<GridCell> {
        match self.cells.get(x) {
            Some(&cell) => Some(cell),
            None => (x < self.len()).then_some(self.fill),
        }
    }

    #[inline]
    pub(crate) fn width(&self, x: usize) -> u32 {
        self.get(x).map_or(0, GridCell::width)
    }

    #[inline]
    pub(crate) fn has_content(&self, x: usize) -> bool {
        self.get(x).is_some_and(GridCell::has_content)
    }

    /// Nothing in it, or only what looks like nothing.
    pub(crate) fn is_blank(&self) -> bool {
        self.fill == BLANK && self.cells.iter().all(|cell| *cell == BLANK)
    }

    /// Makes room for `n` cells: twice what there was, but never more than the row has.
    #[inline]
    fn room_for(&mut self, n: usize) {
        let room = self.cells.capacity();
        if room < n {
            let wanted = (2 * room).min(self.len()).max(n);
            self.cells.reserve_exact(wanted - self.cells.len());
        }
    }

    /// Keeps at least the first `n` cells.
    #[inline]
    fn keep(&mut self, n: usize) {
        if self.cells.len() < n {
            done(n - self.cells.len());
            self.room_for(n);
            self.cells.resize(n, self.fill);
        }
    }

    #[inline]
    pub(crate) fn put(&mut self, x: usize, code: u32, width: u32, style: u32) {
        if x < self.len() {
            done(1);
            let cell = GridCell::new(code, width, style);
            self.keep(x);
            match self.cells.get_mut(x) {
                Some(slot) => *slot = cell,
                None => {
                    self.room_for(x + 1);
                    self.cells.push(cell);
                }
            }
        }
    }

    /// Puts printable ASCII, which must fit.
    #[inline]
    pub(crate) fn put_ascii(&mut self, x: usize, text: &[u8], style: u32) {
        let cell = |&byte: &u8| GridCell {
            content: EMPTY | u32::from(byte),
            style,
        };
        done(text.len());
        self.keep(x);
        let over = &mut self.cells[x..];
        let (now, later) = text.split_at(text.len().min(over.len()));
        for (slot, byte) in over.iter_mut().zip(now) {
            *slot = cell(byte);
        }
        if !later.is_empty() {
            self.room_for(x + text.len());
            self.cells.extend(later.iter().map(cell));
        }
    }

    /// Puts characters as long as they take one or two columns and end before column `end`;
    /// returns how many.
    pub(crate) fn put_codes(&mut self, x: usize, end: usize, codes: &[u32], style: u32) -> usize {
        done(codes.len());
        self.keep(x);
        self.room_for((x + 2 * codes.len()).min(end));
        let mut x = x;
        for (n, &code) in codes.iter().enumerate() {
            let columns = width(code);
            if columns == 0 || x + columns as usize > end {
                return n;
            }
            self.write(x, GridCell::new(code, columns, style));
            if columns == 2 {
                self.write(x + 1, GridCell::new(0, 0, style));
            }
            x += columns as usize;
        }
        codes.len()
    }

    /// Writes the cell at `x`, where all cells before it are kept.
    #[inline]
    fn write(&mut self, x: usize, cell: GridCell) {
        match self.cells.get_mut(x) {
            Some(slot) => *slot = cell,
            None => self.cells.push(cell),
        }
    }

    /// The cell's text; empty for an empty cell.
    pub(crate) fn text(&self, x: usize, out: &mut String) {
        let Some(cell) = self.get(x) else {
            return;
        };
        if cell.is_combined() {
            out.push_str(self.texts().and_then(|texts| texts.get(x)).unwrap_or(""));
        } else if let Some(c) = cell.char() {
            out.push(c);
        }
    }

    /// Adds a combining character to a cell; `width` 0 leaves the cell's width alone.
    pub(crate) fn add_code_point(&mut self, x: usize, code: u32, width: u32) {
        let (Some(cell), Some(c)) = (self.get(x), char::from_u32(code)) else {
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
            done(text.len());
            self.texts.get_or_insert_default().set(x, &text);
            content = content & !HAS_CONTENT | COMBINED;
        }
        if width > 0 {
            content = content & !WIDTH | width << WIDTH_SHIFT;
        }
        self.keep(x + 1);
        self.cells[x].content = content;
    }

    /// Fills everything from column `x` on.
    fn fill_from(&mut self, x: usize, fill: GridCell) {
        if self.fill != fill {
            self.keep(x);
            self.fill = fill;
        }
        self.cells.truncate(x);
    }

    /// Shifts what is right of `x` by `n` columns to the right; what leaves the row is lost.
    pub(crate) fn insert(&mut self, x: usize, n: usize, fill: GridCell) {
        let len = self.len();
        let x = x % len;
        if x > 0 && self.width(x - 1) == 2 {
            self.put(x - 1, 0, 1, fill.style);
        }
        if n >= len - x {
            self.fill_from(x, fill);
        } else if x < self.cells.len() || fill != self.fill {
            self.keep(x);
            if let Some(texts) = &mut self.texts {
                texts.shift_right(&self.cells[x..], x, n, len);
            }
            let kept = self.cells.len();
            let end = (kept + n).min(len);
            done(end - x);
            self.room_for(end);
            self.cells.resize(end, fill);
            self.cells.copy_within(x..end - n, x + n);
            self.cells[x..x + n].fill(fill);
        }
        if self.width(len - 1) == 2 {
            self.put(len - 1, 0, 1, fill.style);
        }
    }

    /// Removes `n` cells at `x`; the end of the row is filled.
    pub(crate) fn delete(&mut self, x: usize, n: usize, fill: GridCell) {
        let len = self.len();
        let x = x % len;
        if n < len - x {
            let kept = self.cells.len();
            if x + n < kept {
                if let Some(texts) = &mut self.texts {
                    texts.shift_left(&self.cells[x + n..], x, n);
                }
                done(kept - x);
                self.cells.copy_within(x + n.., x);
                self.cells.truncate(kept - n);
            } else {
                self.cells.truncate(x);
            }
            self.fill_from(len - n, fill);
        } else {
            self.fill_from(x, fill);
        }
        if x > 0 && self.width(x - 1) == 2 {
            self.put(x - 1, 0, 1, fill.style);
        }
        if self.width(x) == 0 && !self.has_content(x) {
            self.put(x, 0, 1, fill.style);
        }
    }

    /// Empties the cells `start..end`.
    pub(crate) fn erase(&mut self, start: usize, end: usize, fill: GridCell) {
        if start > 0 && self.width(start - 1) == 2 {
            self.put(start - 1, 0, 1, fill.style);
        }
        if end > 0 && end < self.len() && self.width(end - 1) == 2 {
            self.put(end, 0, 1, fill.style);
        }
        if start >= end.min(self.len()) {
            return;
        }
        if end >= self.len() || self.fill == fill && self.cells.len() <= end {
            self.fill_from(start, fill);
        } else {
            done(end - start);
            self.keep(end);
            self.cells[start..end].fill(fill);
        }
    }

    /// The same, but protected cells stay.
    pub(crate) fn erase_unprotected(&mut self, start: usize, end: usize, fill: GridCell) {
        let end = end.min(self.len());
        done(end);
        self.keep(end);
        let guarded = |row: &GridRow, x: usize| row.get(x).is_some_and(GridCell::is_protected);
        if start > 0 && self.width(start - 1) == 2 && !guarded(self, start - 1) {
            self.put(start - 1, 0, 1, fill.style);
        }
        if end > 0 && end < self.len() && self.width(end - 1) == 2 && !guarded(self, end) {
            self.put(end, 0, 1, fill.style);
        }
        for x in start..end {
            if !guarded(self, x) {
                self.cells[x] = fill;
            }
        }
    }

    /// Empties what is not protected in the whole row, and leaves texts of several code points.
    pub(crate) fn clear_unprotected(&mut self, fill: GridCell) {
        done(self.cells.len() + 1);
        if self.fill.is_protected() {
            for cell in self.cells.iter_mut().filter(|cell| !cell.is_protected()) {
                *cell = fill;
            }
            return;
        }
        let last = self.cells.iter().rposition(|cell| cell.is_protected());
        self.fill_from(last.map_or(0, |last| last + 1), fill);
        for cell in self.cells.iter_mut().filter(|cell| !cell.is_protected()) {
            *cell = fill;
        }
    }

    /// Makes this a fresh row of `cols` columns, keeping its memory.
    #[inline]
    pub(crate) fn recycle(&mut self, cols: usize, fill: GridCell, wrapped: bool) {
        self.len = cols as u16;
        self.clear(fill);
        self.wrapped = wrapped;
    }

    /// Empties the whole row, also what lies beyond the screen's edge.
    #[inline]
    pub(crate) fn clear(&mut self, fill: GridCell) {
        done(1);
        self.cells.clear();
        self.fill = fill;
        if self.texts.is_some() {
            self.texts = None;
        }
    }

    pub(crate) fn resize(&mut self, cols: usize) {
        if cols > self.len() && self.fill != BLANK {
            self.keep(self.len());
            self.fill = BLANK;
        }
        if cols < self.len() {
            self.cells.truncate(cols);
            if let Some(texts) = &mut self.texts {
                texts.truncate(cols);
            }
        }
        self.len = cols as u16;
    }

    /// The row as others read it, `cols` wide or wider.
    pub(crate) fn read(&self, styles: &Styles) -> Row {
        let mut cells: Vec<Cell> = Vec::with_capacity(self.len());
        cells.extend(self.cells.iter().map(|cell| cell.read(styles)));
        cells.resize(self.len(), self.fill.read(styles));
        let mut row = Row::from_cells(cells, self.wrapped);
        for (x, n, text) in self.texts.iter().flat_map(|texts| texts.runs()) {
            for x in x..x + n {
                row.set_combined(x, text.into());
            }
        }
        row
    }

    /// The row that others read as `row`.
    pub(crate) fn of(row: &Row, styles: &mut Styles) -> GridRow {
        let mut grid = GridRow::new(row.len(), BLANK, row.wrapped);
        let used = row.cells.iter().rposition(|cell| !cell.is_blank());
        let used = &row.cells[..used.map_or(0, |last| last + 1)];
        let mut last = (crate::cell::BLANK.pen, 0);
        grid.cells.extend(used.iter().map(|cell| {
            if cell.pen != last.0 {
                last = (cell.pen, styles.number(cell.pen));
            }
            GridCell {
                content: cell.content,
                style: last.1,
            }
        }));
        for (&x, text) in row.combined.iter().flat_map(|texts| texts.iter()) {
            let texts = grid.texts.get_or_insert_default();
            texts.set(usize::from(x), text);
        }
        grid
    }
}
