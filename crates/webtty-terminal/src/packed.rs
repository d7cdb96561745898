//! A row at rest: trimmed, its text in one allocation, its looks as runs.

use crate::cell::{BLANK, Cell, EMPTY, Pen};
use crate::row::{Combined, Row};

/// Marks a content that is not a plain ASCII character or an empty cell.
const WIDE_CONTENT: u8 = 0xFF;

/// Which of a pen's four numbers a run writes down.
const FIELDS: [u8; 4] = [1, 2, 4, 8];

/// A row of the scrollback.
#[derive(Clone, Debug)]
pub(crate) struct PackedRow {
    bytes: Box<[u8]>,
    combined: Option<Box<Combined>>,
    pub(crate) wrapped: bool,
    /// `bytes` is the text itself: ASCII without any looks.
    plain: bool,
}

impl PackedRow {
    /// Packs a row, taking its combined texts along. `scratch` is room to work in.
    pub(crate) fn pack(row: &mut Row, scratch: &mut Vec<u8>) -> PackedRow {
        let used = match row.cells.iter().rposition(|cell| !cell.is_blank()) {
            Some(last) => &row.cells[..=last],
            None => &[],
        };
        let plain = is_plain(used);
        scratch.clear();
        if plain {
            scratch.extend(used.iter().map(|cell| cell.content as u8));
        } else {
            write_runs(used, scratch);
        }
        PackedRow {
            bytes: scratch.as_slice().into(),
            combined: row.combined.take(),
            wrapped: row.wrapped,
            plain,
        }
    }

    /// A row of plain text that never was on the screen.
    pub(crate) fn from_text(text: &[u8], wrapped: bool) -> PackedRow {
        PackedRow {
            bytes: text.into(),
            combined: None,
            wrapped,
            plain: true,
        }
    }

    /// The row as it was, `cols` wide.
    pub(crate) fn unpack(&self, cols: usize) -> Row {
        let mut cells = Vec::with_capacity(cols);
        if self.plain {
            cells.extend(self.bytes.iter().map(|&byte| plain_cell(byte)));
        } else {
            read_runs(&self.bytes, &mut cells);
        }
        cells.resize(cols, BLANK);
        Row {
            cells,
            wrapped: self.wrapped,
            combined: self.combined.clone(),
        }
    }

    /// Bytes this row takes beyond its own size.
    pub(crate) fn heap(&self) -> usize {
        let texts = self.combined.iter().flat_map(|texts| texts.values());
        self.bytes.len() + texts.map(|text| text.len() + 48).sum::<usize>()
    }

    /// Calls `seen` with the number of every link in the row.
    pub(crate) fn each_link(&self, seen: &mut impl FnMut(u32)) {
        if self.plain {
            return;
        }
        let mut cells = Vec::new();
        read_runs(&self.bytes, &mut cells);
        for cell in cells {
            seen(cell.pen.link);
        }
    }
}

fn plain_cell(byte: u8) -> Cell {
    Cell {
        content: EMPTY | u32::from(byte),
        pen: Pen::default(),
    }
}

/// ASCII without any looks. No early exit, so that it becomes vector instructions.
fn is_plain(cells: &[Cell]) -> bool {
    let strange = cells.iter().fold(0, |strange, cell| {
        let pen = cell.pen;
        strange | pen.fg | pen.bg | pen.ext | pen.link | (cell.content ^ EMPTY) & !0x7F
    });
    strange == 0
}

fn write_runs(cells: &[Cell], out: &mut Vec<u8>) {
    for run in cells.chunk_by(|a, b| a.pen == b.pen) {
        out.extend_from_slice(&(run.len() as u16).to_le_bytes());
        let Pen { fg, bg, ext, link } = run[0].pen;
        let flags = out.len();
        out.push(0);
        for (number, bit) in [fg, bg, ext, link].into_iter().zip(FIELDS) {
            if number != 0 {
                out[flags] |= bit;
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
        let others = run.iter().fold(0, |all, cell| all | (cell.content ^ EMPTY));
        if others < 0x80 {
            out.extend(run.iter().map(|cell| cell.content as u8));
            continue;
        }
        for cell in run {
            let content = cell.content ^ EMPTY;
            if content < 0x80 {
                out.push(content as u8);
            } else {
                let [a, b, c, _] = cell.content.to_le_bytes();
                out.extend_from_slice(&[WIDE_CONTENT, a, b, c]);
            }
        }
    }
}

fn read_runs(mut bytes: &[u8], cells: &mut Vec<Cell>) {
    while let Some((head, rest)) = bytes.split_first_chunk::<3>() {
        bytes = rest;
        let count = u16::from_le_bytes([head[0], head[1]]);
        let mut numbers = [0; 4];
        for (number, bit) in numbers.iter_mut().zip(FIELDS) {
            if head[2] & bit != 0
                && let Some((value, rest)) = bytes.split_first_chunk::<4>()
            {
                *number = u32::from_le_bytes(*value);
                bytes = rest;
            }
        }
        let [fg, bg, ext, link] = numbers;
        let pen = Pen { fg, bg, ext, link };
        for _ in 0..count {
            let content = read_content(&mut bytes);
            cells.push(Cell { content, pen });
        }
    }
}

fn read_content(bytes: &mut &[u8]) -> u32 {
    let Some((&first, rest)) = bytes.split_first() else {
        return EMPTY;
    };
    *bytes = rest;
    if first != WIDE_CONTENT {
        return EMPTY | u32::from(first);
    }
    let Some((value, rest)) = bytes.split_first_chunk::<3>() else {
        return EMPTY;
    };
    *bytes = rest;
    u32::from_le_bytes([value[0], value[1], value[2], 0])
}
