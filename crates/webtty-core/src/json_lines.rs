//! Splitting a stream of bytes into JSON lines, whatever pieces it arrives in.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;
use serde::de::IgnoredAny;
use webtty_protocol::limits::MAX_EVENT_BYTES;

/// A line of a publisher, numbered from 1; empty lines count but are not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the stream.
    pub number: u64,
    /// The publisher's own bytes, valid UTF-8 JSON without line end, or why not.
    pub content: Result<Bytes, String>,
}

/// Collects pieces and gives whole lines.
#[derive(Debug)]
pub struct LineSplitter {
    /// The most a line may have, in bytes.
    most: usize,
    partial: BytesMut,
    /// The line under way is over the limit: its bytes are dropped up to its line end.
    oversized: bool,
    number: u64,
}

impl Default for LineSplitter {
    fn default() -> Self {
        Self::taking(MAX_EVENT_BYTES)
    }
}

impl LineSplitter {
    /// One that takes lines of at most so many bytes, in place of [`MAX_EVENT_BYTES`].
    pub fn taking(most: usize) -> Self {
        Self {
            most,
            partial: BytesMut::new(),
            oversized: false,
            number: 0,
        }
    }

    /// Takes a piece of the stream and gives the next whole line in it. Call it again, until it
    /// gives none, before the next piece: what was not used stays in `piece`.
    pub fn next_line(&mut self, piece: &mut Bytes) -> Option<Line> {
        while !piece.is_empty() {
            let Some(line_end) = memchr(b'\n', piece) else {
                let rest = std::mem::take(piece);
                self.keep(&rest);
                return None;
            };
            let head = piece.split_to(line_end);
            piece.advance(1);
            if let Some(line) = self.complete(head) {
                return Some(line);
            }
        }
        None
    }

    /// The last line, when the stream ended without a line end.
    pub fn finish(&mut self) -> Option<Line> {
        if self.partial.is_empty() && !self.oversized {
            return None;
        }
        self.complete(Bytes::new())
    }

    /// Holds on to a piece of a line whose end is not here yet.
    fn keep(&mut self, piece: &[u8]) {
        // One byte more than the limit may be a carriage return before the line end.
        if self.oversized || self.partial.len() + piece.len() > self.most + 1 {
            self.oversized = true;
            self.partial = BytesMut::new();
        } else {
            self.partial.extend_from_slice(piece);
        }
    }

    /// Ends the line under way with its last piece.
    fn complete(&mut self, last: Bytes) -> Option<Line> {
        self.number += 1;
        let bytes = if self.partial.is_empty() && !self.oversized {
            last
        } else {
            self.keep(&last);
            self.partial.split().freeze()
        };
        let oversized = std::mem::take(&mut self.oversized);
        let bytes = without_carriage_return(bytes);
        if bytes.is_empty() && !oversized {
            return None;
        }
        let content = if oversized || bytes.len() > self.most {
            Err(format!("longer than {} bytes", self.most))
        } else {
            validate(&bytes).map(|()| bytes)
        };
        Some(Line {
            number: self.number,
            content,
        })
    }
}

fn without_carriage_return(mut line: Bytes) -> Bytes {
    if line.last() == Some(&b'\r') {
        line.truncate(line.len() - 1);
    }
    line
}

/// One pass over the bytes: UTF-8 and JSON, without building a tree.
fn validate(line: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(line)
        .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to() + 1))?;
    serde_json::from_str::<IgnoredAny>(text)
        .map(|_| ())
        .map_err(|error| format!("not JSON: {}", describe(&error)))
}

/// serde_json's own words without the line number, which is always 1 here.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    format!("{what} at column {}", error.column())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<Line> {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        for piece in pieces {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(line) = splitter.next_line(&mut piece) {
                lines.push(line);
            }
        }
        lines.extend(splitter.finish());
        lines
    }

    fn good(number: u64, text: &str) -> Line {
        Line {
            number,
            content: Ok(Bytes::copy_from_slice(text.as_bytes())),
        }
    }

    #[test]
    fn lines_come_whole_from_any_pieces() {
        let lines = split(&[b"{\"a\"", b":1}\n\n  \"\xc3", b"\xa9\"\r\n[2", b"]"]);
        assert_eq!(
            lines,
            [good(1, "{\"a\":1}"), good(3, "  \"é\""), good(4, "[2]")]
        );
    }

    #[test]
    fn a_bad_line_is_named_and_the_rest_goes_on() {
        let lines = split(&[b"1\n{broken\n\xff\n \n2\n"]);
        assert_eq!(
            lines.iter().map(|line| line.number).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5]
        );
        assert_eq!(lines[0], good(1, "1"));
        assert_eq!(
            lines[1].content,
            Err("not JSON: key must be a string at column 2".into())
        );
        assert_eq!(lines[2].content, Err("not UTF-8 at byte 1".into()));
        assert!(
            lines[3]
                .content
                .as_ref()
                .is_err_and(|reason| reason.starts_with("not JSON"))
        );
        assert_eq!(lines[4], good(5, "2"));
    }

    #[test]
    fn the_limit_is_exact_and_an_oversized_line_costs_only_itself() {
        let at_limit = format!("\"{}\"", "x".repeat(MAX_EVENT_BYTES - 2));
        let over = format!("\"{}\"", "x".repeat(MAX_EVENT_BYTES - 1));
        let text = format!("{at_limit}\r\n{over}\n7\n{over}");
        for step in [1000, 65_536, text.len()] {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(step).collect();
            let lines = split(&pieces);
            assert_eq!(lines.len(), 4);
            assert_eq!(lines[0], good(1, &at_limit));
            assert_eq!(
                lines[1].content,
                Err(format!("longer than {MAX_EVENT_BYTES} bytes"))
            );
            assert_eq!(lines[2], good(3, "7"));
            assert!(lines[3].content.is_err());
        }
    }

    proptest! {
        #[test]
        fn chunking_changes_nothing(
            text in "([0-9]{1,3}|\"é\"|x|\r|\n|\\{\\}){0,60}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut places: Vec<usize> = cuts.iter().map(|c| c.index(bytes.len() + 1)).collect();
            places.push(0);
            places.push(bytes.len());
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(split(&pieces), split(&[bytes]));
        }
    }
}
