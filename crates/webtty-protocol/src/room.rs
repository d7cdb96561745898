//! What one can subscribe to in the hub.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::SessionId;

/// The pattern of a room's name, as JSON Schema states it.
pub const ROOM_PATTERN: &str =
    "^(sessions|daemon|session/[a-z0-9][a-z0-9._-]{0,63}/(events|presence))$";

/// Something to subscribe to. On the wire it is its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Room {
    /// `sessions`: all sessions that the credential reaches.
    Sessions,
    /// `daemon`: how the daemon is, every few seconds.
    Daemon,
    /// `session/ID/events`: what is published beside a session.
    Events(SessionId),
    /// `session/ID/presence`: who watches a session.
    Presence(SessionId),
}

/// A text is no room's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a room is sessions, daemon, session/ID/events or session/ID/presence")]
pub struct InvalidRoom;

impl FromStr for Room {
    type Err = InvalidRoom;

    fn from_str(text: &str) -> Result<Self, InvalidRoom> {
        let mut parts = text.split('/');
        let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
        let id = |text: &str| text.parse::<SessionId>().map_err(|_| InvalidRoom);
        match parts {
            [Some("sessions"), None, None, None] => Ok(Self::Sessions),
            [Some("daemon"), None, None, None] => Ok(Self::Daemon),
            [Some("session"), Some(of), Some("events"), None] => Ok(Self::Events(id(of)?)),
            [Some("session"), Some(of), Some("presence"), None] => Ok(Self::Presence(id(of)?)),
            _ => Err(InvalidRoom),
        }
    }
}

impl TryFrom<String> for Room {
    type Error = InvalidRoom;

    fn try_from(text: String) -> Result<Self, InvalidRoom> {
        text.parse()
    }
}

impl From<Room> for String {
    fn from(room: Room) -> Self {
        room.to_string()
    }
}

impl fmt::Display for Room {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sessions => formatter.write_str("sessions"),
            Self::Daemon => formatter.write_str("daemon"),
            Self::Events(id) => write!(formatter, "session/{id}/events"),
            Self::Presence(id) => write!(formatter, "session/{id}/presence"),
        }
    }
}

impl JsonSchema for Room {
    fn schema_name() -> Cow<'static, str> {
        "Room".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": ROOM_PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_have_names() {
        for name in [
            "sessions",
            "daemon",
            "session/main/events",
            "session/a.b-c/presence",
        ] {
            assert_eq!(name.parse::<Room>().map(String::from), Ok(name.to_owned()));
        }
        for bad in [
            "",
            "Sessions",
            "sessions/",
            "session/main",
            "session//events",
            "session/A/events",
            "session/main/output",
            "session/main/events/x",
        ] {
            assert_eq!(bad.parse::<Room>(), Err(InvalidRoom), "{bad}");
        }
    }
}
