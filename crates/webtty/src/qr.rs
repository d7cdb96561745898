//! Links as QR codes, for the camera of a phone.

use std::io::{self, IsTerminal};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::terminal;

/// Black on white whatever the terminal's colours are: cameras want it so.
const PAPER: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The code of a link, where it can be shown: somebody looks, and the terminal is wide enough.
pub(crate) fn for_terminal(link: &str) -> Option<String> {
    if !io::stdout().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    let (cols, _) = terminal::size()?;
    draw(link, cols.into())
}

/// Draws a code at most so many columns wide, two of its rows to a line.
fn draw(link: &str, cols: usize) -> Option<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    let mut text = String::new();
    for line in picture.lines() {
        if line.chars().count() > cols {
            return None;
        }
        text.push_str(PAPER);
        text.push_str(line);
        text.push_str(PLAIN);
        text.push('\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str =
        "http://127.0.0.1:2346/s/review#k=wk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    #[test]
    fn a_code_is_a_square_with_a_quiet_border() {
        let text = draw(LINK, 80).expect("it fits");
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.trim_start_matches(PAPER).trim_end_matches(PLAIN))
            .collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2), "two rows to a line");
        assert!(lines[0].chars().all(|one| one == ' '), "white is a space");
        assert!(lines.iter().all(|line| line.starts_with("    ")));
        assert!(
            lines[2].contains("█▀▀▀▀▀█"),
            "a corner to find it by: {text}"
        );
    }

    #[test]
    fn what_does_not_fit_is_not_drawn() {
        assert_eq!(draw(LINK, 40), None);
    }
}
