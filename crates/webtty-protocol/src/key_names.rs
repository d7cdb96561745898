//! What a key, by its name, sends to a program: the sequences that xterm sends.

/// The bytes of a key such as `Enter`, `C-c`, `M-x` or `S-Up`; none when there is no such key.
/// `application` says that the program has switched the cursor keys to their other form (DECCKM).
pub fn bytes_of(name: &str, application: bool) -> Option<Vec<u8>> {
    let (modifiers, key) = split(name);
    if let Some(character) = only_character(key) {
        return character_bytes(character, modifiers);
    }
    let lower = key.to_ascii_lowercase();
    let plain: &[u8] = match lower.as_str() {
        "enter" | "return" => b"\r",
        "escape" | "esc" => b"\x1b",
        "space" => return character_bytes(' ', modifiers),
        "tab" if modifiers.shift => return Some(alt(b"\x1b[Z".to_vec(), modifiers)),
        "tab" => b"\t",
        "backspace" | "bspace" if modifiers.ctrl => b"\x08",
        "backspace" | "bspace" => b"\x7f",
        _ => return sequence(&lower, modifiers, application),
    };
    Some(alt(plain.to_vec(), modifiers))
}

/// The name of the key that sends these bytes, if one does and nothing else would be meant: the
/// plainest of its names.
pub fn name_of(bytes: &[u8]) -> Option<String> {
    const NAMED: [&str; 26] = [
        "Enter",
        "Tab",
        "Escape",
        "Space",
        "Backspace",
        "Up",
        "Down",
        "Right",
        "Left",
        "Home",
        "End",
        "Insert",
        "Delete",
        "PageUp",
        "PageDown",
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "F6",
        "F7",
        "F8",
        "F9",
        "F10",
        "F11",
    ];
    const PREFIXES: [&str; 8] = ["", "S-", "C-", "M-", "C-S-", "M-S-", "C-M-", "C-M-S-"];
    let letters = ('a'..='z').chain("@[\\]^_".chars()).map(String::from);
    let named = NAMED.into_iter().chain(["F12"]).map(str::to_owned);
    let keys: Vec<String> = named.chain(letters).collect();
    let sends = |name: &String| {
        [false, true]
            .into_iter()
            .any(|application| bytes_of(name, application).as_deref() == Some(bytes))
    };
    let of = |prefix: &&str| keys.iter().map(|key| format!("{prefix}{key}")).find(sends);
    let text = std::str::from_utf8(bytes).ok().filter(|text| *text != " ");
    let plain = text.and_then(only_character).map(String::from);
    plain.or_else(|| PREFIXES.iter().find_map(of))
}

#[derive(Clone, Copy, Default)]
struct Modifiers {
    ctrl: bool,
    alt: bool,
    shift: bool,
}

impl Modifiers {
    /// xterm's number for them: 1 and a bit for each.
    fn number(self) -> u8 {
        1 + u8::from(self.shift) + 2 * u8::from(self.alt) + 4 * u8::from(self.ctrl)
    }
}

/// Takes the modifiers off a name. What is left is never empty: `C--` is Ctrl and a minus.
fn split(name: &str) -> (Modifiers, &str) {
    let (mut modifiers, mut rest) = (Modifiers::default(), name);
    while let (Some(first), Some(tail)) = (rest.chars().next(), rest.get(2..))
        && rest.as_bytes().get(1) == Some(&b'-')
        && !tail.is_empty()
    {
        match first {
            'C' | 'c' => modifiers.ctrl = true,
            'M' | 'm' | 'A' | 'a' => modifiers.alt = true,
            'S' | 's' => modifiers.shift = true,
            _ => break,
        }
        rest = tail;
    }
    (modifiers, rest)
}

fn only_character(key: &str) -> Option<char> {
    let mut all = key.chars();
    let first = all.next()?;
    (all.next().is_none() && !first.is_control()).then_some(first)
}

fn character_bytes(character: char, modifiers: Modifiers) -> Option<Vec<u8>> {
    let bytes = if modifiers.ctrl {
        vec![control(character)?]
    } else {
        let shifted = if modifiers.shift {
            character.to_uppercase().collect()
        } else {
            character.to_string()
        };
        shifted.into_bytes()
    };
    Some(alt(bytes, modifiers))
}

/// The control character of a key (ECMA-48), with xterm's for the digits.
fn control(character: char) -> Option<u8> {
    match character.to_ascii_uppercase() {
        upper @ '@'..='_' => u8::try_from(u32::from(upper)).ok().map(|byte| byte & 0x1f),
        ' ' | '2' => Some(0),
        digit @ '3'..='7' => u8::try_from(u32::from(digit))
            .ok()
            .map(|byte| byte - b'3' + 0x1b),
        '8' | '?' => Some(0x7f),
        '/' => Some(0x1f),
        _ => None,
    }
}

fn alt(mut bytes: Vec<u8>, modifiers: Modifiers) -> Vec<u8> {
    if modifiers.alt {
        bytes.insert(0, 0x1b);
    }
    bytes
}

/// Keys that send a sequence, in which modifiers have a number (xterm's PC-style keys).
fn sequence(key: &str, modifiers: Modifiers, application: bool) -> Option<Vec<u8>> {
    let by_letter = |letter: char, introducer: &str| {
        Some(match modifiers.number() {
            1 => format!("\x1b{introducer}{letter}").into_bytes(),
            number => format!("\x1b[1;{number}{letter}").into_bytes(),
        })
    };
    let by_number = |code: u8| {
        Some(match modifiers.number() {
            1 => format!("\x1b[{code}~").into_bytes(),
            number => format!("\x1b[{code};{number}~").into_bytes(),
        })
    };
    let cursor = if application { "O" } else { "[" };
    match key {
        "up" => by_letter('A', cursor),
        "down" => by_letter('B', cursor),
        "right" => by_letter('C', cursor),
        "left" => by_letter('D', cursor),
        "end" => by_letter('F', cursor),
        "home" => by_letter('H', cursor),
        "f1" => by_letter('P', "O"),
        "f2" => by_letter('Q', "O"),
        "f3" => by_letter('R', "O"),
        "f4" => by_letter('S', "O"),
        "insert" | "ic" => by_number(2),
        "delete" | "dc" => by_number(3),
        "pageup" | "pgup" | "ppage" => by_number(5),
        "pagedown" | "pgdn" | "npage" => by_number(6),
        "f5" => by_number(15),
        "f6" => by_number(17),
        "f7" => by_number(18),
        "f8" => by_number(19),
        "f9" => by_number(20),
        "f10" => by_number(21),
        "f11" => by_number(23),
        "f12" => by_number(24),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &str) -> String {
        let bytes = bytes_of(name, false).unwrap_or_else(|| panic!("{name} is a key"));
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn keys_send_what_xterm_sends() {
        for (name, bytes) in [
            ("Enter", "\r"),
            ("Tab", "\t"),
            ("S-Tab", "\x1b[Z"),
            ("Escape", "\x1b"),
            ("esc", "\x1b"),
            ("Backspace", "\x7f"),
            ("C-c", "\x03"),
            ("C-C", "\x03"),
            ("C-Space", "\0"),
            ("C-[", "\x1b"),
            ("C-\\", "\x1c"),
            ("C-/", "\x1f"),
            ("C-?", "\x7f"),
            ("M-x", "\x1bx"),
            ("M-Enter", "\x1b\r"),
            ("C-M-a", "\x1b\x01"),
            ("S-a", "A"),
            ("a", "a"),
            ("-", "-"),
            ("M--", "\x1b-"),
            ("C--", ""),
            ("é", "é"),
            ("Up", "\x1b[A"),
            ("C-Right", "\x1b[1;5C"),
            ("S-M-Left", "\x1b[1;4D"),
            ("F1", "\x1bOP"),
            ("F12", "\x1b[24~"),
            ("C-F5", "\x1b[15;5~"),
            ("PgUp", "\x1b[5~"),
            ("Delete", "\x1b[3~"),
        ] {
            match bytes {
                "" => assert_eq!(bytes_of(name, false), None, "{name}"),
                bytes => assert_eq!(sent(name), bytes, "{name}"),
            }
        }
    }

    #[test]
    fn what_was_sent_has_the_plainest_name() {
        for name in [
            "Enter", "Space", "S-Tab", "C-c", "M-x", "M-Enter", "C-Right", "F12", "a", "é", "~",
            "C-M-a", "S-F5",
        ] {
            let bytes = bytes_of(name, false).expect("a key");
            assert_eq!(name_of(&bytes).as_deref(), Some(name));
        }
        assert_eq!(name_of(b"\x1bOA").as_deref(), Some("Up"));
        for unknown in [&b"\x1b[13;2u"[..], b"ab", b"\xff", b""] {
            assert_eq!(name_of(unknown), None);
        }
    }

    #[test]
    fn cursor_keys_have_two_forms() {
        let bytes = |name| bytes_of(name, true).expect("a key");
        assert_eq!(bytes("Up"), b"\x1bOA");
        assert_eq!(bytes("Home"), b"\x1bOH");
        assert_eq!(bytes("C-Up"), b"\x1b[1;5A", "modifiers have one form only");
        assert_eq!(bytes("Delete"), b"\x1b[3~");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for name in ["", "C-", "Entr", "F13", "C-é", "ab", "\n", "X-a", "C-1"] {
            assert_eq!(bytes_of(name, false), None, "{name:?}");
        }
    }
}
