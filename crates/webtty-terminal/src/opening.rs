//! Whether a stream is a snapshot that may say more than other terminals understand.
//!
//! A few states cannot be brought about by any sequence xterm.js knows, half a character at the
//! edge of a screen that shrank for one. A snapshot of such a state opens with a mark, and what
//! is left to say follows in sequences of our own, which every terminal ignores. They count only
//! in a stream whose very first bytes are the mark, and only up to its end mark: what a program
//! prints later cannot make this engine differ from what viewers see.

/// Number of the OSC that is ours.
pub(crate) const NUMBER: &str = "7717";

/// The first bytes of a snapshot that says more.
pub(crate) const MARK: &[u8] = b"\x1b]7717;snapshot\x1b\\";

/// How much of a stream's start was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Opening {
    /// This many bytes of the mark.
    Expected(usize),
    /// The mark, but no end mark yet.
    Open,
    /// Something else, or the end mark.
    Closed,
}

impl Opening {
    /// Nothing was seen.
    pub(crate) fn new() -> Opening {
        Opening::Expected(0)
    }

    /// Looks at the next bytes of the stream, before they are carried out.
    #[inline]
    pub(crate) fn see(&mut self, bytes: &[u8]) {
        if let Opening::Expected(seen) = *self {
            let rest = &MARK[seen..];
            let n = rest.len().min(bytes.len());
            *self = if rest[..n] != bytes[..n] {
                Opening::Closed
            } else if n == rest.len() {
                Opening::Open
            } else {
                Opening::Expected(seen + n)
            };
        }
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Opening::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_first_bytes_open() {
        let after = |pieces: &[&[u8]]| {
            let mut opening = Opening::new();
            pieces.iter().for_each(|piece| opening.see(piece));
            opening.is_open()
        };
        assert!(after(&[MARK]));
        assert!(after(&[&MARK[..3], b"", &MARK[3..], b"x"]));
        assert!(!after(&[b"\r", MARK]));
        assert!(!after(&[&MARK[..3], MARK]));
        assert!(!after(&[&MARK[..3]]));
    }
}
