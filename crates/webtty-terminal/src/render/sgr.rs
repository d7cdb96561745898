//! SGR parameters of a style.

use crate::line::{Color, Style};

fn color(out: &mut Vec<String>, color: Color, base: u8) {
    match color {
        Color::Default => {}
        Color::Indexed(i @ 0..8) if base < 50 => out.push((base + i).to_string()),
        Color::Indexed(i @ 8..16) if base < 50 => out.push((base + 52 + i).to_string()),
        Color::Indexed(i) => out.push(format!("{};5;{i}", base + 8)),
        Color::Rgb(r, g, b) => out.push(format!("{};2;{r};{g};{b}", base + 8)),
    }
}

/// The parameters, separated by semicolons; empty for plain text.
pub(super) fn parameters(style: &Style) -> String {
    let flags = [
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.blink, "5"),
        (style.inverse, "7"),
        (style.invisible, "8"),
        (style.strikethrough, "9"),
        (style.overline, "53"),
    ];
    let on = flags.iter().filter(|(on, _)| *on);
    let mut out: Vec<String> = on.map(|(_, number)| (*number).to_owned()).collect();
    match style.underline {
        0 => {}
        1 => out.push("4".into()),
        kind => out.push(format!("4:{kind}")),
    }
    color(&mut out, style.foreground, 30);
    color(&mut out, style.background, 40);
    color(&mut out, style.underline_color, 50);
    out.join(";")
}
