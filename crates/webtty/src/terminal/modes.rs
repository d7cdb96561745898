//! Which modes a session's program has set in this terminal, so that they can be taken back
//! when the terminal is: a shell after a detached editor must not find the mouse reporting, the
//! screen switched or the cursor hidden.

use std::collections::BTreeSet;

/// Private modes that are off in a terminal nobody has touched.
const USUALLY_OFF: [u16; 20] = [
    1, 5, 9, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026,
    2031, 2048,
];

/// Private modes that are on: line wrapping and a visible cursor.
const USUALLY_ON: [u16; 2] = [7, 25];

/// Sequences longer than this set no mode.
const MAX_SEQUENCE: usize = 64;

/// Watches output for what changes modes.
#[derive(Debug, Default)]
pub(crate) struct Modes {
    state: State,
    sequence: Vec<u8>,
    /// Private modes that are not as usual.
    unusual: BTreeSet<u16>,
    keypad: bool,
    insert: bool,
    margins: bool,
    cursor_shape: bool,
    modify_other_keys: bool,
    key_reports: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    Control,
}

impl Modes {
    /// Takes output that is shown on the terminal.
    pub(crate) fn feed(&mut self, output: &[u8]) {
        for &byte in output {
            self.feed_byte(byte);
        }
    }

    /// What brings the terminal back to how it was, and forgets what was watched.
    pub(crate) fn take_back(&mut self) -> String {
        let mut text = String::new();
        if self.margins {
            // Setting the margins moves the cursor, so its place is kept.
            text.push_str("\x1b7\x1b[r\x1b8");
        }
        for mode in &self.unusual {
            let usual = if USUALLY_ON.contains(mode) { 'h' } else { 'l' };
            text.push_str(&format!("\x1b[?{mode}{usual}"));
        }
        let pops = if self.key_reports > 0 {
            format!("\x1b[<{}u", self.key_reports)
        } else {
            String::new()
        };
        text.push_str(&pops);
        for (set, back) in [
            (self.modify_other_keys, "\x1b[>4m"),
            (self.insert, "\x1b[4l"),
            (self.keypad, "\x1b>"),
            (self.cursor_shape, "\x1b[0 q"),
        ] {
            if set {
                text.push_str(back);
            }
        }
        // Colours, and the plain character set.
        text.push_str("\x1b[0m\x0f\x1b(B");
        *self = Self::default();
        text
    }

    fn feed_byte(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (_, 0x1b) => {
                self.sequence.clear();
                State::Escape
            }
            (State::Text, _) => State::Text,
            (State::Escape, b'[') => State::Control,
            (State::Escape, _) => {
                self.escape(byte);
                State::Text
            }
            (State::Control, 0x20..=0x3f) if self.sequence.len() < MAX_SEQUENCE => {
                self.sequence.push(byte);
                State::Control
            }
            (State::Control, 0x40..=0x7e) => {
                let sequence = std::mem::take(&mut self.sequence);
                self.control(&sequence, byte);
                State::Text
            }
            (State::Control, _) => State::Text,
        };
    }

    fn escape(&mut self, end: u8) {
        match end {
            b'=' => self.keypad = true,
            b'>' => self.keypad = false,
            b'c' => *self = Self::default(),
            _ => {}
        }
    }

    fn control(&mut self, sequence: &[u8], end: u8) {
        let Ok(sequence) = std::str::from_utf8(sequence) else {
            return;
        };
        match (sequence.as_bytes().first(), end) {
            (Some(b'?'), b'h') => self.set_private(&sequence[1..], true),
            (Some(b'?'), b'l') => self.set_private(&sequence[1..], false),
            (Some(b'>'), b'u') => self.key_reports = self.key_reports.saturating_add(1),
            (Some(b'<'), b'u') => {
                let pops = sequence[1..].parse().unwrap_or(1);
                self.key_reports = self.key_reports.saturating_sub(pops);
            }
            (Some(b'>'), b'm') => {
                let numbers = &sequence[1..];
                self.modify_other_keys = numbers.starts_with("4;") && !numbers.ends_with(";0");
            }
            (_, b'h') if sequence == "4" => self.insert = true,
            (_, b'l') if sequence == "4" => self.insert = false,
            (_, b'r') if is_numbers(sequence) => self.margins = !sequence.is_empty(),
            (_, b'q') if sequence.ends_with(' ') => {
                self.cursor_shape = !matches!(sequence, " " | "0 ");
            }
            _ => {}
        }
    }

    fn set_private(&mut self, numbers: &str, on: bool) {
        for mode in numbers.split(';').filter_map(|number| number.parse().ok()) {
            let unusual = if USUALLY_OFF.contains(&mode) {
                on
            } else if USUALLY_ON.contains(&mode) {
                !on
            } else {
                continue;
            };
            if unusual {
                self.unusual.insert(mode);
            } else {
                self.unusual.remove(&mode);
            }
        }
    }
}

fn is_numbers(sequence: &str) -> bool {
    sequence
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: &str = "\x1b[0m\x0f\x1b(B";

    fn check(output: &str, expected: &str) {
        let mut modes = Modes::default();
        // Byte by byte: a sequence may come in two reads.
        for byte in output.bytes() {
            modes.feed(&[byte]);
        }
        assert_eq!(
            modes.take_back(),
            format!("{expected}{ALWAYS}"),
            "{output:?}"
        );
        assert_eq!(modes.take_back(), ALWAYS, "it is forgotten");
    }

    #[test]
    fn what_was_set_is_taken_back() {
        check(
            "\x1b[?1049h\x1b[?1002;1006h",
            "\x1b[?1002l\x1b[?1006l\x1b[?1049l",
        );
        check("\x1b[?25lx\x1b[?2004h", "\x1b[?25h\x1b[?2004l");
        check(
            "\x1b[2;10r\x1b=\x1b[4h\x1b[5 q",
            "\x1b7\x1b[r\x1b8\x1b[4l\x1b>\x1b[0 q",
        );
        check("\x1b[>1u\x1b[>4;2m", "\x1b[<1u\x1b[>4m");
    }

    #[test]
    fn what_the_program_took_back_itself_is_left() {
        check("\x1b[?1049h\x1b[?1049l\x1b[?25l\x1b[?25h", "");
        check("\x1b[>1u\x1b[<u\x1b[>4;2m\x1b[>4;0m\x1b[2;3r\x1b[r", "");
        check("\x1b=\x1b>\x1b[4h\x1b[4l\x1b[5 q\x1b[0 q", "");
        check("\x1b[?1000h\x1bc", "");
    }

    #[test]
    fn text_and_other_sequences_change_nothing() {
        check("plain [?1049h text \x1b[31m\x1b[?12h\x1b[?6n", "");
        check(&format!("\x1b[?{}h\x1b[?h", "9".repeat(100)), "");
        check("\x1b[?10\x1b[?49h", "");
    }
}
