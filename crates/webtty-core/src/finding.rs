//! Finding a text in what a program writes, whatever pieces it comes in and however it is coloured.

use memchr::memmem::Finder;

/// Looks for a text in a stream of output, of which escape sequences and control characters other
/// than line feeds are left out.
pub struct TextFinder {
    finder: Finder<'static>,
    at: Place,
    /// The end of what was seen, as far as the text may have begun in it.
    seen: Vec<u8>,
}

/// Where in a sequence the stream is (ECMA-48).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Escape,
    /// After `ESC` and an intermediate byte: one more byte ends it.
    Charset,
    Control,
    /// In an operating system command or another string.
    String,
    /// After `ESC` in a string, which may be the first half of its end.
    StringEscape,
}

impl TextFinder {
    /// Looks for this text, which is not empty.
    pub fn new(text: &str) -> Self {
        Self {
            finder: Finder::new(text.as_bytes()).into_owned(),
            at: Place::Text,
            seen: Vec::new(),
        }
    }

    /// Takes a piece of the output. Is the text in it, or does it end there?
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            self.step(byte);
        }
        let found = self.finder.find(&self.seen).is_some();
        let keep = self.finder.needle().len().saturating_sub(1);
        self.seen.drain(..self.seen.len().saturating_sub(keep));
        found
    }

    fn step(&mut self, byte: u8) {
        self.at = match (self.at, byte) {
            (Place::String, 0x07) | (Place::StringEscape, b'\\') => Place::Text,
            (Place::String, 0x1b) => Place::StringEscape,
            (Place::String, _) => Place::String,
            (_, 0x1b) => Place::Escape,
            // CAN and SUB abort a sequence.
            (_, 0x18 | 0x1a) => Place::Text,
            (Place::Text, b'\n') | (Place::Text, 0x20..=0x7e | 0x80..=0xff) => {
                self.seen.push(byte);
                Place::Text
            }
            (Place::Escape | Place::StringEscape, b'[') => Place::Control,
            (Place::Escape | Place::StringEscape, b']' | b'P' | b'X' | b'^' | b'_') => {
                Place::String
            }
            (Place::Escape | Place::StringEscape | Place::Charset, 0x20..=0x2f) => Place::Charset,
            (Place::Control, 0x00..=0x3f) => Place::Control,
            _ => Place::Text,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_is_cut_and_coloured() {
        let output = b"\x1b]0;a title with ready\x07re\x1b[1;32mad\x1b(By\x1b[0m\r\n$ ";
        for cut in 0..output.len() {
            let mut finder = TextFinder::new("ready\n$");
            let first = finder.feed(&output[..cut]);
            assert!(finder.feed(&output[cut..]) || first, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_printed_is_not_found() {
        for output in [
            &b"\x1b]0;ready\x07"[..],
            b"\x1bPready\x1b\\",
            b"\x1b]8;;http://ready\x1b\\x",
            b"rea\ndy",
        ] {
            assert!(!TextFinder::new("ready").feed(output), "{output:?}");
        }
    }

    #[test]
    fn it_is_found_once_and_little_is_kept() {
        let mut finder = TextFinder::new("ab");
        assert!(finder.feed(b"xxab"));
        assert!(!finder.feed(b"xx"));
        assert!(!finder.feed(&[b'x'; 10_000]));
        assert_eq!(finder.seen.len(), 1);
    }
}
