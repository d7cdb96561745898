//! What passes on a connection before hyper sees it, as far as it is needed to know when a
//! request's head begins and ends, and whether its length is said in one way only.
//!
//! RFC 9112 section 6.3 lets a server choose among contradicting lengths. Where a proxy before us
//! chooses otherwise, the two disagree on where the next request begins, so it is refused.

use std::collections::VecDeque;

use crate::limits::MAX_HEAD_BYTES;

/// What a head is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should be, as far as this module knows.
    Sound,
    /// It says the length of its body more than once.
    Ambiguous,
    /// It is longer than a head may be.
    TooLong,
}

/// Follows the bytes of a connection from the client.
#[derive(Debug, Default)]
pub(super) struct Heads {
    stage: Stage,
    line: Vec<u8>,
    head: Head,
    verdicts: VecDeque<Verdict>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Head,
    Body(u64),
    /// Where it goes on is no longer known, or of no interest.
    Lost,
}

/// What is known of the head under way.
#[derive(Debug, Default)]
struct Head {
    bytes: usize,
    has_request_line: bool,
    lengths: usize,
    length: u64,
    has_encoding: bool,
    has_upgrade: bool,
}

impl Heads {
    /// Takes the bytes that came next.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.stage {
                Stage::Head => self.feed_head(bytes),
                Stage::Body(left) => {
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    self.stage = match left - count as u64 {
                        0 => Stage::Head,
                        left => Stage::Body(left),
                    };
                    &bytes[count..]
                }
                Stage::Lost => return,
            }
        }
    }

    /// Is a head under way that is not whole?
    pub(super) fn in_head(&self) -> bool {
        self.stage == Stage::Head && self.head.bytes > 0
    }

    /// Will nothing more be found out?
    pub(super) fn is_lost(&self) -> bool {
        self.stage == Stage::Lost
    }

    /// What the next request's head was found to be.
    pub(super) fn next_verdict(&mut self) -> Verdict {
        self.verdicts.pop_front().unwrap_or(Verdict::Sound)
    }

    fn feed_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        self.head.bytes += line.len();
        if self.head.bytes > MAX_HEAD_BYTES {
            // Its end would tell nothing more.
            self.verdicts.push_back(Verdict::TooLong);
            self.stage = Stage::Lost;
            return &[];
        }
        self.line.extend_from_slice(line);
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            self.end_line(line.trim_ascii_end());
        }
        rest
    }

    fn end_line(&mut self, line: &[u8]) {
        match (line.is_empty(), self.head.has_request_line) {
            // Empty lines before a request are passed over (RFC 9112 section 2.2).
            (true, false) => self.head = Head::default(),
            (true, true) => self.end_head(),
            (false, false) => self.head.has_request_line = true,
            (false, true) => self.take_header(line),
        }
    }

    fn take_header(&mut self, line: &[u8]) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            let number = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok());
            self.head.lengths += 1;
            // What is no number is refused by hyper.
            self.head.length = number.unwrap_or(0);
        }
        self.head.has_encoding |= name.eq_ignore_ascii_case(b"transfer-encoding");
        self.head.has_upgrade |= name.eq_ignore_ascii_case(b"upgrade");
    }

    fn end_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        let ambiguous = head.lengths > 1 || (head.lengths == 1 && head.has_encoding);
        self.verdicts.push_back(if ambiguous {
            Verdict::Ambiguous
        } else {
            Verdict::Sound
        });
        self.stage = if ambiguous || head.has_encoding || head.has_upgrade {
            Stage::Lost
        } else if head.length > 0 {
            Stage::Body(head.length)
        } else {
            Stage::Head
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(text: &str, piece: usize) -> (Vec<Verdict>, bool) {
        let mut heads = Heads::default();
        for bytes in text.as_bytes().chunks(piece) {
            heads.feed(bytes);
        }
        let in_head = heads.in_head();
        (heads.verdicts.into(), in_head)
    }

    #[test]
    fn heads_are_found_however_they_are_cut() {
        use Verdict::{Ambiguous, Sound};
        for (text, expected, in_head) in [
            ("", vec![], false),
            ("\r\n", vec![], false),
            ("G", vec![], true),
            ("GET / HTTP/1.1\r\n\r\n", vec![Sound], false),
            ("\r\nGET / HTTP/1.1\nhost: a\n\nGET", vec![Sound], true),
            (
                "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                vec![Sound, Sound],
                false,
            ),
            (
                "P / H\r\ncontent-length:1\r\nContent-Length : 1\r\n\r\nx",
                vec![Sound],
                false,
            ),
            (
                "P / H\r\ncontent-length:1\r\nContent-Length:1\r\n\r\nx",
                vec![Ambiguous],
                false,
            ),
            (
                "P / H\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                vec![Ambiguous],
                false,
            ),
            (
                "P / H\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
                vec![Sound],
                false,
            ),
            (
                "G / H\r\nUpgrade: websocket\r\n\r\nanything",
                vec![Sound],
                false,
            ),
        ] {
            for piece in [1, 2, 3, 1000] {
                let found = verdicts(text, piece);
                assert_eq!(found, (expected.clone(), in_head), "{text:?} by {piece}");
            }
        }
    }

    #[test]
    fn a_head_may_have_so_many_bytes_and_no_more() {
        let of_length = |length: usize| {
            let start = "GET / HTTP/1.1\r\nx: ";
            format!("{start}{}\r\n\r\n", "y".repeat(length - start.len() - 4))
        };
        assert_eq!(
            verdicts(&of_length(MAX_HEAD_BYTES), 999).0,
            [Verdict::Sound]
        );
        assert_eq!(
            verdicts(&of_length(MAX_HEAD_BYTES + 1), 999).0,
            [Verdict::TooLong]
        );
    }
}
