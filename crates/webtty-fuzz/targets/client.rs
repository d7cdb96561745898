//! What the client is told by others: by a daemon, and by people in URLs, keys and fingerprints.
//! The first byte says which.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;

use webtty_client::{Credential, Fingerprint, HttpUrl, fuzzing};
use webtty_protocol::{Room, SessionId};

/// What can be written can be read, and is the same.
fn reads_again<T: std::str::FromStr + std::fmt::Display>(text: &str) -> Option<String> {
    let written = text.parse::<T>().ok()?.to_string();
    let again = written.parse::<T>().ok().map(|again| again.to_string());
    assert_eq!(again.as_ref(), Some(&written));
    Some(written)
}

fn name(which: u8, text: &str) {
    match which {
        0 => {
            if let Some(url) = reads_again::<HttpUrl>(text) {
                let url: HttpUrl = url.parse().expect("a URL");
                assert!(!url.host().is_empty() && !url.host().contains('@'));
                assert!(!text.contains('#') && !text.contains('?'));
            }
        }
        1 => {
            if let Ok(credential) = text.parse::<Credential>() {
                let shown = format!("{credential:?}");
                assert!(shown == "Token(…)" || shown == "Key(…)", "{shown}");
            }
        }
        2 => {
            reads_again::<Fingerprint>(text);
        }
        3 => {
            reads_again::<SessionId>(text);
        }
        _ => {
            reads_again::<Room>(text);
        }
    }
}

target::target!(|input: &[u8]| {
    let Some((&which, bytes)) = input.split_first() else {
        return;
    };
    match which % 10 {
        5 => {
            let message = fuzzing::refusal(400 + u16::from(which), bytes);
            assert!(!message.is_empty());
        }
        6 => {
            fuzzing::execute_line(bytes);
        }
        9 => {
            let whole = fuzzing::snapshot(bytes, bytes.len());
            let cut = 1 + usize::from(which / 10);
            assert_eq!(fuzzing::snapshot(bytes, cut), whole, "in frames of {cut}");
        }
        kind => {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return;
            };
            let understood = match kind {
                7 => fuzzing::attachment(text),
                8 => fuzzing::hub(text),
                which => return name(which, text),
            };
            if let Some(message) = understood {
                let again = message.to_string();
                let read = if kind == 7 {
                    fuzzing::attachment
                } else {
                    fuzzing::hub
                };
                assert_eq!(read(&again), Some(message), "{again}");
            }
        }
    }
});
