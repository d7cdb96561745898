//! Titles come from programs, which may be hostile.

use webtty_protocol::limits::MAX_TITLE_BYTES;

/// A title as it may be shown anywhere: no control characters, and none that turn the direction
/// of text, which could make a title look like another.
pub(crate) fn clean(title: &str) -> String {
    let is_bidi = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    let clean: String = title
        .chars()
        .filter(|&c| !c.is_control() && !is_bidi(c))
        .collect();
    let mut end = clean.len().min(MAX_TITLE_BYTES);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    clean[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_cannot_lie() {
        assert_eq!(clean("a\u{202e}b\u{7}c"), "abc");
        assert_eq!(clean(&"é".repeat(200)).len(), 256);
    }
}
