//! What an attached terminal reads from both sides: output, out of which questions and the
//! clipboard are taken, typed keys, among which those that detach are found; a settings file in
//! which one value is changed; and output in which a text is looked for. However the bytes are
//! cut, the same comes of them.
//!
//! The first byte says which, and how the bytes are cut.
#![no_main]

#[path = "../../webtty/src/terminal/detach.rs"]
#[allow(dead_code)]
mod detach;
#[path = "../../webtty/src/json_edit.rs"]
#[allow(dead_code)]
mod json_edit;
#[path = "../../webtty/src/terminal/queries.rs"]
#[allow(dead_code)]
mod queries;

use serde_json::Value;
use webtty_core::finding::TextFinder;

fn shown(bytes: &[u8], step: usize, clipboard: bool) -> (Vec<u8>, usize, bool) {
    let mut filter = queries::QueryFilter::default();
    filter.let_clipboard(clipboard);
    let (mut out, mut taken) = (Vec::new(), 0);
    for piece in bytes.chunks(step) {
        taken += filter.feed(piece, &mut out);
    }
    assert!(out.len() + taken <= bytes.len());
    assert!(!filter.is_between() || out.len() + taken == bytes.len());
    (out, taken, filter.is_between())
}

/// What goes to the session, and whether the detach keys came.
fn typed(bytes: &[u8], step: usize) -> (Vec<u8>, bool) {
    let mut keys = detach::DetachKeys::default();
    let mut input = Vec::new();
    for piece in bytes.chunks(step) {
        let typed = keys.feed(piece);
        input.extend(typed.input);
        if typed.detach {
            return (input, true);
        }
    }
    (input, false)
}

fn edit(text: &str) {
    let Ok(edited) = json_edit::set(text, &["cols", "x"], "7") else {
        return;
    };
    let Ok(mut wanted) = serde_json::from_str::<Value>(text) else {
        return;
    };
    wanted["cols"]["x"] = Value::from(7);
    let found: Value = serde_json::from_str(&edited).expect("JSON stays JSON");
    assert_eq!(found, wanted, "{text} became {edited}");
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&first, bytes)) = input.split_first() else {
        return;
    };
    let step = 1 + usize::from(first >> 3);
    match first % 5 {
        kind @ (0 | 1) => {
            let clipboard = kind == 1;
            let whole = shown(bytes, usize::MAX, clipboard);
            assert_eq!(shown(bytes, step, clipboard), whole);
            // Nothing that was taken out comes together from what was left.
            if !clipboard && whole.2 {
                let again = shown(&whole.0, usize::MAX, clipboard);
                assert!(again.0.len() <= whole.0.len());
            }
        }
        2 => {
            let (input, _) = typed(bytes, usize::MAX);
            assert!(input.len() <= bytes.len());
            // A sequence that reports a key is found whole only.
            if !bytes.contains(&0x1b) {
                assert_eq!(typed(bytes, step), typed(bytes, usize::MAX));
            }
        }
        3 => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                edit(text);
            }
        }
        _ => {
            let mut whole = TextFinder::new("ab\nc");
            let mut pieces = TextFinder::new("ab\nc");
            let found = whole.feed(bytes);
            let found_in_pieces = bytes
                .chunks(step)
                .fold(false, |found, piece| pieces.feed(piece) || found);
            assert_eq!(found, found_in_pieces);
        }
    }
});
