//! Colours a program changed.

use std::collections::BTreeMap;
use std::fmt;

use crate::cell::COLOR_KIND;

/// Red, green and blue, 0 to 255 each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// From `0xRRGGBB`.
    pub(crate) const fn from_u32(value: u32) -> Rgb {
        Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8)
    }
}

impl fmt::Display for Rgb {
    /// The form X11 and terminals use, 16 bits a channel.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rgb(r, g, b) = self;
        write!(f, "rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
    }
}

/// A colour that can be asked for and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorSlot {
    /// One of the 256.
    Indexed(u8),
    /// Default text colour.
    Foreground,
    /// Default background colour.
    Background,
    /// The cursor's colour.
    Cursor,
}

impl fmt::Display for ColorSlot {
    /// The start of the OSC that sets it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColorSlot::Indexed(i) => write!(f, "4;{i}"),
            ColorSlot::Foreground => f.write_str("10"),
            ColorSlot::Background => f.write_str("11"),
            ColorSlot::Cursor => f.write_str("12"),
        }
    }
}

/// The changed ones; all others are the viewer's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Palette {
    pub(crate) changed: BTreeMap<ColorSlot, Rgb>,
}

impl Palette {
    /// Takes back every change of an indexed colour.
    pub(crate) fn restore_indexed(&mut self) {
        self.changed
            .retain(|slot, _| !matches!(slot, ColorSlot::Indexed(_)));
    }
}

/// The usual value of an indexed colour beyond the 16 named ones: a cube and a grey ramp.
pub(crate) fn indexed(i: u8) -> Rgb {
    if i >= 232 {
        let grey = 8 + (i - 232) * 10;
        return Rgb(grey, grey, grey);
    }
    let i = i.saturating_sub(16);
    let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
    Rgb(level(i / 36), level(i / 6 % 6), level(i % 6))
}

/// Reads `rgb:r/g/b` with one to four digits each, or `#` with three to twelve.
pub(crate) fn parse_color(spec: &str) -> Option<Rgb> {
    let spec = spec.to_ascii_lowercase();
    if let Some(channels) = spec.strip_prefix("rgb:") {
        let channels: Vec<&str> = channels.split('/').collect();
        let [r, g, b] = channels[..] else {
            return None;
        };
        if r.len() != g.len() || g.len() != b.len() {
            return None;
        }
        return Some(Rgb(scaled(r)?, scaled(g)?, scaled(b)?));
    }
    let digits = spec.strip_prefix('#')?;
    if !digits.is_ascii() || ![3, 6, 9, 12].contains(&digits.len()) {
        return None;
    }
    let each = digits.len() / 3;
    let channel = |i: usize| leading(&digits[i * each..(i + 1) * each]);
    Some(Rgb(channel(0)?, channel(1)?, channel(2)?))
}

fn number(digits: &str) -> Option<u32> {
    let valid = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    valid.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// All digits set is 255.
fn scaled(digits: &str) -> Option<u8> {
    let max = (1 << (4 * digits.len().min(4))) - 1;
    Some(((number(digits)? * 255 * 2 + max) / (max * 2)) as u8)
}

/// The leading eight bits.
fn leading(digits: &str) -> Option<u8> {
    let value = number(digits)?;
    Some(match digits.len() {
        1 => value << 4,
        2 => value,
        3 => value >> 4,
        _ => value >> 8,
    } as u8)
}

/// The low bits of a cell's colour.
pub(crate) fn value_of(color: u32) -> u32 {
    color & !COLOR_KIND & 0xFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_colour() {
        assert_eq!(parse_color("rgb:ff/80/00"), Some(Rgb(255, 128, 0)));
        assert_eq!(parse_color("rgb:f/8/0"), Some(Rgb(255, 136, 0)));
        assert_eq!(parse_color("RGB:FFFF/8080/0000"), Some(Rgb(255, 128, 0)));
        assert_eq!(parse_color("#f80"), Some(Rgb(0xF0, 0x80, 0)));
        assert_eq!(parse_color("#ff8000"), Some(Rgb(255, 128, 0)));
        assert_eq!(parse_color("#fff800000"), Some(Rgb(255, 128, 0)));
        for bad in [
            "",
            "red",
            "rgb:ff/8/00",
            "rgb:ff/80",
            "#ff",
            "#ggg",
            "rgb:/80/00",
        ] {
            assert_eq!(parse_color(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_cube_and_the_ramp() {
        assert_eq!(indexed(16), Rgb(0, 0, 0));
        assert_eq!(indexed(231), Rgb(255, 255, 255));
        assert_eq!(indexed(255), Rgb(238, 238, 238));
    }
}
