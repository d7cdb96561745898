//! Where to listen and whom to let in, as environment and settings file say it.
//!
//! The daemon reads the whole file and refuses a broken one; here only what is needed before it
//! exists is taken out.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::Path;

use serde_json::Value;
use webtty_protocol::names::ENV_PORT;

use crate::failure::{CONFIG, Failure, USAGE};
use crate::places::parse_host;

/// What the settings file says about the listener.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listener {
    pub(super) port: Option<u16>,
    pub(super) host: Option<IpAddr>,
    pub(super) without_auth: bool,
}

/// Reads the settings file; one that is not there says nothing.
pub(super) fn read(path: &Path) -> Result<Listener, Failure> {
    match fs::read(path) {
        Ok(bytes) => {
            parse(&bytes).map_err(|why| Failure::new(CONFIG, format!("{}: {why}", path.display())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Listener::default()),
        Err(error) => Err(Failure::new(CONFIG, format!("{}: {error}", path.display()))),
    }
}

fn parse(bytes: &[u8]) -> Result<Listener, String> {
    let file: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let host = match &file["host"] {
        Value::String(text) => Some(parse_host(text)?),
        _ => None,
    };
    Ok(Listener {
        port: file["port"].as_u64().and_then(|port| port.try_into().ok()),
        host,
        without_auth: file["auth"] == "none",
    })
}

/// The port that the environment names.
pub(super) fn port_of_environment() -> Result<Option<u16>, Failure> {
    for name in [ENV_PORT, "PORT"] {
        match env::var(name) {
            Ok(text) if !text.is_empty() => {
                let port = text.parse().map_err(|_| {
                    Failure::new(USAGE, format!("{name} must be a port, 0 to 65535"))
                })?;
                return Ok(Some(port));
            }
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::DEFAULT_HOST;

    #[test]
    fn the_listeners_settings_are_taken_out() {
        let file = parse(br#"{"port": 8080, "host": "::1", "auth": "none", "cols": 80}"#);
        let expected = Listener {
            port: Some(8080),
            host: "::1".parse().ok(),
            without_auth: true,
        };
        assert_eq!(file, Ok(expected));
        assert_eq!(parse(b"{}"), Ok(Listener::default()));
        let host = parse(br#"{"host": "localhost"}"#).map(|file| file.host);
        assert_eq!(host, Ok(Some(DEFAULT_HOST)));
    }

    #[test]
    fn what_is_broken_is_said_with_its_place() {
        let error = parse(b"{\n\"port\": }").expect_err("broken");
        assert!(error.contains("line 2"), "{error}");
        assert!(parse(br#"{"host": "example.org"}"#).is_err());
    }
}
