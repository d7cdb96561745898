//! What can go wrong between a client and the daemon, by what a caller can do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use hyper::StatusCode;
use thiserror::Error;
use tokio_tungstenite::tungstenite;
use webtty_protocol::{Close, ErrorBody, ErrorCode};

/// Why a request came to nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing answers there.
    #[error("no daemon answers at {place}")]
    NoDaemon {
        /// Where one was looked for.
        place: String,
        /// What connecting said.
        #[source]
        source: io::Error,
    },
    /// There is no session of that id.
    #[error("no such session")]
    NoSuchSession,
    /// The credential is missing, no longer valid or not enough.
    #[error("{message}")]
    Denied {
        /// The daemon's sentence.
        message: String,
    },
    /// The daemon understood the request and will not do it.
    #[error("{message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The cause, when it is one this client knows.
        code: Option<ErrorCode>,
        /// The daemon's sentence.
        message: String,
    },
    /// Whatever answered does not speak as this client expects: most likely another version.
    #[error("the answer was not understood: {what}")]
    VersionSkew {
        /// What was not as expected.
        what: String,
    },
    /// The request cannot be written as JSON: a path in it is not UTF-8.
    #[error("the request cannot be sent")]
    Unsendable(#[source] serde_json::Error),
    /// A URL that cannot be used. The text does not repeat it, as it may hold a key.
    #[error("the URL cannot be used: {0}")]
    BadUrl(&'static str),
    /// A fingerprint that is none.
    #[error("a fingerprint is a SHA-256, 64 hexadecimal digits")]
    BadFingerprint,
    /// A file of authorities that cannot be used.
    #[error("{}: {why}", path.display())]
    BadAuthorities {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The certificate is nobody's that is trusted.
    #[error("the certificate of {place} is not trusted: {why}")]
    Untrusted {
        /// Whose certificate.
        place: String,
        /// Why, and its fingerprint.
        why: String,
    },
    /// Whoever answers there does not speak TLS as we do.
    #[error("no TLS with {place}")]
    Tls {
        /// Who was asked.
        place: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// No answer in time.
    #[error("no answer from {place} within {seconds} s")]
    Timeout {
        /// Who was asked.
        place: String,
        /// How long.
        seconds: u64,
    },
    /// A WebSocket was closed before it could be used.
    #[error("the daemon closed the connection: {0}")]
    Closed(Closed),
    /// The connection broke.
    #[error("the connection to the daemon broke")]
    Io(#[source] io::Error),
}

impl Error {
    /// The error of an HTTP answer that is no success.
    pub(crate) fn from_answer(status: StatusCode, body: &[u8]) -> Self {
        let detail = serde_json::from_slice::<ErrorBody>(body)
            .map(|body| (Some(body.error.code), body.error.message))
            .or_else(|_| lenient_detail(body).ok_or(()));
        let Ok((code, message)) = detail else {
            return Self::VersionSkew {
                what: format!("status {status} without webtty's explanation"),
            };
        };
        match (status.as_u16(), code) {
            (_, Some(ErrorCode::NoSuchSession)) => Self::NoSuchSession,
            (401 | 403, _) => Self::Denied { message },
            (status, code) => Self::Refused {
                status,
                code,
                message,
            },
        }
    }

    pub(crate) fn from_hyper(error: hyper::Error) -> Self {
        if error.is_parse() {
            return Self::VersionSkew {
                what: error.to_string(),
            };
        }
        Self::Io(io::Error::other(error))
    }

    pub(crate) fn from_socket(error: tungstenite::Error) -> Self {
        use tungstenite::Error as Socket;
        use tungstenite::error::ProtocolError;
        match error {
            Socket::Http(response) => {
                let (parts, body) = response.into_parts();
                Self::from_answer(parts.status, &body.unwrap_or_default())
            }
            Socket::Io(source) => Self::Io(source),
            Socket::Protocol(
                cut @ (ProtocolError::ResetWithoutClosingHandshake
                | ProtocolError::HandshakeIncomplete),
            ) => Self::Io(io::Error::new(io::ErrorKind::UnexpectedEof, cut)),
            other => Self::VersionSkew {
                what: other.to_string(),
            },
        }
    }
}

/// A refusal whose code this client does not know, from a newer daemon: its sentence still helps.
fn lenient_detail(body: &[u8]) -> Option<(Option<ErrorCode>, String)> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let message = body.get("error")?.get("message")?.as_str()?;
    Some((None, message.to_owned()))
}

/// How the daemon closed a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code; 1006, as RFC 6455 has it, when the connection ended without one.
    pub code: u16,
    /// The reason the daemon gave, or an empty text.
    pub reason: String,
}

impl Closed {
    /// The connection ended without a close frame.
    pub(crate) fn abnormal() -> Self {
        Self {
            code: 1006,
            reason: String::new(),
        }
    }

    /// Was it closed for this?
    pub fn is(&self, close: Close) -> bool {
        let reasons_differ = matches!(
            close,
            Close::SessionUnknown | Close::SessionDeleted | Close::ShellExited
        );
        self.code == close.code() && (!reasons_differ || self.reason == close.reason())
    }

    /// The close as an error: what a caller does about it is the same as for a refused request.
    pub fn into_error(self) -> Error {
        if self.is(Close::SessionUnknown) {
            Error::NoSuchSession
        } else if self.is(Close::Forbidden) {
            Error::Denied {
                message: self.reason,
            }
        } else {
            Error::Closed(self)
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.reason.as_str()) {
            (1006, "") => formatter.write_str("it broke without a goodbye"),
            (code, "") => write!(formatter, "code {code}"),
            (code, reason) => write!(formatter, "{reason} ({code})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_answer(status, body.as_bytes())
    }

    fn body(code: &str) -> String {
        format!(r#"{{"error":{{"code":"{code}","message":"A sentence."}}}}"#)
    }

    #[test]
    fn answers_are_sorted_by_what_a_caller_can_do() {
        assert!(matches!(
            answer(404, &body("no-such-session")),
            Error::NoSuchSession
        ));
        for (status, code) in [(401, "unauthorized"), (403, "forbidden")] {
            assert!(matches!(answer(status, &body(code)), Error::Denied { .. }));
        }
        assert!(matches!(
            answer(409, &body("session-exists")),
            Error::Refused {
                status: 409,
                code: Some(ErrorCode::SessionExists),
                ..
            }
        ));
    }

    #[test]
    fn an_unknown_code_keeps_its_sentence() {
        let error = answer(418, &body("from-the-future"));
        assert!(matches!(error, Error::Refused { code: None, .. }));
        assert_eq!(error.to_string(), "A sentence.");
    }

    #[test]
    fn an_answer_of_something_else_is_a_skew() {
        for text in ["", "<html>", "{}", "[]", r#"{"error":"no"}"#] {
            assert!(
                matches!(answer(502, text), Error::VersionSkew { .. }),
                "{text}"
            );
        }
    }

    #[test]
    fn the_three_closes_of_4001_are_told_apart() {
        let closed = |close: Close| Closed {
            code: close.code(),
            reason: close.reason().to_owned(),
        };
        assert!(closed(Close::ShellExited).is(Close::ShellExited));
        assert!(!closed(Close::ShellExited).is(Close::SessionUnknown));
        let unknown = closed(Close::SessionUnknown).into_error();
        assert!(matches!(unknown, Error::NoSuchSession));
        let denied = closed(Close::Forbidden).into_error();
        assert!(matches!(denied, Error::Denied { .. }));
        let stopping = closed(Close::Stopping).into_error();
        assert!(matches!(stopping, Error::Closed(_)));
    }
}
