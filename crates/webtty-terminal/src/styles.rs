//! Pens by number, so that a cell of the grid takes eight bytes whatever it looks like.

use std::collections::HashMap;

use crate::cell::{Pen, bg};
use crate::work::done;

/// Numbers handed out before unused ones are first looked for.
const FIRST_SWEEP: usize = 4096;
/// Pens whose number is found without hashing.
const NEAR: usize = 64;

/// Set in the number of every pen that protects what it writes.
pub(crate) const PROTECTED: u32 = 1 << 31;

/// Numbers that stay valid until the pen changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ink {
    /// The pen and its number.
    pub(crate) written: (Pen, u32),
    /// What the pen leaves behind when it erases, and its number.
    pub(crate) erased: (Pen, u32),
}

/// Every pen a cell of the screens has. Number 0 is the default pen.
#[derive(Clone, Debug)]
pub(crate) struct Styles {
    pens: Vec<Pen>,
    numbers: HashMap<Pen, u32>,
    free: Vec<u32>,
    near: Vec<(Pen, u32)>,
    sweep_at: usize,
}

impl Default for Styles {
    fn default() -> Styles {
        Styles {
            pens: vec![Pen::default()],
            numbers: HashMap::new(),
            free: Vec::new(),
            near: Vec::new(),
            sweep_at: FIRST_SWEEP,
        }
    }
}

impl Styles {
    #[inline]
    pub(crate) fn pen(&self, number: u32) -> Pen {
        self.pens[(number & !PROTECTED) as usize]
    }

    /// The pen's number, a new one if need be; extended attributes that do not count are left
    /// out.
    pub(crate) fn number(&mut self, mut pen: Pen) -> u32 {
        if pen.bg & bg::EXTENDED == 0 {
            pen.ext = 0;
            pen.link = 0;
        }
        if pen == Pen::default() {
            return 0;
        }
        let mixed = (pen.fg ^ pen.bg.rotate_left(9) ^ pen.ext ^ pen.link).wrapping_mul(0x9E37_79B1);
        let slot = (mixed >> 26) as usize;
        if let Some(&(near, number)) = self.near.get(slot)
            && near == pen
        {
            return number;
        }
        let number = match self.numbers.get(&pen) {
            Some(&number) => number,
            None => self.add(pen),
        };
        self.near.resize(NEAR, (Pen::default(), 0));
        self.near[slot] = (pen, number);
        number
    }

    fn add(&mut self, pen: Pen) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.pens.push(Pen::default());
            self.pens.len() as u32 - 1
        });
        self.pens[place as usize] = pen;
        let guards = pen.bg & bg::PROTECTED != 0;
        let number = place | if guards { PROTECTED } else { 0 };
        self.numbers.insert(pen, number);
        number
    }

    /// Whether it is time to look for numbers no cell has: twice as many are in use as were
    /// found to be needed the last time.
    pub(crate) fn wants_sweep(&self) -> bool {
        self.numbers.len() >= self.sweep_at
    }

    /// Takes back every number but those that `each_used` calls its argument with.
    pub(crate) fn sweep(&mut self, each_used: impl FnOnce(&mut dyn FnMut(u32))) {
        done(self.pens.len());
        let mut needed = vec![false; self.pens.len()];
        each_used(&mut |number| needed[(number & !PROTECTED) as usize] = true);
        let free = &mut self.free;
        self.numbers.retain(|_, number| {
            let place = *number & !PROTECTED;
            let keep = needed[place as usize];
            if !keep {
                free.push(place);
            }
            keep
        });
        self.near.clear();
        self.sweep_at = self.numbers.len() * 2 + FIRST_SWEEP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(fg: u32) -> Pen {
        Pen {
            fg,
            ..Pen::default()
        }
    }

    #[test]
    fn a_pen_keeps_its_number_and_unused_numbers_come_again() {
        let mut styles = Styles::default();
        assert_eq!(styles.number(Pen::default()), 0);
        let numbers: Vec<u32> = (1..=5000).map(|fg| styles.number(pen(fg))).collect();
        assert!(styles.wants_sweep());
        styles.sweep(|used| used(numbers[6]));
        assert!(!styles.wants_sweep());
        assert_eq!(styles.number(pen(7)), numbers[6]);
        for fg in 6000..6100 {
            let number = styles.number(pen(fg));
            assert_ne!(number, numbers[6]);
            assert!(number <= 5000);
            assert_eq!(styles.pen(number), pen(fg));
        }
    }
}
