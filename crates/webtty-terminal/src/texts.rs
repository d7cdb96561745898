//! Texts of more than one code point in a row of the grid, by column.
//!
//! A text stays when its cell is overwritten and counts again only if the cell is marked as
//! combined, as in xterm.js, whose reflow shows it.

use crate::grid_cell::GridCell;

#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// For each column the number of its text, from 1; 0 is none.
    numbers: Vec<u16>,
    texts: Vec<Box<str>>,
}

impl Texts {
    pub(crate) fn get(&self, x: usize) -> Option<&str> {
        let number = usize::from(*self.numbers.get(x)?);
        self.texts.get(number.checked_sub(1)?).map(|text| &**text)
    }

    pub(crate) fn set(&mut self, x: usize, text: Box<str>) {
        self.cover(x + 1);
        if self.texts.len() >= 2 * self.numbers.len() + 64 {
            self.forget_unused();
        }
        self.texts.push(text);
        self.numbers[x] = self.texts.len() as u16;
    }

    fn cover(&mut self, cols: usize) {
        if self.numbers.len() < cols {
            self.numbers.resize(cols, 0);
        }
    }

    /// Happens at most once for as many new texts as there are columns.
    fn forget_unused(&mut self) {
        let old = std::mem::take(&mut self.texts);
        let mut moved = vec![0; old.len() + 1];
        for number in &mut self.numbers {
            let at = usize::from(*number);
            if at > 0 && moved[at] == 0 {
                self.texts.push(old[at - 1].clone());
                moved[at] = self.texts.len() as u16;
            }
            *number = moved[at];
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
        self.cover((x + n + count).min(len));
        for (i, cell) in cells[..count].iter().enumerate().rev() {
            if cell.is_combined() {
                self.numbers[x + i + n] = self.numbers[x + i];
            }
        }
    }

    /// The same to the left; `cells` are those from column `x + n` on.
    pub(crate) fn shift_left(&mut self, cells: &[GridCell], x: usize, n: usize) {
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
        runs.filter_map(|(x, run)| {
            let number = usize::from(run[0]).checked_sub(1)?;
            Some((x, run.len(), &**self.texts.get(number)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_forgotten() {
        let mut texts = Texts::default();
        for i in 0..10_000 {
            texts.set(i % 10, i.to_string().into());
        }
        assert!(texts.texts.len() <= 2 * 10 + 64);
        for x in 0..10 {
            assert_eq!(texts.get(x), Some(&*(9_990 + x).to_string()));
        }
        assert_eq!(texts.get(10), None);
    }
}
