//! The parsers of what a daemon says, opened for the fuzz targets of `crates/webtty-fuzz` and
//! nobody else.

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::Value;
use webtty_protocol::execute::ExecuteLine;

use crate::error::Error;
use crate::unpacking::Unpacking;
use crate::{attach, hub};

/// A text frame of an attachment, as it was understood.
pub fn attachment(text: &str) -> Option<Value> {
    let message = attach::read_message(text).ok()??;
    Some(serde_json::to_value(message).expect("the protocol's types can be written as JSON"))
}

/// A text frame of the hub, as it was understood.
pub fn hub(text: &str) -> Option<Value> {
    let message = hub::read_message(text).ok()??;
    Some(serde_json::to_value(message).expect("the protocol's types can be written as JSON"))
}

/// A line of a program's output, as it was understood.
pub fn execute_line(bytes: &[u8]) -> Option<Value> {
    let line: ExecuteLine = serde_json::from_slice(bytes).ok()?;
    Some(serde_json::to_value(line).expect("the protocol's types can be written as JSON"))
}

/// What people are told of a refusal with this body.
pub fn refusal(status: u16, body: &[u8]) -> String {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Error::from_answer(status, body).to_string()
}

/// A compressed snapshot that comes in frames of so many bytes, unpacked, or none if it is broken.
pub fn snapshot(packed: &[u8], frame: usize) -> Option<Vec<u8>> {
    let (mut unpacking, mut unpacked) = (Unpacking::new(packed.len() as u64), Vec::new());
    let mut counted = 0;
    for frame in packed.chunks(frame.max(1)) {
        let rest = unpacking.take(Bytes::copy_from_slice(frame));
        assert!(rest.is_empty());
        while let Some(piece) = unpacking.next().ok()? {
            unpacked.extend_from_slice(&piece.bytes);
            counted += piece.packed;
        }
    }
    assert_eq!(counted, packed.len() as u64);
    Some(unpacked)
}
