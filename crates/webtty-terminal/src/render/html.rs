//! HTML: one `<pre>` with inline styles.

use crate::line::{Color, Line, Run, Style};
use crate::palette::{Rgb, indexed};
use crate::reply::Theme;

/// Rows as a `<pre>` element. All text is escaped, and only links with a harmless scheme become
/// links.
pub fn html(lines: &[Line], theme: &Theme) -> String {
    let mut out = format!(
        "<pre style=\"color:{};background:{}\">",
        hex(theme.foreground),
        hex(theme.background)
    );
    for (i, line) in lines.iter().enumerate() {
        if i > 0 && !line.wrapped {
            out.push('\n');
        }
        for run in &line.runs {
            run_html(&mut out, run, theme);
        }
    }
    out.push_str("</pre>\n");
    out
}

fn run_html(out: &mut String, run: &Run, theme: &Theme) {
    let style = css(&run.style, theme);
    let link = run.link.as_deref().filter(|link| is_harmless(link));
    if let Some(link) = link {
        out.push_str("<a rel=\"noopener noreferrer\" href=\"");
        escape(out, link);
        out.push_str("\">");
    }
    if !style.is_empty() {
        out.push_str(&format!("<span style=\"{style}\">"));
    }
    escape(out, &run.text);
    if !style.is_empty() {
        out.push_str("</span>");
    }
    if link.is_some() {
        out.push_str("</a>");
    }
}

fn is_harmless(link: &str) -> bool {
    let lower = link.to_ascii_lowercase();
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn rgb(color: Color, default: Rgb, theme: &Theme) -> Rgb {
    match color {
        Color::Default => default,
        Color::Indexed(i) => match theme.named.get(usize::from(i)) {
            Some(&named) => named,
            None => indexed(i),
        },
        Color::Rgb(r, g, b) => Rgb(r, g, b),
    }
}

fn css(style: &Style, theme: &Theme) -> String {
    let mut foreground = rgb(style.foreground, theme.foreground, theme);
    let mut background = rgb(style.background, theme.background, theme);
    if style.inverse {
        std::mem::swap(&mut foreground, &mut background);
    }
    let mut out = String::new();
    if foreground != theme.foreground {
        out.push_str(&format!("color:{};", hex(foreground)));
    }
    if background != theme.background {
        out.push_str(&format!("background:{};", hex(background)));
    }
    let plain = [
        (style.bold, "font-weight:bold;"),
        (style.dim, "opacity:0.5;"),
        (style.italic, "font-style:italic;"),
        (style.invisible, "visibility:hidden;"),
    ];
    for (_, rule) in plain.iter().filter(|(on, _)| *on) {
        out.push_str(rule);
    }
    out.push_str(&decoration(style, theme));
    out
}

fn decoration(style: &Style, theme: &Theme) -> String {
    let lines = [
        (style.underline > 0, "underline"),
        (style.strikethrough, "line-through"),
        (style.overline, "overline"),
    ];
    let lines: Vec<&str> = lines
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, line)| *line)
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let kind = match style.underline {
        2 => " double",
        3 => " wavy",
        4 => " dotted",
        5 => " dashed",
        _ => "",
    };
    let color = match style.underline_color {
        Color::Default => String::new(),
        color => format!(" {}", hex(rgb(color, theme.foreground, theme))),
    };
    format!("text-decoration:{}{kind}{color};", lines.join(" "))
}
