//! SGR sequences for a pen.

use std::fmt::Write;

use crate::cell::{
    COLOR, COLOR_16, COLOR_256, COLOR_KIND, COLOR_RGB, Pen, UNDERLINE_SHIFT, UNDERLINE_STYLE, bg,
    fg,
};
use crate::palette::value_of;

const FG_FLAGS: [(u32, &str); 5] = [
    (fg::BOLD, ";1"),
    (fg::BLINK, ";5"),
    (fg::INVERSE, ";7"),
    (fg::INVISIBLE, ";8"),
    (fg::STRIKETHROUGH, ";9"),
];

const BG_FLAGS: [(u32, &str); 3] = [(bg::DIM, ";2"), (bg::ITALIC, ";3"), (bg::OVERLINE, ";53")];

fn color(out: &mut String, color: u32, base: u32) {
    let value = value_of(color);
    let _ = match color & COLOR_KIND {
        COLOR_16 if value < 8 => write!(out, ";{}", base + value),
        COLOR_16 => write!(out, ";{}", base + 60 + (value & 7)),
        COLOR_256 => write!(out, ";{};5;{}", base + 8, value & 0xFF),
        COLOR_RGB => rgb(out, base + 8, value),
        _ => Ok(()),
    };
}

fn rgb(out: &mut String, target: u32, value: u32) -> std::fmt::Result {
    let (r, g, b) = (value >> 16, value >> 8 & 0xFF, value & 0xFF);
    write!(out, ";{target};2;{r};{g};{b}")
}

/// The parameters of an SGR that sets everything but underline, protection and link, on top of
/// nothing; each with a semicolon before it.
pub(super) fn plain(pen: Pen) -> String {
    let mut out = String::new();
    for (_, number) in FG_FLAGS.iter().filter(|(bit, _)| pen.fg & bit != 0) {
        out.push_str(number);
    }
    for (_, number) in BG_FLAGS.iter().filter(|(bit, _)| pen.bg & bit != 0) {
        out.push_str(number);
    }
    color(&mut out, pen.fg & COLOR, 30);
    color(&mut out, pen.bg & COLOR, 40);
    out
}

/// The same for underline style and colour.
pub(super) fn underline(ext: u32) -> String {
    let mut out = String::new();
    match (ext & UNDERLINE_STYLE) >> UNDERLINE_SHIFT {
        0 => {}
        1 => out.push_str(";4"),
        style => {
            let _ = write!(out, ";4:{style}");
        }
    }
    color(&mut out, ext & COLOR, 50);
    out
}
