//! A cell as the grid keeps it: its text and the number of its pen.

use crate::cell::{CODE_POINT, COMBINED, Cell, EMPTY, HAS_CONTENT, WIDTH_SHIFT};
use crate::styles::{PROTECTED, Styles};

/// One cell, eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GridCell {
    /// Code point, combined flag and width, as in [`Cell`].
    pub(crate) content: u32,
    /// Number of its pen.
    pub(crate) style: u32,
}

/// The cell of a fresh screen.
pub(crate) const BLANK: GridCell = GridCell::empty(0);

impl GridCell {
    #[inline]
    pub(crate) const fn new(code: u32, width: u32, style: u32) -> GridCell {
        GridCell {
            content: code | width << WIDTH_SHIFT,
            style,
        }
    }

    #[inline]
    pub(crate) const fn empty(style: u32) -> GridCell {
        GridCell {
            content: EMPTY,
            style,
        }
    }

    #[inline]
    pub(crate) fn width(self) -> u32 {
        self.content >> WIDTH_SHIFT
    }

    #[inline]
    pub(crate) fn has_content(self) -> bool {
        self.content & HAS_CONTENT != 0
    }

    #[inline]
    pub(crate) fn is_combined(self) -> bool {
        self.content & COMBINED != 0
    }

    #[inline]
    pub(crate) fn is_protected(self) -> bool {
        self.style & PROTECTED != 0
    }

    /// Its code point, if it has one.
    #[inline]
    pub(crate) fn char(self) -> Option<char> {
        char::from_u32(self.content & CODE_POINT).filter(|&c| c != '\0')
    }

    /// The cell as others read it.
    pub(crate) fn read(self, styles: &Styles) -> Cell {
        Cell {
            content: self.content,
            pen: styles.pen(self.style),
        }
    }
}
