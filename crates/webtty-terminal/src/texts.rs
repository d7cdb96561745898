//! Texts of more than one code point in a row of the grid, by column.
//!
//! A text stays when its cell is overwritten and counts again only if the cell is marked as
//! combined, as in xterm.js, whose reflow shows it.

use crate::grid_cell::GridCell;
use crate::work::done;

#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// For each column the number of its text, from 1; 0 is none.
    numbers: Vec<u16>,
    /// Where the texts end in `all`, one behind the other.
    ends: Vec<u32>,
    all: String,
}

impl Texts {
    pub(crate) fn get(&self, x: usize) -> Option<&str> {
        self.text(*self.numbers.get(x)?)
    }

    fn text(&self, number: u16) -> Option<&str> {
        let at = usize::from(number).checked_sub(1)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.all.get(start as usize..*self.ends.get(at)? as usize)
    }

    pub(crate) fn set(&mut self, x: usize, text: &str) {
        self.cover(x + 1);
        if self.ends.len() >= 2 * self.numbers.len() + 64 {
            self.forget_unused();
        }
        self.numbers[x] = self.add(text);
    }

    fn add(&mut self, text: &str) -> u16 {
        self.all.push_str(text);
        self.ends.push(self.all.len() as u32);
        self.ends.len() as u16
    }

    fn cover(&mut self, cols: usize) {
        if self.numbers.len() < cols {
            self.numbers.resize(cols, 0);
        }
    }

    /// Happens at most once for as many new texts as there are columns.
    fn forget_unused(&mut self) {
        done(self.numbers.len() + self.ends.len());
        let old = std::mem::take(self);
        let mut moved = vec![0; old.ends.len() + 1];
        self.numbers.reserve(old.numbers.len());
        for &number in &old.numbers {
            let at = usize::from(number);
            if let Some(text) = old.text(number)
                && moved[at] == 0
            {
                moved[at] = self.add(text);
            }
            self.numbers.push(moved[at]);
        }
    }

    /// Forgets the columns from `cols` on.
    pub(crate) fn truncate(&mut self, cols: usize) {
        self.numbers.truncate(cols);
    }

    /// Lets the texts of combined cells follow them `n` columns to the right, as far as `len`;
    /// `cells` are the row's, from column `x` on, before they move.
    pub(crate) fn shift_right(&mut self, cells: &[GridCell], x: usize, n: usize, len: usize) {
        let count = cells.len().min(len.saturating_sub(x + n));
        done(count);
        self.cover((x + n + count).min(len));
        for (i, cell) in cells[..count].iter().enumerate().rev() {
            if cell.is_combined() {
                self.numbers[x + i + n] = self.numbers[x + i];
            }
        }
    }

    /// The same to the left; `cells` are those from column `x + n` on.
    pub(crate) fn shift_left(&mut self, cells: &[GridCell], x: usize, n: usize) {
        done(cells.len());
        self.cover(x + n + cells.len());
        for (i, cell) in cells.iter().enumerate() {
            if cell.is_combined() {
                self.numbers[x + i] = self.numbers[x + i + n];
            }
        }
    }

    /// Neighbouring columns of one text: the first, how many, the text.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, usize, &str)> {
        let mut start = 0;
        let runs = self.numbers.chunk_by(|a, b| a == b).map(move |run| {
            start += run.len();
            (start - run.len(), run)
        });
        runs.filter_map(|(x, run)| Some((x, run.len(), self.text(run[0])?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_forgotten() {
        let mut texts = Texts::default();
        for i in 0..10_000 {
            texts.set(i % 10, &i.to_string());
        }
        assert!(texts.ends.len() <= 2 * 10 + 64);
        for x in 0..10 {
            assert_eq!(texts.get(x), Some(&*(9_990 + x).to_string()));
        }
        assert_eq!(texts.get(10), None);
    }
}
