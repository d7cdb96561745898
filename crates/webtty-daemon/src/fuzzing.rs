//! The parsers of foreign bytes, opened for the fuzz targets of `crates/webtty-fuzz` and nobody
//! else. What must hold of their results is checked here or by the target.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webtty_protocol::control::HandOver;
use webtty_protocol::execute::Execute;
use webtty_protocol::input::SessionInput;
use webtty_protocol::key_names;
use webtty_protocol::rest::{ChangeKey, ChangeSession, CreateKey, CreateSession, Login};
use webtty_protocol::wait::Wait;

use crate::body::parse_json;
use crate::settings::Settings;

pub use crate::server::in_memory::Daemon;
pub use crate::ws::frames::{Kind, messages, understood};

/// Takes a body of one of the paths. Gives it as it was understood.
///
/// # Panics
/// When a refusal is none that was promised.
pub fn body(path: u8, bytes: &[u8]) -> Option<Value> {
    match path % 9 {
        0 => taken::<Login>(bytes),
        1 => taken::<CreateSession>(bytes),
        2 => taken::<ChangeSession>(bytes),
        3 => {
            let input: SessionInput = parse_json(bytes).ok()?;
            for name in &input.keys {
                let _ = (
                    key_names::bytes_of(name, false),
                    key_names::bytes_of(name, true),
                );
            }
            taken::<SessionInput>(bytes)
        }
        4 => taken::<Wait>(bytes),
        5 => taken::<Execute>(bytes),
        6 => taken::<HandOver>(bytes),
        7 => taken::<CreateKey>(bytes),
        _ => taken::<ChangeKey>(bytes),
    }
}

fn taken<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<Value> {
    match parse_json::<T>(bytes) {
        Ok(body) => Some(serde_json::to_value(body).expect("a body can be written as JSON")),
        Err(error) => {
            assert_eq!(error.into_response().status(), 400);
            None
        }
    }
}

/// Takes the bytes of a file of keys. Gives whether they are one.
///
/// # Panics
/// When what a start and a login do with it goes wrong.
pub fn keys_file(bytes: &[u8]) -> bool {
    crate::keys::trial::try_file(bytes)
}

/// Takes the bytes of a settings file. Gives whether they are one.
///
/// # Panics
/// When what is made of them is out of its bounds, or they cannot be written and read again.
pub fn settings(bytes: &[u8]) -> bool {
    let path = Path::new("config.json");
    let Ok(settings) = Settings::parse(path, bytes) else {
        return false;
    };
    let size = settings.size();
    assert!((1..=1000).contains(&size.cols) && (1..=500).contains(&size.rows));
    assert!((64 << 10..=64 << 20).contains(&settings.output_bytes()));
    let _ = (settings.shell(), settings.page());
    let written = serde_json::to_vec(&settings).expect("text and numbers are JSON");
    Settings::parse(path, &written).expect("what is written can be read");
    true
}
