//! How many columns a code point takes, as the browser's `unicode11` addon has it.

mod table;

/// Two bits for each code point of the basic plane.
static BASIC: [u8; 0x4000] = basic();

const fn basic() -> [u8; 0x4000] {
    let mut widths = [0b01_01_01_01; 0x4000];
    widths = fill(widths, &table::ZERO, 0);
    fill(widths, &table::WIDE, 2)
}

const fn fill(mut widths: [u8; 0x4000], ranges: &[(u32, u32)], width: u8) -> [u8; 0x4000] {
    let mut i = 0;
    while i < ranges.len() && ranges[i].0 < 0x1_0000 {
        let mut code = ranges[i].0;
        while code <= ranges[i].1 && code < 0x1_0000 {
            let shift = (code & 3) * 2;
            let slot = &mut widths[(code >> 2) as usize];
            *slot = *slot & !(3 << shift) | width << shift;
            code += 1;
        }
        i += 1;
    }
    widths
}

/// Columns `code` takes: 0, 1 or 2.
#[inline]
pub(crate) fn width(code: u32) -> u32 {
    if code < 0x1_0000 {
        return u32::from(BASIC[(code >> 2) as usize] >> ((code & 3) * 2) & 3);
    }
    if contains(&table::ZERO, code) {
        0
    } else if contains(&table::WIDE, code) {
        2
    } else {
        1
    }
}

fn contains(ranges: &[(u32, u32)], code: u32) -> bool {
    let next = ranges.partition_point(|&(_, last)| last < code);
    ranges.get(next).is_some_and(|&(first, _)| first <= code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width the slow way: straight from the ranges.
    fn by_ranges(code: u32) -> u32 {
        if contains(&table::ZERO, code) {
            0
        } else if contains(&table::WIDE, code) {
            2
        } else {
            1
        }
    }

    #[test]
    fn the_fast_table_agrees_with_the_ranges_everywhere() {
        for code in 0..=0x11_0000 {
            assert_eq!(width(code), by_ranges(code), "U+{code:04X}");
        }
    }

    #[test]
    fn well_known_characters_have_their_widths() {
        let cases = [
            ('a', 1),
            ('é', 1),
            ('\u{301}', 0),
            ('\u{200D}', 0),
            ('中', 2),
            ('한', 2),
            ('😀', 2),
            ('─', 1),
            ('\u{E0100}', 0),
        ];
        for (c, columns) in cases {
            assert_eq!(width(u32::from(c)), columns, "{c:?}");
        }
    }
}
