//! The rows of a screen. Moving rows moves their numbers, and clearing what is clear already
//! costs nothing, however large the screen.

use std::collections::VecDeque;

use crate::grid_cell::{BLANK, GridCell};
use crate::grid_row::GridRow;
use crate::work::done;

#[derive(Clone, Debug)]
pub(crate) struct Screen {
    rows: Vec<GridRow>,
    /// Which of `rows` is shown where, from the top.
    order: Vec<u16>,
    /// From this row on, all are full of `rest` and not wrapped.
    used: usize,
    rest: GridCell,
}

impl Default for Screen {
    fn default() -> Screen {
        Screen {
            rows: Vec::new(),
            order: Vec::new(),
            used: 0,
            rest: BLANK,
        }
    }
}

impl Screen {
    /// A screen full of one cell.
    pub(crate) fn new(cols: usize, rows: usize, fill: GridCell) -> Screen {
        done(rows);
        Screen {
            rows: vec![GridRow::new(cols, fill, false); rows],
            order: (0..rows as u16).collect(),
            used: 0,
            rest: fill,
        }
    }

    /// A screen of these rows.
    pub(crate) fn of(rows: VecDeque<GridRow>) -> Screen {
        Screen {
            order: (0..rows.len() as u16).collect(),
            used: rows.len(),
            rows: rows.into(),
            rest: BLANK,
        }
    }

    /// The rows, from the top.
    pub(crate) fn into_rows(mut self) -> VecDeque<GridRow> {
        let nothing = GridRow::new(0, BLANK, false);
        let take = |&at: &u16| std::mem::replace(&mut self.rows[usize::from(at)], nothing.clone());
        self.order.iter().map(take).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The row at `y`, which must be on the screen.
    #[inline]
    pub(crate) fn row(&self, y: usize) -> &GridRow {
        &self.rows[usize::from(self.order[y])]
    }

    pub(crate) fn get(&self, y: usize) -> Option<&GridRow> {
        self.order.get(y).map(|&at| &self.rows[usize::from(at)])
    }

    /// The row at `y`, about to be changed. `y` must be on the screen.
    #[inline]
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut GridRow {
        self.used = self.used.max(y + 1);
        &mut self.rows[usize::from(self.order[y])]
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &GridRow> {
        self.order.iter().map(|&at| &self.rows[usize::from(at)])
    }

    /// Every number of a pen on the screen.
    pub(crate) fn each_style(&self, seen: &mut dyn FnMut(u32)) {
        seen(self.rest.style);
        for row in &self.rows {
            seen(row.fill().style);
            done(row.cells().len() + 1);
            row.cells().iter().for_each(|cell| seen(cell.style));
        }
    }

    /// Moves the rows `top..=bottom` up by `n`; those that come in are fresh.
    #[inline]
    pub(crate) fn shift_up(
        &mut self,
        top: usize,
        bottom: usize,
        n: usize,
        cols: usize,
        fill: GridCell,
    ) {
        // Numbers of rows move sixteen at a time.
        done((bottom - top) / 16);
        let region = &mut self.order[top..=bottom];
        if n == 1 {
            let first = region[0];
            let last = region.len() - 1;
            region.copy_within(1.., 0);
            region[last] = first;
        } else {
            region.rotate_left(n);
        }
        for y in bottom + 1 - n..=bottom {
            self.row_mut(y).recycle(cols, fill, false);
        }
    }

    /// Moves the rows `top..=bottom` down by `n`; those that come in are fresh.
    pub(crate) fn shift_down(
        &mut self,
        top: usize,
        bottom: usize,
        n: usize,
        cols: usize,
        fill: GridCell,
    ) {
        done((bottom - top) / 16);
        self.order[top..=bottom].rotate_right(n);
        self.used = self.used.max(bottom + 1);
        for y in top..top + n {
            self.row_mut(y).recycle(cols, fill, false);
        }
    }

    /// What it costs to go through every cell of the rows `from..to` and put in `fill`.
    pub(crate) fn cost(&self, from: usize, to: usize, fill: GridCell) -> usize {
        done(to - from);
        let rows = self.order[from..to].iter();
        rows.map(|&at| self.rows[usize::from(at)].cost(fill)).sum()
    }

    /// The rows from this one on, up to `to`, are full of `fill` and not wrapped.
    pub(crate) fn end_unlike(&self, to: usize, fill: GridCell) -> usize {
        if fill == self.rest {
            to.min(self.used)
        } else {
            to
        }
    }

    /// Fills the rows `from..to` with one cell, also beyond the screen's edge.
    pub(crate) fn clear_rows(&mut self, from: usize, to: usize, fill: GridCell) {
        let known = fill == self.rest;
        let end = self.end_unlike(to, fill);
        for y in from..end {
            let row = &mut self.rows[usize::from(self.order[y])];
            row.clear(fill);
            row.wrapped = false;
        }
        if to >= self.used && (known || from == 0 && to == self.len()) {
            self.used = self.used.min(from);
            self.rest = fill;
        } else {
            self.used = self.used.max(end);
        }
    }

    /// Whether it has so many rows of so many columns.
    pub(crate) fn has_size(&self, cols: usize, rows: usize) -> bool {
        self.len() == rows && self.rows.iter().take(1).all(|row| row.len() == cols)
    }

    /// Makes every row a fresh one; all must be `cols` wide.
    pub(crate) fn restart(&mut self, cols: usize) {
        self.renew(|row| row.recycle(cols, BLANK, false));
    }

    /// The same, and the memory of their cells is given back.
    pub(crate) fn empty(&mut self, cols: usize) {
        self.renew(|row| *row = GridRow::new(cols, BLANK, false));
    }

    fn renew(&mut self, each: impl Fn(&mut GridRow)) {
        let used = match self.rest == BLANK {
            true => self.used,
            false => self.len(),
        };
        done(used);
        for &at in &self.order[..used] {
            each(&mut self.rows[usize::from(at)]);
        }
        self.used = 0;
        self.rest = BLANK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: GridCell = GridCell::new(0x78, 1, 0);

    /// What the rows begin with.
    fn shown(screen: &Screen) -> Vec<u32> {
        let first = |row: &GridRow| row.get(0).map_or(0, |cell| cell.content & 0x7F);
        screen.iter().map(first).collect()
    }

    fn numbered(rows: usize) -> Screen {
        let mut screen = Screen::new(4, rows, BLANK);
        for y in 0..rows {
            screen.row_mut(y).put(0, y as u32 + 1, 1, 0);
        }
        screen
    }

    #[test]
    fn rows_move_and_fresh_ones_come_in() {
        let mut screen = numbered(5);
        screen.shift_up(1, 3, 1, 4, BLANK);
        assert_eq!(shown(&screen), [1, 3, 4, 0, 5]);
        screen.shift_down(0, 4, 2, 4, BLANK);
        assert_eq!(shown(&screen), [0, 0, 1, 3, 4]);
        screen.shift_up(0, 4, 5, 4, BLANK);
        assert_eq!(shown(&screen), [0; 5]);
    }

    #[test]
    fn what_is_known_to_be_clear_is_told_from_what_is_not() {
        let x = 0x78;
        let mut screen = numbered(5);
        screen.clear_rows(0, 5, X);
        assert_eq!((shown(&screen), screen.used), (vec![x; 5], 0));
        screen.row_mut(1).put(0, 7, 1, 0);
        screen.clear_rows(3, 5, BLANK);
        assert_eq!((shown(&screen), screen.used), (vec![x, 7, x, 0, 0], 5));
        screen.clear_rows(1, 5, X);
        assert_eq!((shown(&screen), screen.used), (vec![x; 5], 1));
        screen.clear_rows(0, 2, BLANK);
        assert_eq!((shown(&screen), screen.used), (vec![0, 0, x, x, x], 2));
        screen.restart(4);
        assert_eq!((shown(&screen), screen.used), (vec![0; 5], 0));
    }
}
