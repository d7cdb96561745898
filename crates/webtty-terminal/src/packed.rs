//! A row at rest as bytes: its text, and its looks as runs.
//!
//! A plain row (ASCII without any looks) is its text. Of any other row each run is a head, then
//! what of its pen is not zero, then its contents: once if they are all alike, a byte each if
//! they are ASCII, three bytes each if most are not, else one or four. Texts of several code points come last.

use crate::cell::{BLANK, Cell, EMPTY, Pen};
use crate::grid_cell::{self, GridCell};
use crate::grid_row::GridRow;
use crate::row::Row;
use crate::styles::Styles;
use crate::work::done;

/// Marks a content that is not a plain ASCII character or an empty cell.
const WIDE_CONTENT: u8 = 0xFF;
/// Which of a pen's four numbers a run writes down.
const FIELDS: [u8; 4] = [1, 2, 4, 8];
/// The run is one content again and again.
const REPEATED: u8 = 16;
/// The run is ASCII and empty cells.
const ASCII: u8 = 32;
/// The run has three bytes a cell.
const WIDE: u8 = 128;
/// This head ends the runs.
const TEXTS: u8 = 64;
/// Fewer like cells than this are not worth a run of their own.
const FEW: usize = 8;

/// What to know about packed bytes to read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// The bytes are the text itself, after as many empty cells.
    pub(crate) plain: bool,
    pub(crate) empty_cells: u16,
    /// Some cell has a link.
    pub(crate) linked: bool,
}

/// A packed row by itself.
#[derive(Clone, Debug)]
pub(crate) struct PackedRow {
    pub(crate) bytes: Vec<u8>,
    pub(crate) form: Form,
    pub(crate) wrapped: bool,
}

impl PackedRow {
    pub(crate) fn of(row: &Row) -> PackedRow {
        let mut bytes = Vec::new();
        let form = pack(row, &mut bytes);
        let wrapped = row.wrapped;
        PackedRow {
            bytes,
            form,
            wrapped,
        }
    }

    /// The row as it was, `cols` wide.
    pub(crate) fn row(&self, cols: usize) -> Row {
        unpack(&self.bytes, self.form, self.wrapped, cols)
    }
}

/// A cell that can be packed.
trait Packable: Copy {
    type Look: PartialEq + Copy;
    fn content(self) -> u32;
    fn look(self) -> Self::Look;
}

impl Packable for GridCell {
    type Look = u32;
    fn content(self) -> u32 {
        self.content
    }
    fn look(self) -> u32 {
        self.style
    }
}

impl Packable for Cell {
    type Look = Pen;
    fn content(self) -> u32 {
        self.content
    }
    fn look(self) -> Pen {
        self.pen
    }
}

/// Appends a row of the screen.
pub(crate) fn pack_grid(row: &GridRow, styles: &Styles, out: &mut Vec<u8>) -> Form {
    done(row.cells().len() + 1);
    let mut cells = row.cells();
    let rest = row.len() - cells.len();
    if row.fill() == grid_cell::BLANK || rest == 0 {
        let used = cells.iter().rposition(|cell| *cell != grid_cell::BLANK);
        cells = &cells[..used.map_or(0, |last| last + 1)];
        if row.texts().is_none() && is_plain(cells) {
            return pack_plain(cells, out);
        }
    }
    let mut form = Form::default();
    let pen = |style| styles.pen(style);
    write_runs(cells, pen, out, &mut form);
    if row.fill() != grid_cell::BLANK && rest > 0 {
        let fill = row.fill();
        write_head(rest, REPEATED, pen(fill.style), out, &mut form);
        write_content(fill.content, out);
    }
    if let Some(texts) = row.texts() {
        write_texts(texts.runs(), out);
    }
    form
}

/// Appends a row that was read.
pub(crate) fn pack(row: &Row, out: &mut Vec<u8>) -> Form {
    let used = row.cells.iter().rposition(|cell| !cell.is_blank());
    let cells = &row.cells[..used.map_or(0, |last| last + 1)];
    let plain = |cell: &Cell| cell.pen == Pen::default() && (cell.content ^ EMPTY) < 0x80;
    if row.combined.is_none() && cells.iter().all(plain) {
        return pack_plain(cells, out);
    }
    let mut form = Form::default();
    write_runs(cells, |pen| pen, out, &mut form);
    if let Some(texts) = &row.combined {
        let runs = texts.iter().map(|(&x, text)| (usize::from(x), 1, &**text));
        write_texts(runs, out);
    }
    form
}

/// ASCII without any looks. No early exit, so that it becomes vector instructions.
fn is_plain(cells: &[GridCell]) -> bool {
    let strange = cells.iter().fold(0, |strange, cell| {
        strange | cell.style | (cell.content ^ EMPTY) & !0x7F
    });
    strange == 0
}

/// How many cells at the start have this content.
fn leading<C: Packable>(cells: &[C], content: u32) -> usize {
    const STEP: usize = 16;
    // No early exit inside the step, so that it becomes a few vector instructions.
    let alike = |step: &&[C]| {
        let others = |all, cell: &C| all | (cell.content() ^ content);
        step.iter().fold(0, others) == 0
    };
    let len = cells.chunks_exact(STEP).take_while(alike).count() * STEP;
    let rest = cells[len..].iter();
    len + rest.take_while(|cell| cell.content() == content).count()
}

fn pack_plain<C: Packable>(cells: &[C], out: &mut Vec<u8>) -> Form {
    let text = leading(cells, EMPTY);
    out.extend(cells[text..].iter().map(|cell| cell.content() as u8));
    Form {
        plain: true,
        empty_cells: text as u16,
        linked: false,
    }
}

fn write_runs<C: Packable>(
    cells: &[C],
    pen: impl Fn(C::Look) -> Pen,
    out: &mut Vec<u8>,
    form: &mut Form,
) {
    for run in cells.chunk_by(|a, b| a.look() == b.look()) {
        let pen = pen(run[0].look());
        let first = run[0].content();
        let alike = match leading(run, first) {
            n if n >= FEW || n == run.len() => n,
            _ => 0,
        };
        let (same, run) = run.split_at(alike);
        if !same.is_empty() {
            write_head(same.len(), REPEATED, pen, out, form);
            write_content(first, out);
        }
        if run.is_empty() {
            continue;
        }
        let wide = run.iter().filter(|cell| (cell.content() ^ EMPTY) >= 0x80);
        let wide = wide.count();
        if wide == 0 {
            write_head(run.len(), ASCII, pen, out, form);
            out.extend(run.iter().map(|cell| cell.content() as u8));
        } else if wide * 2 >= run.len() {
            // One more byte each for those few that need no three.
            write_head(run.len(), WIDE, pen, out, form);
            let start = out.len();
            out.resize(start + 3 * run.len(), 0);
            for (slot, cell) in out[start..].chunks_exact_mut(3).zip(run) {
                slot.copy_from_slice(&cell.content().to_le_bytes()[..3]);
            }
        } else {
            write_head(run.len(), 0, pen, out, form);
            for cell in run {
                write_content(cell.content(), out);
            }
        }
    }
}

fn write_head(count: usize, kind: u8, pen: Pen, out: &mut Vec<u8>, form: &mut Form) {
    out.extend_from_slice(&(count as u16).to_le_bytes());
    let Pen { fg, bg, ext, link } = pen;
    form.linked |= link != 0;
    let flags = out.len();
    out.push(kind);
    for (number, bit) in [fg, bg, ext, link].into_iter().zip(FIELDS) {
        if number != 0 {
            out[flags] |= bit;
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn write_content(content: u32, out: &mut Vec<u8>) {
    if (content ^ EMPTY) < 0x80 {
        out.push(content as u8);
    } else {
        let [a, b, c, _] = content.to_le_bytes();
        out.extend_from_slice(&[WIDE_CONTENT, a, b, c]);
    }
}

fn write_texts<'a>(runs: impl Iterator<Item = (usize, usize, &'a str)>, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, TEXTS]);
    for (x, n, text) in runs {
        done(1);
        for number in [x, n, text.len()] {
            out.extend_from_slice(&(number as u16).to_le_bytes());
        }
        out.extend_from_slice(text.as_bytes());
    }
}

/// The row as it was, `cols` wide.
pub(crate) fn unpack(mut bytes: &[u8], form: Form, wrapped: bool, cols: usize) -> Row {
    let mut cells = Vec::with_capacity(cols);
    if form.plain {
        cells.resize(usize::from(form.empty_cells), BLANK);
        cells.extend(bytes.iter().map(|&byte| Cell {
            content: EMPTY | u32::from(byte),
            pen: Pen::default(),
        }));
        cells.resize(cols, BLANK);
        return Row::from_cells(cells, wrapped);
    }
    while let Some(head) = Head::read(&mut bytes) {
        head.contents(&mut bytes, |content| {
            cells.push(Cell {
                content,
                pen: head.pen,
            });
        });
    }
    cells.resize(cols, BLANK);
    let mut row = Row::from_cells(cells, wrapped);
    while let Some((x, n, text)) = read_text(&mut bytes) {
        for x in x..x + n {
            row.set_combined(x, text.into());
        }
    }
    row
}

/// Calls `seen` with the number of every link in the bytes of a row that has some.
pub(crate) fn each_link(mut bytes: &[u8], seen: &mut impl FnMut(u32)) {
    done(bytes.len() / 8);
    while let Some(head) = Head::read(&mut bytes) {
        seen(head.pen.link);
        head.skip(&mut bytes);
    }
}

struct Head {
    count: usize,
    kind: u8,
    pen: Pen,
}

impl Head {
    fn read(bytes: &mut &[u8]) -> Option<Head> {
        let (head, mut rest) = bytes.split_first_chunk::<3>()?;
        let count = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let mut numbers = [0; 4];
        for (number, bit) in numbers.iter_mut().zip(FIELDS) {
            if head[2] & bit != 0
                && let Some((value, after)) = rest.split_first_chunk::<4>()
            {
                *number = u32::from_le_bytes(*value);
                rest = after;
            }
        }
        *bytes = rest;
        let [fg, bg, ext, link] = numbers;
        (head[2] & TEXTS == 0).then_some(Head {
            count,
            kind: head[2],
            pen: Pen { fg, bg, ext, link },
        })
    }

    fn contents(&self, bytes: &mut &[u8], mut each: impl FnMut(u32)) {
        if self.kind & WIDE != 0 {
            let (contents, rest) = bytes.split_at((3 * self.count).min(bytes.len()));
            for content in contents.chunks_exact(3) {
                each(u32::from_le_bytes([content[0], content[1], content[2], 0]));
            }
            *bytes = rest;
            return;
        }
        if self.kind & REPEATED != 0 {
            let content = read_content(bytes);
            for _ in 0..self.count {
                each(content);
            }
            return;
        }
        for _ in 0..self.count {
            each(read_content(bytes));
        }
    }

    fn skip(&self, bytes: &mut &[u8]) {
        if self.kind & ASCII != 0 {
            *bytes = bytes.get(self.count..).unwrap_or_default();
        } else {
            self.contents(bytes, |_| {});
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

fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<(usize, usize, &'a str)> {
    let (head, rest) = bytes.split_first_chunk::<6>()?;
    let number = |at| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let (text, rest) = rest.split_at_checked(number(4))?;
    *bytes = rest;
    Some((number(0), number(2), std::str::from_utf8(text).ok()?))
}
