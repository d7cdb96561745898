//! Text as a terminal pastes it.

/// What begins and ends a paste where a program asked to be told (mode 2004).
const MARKS: [&str; 2] = ["\x1b[200~", "\x1b[201~"];

/// A text as pasted: line ends are returns, as if typed; control characters are left out, so that
/// a text cannot end its own marks nor press keys.
pub fn pasted(text: &str, bracketed: bool) -> Vec<u8> {
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                cleaned.push('\r');
            }
            '\n' => cleaned.push('\r'),
            '\t' => cleaned.push('\t'),
            other if other.is_control() => {}
            other => cleaned.push(other),
        }
    }
    if bracketed {
        cleaned = [MARKS[0], &cleaned, MARKS[1]].concat();
    }
    cleaned.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_cannot_press_keys() {
        assert_eq!(pasted("a\nb\r\nc\rd\te", false), b"a\rb\rc\rd\te");
        assert_eq!(
            pasted("x\x1b[201~\x03\u{9b}y", true),
            b"\x1b[200~x[201~y\x1b[201~"
        );
    }
}
