//! One cell of the grid and the pen that fills it, in the bit layout xterm.js uses, so that
//! both sides can be compared number by number.

/// Bits of [`Cell::content`] that hold the code point.
pub(crate) const CODE_POINT: u32 = 0x1F_FFFF;
/// The cell's text is longer than one code point and lies beside the row.
pub(crate) const COMBINED: u32 = 0x20_0000;
/// Any text at all.
pub(crate) const HAS_CONTENT: u32 = CODE_POINT | COMBINED;
/// Where the width (0, 1 or 2 columns) begins.
pub(crate) const WIDTH_SHIFT: u32 = 22;
/// Bits of the width.
pub(crate) const WIDTH: u32 = 3 << WIDTH_SHIFT;
/// An empty cell: no text, one column.
pub(crate) const EMPTY: u32 = 1 << WIDTH_SHIFT;

/// Bits of a colour: its kind and its value.
pub(crate) const COLOR: u32 = 0x3FF_FFFF;
/// Bits of a colour's kind.
pub(crate) const COLOR_KIND: u32 = 0x300_0000;
/// One of the 16 named colours.
pub(crate) const COLOR_16: u32 = 0x100_0000;
/// One of the 256 indexed colours.
pub(crate) const COLOR_256: u32 = 0x200_0000;
/// Red, green and blue.
pub(crate) const COLOR_RGB: u32 = 0x300_0000;

/// Flags beside the foreground colour.
pub(crate) mod fg {
    pub(crate) const INVERSE: u32 = 0x0400_0000;
    pub(crate) const BOLD: u32 = 0x0800_0000;
    pub(crate) const UNDERLINE: u32 = 0x1000_0000;
    pub(crate) const BLINK: u32 = 0x2000_0000;
    pub(crate) const INVISIBLE: u32 = 0x4000_0000;
    pub(crate) const STRIKETHROUGH: u32 = 0x8000_0000;
}

/// Flags beside the background colour.
pub(crate) mod bg {
    pub(crate) const ITALIC: u32 = 0x0400_0000;
    pub(crate) const DIM: u32 = 0x0800_0000;
    /// Underline style, underline colour and link count only where this is set.
    pub(crate) const EXTENDED: u32 = 0x1000_0000;
    pub(crate) const PROTECTED: u32 = 0x2000_0000;
    pub(crate) const OVERLINE: u32 = 0x4000_0000;
}

/// Where the underline style (0 to 5) begins in the extended attributes.
pub(crate) const UNDERLINE_SHIFT: u32 = 26;
/// Bits of the underline style.
pub(crate) const UNDERLINE_STYLE: u32 = 7 << UNDERLINE_SHIFT;

/// What the next character will look like; also what a cell looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pen {
    pub(crate) fg: u32,
    pub(crate) bg: u32,
    /// Underline style and colour.
    pub(crate) ext: u32,
    /// Number of the link in the table of links; 0 is none.
    pub(crate) link: u32,
}

impl Pen {
    /// What erasing leaves behind: the background colour and nothing else.
    pub(crate) fn erased(self) -> Pen {
        Pen {
            bg: self.bg & COLOR,
            ..Pen::default()
        }
    }

    /// A pen that looks the same and whose parts agree. After DECRC, whether text is underlined
    /// can disagree with the style of the underline.
    pub(crate) fn visible(mut self) -> Pen {
        if self.bg & bg::EXTENDED == 0 {
            self.link = 0;
            if self.fg & fg::UNDERLINE != 0 {
                self.ext = self.ext & !UNDERLINE_STYLE | 1 << UNDERLINE_SHIFT;
            }
        }
        if self.ext & UNDERLINE_STYLE == 0 {
            self.fg &= !fg::UNDERLINE;
        }
        if self.fg & fg::UNDERLINE == 0 {
            self.ext &= !UNDERLINE_STYLE;
        }
        self.update_extended();
        self
    }

    /// Lets the extended attributes count exactly when there are any.
    pub(crate) fn update_extended(&mut self) {
        if self.ext & UNDERLINE_STYLE == 0 && self.link == 0 {
            self.bg &= !bg::EXTENDED;
        } else {
            self.bg |= bg::EXTENDED;
        }
    }
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Code point, combined flag and width.
    pub(crate) content: u32,
    pub(crate) pen: Pen,
}

impl Cell {
    /// A cell with one code point (0 for none); the pen's extended attributes only where they
    /// count.
    #[inline]
    pub(crate) fn new(code: u32, width: u32, mut pen: Pen) -> Cell {
        if pen.bg & bg::EXTENDED == 0 {
            pen.ext = 0;
            pen.link = 0;
        }
        Cell {
            content: code | width << WIDTH_SHIFT,
            pen,
        }
    }

    /// An empty cell.
    #[inline]
    pub(crate) fn empty(pen: Pen) -> Cell {
        Cell::new(0, 1, pen)
    }

    /// Columns the text takes: 0 for the second half of a wide character.
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
    pub(crate) fn code(self) -> u32 {
        self.content & CODE_POINT
    }

    /// Never written to, or erased without a background.
    #[inline]
    pub(crate) fn is_blank(self) -> bool {
        self == BLANK
    }
}

/// The cell of a fresh screen.
pub(crate) const BLANK: Cell = Cell {
    content: EMPTY,
    pen: Pen {
        fg: 0,
        bg: 0,
        ext: 0,
        link: 0,
    },
};
