//! `webtty key`: what keys send, ready for `keyboardBindings` and for `send`.

use std::io::{self, IsTerminal};

use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, Stdin, stdin};
use tokio::time::timeout;
use webtty_protocol::key_names;

use crate::attached::end::signal_code;
use crate::failure::{Failure, USAGE};
use crate::limits::{INPUT_BYTES, KEY_PAUSE};
use crate::output::{print, say};
use crate::terminal::RawMode;
use crate::terminal::signals::Signals;

/// What ends it: unlike Ctrl-C, a key that nobody binds.
const QUIT: &[u8] = b"q";

pub(crate) async fn run() -> Result<u8, Failure> {
    if !io::stdin().is_terminal() {
        let message = "key shows what the keys of a terminal send, and here is none";
        return Err(Failure::new(USAGE, message));
    }
    let mut signals =
        Signals::new().map_err(|error| Failure::io("listening for signals", &error))?;
    say("Press keys; q ends it.");
    say(&row("sent", "\"chars\" of a binding", "for `send`"));
    let _raw = RawMode::enter()?;
    let mut stdin = stdin();
    loop {
        let bytes = tokio::select! {
            bytes = key_press(&mut stdin) => bytes,
            signal = signals.recv() => match signal {
                Signal::SIGWINCH => continue,
                signal => return Ok(signal_code(signal)),
            },
        };
        let bytes = bytes.map_err(|error| Failure::io("reading the keyboard", &error))?;
        if bytes.is_empty() || bytes == QUIT {
            return Ok(0);
        }
        let name = key_names::name_of(&bytes).unwrap_or_default();
        print(&format!(
            "{}\r\n",
            row(&shown(&bytes), &chars(&bytes), &name)
        ))?;
    }
}

fn row(sent: &str, chars: &str, name: &str) -> String {
    format!("{sent:<20} {chars:<24} {name}")
        .trim_end()
        .to_owned()
}

/// What comes at once, and what follows so soon that no finger has sent it.
async fn key_press(stdin: &mut Stdin) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; INPUT_BYTES];
    loop {
        let reading = stdin.read(&mut buffer);
        let count = if bytes.is_empty() {
            reading.await?
        } else {
            match timeout(KEY_PAUSE, reading).await {
                Ok(count) => count?,
                Err(_) => return Ok(bytes),
            }
        };
        bytes.extend_from_slice(&buffer[..count]);
        if count == 0 {
            return Ok(bytes);
        }
    }
}

/// The bytes with the names that ASCII has for them.
fn shown(bytes: &[u8]) -> String {
    let one = |text: &str| {
        let mut shown = Vec::new();
        for character in text.chars() {
            shown.push(match character {
                '\x1b' => "ESC".to_owned(),
                '\r' => "CR".to_owned(),
                '\n' => "LF".to_owned(),
                '\t' => "TAB".to_owned(),
                ' ' => "SPC".to_owned(),
                '\x7f' => "DEL".to_owned(),
                control if control < ' ' => {
                    format!("^{}", char::from(control as u8 + b'@'))
                }
                other => other.to_string(),
            });
        }
        shown.join(" ")
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => one(text),
        Err(_) => bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// The bytes as a JSON text, in ASCII so that nothing in it is invisible.
fn chars(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return "(no text)".to_owned();
    };
    let mut json = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => json.extend(['\\', char::from(byte)]),
            Ok(b'\r') => json.push_str("\\r"),
            Ok(b'\n') => json.push_str("\\n"),
            Ok(b'\t') => json.push_str("\\t"),
            Ok(byte @ 0x20..=0x7e) => json.push(char::from(byte)),
            _ => json.push_str(&format!("\\u{unit:04x}")),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_copied_into_the_settings() {
        for (bytes, seen, json) in [
            ("\x1b\r", "ESC CR", r#""\u001b\r""#),
            ("\x04", "^D", r#""\u0004""#),
            ("\x1b[1;5C", "ESC [ 1 ; 5 C", r#""\u001b[1;5C""#),
            ("\"\\", "\" \\", r#""\"\\""#),
            ("é🦀", "é 🦀", r#""\u00e9\ud83e\udd80""#),
            ("\x7f", "DEL", r#""\u007f""#),
        ] {
            assert_eq!(shown(bytes.as_bytes()), seen);
            assert_eq!(chars(bytes.as_bytes()), json);
            let read: String = serde_json::from_str(json).expect("JSON");
            assert_eq!(read, bytes);
        }
        assert_eq!(shown(b"\xff\x00"), "ff 00");
    }
}
