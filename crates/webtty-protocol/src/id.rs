//! Session ids: what stands in a URL, an environment variable and a log line.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest session id, in bytes (which are also its characters: ids are ASCII).
pub const MAX_LEN: usize = 64;

/// The pattern of a valid id, as JSON Schema and the documentation state it.
pub const PATTERN: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";

/// A valid session id: lower-case letters, digits, `.`, `_` and `-`, starting with a letter or
/// digit, at most 64 characters. It needs no escaping in a path, a shell or a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(String);

impl SessionId {
    /// The session that is opened when none is named.
    pub fn main() -> Self {
        Self("main".to_owned())
    }

    /// Eight random hexadecimal digits.
    ///
    /// # Panics
    /// When the operating system has no randomness to give, which leaves nothing safe to do.
    pub fn random() -> Self {
        let value = getrandom::u32().expect("the operating system gives random bytes");
        Self(format!("{value:08x}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no session id. The message says what an id must be and does not repeat the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a session id is 1 to 64 lower-case letters, digits, '.', '_' or '-', \
     and starts with a letter or a digit"
)]
pub struct InvalidSessionId;

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let valid = bytes.len() <= MAX_LEN
            && bytes.first().is_some_and(|&first| plain(first))
            && bytes
                .iter()
                .all(|&byte| plain(byte) || b"._-".contains(&byte));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSessionId)
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = InvalidSessionId;

    fn try_from(text: String) -> Result<Self, InvalidSessionId> {
        text.parse()
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl JsonSchema for SessionId {
    fn schema_name() -> Cow<'static, str> {
        "SessionId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_pattern_takes() {
        for good in ["a", "main", "0", "a.b_c-d", "9f8e7d6c", &"x".repeat(64)] {
            assert_eq!(
                good.parse::<SessionId>().map(String::from),
                Ok(good.to_owned())
            );
        }
        let long = "x".repeat(65);
        for bad in [
            "",
            ".a",
            "-a",
            "_a",
            "A",
            "a b",
            "a/b",
            "é",
            "a\0",
            "a%20",
            long.as_str(),
        ] {
            assert_eq!(bad.parse::<SessionId>(), Err(InvalidSessionId), "{bad:?}");
        }
    }

    #[test]
    fn random_ids_are_eight_hexadecimal_digits_and_differ() {
        let (a, b) = (SessionId::random(), SessionId::random());
        assert_eq!(a.as_str().len(), 8);
        assert!(a.as_str().parse::<SessionId>().is_ok());
        assert_ne!(a, b);
    }

    #[test]
    fn json_of_another_type_is_refused() {
        for bad in ["7", "[\"a\"]", "null", "\"A\""] {
            assert!(serde_json::from_str::<SessionId>(bad).is_err(), "{bad}");
        }
    }
}
