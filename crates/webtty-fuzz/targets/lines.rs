//! Lines of JSON: however a stream is cut into pieces, the same lines come of it, and each is
//! what a plain look at the whole stream gives.
//!
//! The first byte is how the pieces are cut. If the next two are 0xFF, 0x02 stands for 64 KiB of a
//! string, so that lines over the limit can be reached; many of such long streams would take long.
#![no_main]

use bytes::Bytes;
use webtty_core::json_lines::{Line, LineSplitter};
use webtty_protocol::limits::MAX_EVENT_BYTES;

const LONG: u8 = 0x02;
const LONG_BYTES: usize = 64 * 1024;
/// So many of them are over the limit; more would only take long.
const MOST_LONG: usize = 17;

fn lines<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Line> {
    let mut splitter = LineSplitter::default();
    let mut lines = Vec::new();
    for piece in pieces {
        let mut piece = Bytes::copy_from_slice(piece);
        while let Some(line) = splitter.next_line(&mut piece) {
            lines.push(line);
        }
        assert!(piece.is_empty(), "some of a piece was not looked at");
    }
    lines.extend(splitter.finish());
    lines
}

/// What a line's content should be, if it is to be given at all.
fn expected(line: &[u8]) -> Option<Option<&[u8]>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    let good = line.len() <= MAX_EVENT_BYTES
        && std::str::from_utf8(line).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    Some(good.then_some(line))
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&cut, text)) = input.split_first() else {
        return;
    };
    let is_long = text.starts_with(&[0xFF, 0xFF]);
    let mut stream = Vec::new();
    let mut long = 0;
    for &byte in text {
        if is_long && byte == LONG && long < MOST_LONG {
            long += 1;
            stream.resize(stream.len() + LONG_BYTES, b'x');
        } else {
            stream.push(byte);
        }
    }
    let whole = lines(std::iter::once(stream.as_slice()));
    let step = match cut {
        // So many single bytes would take long.
        0..128 if stream.len() < 4096 => usize::from(cut) + 1,
        _ => usize::from(cut) * 512 + 4096,
    };
    assert_eq!(lines(stream.chunks(step)), whole);
    let given = stream.split(|&byte| byte == b'\n').enumerate();
    let mut given = given.filter_map(|(i, line)| Some((i as u64 + 1, expected(line)?)));
    for line in whole {
        let (number, content) = given.next().expect("no more lines than there are");
        assert_eq!(line.number, number);
        assert_eq!(line.content.as_deref().ok(), content, "line {number}");
    }
    assert_eq!(given.next(), None);
});
