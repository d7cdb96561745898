//! Text frames: what is asked for in one, and output as text for clients without the v1 protocol,
//! always whole characters.

use hyper_tungstenite::tungstenite::Utf8Bytes;

/// Is this JSON an object, if it is JSON at all? Serde takes an array for a struct with its fields
/// in order, which nobody means.
pub(super) fn is_object(json: &str) -> bool {
    json.trim_ascii_start().starts_with('{')
}

/// Joins characters that were split between reads, and replaces what is no UTF-8 at all.
#[derive(Debug, Default)]
pub(super) struct Utf8Joiner {
    /// The beginning of a character whose end has not come yet; at most three bytes.
    partial: Vec<u8>,
}

impl Utf8Joiner {
    /// The text of these bytes, less a character at their end that is not whole yet.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Utf8Bytes {
        let joined;
        let bytes = if self.partial.is_empty() {
            bytes
        } else {
            self.partial.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.partial);
            &joined
        };
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text.into();
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(std::str::from_utf8(valid).expect("just found valid"));
                    let Some(bad) = error.error_len() else {
                        self.partial = after.to_vec();
                        return text.into();
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[bad..];
                }
            }
        }
    }

    /// Forgets a beginning whose end will never come.
    pub(super) fn reset(&mut self) {
        self.partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_whole_wherever_reads_were_cut() {
        let text = "aé漢🦀z";
        for cut in 0..=text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            let mut joiner = Utf8Joiner::default();
            let joined = format!(
                "{}{}",
                joiner.push(head).as_str(),
                joiner.push(tail).as_str()
            );
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_the_rest_kept() {
        let mut joiner = Utf8Joiner::default();
        assert_eq!(joiner.push(b"a\xffb\xe6\xbc").as_str(), "a\u{fffd}b");
        assert_eq!(joiner.push(b"c").as_str(), "\u{fffd}c");
    }
}
