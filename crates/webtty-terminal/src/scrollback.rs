//! The rows that left the screen, packed one behind the other, bounded in number and in bytes.

use std::collections::{BTreeMap, VecDeque};

use crate::grid_row::GridRow;
use crate::packed::{self, Form, PackedRow};
use crate::row::Row;
use crate::styles::Styles;

/// Bytes of a chunk of packed rows, unless one row is longer. A chunk goes when its last row
/// does, so that much more than the rows themselves can be held.
pub(crate) const CHUNK: usize = 32 * 1024;

/// Bytes a cell takes at most.
const MOST_EACH: usize = 24;

/// Packed rows, one behind the other.
#[derive(Clone, Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// How many rows are in it.
    rows: usize,
}

/// Where a packed row is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Number of its chunk, counted on from chunk to chunk.
    chunk: u32,
    start: u32,
    len: u32,
    empty_cells: u16,
    wrapped: bool,
    plain: bool,
    linked: bool,
}

impl Place {
    fn cost(&self) -> usize {
        size_of::<Place>() + self.len as usize
    }

    fn form(&self) -> Form {
        Form {
            plain: self.plain,
            empty_cells: self.empty_cells,
            linked: self.linked,
        }
    }
}

/// A row of plain text, as a part of more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlainRow {
    pub(crate) start: u32,
    pub(crate) len: u16,
    pub(crate) wrapped: bool,
}

impl PlainRow {
    fn end(&self) -> usize {
        self.start as usize + usize::from(self.len)
    }

    /// Its own part of the text.
    pub(crate) fn of<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[self.start as usize..self.end()]
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Scrollback {
    places: VecDeque<Place>,
    chunks: VecDeque<Chunk>,
    /// Number of the first chunk.
    first: u32,
    bytes: usize,
    max_rows: usize,
    max_bytes: usize,
    scratch: Vec<u8>,
    /// Memory of chunks that were emptied, while they are filled again.
    spare: Vec<Vec<u8>>,
}

impl Scrollback {
    pub(crate) fn new(max_rows: usize, max_bytes: usize) -> Scrollback {
        Scrollback {
            max_rows,
            max_bytes,
            ..Scrollback::default()
        }
    }

    /// One that keeps every row.
    pub(crate) fn unbounded() -> Scrollback {
        Scrollback::new(usize::MAX, usize::MAX)
    }

    /// Gives it bounds; what is beyond them stays until it is trimmed.
    pub(crate) fn bound(&mut self, max_rows: usize, max_bytes: usize) {
        (self.max_rows, self.max_bytes) = (max_rows, max_bytes);
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn max_rows(&self) -> usize {
        self.max_rows
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Bytes held, the rows' own and what belongs to them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn packed(&self, place: &Place) -> &[u8] {
        let chunk = place.chunk.wrapping_sub(self.first) as usize;
        let start = place.start as usize;
        &self.chunks[chunk].bytes[start..start + place.len as usize]
    }

    /// A row, counted from the oldest, `cols` wide.
    pub(crate) fn get(&self, i: usize, cols: usize) -> Option<Row> {
        self.places.get(i).map(|place| self.unpack(place, cols))
    }

    /// A row that is nothing but text without looks: after how many empty cells it begins, its
    /// text, in which zeros are empty cells, and whether it continues the row before it.
    pub(crate) fn plain(&self, i: usize) -> Option<(usize, &[u8], bool)> {
        let place = self.places.get(i).filter(|place| place.plain)?;
        let text = self.packed(place);
        Some((usize::from(place.empty_cells), text, place.wrapped))
    }

    /// Whether a row continues the one before it.
    pub(crate) fn is_wrapped(&self, i: usize) -> bool {
        self.places.get(i).is_some_and(|place| place.wrapped)
    }

    fn unpack(&self, place: &Place, cols: usize) -> Row {
        packed::unpack(self.packed(place), place.form(), place.wrapped, cols)
    }

    /// Clears a row's wrap flag, if there is such a row.
    pub(crate) fn unwrap(&mut self, i: usize) -> bool {
        let place = self.places.get_mut(i);
        place.map(|place| place.wrapped = false).is_some()
    }

    /// All rows from the oldest, `cols` wide.
    pub(crate) fn rows(&self, cols: usize) -> impl Iterator<Item = Row> {
        self.places
            .iter()
            .map(move |place| self.unpack(place, cols))
    }

    /// Calls `seen` with the number of every link there is.
    pub(crate) fn each_link(&self, seen: &mut impl FnMut(u32)) {
        for place in self.places.iter().filter(|place| place.linked) {
            packed::each_link(self.packed(place), seen);
        }
    }

    /// Whether the bound in rows is reached before the one in bytes, from now on, if only plain
    /// rows are added.
    pub(crate) fn has_room_for_plain(&self, cols: usize) -> bool {
        let most = self.max_rows * (size_of::<Place>() + cols);
        self.bytes + most <= self.max_bytes
    }

    /// Adds the newest row, from the screen.
    #[inline]
    pub(crate) fn push(&mut self, row: &GridRow, styles: &Styles) {
        // Straight into the chunk if little of it stays unused for want of knowing the length.
        let most = MOST_EACH * (row.cells().len() + 1);
        if row.texts().is_none() && most <= CHUNK / 16 {
            let chunk = self.room_for(most);
            let start = chunk.bytes.len();
            let form = packed::pack_grid(row, styles, &mut chunk.bytes);
            self.place(start, form, row.wrapped);
        } else {
            let mut scratch = std::mem::take(&mut self.scratch);
            scratch.clear();
            let form = packed::pack_grid(row, styles, &mut scratch);
            self.push_packed(&scratch, form, row.wrapped);
            self.scratch = scratch;
        }
    }

    /// Adds the newest row, one that was read.
    pub(crate) fn push_row(&mut self, row: &Row) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let form = packed::pack(row, &mut scratch);
        self.push_packed(&scratch, form, row.wrapped);
        self.scratch = scratch;
    }

    /// Adds a row of another scrollback as it is.
    pub(crate) fn push_again(&mut self, other: &Scrollback, i: usize) {
        if let Some(place) = other.places.get(i) {
            self.push_packed(other.packed(place), place.form(), place.wrapped);
        }
    }

    fn push_packed(&mut self, bytes: &[u8], form: Form, wrapped: bool) {
        let chunk = self.room_for(bytes.len());
        let start = chunk.bytes.len();
        chunk.bytes.extend_from_slice(bytes);
        self.place(start, form, wrapped);
    }

    /// Adds rows of plain text that never were on the screen, oldest first.
    pub(crate) fn push_plain(&mut self, text: &[u8], rows: &[PlainRow]) {
        let mut rest = rows;
        while let Some(first) = rest.first() {
            // As many as fit into a chunk, with the line ends between them.
            let from = first.start;
            let n = rest.partition_point(|row| row.end() - from as usize <= CHUNK);
            let (now, later) = rest.split_at(n.max(1));
            rest = later;
            let block = &text[from as usize..now[now.len() - 1].end()];
            let chunk = self.room_for(block.len());
            let at = chunk.bytes.len() as u32;
            chunk.bytes.extend_from_slice(block);
            chunk.rows += now.len();
            let chunk = self.newest();
            let mut letters = 0;
            self.places.extend(now.iter().map(|row| {
                letters += usize::from(row.len);
                Place {
                    chunk,
                    start: at + (row.start - from),
                    len: u32::from(row.len),
                    empty_cells: 0,
                    wrapped: row.wrapped,
                    plain: true,
                    linked: false,
                }
            }));
            self.bytes += letters + now.len() * size_of::<Place>();
        }
    }

    /// The newest chunk, which has room for so many bytes.
    #[inline]
    fn room_for(&mut self, bytes: usize) -> &mut Chunk {
        let full = match self.chunks.back() {
            Some(chunk) => !chunk.bytes.is_empty() && chunk.bytes.len() + bytes > CHUNK,
            None => true,
        };
        if full {
            let bytes = match self.spare.pop() {
                Some(mut bytes) => {
                    bytes.clear();
                    bytes
                }
                // The first one grows from nothing: most scrollbacks are short.
                None if self.chunks.is_empty() => Vec::new(),
                None => Vec::with_capacity(CHUNK),
            };
            self.chunks.push_back(Chunk { bytes, rows: 0 });
        }
        let last = self.chunks.len() - 1;
        &mut self.chunks[last]
    }

    fn newest(&self) -> u32 {
        self.first.wrapping_add(self.chunks.len() as u32 - 1)
    }

    /// Notes the row whose bytes are the end of the newest chunk.
    #[inline]
    fn place(&mut self, start: usize, form: Form, wrapped: bool) {
        let number = self.newest();
        let Some(chunk) = self.chunks.back_mut() else {
            return;
        };
        chunk.rows += 1;
        let place = Place {
            chunk: number,
            start: start as u32,
            len: (chunk.bytes.len() - start) as u32,
            empty_cells: form.empty_cells,
            wrapped,
            plain: form.plain,
            linked: form.linked,
        };
        self.bytes += place.cost();
        self.places.push_back(place);
    }

    /// Puts other rows, by number, into the places of these.
    pub(crate) fn replace(&mut self, others: &BTreeMap<usize, PackedRow>) {
        let new = Scrollback::new(self.max_rows, self.max_bytes);
        let old = std::mem::replace(self, new);
        for i in 0..old.len() {
            match others.get(&i) {
                Some(row) => self.push_packed(&row.bytes, row.form, row.wrapped),
                None => self.push_again(&old, i),
            }
        }
    }

    /// Drops the oldest rows beyond the bounds; how many.
    #[inline]
    pub(crate) fn trim(&mut self) -> usize {
        let mut dropped = 0;
        while self.places.len() > self.max_rows || self.bytes > self.max_bytes {
            if !self.pop_oldest() {
                break;
            }
            dropped += 1;
        }
        dropped
    }

    fn pop_oldest(&mut self) -> bool {
        let Some(place) = self.places.pop_front() else {
            return false;
        };
        self.bytes -= place.cost();
        if let Some(chunk) = self.chunks.front_mut() {
            chunk.rows -= 1;
            if chunk.rows == 0 {
                self.chunks.pop_front();
                self.first = self.first.wrapping_add(1);
            }
        }
        true
    }

    /// Takes the newest row back.
    pub(crate) fn pop_newest(&mut self, cols: usize) -> Option<Row> {
        let row = self.unpack(self.places.back()?, cols);
        self.drop_newest();
        Some(row)
    }

    /// Forgets the newest row.
    pub(crate) fn drop_newest(&mut self) {
        let Some(place) = self.places.pop_back() else {
            return;
        };
        self.bytes -= place.cost();
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.rows -= 1;
            chunk.bytes.truncate(place.start as usize);
            if chunk.rows == 0 {
                self.chunks.pop_back();
            }
        }
    }

    /// Makes these rows of plain text the only ones. The memory of those before is used again:
    /// the system would have to clear what it gives anew.
    pub(crate) fn set_plain(&mut self, text: &[u8], rows: &[PlainRow]) {
        self.places.clear();
        self.spare = self.chunks.drain(..).map(|chunk| chunk.bytes).collect();
        self.bytes = 0;
        self.push_plain(text, rows);
        self.spare = Vec::new();
    }

    /// Forgets every row.
    pub(crate) fn clear(&mut self) {
        *self = Scrollback::new(self.max_rows, self.max_bytes);
    }
}
