//! What an attached terminal reads from both sides: output, out of which questions and the
//! clipboard are taken, typed keys, among which those that detach are found; a settings file in
//! which one value is changed; and output in which a text is looked for. However the bytes are
//! cut, the same comes of them; and what is shown asks nothing and sets no clipboard, neither in
//! the daemon's own terminal nor in one with another parser.
//!
//! The first byte says which, and how the bytes are cut.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../../webtty/src/terminal/detach.rs"]
#[allow(dead_code)]
mod detach;
#[path = "../../webtty/src/json_edit.rs"]
#[allow(dead_code)]
mod json_edit;
#[path = "../../webtty/src/terminal/queries.rs"]
#[allow(dead_code)]
mod queries;
#[path = "../../webtty/src/terminal/query_forms.rs"]
mod query_forms;
#[path = "../common/target.rs"]
mod target;

use bytes::BytesMut;
use serde_json::Value;
use webtty_core::finding::TextFinder;
use webtty_terminal::{Limits, Size, Terminal};

fn shown(bytes: &[u8], step: usize, clipboard: bool) -> (BytesMut, usize, bool) {
    let mut filter = queries::QueryFilter::default();
    filter.let_clipboard(clipboard);
    let (mut out, mut taken) = (BytesMut::new(), 0);
    for piece in bytes.chunks(step) {
        taken += filter.feed(piece, &mut out);
    }
    assert!(out.len() + taken <= bytes.len());
    assert!(!filter.is_between() || out.len() + taken == bytes.len());
    (out, taken, filter.is_between())
}

/// What is shown asks nothing, and sets no clipboard where it may not.
fn check_shown(shown: &[u8], clipboard: bool) {
    let mut terminal = Terminal::new(Size::new(20, 4), Limits::default());
    terminal.feed(shown);
    assert_eq!(terminal.take_replies(), [], "{}", shown.escape_ascii());

    // The other parser does not know the C1 controls of UTF-8, and shall be told of them too.
    let mut translated = Vec::new();
    let mut rest = shown;
    while let Some((&first, after)) = rest.split_first() {
        match rest {
            [0xc2, control @ 0x80..=0x9f, after @ ..] => {
                translated.extend([0x1b, control - 0x40]);
                rest = after;
            }
            _ => {
                translated.push(first);
                rest = after;
            }
        }
    }
    for bytes in [shown, &translated] {
        let mut asked = Asked::default();
        vte::Parser::new().advance(&mut asked, bytes);
        assert!(!asked.question, "{}", shown.escape_ascii());
        assert!(clipboard || !asked.clipboard, "{}", shown.escape_ascii());
    }
}

/// What another parser finds, of what it is sure to be asked or told.
#[derive(Default)]
struct Asked {
    question: bool,
    clipboard: bool,
}

impl vte::Perform for Asked {
    fn execute(&mut self, byte: u8) {
        self.question |= byte == 5;
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _ended_by_bell: bool) {
        let number = std::str::from_utf8(params[0]).map(str::parse);
        match number {
            Ok(Ok(52)) => {
                self.clipboard = true;
                self.question |= params.len() > 2 && params[2] == b"?";
            }
            Ok(Ok(4u32 | 10 | 11 | 12)) => self.question |= params[1..].contains(&&b"?"[..]),
            _ => {}
        }
    }

    fn csi_dispatch(
        &mut self,
        params: &vte::Params,
        intermediates: &[u8],
        ignored: bool,
        action: char,
    ) {
        let first = params.iter().next().map_or(0, |param| param[0]);
        self.question |= !ignored
            && match (intermediates, action) {
                (b"" | b">" | b"=", 'c') => true,
                (b"" | b"?", 'n') => matches!(first, 5 | 6),
                (b"$" | b"?$", 'p') => true,
                (b"?", 'u') => true,
                (b"", 't') => matches!(first, 14 | 18),
                _ => false,
            };
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], ignored: bool, byte: u8) {
        self.question |= !ignored && intermediates.is_empty() && byte == b'Z';
    }
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

target::target!(|input: &[u8]| {
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
            assert_eq!(shown(&whole.0, usize::MAX, clipboard).1, 0);
            check_shown(&whole.0, clipboard);
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
