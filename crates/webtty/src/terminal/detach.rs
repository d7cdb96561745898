//! Finding the detach keys among what is typed, Ctrl-\ then d, and those that ask to type, Ctrl-\
//! then a.

/// Ctrl-\ as terminals send it: the control character, and the two ways of reporting keys that
/// programs can ask a terminal for (the kitty keyboard protocol and xterm's modifyOtherKeys).
const PREFIXES: [&[u8]; 4] = [b"\x1c", b"\x1b[92;5u", b"\x1b[92;5:1u", b"\x1b[27;5;92~"];

/// The release of that key, which the kitty keyboard protocol can report.
const PREFIX_RELEASED: &[u8] = b"\x1b[92;5:3u";

/// The key d, likewise.
const DETACH: [&[u8]; 4] = [b"d", b"\x1b[100u", b"\x1b[100;1u", b"\x1b[100;1:1u"];

/// The key a, likewise.
const ASK: [&[u8]; 4] = [b"a", b"\x1b[97u", b"\x1b[97;1u", b"\x1b[97;1:1u"];

/// The state between two reads of the keyboard.
#[derive(Debug, Default)]
pub(crate) struct DetachKeys {
    /// The Ctrl-\ that is held back until the next key is known.
    held: Option<&'static [u8]>,
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// What goes to the session.
    pub(crate) input: Vec<u8>,
    /// Were the detach keys typed after that?
    pub(crate) detach: bool,
    /// Were the keys among it that ask to type? Where one may type they mean nothing.
    pub(crate) asks: bool,
}

impl DetachKeys {
    /// Takes what a read of the keyboard returned.
    ///
    /// Ctrl-\ twice is one Ctrl-\ for the session. Any other key after Ctrl-\ goes to the
    /// session, after the Ctrl-\ that was held back.
    pub(crate) fn feed(&mut self, mut keys: &[u8]) -> Typed {
        let mut input = Vec::with_capacity(keys.len());
        let mut asks = false;
        while !keys.is_empty() {
            if let Some(held) = self.held {
                if let Some(rest) = keys.strip_prefix(PREFIX_RELEASED) {
                    keys = rest;
                    continue;
                }
                self.held = None;
                input.extend_from_slice(held);
                if let Some((_, rest)) = strip_any(keys, &PREFIXES) {
                    keys = rest;
                } else if strip_any(keys, &DETACH).is_some() {
                    input.truncate(input.len() - held.len());
                    return Typed {
                        input,
                        detach: true,
                        asks,
                    };
                } else {
                    asks |= strip_any(keys, &ASK).is_some();
                }
                continue;
            }
            if let Some((prefix, rest)) = strip_any(keys, &PREFIXES) {
                self.held = Some(prefix);
                keys = rest;
            } else {
                input.push(keys[0]);
                keys = &keys[1..];
            }
        }
        Typed {
            input,
            detach: false,
            asks,
        }
    }
}

fn strip_any<'a>(keys: &'a [u8], forms: &[&'static [u8]]) -> Option<(&'static [u8], &'a [u8])> {
    forms
        .iter()
        .find_map(|form| Some((*form, keys.strip_prefix(*form)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reads: &[&str], input: &str, detach: bool) {
        let mut keys = DetachKeys::default();
        let mut typed = Typed {
            input: Vec::new(),
            detach: false,
            asks: false,
        };
        for read in reads {
            assert!(!typed.detach, "nothing is read after the detach keys");
            let more = keys.feed(read.as_bytes());
            typed.input.extend(more.input);
            typed.detach = more.detach;
        }
        assert_eq!(String::from_utf8_lossy(&typed.input), input, "{reads:?}");
        assert_eq!(typed.detach, detach, "{reads:?}");
    }

    #[test]
    fn the_keys_detach_in_one_read_or_two() {
        check(&["ls\x1cd"], "ls", true);
        check(&["ls\x1c", "d"], "ls", true);
        check(&["\x1c", "dx"], "", true);
    }

    #[test]
    fn the_keys_that_ask_are_found_and_go_on_to_the_session() {
        let mut keys = DetachKeys::default();
        assert!(!keys.feed(b"a\x1c").asks);
        let typed = keys.feed(b"ab");
        assert!(typed.asks && typed.input == b"\x1cab");
        assert!(!keys.feed(b"\x1c\x1ca").asks);
        assert!(keys.feed(b"\x1c\x1b[97u").asks);
    }

    #[test]
    fn twice_sends_one_and_other_keys_follow_it() {
        check(&["\x1c\x1c"], "\x1c", false);
        check(&["\x1c", "\x1c", "d"], "\x1cd", false);
        check(&["\x1cx"], "\x1cx", false);
        check(&["\x1c\x1c\x1cd"], "\x1c", true);
        check(&["a\x1c"], "a", false);
        check(&["d", "\x1b[A"], "d\x1b[A", false);
    }

    #[test]
    fn keys_reported_as_sequences_detach_too() {
        check(&["\x1b[92;5u", "d"], "", true);
        check(&["\x1b[92;5:1u", "\x1b[92;5:3u", "\x1b[100;1:1u"], "", true);
        check(&["\x1b[27;5;92~", "d"], "", true);
        check(&["\x1b[92;5u", "\x1b[92;5u"], "\x1b[92;5u", false);
    }
}
