//! A WebSocket's bytes: frames into messages, messages into what they ask for. However they are
//! cut, the same comes of them, and only objects are taken for messages.
//!
//! The first byte says which socket and how the bytes are cut. The others are frames as they come
//! over the wire, or, if its highest bit is set, one text.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/objects.rs"]
mod objects;
#[path = "../common/target.rs"]
mod target;

use webtty_daemon::fuzzing::{Kind, messages, understood};

const KINDS: [Kind; 4] = [Kind::Pty, Kind::PlainPty, Kind::Events, Kind::Hub];
const TEXT: u8 = 0x80;

fn take(kind: Kind, text: &str) {
    if let Some(message) = understood(kind, text) {
        objects::assert_same_shape(text, &message);
        let again = message.to_string();
        assert_eq!(understood(kind, &again), Some(message), "{again}");
    }
}

target::target!(|input: &[u8]| {
    let Some((&first, bytes)) = input.split_first() else {
        return;
    };
    let kind = KINDS[usize::from(first % 4)];
    if first & TEXT != 0 {
        if let Ok(text) = std::str::from_utf8(bytes) {
            take(kind, text);
        }
        return;
    }
    let whole = messages(kind, bytes, usize::MAX);
    let step = 1 + usize::from(first >> 2);
    assert_eq!(messages(kind, bytes, step), whole);
    for message in whole.0 {
        if let Ok(text) = message.to_text() {
            take(kind, text);
        }
    }
});
