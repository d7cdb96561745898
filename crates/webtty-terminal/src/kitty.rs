//! The kitty keyboard protocol's flags, one set a screen, and their stack.

/// Flags that exist.
const KNOWN: u8 = 0b1_1111;
/// Sets of flags that can be pushed; beyond it the oldest goes.
const MAX_PUSHED: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keyboard {
    pub(crate) flags: u8,
    pub(crate) pushed: Vec<u8>,
}

impl Keyboard {
    /// `CSI = flags ; mode u`: 1 replaces, 2 adds, 3 removes.
    pub(crate) fn set(&mut self, flags: i32, mode: i32) {
        let flags = (flags as u8) & KNOWN;
        match mode {
            0 | 1 => self.flags = flags,
            2 => self.flags |= flags,
            3 => self.flags &= !flags,
            _ => {}
        }
    }

    /// `CSI > flags u`.
    pub(crate) fn push(&mut self, flags: i32) {
        if self.pushed.len() == MAX_PUSHED {
            self.pushed.remove(0);
        }
        self.pushed.push(self.flags);
        self.flags = (flags as u8) & KNOWN;
    }

    /// `CSI < count u`; popping more than was pushed leaves no flags.
    pub(crate) fn pop(&mut self, count: i32) {
        for _ in 0..count.clamp(1, MAX_PUSHED as i32 + 1) {
            self.flags = self.pushed.pop().unwrap_or(0);
        }
    }
}
