//! Objects are objects: what is taken for a struct was not an array of its fields, which serde
//! would take too.
#![allow(dead_code)]

use serde_json::Value;

/// Panics unless the text is a JSON object.
pub(crate) fn assert_is_object(text: &str) {
    let given: Value = serde_json::from_str(text).expect("what was taken is JSON");
    assert!(given.is_object(), "{text} is no object");
}

/// Panics unless the text, and in it what the message calls its payload, are objects where the
/// message has some.
pub(crate) fn assert_same_shape(text: &str, message: &Value) {
    assert_is_object(text);
    let given: Value = serde_json::from_str(text).expect("what was taken is JSON");
    if message["payload"].is_object() {
        assert!(given["payload"].is_object(), "{text} has no object in it");
    }
}
