//! Lines of JSON: however a stream is cut into pieces, the same lines come of it, and each is
//! what a plain look at the whole stream gives.
//!
//! The first byte is how the pieces are cut, the second one the longest line there may be, so that
//! short inputs reach what is beyond the limit.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;

use bytes::Bytes;
use webtty_core::json_lines::{Line, LineSplitter};

fn lines<'a>(most: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Line> {
    let mut splitter = LineSplitter::taking(most);
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
fn expected(most: usize, line: &[u8]) -> Option<Option<&[u8]>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    let good = line.len() <= most
        && std::str::from_utf8(line).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    Some(good.then_some(line))
}

target::target!(|input: &[u8]| {
    let [cut, most, stream @ ..] = input else {
        return;
    };
    let (step, most) = (usize::from(*cut) + 1, usize::from(*most));
    let whole = lines(most, std::iter::once(stream));
    assert_eq!(lines(most, stream.chunks(step)), whole);
    let given = stream.split(|&byte| byte == b'\n').enumerate();
    let mut given = given.filter_map(|(i, line)| Some((i as u64 + 1, expected(most, line)?)));
    for line in whole {
        let (number, content) = given.next().expect("no more lines than there are");
        assert_eq!(line.number, number);
        assert_eq!(line.content.as_deref().ok(), content, "line {number}");
    }
    assert_eq!(given.next(), None);
});
