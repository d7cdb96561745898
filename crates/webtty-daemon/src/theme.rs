//! The colours that programs are told when they ask their terminal for them.
//!
//! Pages have their own, which follow the user's settings; a program that asks gets one answer,
//! however many pages look on, so it comes from here: the settings' `theme`, over the page's own
//! colours for dark.

use std::collections::BTreeMap;

use webtty_core::environment::{Rgb, Theme};

/// The names of the sixteen, in the order of their numbers.
const NAMED: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "brightBlack",
    "brightRed",
    "brightGreen",
    "brightYellow",
    "brightBlue",
    "brightMagenta",
    "brightCyan",
    "brightWhite",
];

/// The page's colours for dark.
const DARK: Theme = Theme {
    foreground: Rgb(0xd3, 0xdb, 0xe6),
    background: Rgb(0x0d, 0x11, 0x17),
    cursor: Rgb(0x6f, 0xd3, 0xb5),
    named: [
        Rgb(0x34, 0x3e, 0x4c),
        Rgb(0xf2, 0x77, 0x7a),
        Rgb(0x84, 0xcf, 0x8a),
        Rgb(0xe3, 0xc4, 0x6c),
        Rgb(0x6a, 0xa9, 0xf7),
        Rgb(0xc5, 0x96, 0xec),
        Rgb(0x62, 0xd0, 0xcf),
        Rgb(0xc3, 0xcc, 0xd8),
        Rgb(0x6c, 0x78, 0x87),
        Rgb(0xff, 0x9a, 0x9c),
        Rgb(0xa4, 0xe5, 0xa8),
        Rgb(0xf4, 0xdc, 0x92),
        Rgb(0x93, 0xc3, 0xff),
        Rgb(0xdc, 0xb8, 0xf8),
        Rgb(0x8f, 0xe8, 0xe6),
        Rgb(0xf3, 0xf6, 0xfa),
    ],
};

/// The colours of the settings. A CSS colour that is neither hexadecimal nor `rgb()` is left to
/// browsers, and its default told.
pub(crate) fn theme(own: &BTreeMap<String, String>) -> Theme {
    let color = |name: &str, default: Rgb| {
        let css = own.get(name).or_else(|| own.get(&other_name(name)?));
        let css = css.map(String::as_str);
        css.and_then(parse).unwrap_or(default)
    };
    let mut named = DARK.named;
    for (name, slot) in NAMED.iter().zip(&mut named) {
        *slot = color(name, *slot);
    }
    Theme {
        foreground: color("foreground", DARK.foreground),
        background: color("background", DARK.background),
        cursor: color("cursor", DARK.cursor),
        named,
    }
}

/// The name that jesse23/webtty has for a colour, where it has one of its own.
fn other_name(name: &str) -> Option<String> {
    name.contains("agenta").then(|| {
        name.replace("magenta", "purple")
            .replace("Magenta", "Purple")
    })
}

/// `#rgb`, `#rrggbb`, either with an alpha channel, which is left out, or `rgb(r, g, b)`.
fn parse(css: &str) -> Option<Rgb> {
    let css = css.trim();
    if let Some(digits) = css.strip_prefix('#') {
        return parse_hex(digits);
    }
    let inside = css.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts = inside
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(str::parse);
    let channels = [
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    ];
    let [r, g, b] = channels;
    parts.next().is_none().then_some(Rgb(r, g, b))
}

fn parse_hex(digits: &str) -> Option<Rgb> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| u8::from_str_radix(&digits[range], 16).ok();
    match digits.len() {
        3 | 4 => Some(Rgb(
            number(0..1)? * 17,
            number(1..2)? * 17,
            number(2..3)? * 17,
        )),
        6 | 8 => Some(Rgb(number(0..2)?, number(2..4)?, number(4..6)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn css_colours_are_read_and_others_have_their_default() {
        assert_eq!(parse("#fa0"), Some(Rgb(0xff, 0xaa, 0)));
        assert_eq!(parse(" #FFAA00 "), Some(Rgb(0xff, 0xaa, 0)));
        assert_eq!(parse("#ffaa0080"), Some(Rgb(0xff, 0xaa, 0)));
        assert_eq!(parse("rgb(1, 2,3)"), Some(Rgb(1, 2, 3)));
        assert_eq!(parse("rgb(1 2 3)"), Some(Rgb(1, 2, 3)));
        for other in [
            "",
            "#",
            "#ff",
            "#ggg",
            "#é0",
            "red",
            "rgb(1,2)",
            "rgb(1,2,300)",
            "rgb(1,2,3,4)",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
        let own = [("red", "#010203"), ("background", "white")];
        let own = own.map(|(name, css)| (name.to_owned(), css.to_owned()));
        let theme = theme(&own.into());
        assert_eq!(theme.named[1], Rgb(1, 2, 3));
        assert_eq!(theme.background, DARK.background);
    }

    #[test]
    fn the_defaults_are_those_of_the_page() {
        let page = include_str!("../../webtty-web/src/terminal/themes.ts");
        let dark = page.split("const LIGHT").next().expect("the dark ones");
        let of_page = |name: &str| {
            let (_, rest) = dark.split_once(&format!("\n  {name}: \"")).expect(name);
            parse(rest.split('"').next().expect("a colour")).expect(name)
        };
        assert_eq!(DARK.foreground, of_page("foreground"));
        assert_eq!(DARK.background, of_page("background"));
        assert_eq!(DARK.cursor, of_page("cursor"));
        for (name, color) in NAMED.iter().zip(DARK.named) {
            assert_eq!(color, of_page(name), "{name}");
        }
    }
}
