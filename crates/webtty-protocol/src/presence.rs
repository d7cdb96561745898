//! Who watches a session: told to viewers and in the hub's room `session/ID/presence`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::MAX_NAME_BYTES;
use crate::role::Role;

/// One connection to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// The number of its connection, unlike any other of this daemon.
    pub client: u64,
    /// How it is connected.
    pub via: Via,
    /// What it may do.
    pub role: Role,
    /// The note on the key it came with, or null when there is none.
    pub label: Option<String>,
    /// What it calls itself, or null when it has not said.
    pub name: Option<String>,
}

/// How a client is connected to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// It has the terminal: `ws /ws/ID/pty`.
    Terminal,
    /// It has joined the session's room `presence` in the hub, and can be sent messages there.
    Hub,
}

/// A name as others may be shown it: without control and bidirectional formatting characters,
/// of at most [`MAX_NAME_BYTES`] bytes. None when nothing is left of it.
pub fn clean_name(given: &str) -> Option<String> {
    let mut name = String::new();
    for character in given.trim().chars().filter(|&one| is_harmless(one)) {
        if name.len() + character.len_utf8() > MAX_NAME_BYTES {
            break;
        }
        name.push(character);
    }
    let name = name.trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Is it no control character, and none that changes the direction or place of others (Unicode
/// Standard Annex 9, section 2, and the separators of lines and paragraphs)?
fn is_harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_and_cleaned() {
        assert_eq!(clean_name("  Ada \n"), Some("Ada".into()));
        assert_eq!(clean_name("a\u{202e}b\u{1b}[31m"), Some("ab[31m".into()));
        assert_eq!(clean_name("\u{200b}\t "), None);
        assert_eq!(clean_name(""), None);
        let long = "é".repeat(MAX_NAME_BYTES);
        assert_eq!(
            clean_name(&long).map(|name| name.len()),
            Some(MAX_NAME_BYTES)
        );
    }
}
