//! Rows as they are read from outside: text, runs of one style, links.

use serde::Serialize;

use crate::cell::{
    COLOR_16, COLOR_256, COLOR_KIND, COLOR_RGB, Cell, Pen, UNDERLINE_SHIFT, UNDERLINE_STYLE, bg, fg,
};
use crate::links::Links;
use crate::palette::{Rgb, value_of};
use crate::row::Row;

/// A colour of text, background or underline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// The viewer's own.
    #[default]
    Default,
    /// One of the 256; the first 16 have names.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

impl Color {
    fn of(color: u32) -> Color {
        let value = value_of(color);
        match color & COLOR_KIND {
            COLOR_16 | COLOR_256 => Color::Indexed(value as u8),
            COLOR_RGB => {
                let Rgb(r, g, b) = Rgb::from_u32(value);
                Color::Rgb(r, g, b)
            }
            _ => Color::Default,
        }
    }

    fn is_default(&self) -> bool {
        *self == Color::Default
    }
}

fn is_off(on: &bool) -> bool {
    !on
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}

/// How text looks. In JSON, what is off is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Style {
    /// Text colour.
    #[serde(skip_serializing_if = "Color::is_default")]
    pub foreground: Color,
    /// Background colour.
    #[serde(skip_serializing_if = "Color::is_default")]
    pub background: Color,
    /// Bold.
    #[serde(skip_serializing_if = "is_off")]
    pub bold: bool,
    /// Dim.
    #[serde(skip_serializing_if = "is_off")]
    pub dim: bool,
    /// Italic.
    #[serde(skip_serializing_if = "is_off")]
    pub italic: bool,
    /// Underline: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    #[serde(skip_serializing_if = "is_zero")]
    pub underline: u8,
    /// Colour of the underline; the default is the text's.
    #[serde(skip_serializing_if = "Color::is_default")]
    pub underline_color: Color,
    /// Blinking.
    #[serde(skip_serializing_if = "is_off")]
    pub blink: bool,
    /// Foreground and background exchanged.
    #[serde(skip_serializing_if = "is_off")]
    pub inverse: bool,
    /// Not shown.
    #[serde(skip_serializing_if = "is_off")]
    pub invisible: bool,
    /// Struck through.
    #[serde(skip_serializing_if = "is_off")]
    pub strikethrough: bool,
    /// A line above.
    #[serde(skip_serializing_if = "is_off")]
    pub overline: bool,
}

impl Style {
    fn of(pen: Pen) -> Style {
        let pen = pen.visible();
        Style {
            foreground: Color::of(pen.fg),
            background: Color::of(pen.bg),
            bold: pen.fg & fg::BOLD != 0,
            dim: pen.bg & bg::DIM != 0,
            italic: pen.bg & bg::ITALIC != 0,
            underline: ((pen.ext & UNDERLINE_STYLE) >> UNDERLINE_SHIFT) as u8,
            underline_color: Color::of(pen.ext),
            blink: pen.fg & fg::BLINK != 0,
            inverse: pen.fg & fg::INVERSE != 0,
            invisible: pen.fg & fg::INVISIBLE != 0,
            strikethrough: pen.fg & fg::STRIKETHROUGH != 0,
            overline: pen.bg & bg::OVERLINE != 0,
        }
    }
}

/// Neighbouring cells of one style and link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Column it begins in, from 0.
    pub column: usize,
    /// Columns it takes; wide characters take two.
    pub columns: usize,
    /// Its text; empty cells are spaces.
    pub text: String,
    /// Its style.
    pub style: Style,
    /// Address of its link, at most 2 KiB. It comes from the program: show it before opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// It goes on where the row above ended.
    pub wrapped: bool,
    /// The runs, without the unwritten end of the row.
    pub runs: Vec<Run>,
}

impl Line {
    pub(crate) fn new(row: &Row, cols: usize, links: &Links) -> Line {
        let cells = &row.cells[..cols];
        let used = cells.iter().rposition(|cell| !cell.is_blank());
        let cells = &cells[..used.map_or(0, |last| last + 1)];
        let mut runs = Vec::new();
        let mut column = 0;
        for run in cells.chunk_by(|a, b| a.pen == b.pen) {
            let mut text = String::new();
            for (x, cell) in (column..).zip(run) {
                cell_text(row, x, *cell, &mut text);
            }
            let pen = run[0].pen;
            runs.push(Run {
                column,
                columns: run.len(),
                text,
                style: Style::of(pen),
                link: links.get(pen.link).map(|link| link.address.clone()),
            });
            column += run.len();
        }
        Line {
            wrapped: row.wrapped,
            runs,
        }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

fn cell_text(row: &Row, x: usize, cell: Cell, text: &mut String) {
    if cell.has_content() {
        row.text(x, text);
    } else if cell.width() == 1 {
        text.push(' ');
    }
}

/// Where the cursor is and whether it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cursor {
    /// Row of the screen, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// The last column is written and the next character goes to the next row.
    pub pending_wrap: bool,
    /// It shows.
    pub visible: bool,
}
