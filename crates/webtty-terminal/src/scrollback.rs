//! The rows that left the screen, packed, bounded in number and in bytes.

use std::collections::VecDeque;

use crate::packed::PackedRow;
use crate::row::Row;

#[derive(Clone, Debug, Default)]
pub(crate) struct Scrollback {
    rows: VecDeque<PackedRow>,
    bytes: usize,
    max_rows: usize,
    max_bytes: usize,
    scratch: Vec<u8>,
}

impl Scrollback {
    pub(crate) fn new(max_rows: usize, max_bytes: usize) -> Scrollback {
        Scrollback {
            max_rows,
            max_bytes,
            ..Scrollback::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn max_rows(&self) -> usize {
        self.max_rows
    }

    /// Bytes held, the rows' own and what belongs to them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn get(&self, i: usize) -> Option<&PackedRow> {
        self.rows.get(i)
    }

    pub(crate) fn get_mut(&mut self, i: usize) -> Option<&mut PackedRow> {
        self.rows.get_mut(i)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &PackedRow> + ExactSizeIterator {
        self.rows.iter()
    }

    /// Whether the bound in rows is reached before the one in bytes, from now on, if only plain
    /// rows are added.
    pub(crate) fn has_room_for_plain(&self, cols: usize) -> bool {
        let most = self.max_rows * (size_of::<PackedRow>() + cols);
        self.bytes + most <= self.max_bytes
    }

    /// Adds the newest row.
    pub(crate) fn push(&mut self, row: &mut Row) {
        let row = PackedRow::pack(row, &mut self.scratch);
        self.push_packed(row);
    }

    /// Adds the newest row, packed already.
    pub(crate) fn push_packed(&mut self, row: PackedRow) {
        self.bytes += cost(&row);
        self.rows.push_back(row);
    }

    /// Drops the oldest rows beyond the bounds; how many.
    pub(crate) fn trim(&mut self) -> usize {
        let mut dropped = 0;
        while self.rows.len() > self.max_rows || self.bytes > self.max_bytes {
            if !self.pop_oldest() {
                break;
            }
            dropped += 1;
        }
        dropped
    }

    fn pop_oldest(&mut self) -> bool {
        let Some(row) = self.rows.pop_front() else {
            return false;
        };
        self.bytes -= cost(&row);
        true
    }

    /// Takes the newest row back.
    pub(crate) fn pop_newest(&mut self, cols: usize) -> Option<Row> {
        let row = self.rows.pop_back()?;
        self.bytes -= cost(&row);
        Some(row.unpack(cols))
    }

    /// Forgets every row.
    pub(crate) fn clear(&mut self) {
        self.rows = VecDeque::new();
        self.bytes = 0;
    }
}

fn cost(row: &PackedRow) -> usize {
    size_of::<PackedRow>() + row.heap()
}
