//! A table for people: columns as wide as they must be, lines as wide as the terminal.

use std::fmt::Write;

use crate::output::Colours;

/// Between two columns.
const GAP: &str = "  ";

/// A column narrower than this says nothing, so it is not cut further.
const LEAST_WIDTH: usize = 6;

/// Lays out rows under their headings. With a width, lines longer than it are made to fit by
/// shortening the columns that may be shortened, the widest first.
pub(crate) fn layout<const N: usize>(
    headings: [&str; N],
    shortened: [bool; N],
    rows: &[[String; N]],
    width: Option<usize>,
    colours: Colours,
) -> String {
    let mut widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| text_width(&row[column]));
        cells.max().unwrap_or(0).max(text_width(headings[column]))
    });
    if let Some(width) = width {
        fit(&mut widths, shortened, width);
    }
    let mut text = String::new();
    let headings = headings.map(str::to_owned);
    let _infallible = writeln!(text, "{}", colours.faint(&line(&headings, &widths)));
    for row in rows {
        let _infallible = writeln!(text, "{}", line(row, &widths));
    }
    text
}

fn fit<const N: usize>(widths: &mut [usize; N], shortened: [bool; N], width: usize) {
    let total = |widths: &[usize; N]| widths.iter().sum::<usize>() + GAP.len() * (N - 1);
    while total(widths) > width {
        let widest = (0..N)
            .filter(|&column| shortened[column] && widths[column] > LEAST_WIDTH)
            .max_by_key(|&column| widths[column]);
        match widest {
            Some(column) => widths[column] -= 1,
            None => break,
        }
    }
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let mut text = String::new();
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        if column > 0 {
            text.push_str(GAP);
        }
        let cell = shorten(cell, width);
        let padding = width - text_width(&cell);
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', padding));
    }
    text.trim_end().to_owned()
}

fn shorten(text: &str, width: usize) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = width.saturating_sub(1);
    for character in text.chars() {
        let needs = character_width(character);
        if needs > left {
            break;
        }
        left -= needs;
        short.push(character);
    }
    short.push('…');
    short
}

fn text_width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// Cells a character takes: two for East Asian scripts and pictures. A rough measure, by blocks;
/// where it is wrong a column is not straight.
fn character_width(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: Option<usize>, expected: &str) {
        let rows = [
            ["a".to_owned(), "cargo build".to_owned()],
            ["long-id".to_owned(), "日本".to_owned()],
        ];
        let colours = Colours::of(false);
        let text = layout(["ID", "COMMAND"], [false, true], &rows, width, colours);
        assert_eq!(text, expected);
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        check(
            None,
            "ID       COMMAND\na        cargo build\nlong-id  日本\n",
        );
    }

    #[test]
    fn lines_fit_the_terminal_as_far_as_they_can() {
        check(
            Some(17),
            "ID       COMMAND\na        cargo b…\nlong-id  日本\n",
        );
        check(Some(3), "ID       COMMA…\na        cargo…\nlong-id  日本\n");
    }
}
