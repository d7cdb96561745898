//! Bodies of requests, login and all others: whatever is taken can be written and taken again, and
//! is the object it was; whatever is not is refused with 400. The first byte says of which path.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/objects.rs"]
mod objects;
#[path = "../common/target.rs"]
mod target;

use webtty_daemon::fuzzing::body;

target::target!(|input: &[u8]| {
    let Some((&path, bytes)) = input.split_first() else {
        return;
    };
    if let Some(taken) = body(path, bytes) {
        let text = std::str::from_utf8(bytes).expect("JSON is UTF-8");
        objects::assert_is_object(text);
        let again = taken.to_string();
        assert_eq!(body(path, again.as_bytes()), Some(taken), "{again}");
    }
});
