//! Keys and tokens on the client's side. Neither can be printed by accident.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use webtty_protocol::names::{KEY_PREFIX, TOKEN_PREFIX};

/// A token: what stands in `Authorization: Bearer`. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token as it goes over the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = InvalidCredential;

    fn from_str(text: &str) -> Result<Self, InvalidCredential> {
        match text.parse()? {
            Credential::Token(token) => Ok(token),
            Credential::Key(_) => Err(InvalidCredential),
        }
    }
}

/// What a person was given: a token, or a key that has yet to be exchanged for one.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Ready to be used.
    Token(Token),
    /// To be exchanged at `POST /api/login`.
    Key(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Token(_) => "Token(…)",
            Self::Key(_) => "Key(…)",
        })
    }
}

/// Why a text is neither a key nor a token. The message does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a token begins with {TOKEN_PREFIX:?} and a key with {KEY_PREFIX:?}; this is neither")]
pub struct InvalidCredential;

impl FromStr for Credential {
    type Err = InvalidCredential;

    /// Takes a token or a key with white space around it, as a file holds it.
    fn from_str(text: &str) -> Result<Self, InvalidCredential> {
        let text = text.trim();
        // What goes into a header must be visible ASCII.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidCredential);
        }
        if text.len() > TOKEN_PREFIX.len() && text.starts_with(TOKEN_PREFIX) {
            Ok(Self::Token(Token(text.to_owned())))
        } else if text.len() > KEY_PREFIX.len() && text.starts_with(KEY_PREFIX) {
            Ok(Self::Key(text.to_owned()))
        } else {
            Err(InvalidCredential)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_are_told_apart_by_their_prefix() {
        let token = " wt_abc\n".parse::<Credential>().expect("a token");
        assert_eq!(token, Credential::Token(Token("wt_abc".to_owned())));
        let key = "wk_abc".parse::<Credential>().expect("a key");
        assert_eq!(key, Credential::Key("wk_abc".to_owned()));
        assert_eq!("wk_abc".parse::<Token>(), Err(InvalidCredential));
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for bad in [
            "",
            "wt_",
            "wk_",
            "hunter2",
            "wt_a b",
            "wt_a\r\nX: y",
            "wt_é",
        ] {
            let error = bad.parse::<Credential>().expect_err(bad);
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn nothing_secret_is_in_a_debug_text() {
        for text in ["wt_secret", "wk_secret"] {
            let credential = text.parse::<Credential>().expect(text);
            assert!(!format!("{credential:?}").contains("secret"));
        }
    }
}
