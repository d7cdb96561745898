//! Scripts of a single feature each, read from `features.txt`.

use crate::driver::{Script, Step};

const TEXT: &str = include_str!("features.txt");

/// Every script: `name | COLSxROWS | step | …`; a step is text with escapes, or `@COLSxROWS`
/// for a new size.
pub(crate) fn all() -> Vec<Script> {
    let lines = TEXT.lines();
    lines
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(script)
        .collect()
}

fn script(line: &str) -> Script {
    let mut parts = line.split(" | ");
    let name = parts.next().expect("a name").trim().to_owned();
    let size = size(parts.next().unwrap_or_else(|| panic!("a size: {line}")));
    let step = |part: &str| match part.strip_prefix('@') {
        Some(text) => {
            let (cols, rows) = self::size(text);
            Step::Resize(cols, rows)
        }
        None => Step::Feed(unescape(part)),
    };
    Script {
        name,
        size,
        steps: parts.map(step).collect(),
    }
}

fn size(text: &str) -> (u16, u16) {
    let (cols, rows) = text.trim().split_once('x').expect("COLSxROWS");
    (cols.parse().expect("columns"), rows.parse().expect("rows"))
}

/// `\e`, `\n`, `\r`, `\t`, `\b`, `\a`, `\\`, `\p` for a bar and `\xNN` for a byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend(c.to_string().into_bytes());
            continue;
        }
        out.push(match chars.next().expect("an escape") {
            'e' => 0x1B,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'b' => 8,
            'a' => 7,
            'p' => b'|',
            '\\' => b'\\',
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).expect("two digits")
            }
            other => panic!("unknown escape {other}"),
        });
    }
    out
}
