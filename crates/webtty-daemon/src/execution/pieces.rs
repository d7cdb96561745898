//! What a program writes, cut into lines of the answer.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use webtty_protocol::execute::{ExecuteLine, Stream};

/// One of a program's streams.
pub(super) struct Pieces {
    stream: Stream,
    /// The beginning of a character whose rest has not been written yet.
    begun: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            begun: Vec::new(),
        }
    }

    /// Takes what was read, and gives the line it makes: as text if it is, else as bytes.
    pub(super) fn take(&mut self, piece: &[u8]) -> Option<ExecuteLine> {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(piece);
        let whole = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Some(self.as_bytes(&bytes)),
        };
        self.begun = bytes.split_off(whole);
        let data = String::from_utf8(bytes)
            .ok()
            .filter(|text| !text.is_empty())?;
        Some(ExecuteLine::Text {
            stream: self.stream,
            data,
        })
    }

    /// The stream has ended. What is left of it is half a character.
    pub(super) fn finish(&mut self) -> Option<ExecuteLine> {
        let rest = std::mem::take(&mut self.begun);
        (!rest.is_empty()).then(|| self.as_bytes(&rest))
    }

    fn as_bytes(&self, bytes: &[u8]) -> ExecuteLine {
        ExecuteLine::Bytes {
            stream: self.stream,
            base64: BASE64_STANDARD.encode(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes_of(line: ExecuteLine) -> Vec<u8> {
        match line {
            ExecuteLine::Text { data, .. } => data.into_bytes(),
            ExecuteLine::Bytes { base64, .. } => BASE64_STANDARD.decode(base64).expect("base64"),
            ExecuteLine::Exit(_) => panic!("no exit"),
        }
    }

    #[test]
    fn a_character_is_not_divided_and_what_is_none_comes_as_bytes() {
        let mut pieces = Pieces::new(Stream::Stdout);
        let text = |data: &str| ExecuteLine::Text {
            stream: Stream::Stdout,
            data: data.to_owned(),
        };
        assert_eq!(
            pieces.take("aé".as_bytes().split_last().expect("bytes").1),
            Some(text("a"))
        );
        assert_eq!(pieces.take(&"é".as_bytes()[1..]), Some(text("é")));
        assert_eq!(pieces.take(&"🦀".as_bytes()[..2]), None);
        assert!(matches!(pieces.take(b"x"), Some(ExecuteLine::Bytes { .. })));
        assert_eq!(pieces.take(&"🦀".as_bytes()[..2]), None);
        assert!(matches!(pieces.finish(), Some(ExecuteLine::Bytes { .. })));
        assert_eq!(pieces.finish(), None);
    }

    proptest! {
        #[test]
        fn the_lines_together_are_what_was_written(
            written in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..8),
        ) {
            let mut pieces = Pieces::new(Stream::Stderr);
            let mut got = Vec::new();
            for piece in &written {
                got.extend(pieces.take(piece).map(bytes_of).unwrap_or_default());
            }
            got.extend(pieces.finish().map(bytes_of).unwrap_or_default());
            prop_assert_eq!(got, written.concat());
        }
    }
}
