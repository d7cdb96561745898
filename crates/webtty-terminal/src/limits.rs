//! What bounds a terminal.

/// Columns a terminal may have.
pub const MAX_COLS: u16 = 1000;
/// Rows a terminal may have.
pub const MAX_ROWS: u16 = 500;
/// xterm.js has no narrower terminal: a wide character must fit.
const MIN_COLS: u16 = 2;

/// Columns and rows, within bounds: 2 to 1000 columns, 1 to 500 rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    cols: u16,
    rows: u16,
}

impl Size {
    /// A size; numbers out of bounds are clamped.
    pub fn new(cols: u16, rows: u16) -> Size {
        Size {
            cols: cols.clamp(MIN_COLS, MAX_COLS),
            rows: rows.clamp(1, MAX_ROWS),
        }
    }

    /// Columns, 2 to 1000.
    pub fn cols(self) -> usize {
        usize::from(self.cols)
    }

    /// Rows, 1 to 500.
    pub fn rows(self) -> usize {
        usize::from(self.rows)
    }
}

/// Bounds of the scrollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows kept above the screen.
    pub scrollback_lines: usize,
    /// Bytes they may take; the oldest go first.
    pub scrollback_bytes: usize,
}

impl Default for Limits {
    /// 10,000 lines, in at most 64 MiB.
    fn default() -> Limits {
        Limits {
            scrollback_lines: 10_000,
            scrollback_bytes: 64 << 20,
        }
    }
}
