//! What a command that fails says, and the exit code that goes with it: the one place where
//! errors become numbers.

use std::error::Error as StdError;
use std::io;

use webtty_client::Error;
use webtty_protocol::ErrorCode;

/// Anything without a number of its own.
pub(crate) const FAILURE: u8 = 1;
/// The command line makes no sense; clap uses the same.
pub(crate) const USAGE: u8 = 2;
/// No daemon answers.
pub(crate) const NO_DAEMON: u8 = 3;
/// No such session.
pub(crate) const NO_SESSION: u8 = 4;
/// The credential is missing or not enough.
pub(crate) const DENIED: u8 = 5;
/// The daemon refuses its configuration; `EX_CONFIG` of sysexits.
pub(crate) const CONFIG: u8 = 78;
/// The time is over; timeout(1) uses the same.
pub(crate) const TIMEOUT: u8 = 124;
/// Ended by Ctrl-C, as shells count it.
pub(crate) const INTERRUPTED: u8 = 130;

/// What to say of events where no shell runs.
pub(crate) const NOT_RUNNING_HINT: &str = "a session is of use while its shell or command runs; `webtty open` or `attach` starts an idle one";

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody reads our output any more. That is their right, and our success.
    OutputClosed,
    /// Something to say.
    Said(Box<Said>),
}

/// What is said on standard error, and the exit code.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: u8,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Might the reason be a daemon of another version?
    pub(crate) maybe_skew: bool,
}

impl Failure {
    /// A failure with its exit code and sentence.
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self::Said(Box::new(Said {
            code,
            message: message.into(),
            hint: None,
            maybe_skew: false,
        }))
    }

    /// A plain failure.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self::new(FAILURE, message)
    }

    /// An error of the operating system while doing something.
    pub(crate) fn io(doing: impl std::fmt::Display, error: &io::Error) -> Self {
        Self::plain(format!("{doing}: {error}"))
    }

    /// With what to do about it, unless something better is already said.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Said(said) = &mut self {
            said.hint.get_or_insert_with(|| hint.into());
        }
        self
    }

    /// With the name of the session, where there is none of that name.
    pub(crate) fn of_session(mut self, id: &webtty_protocol::SessionId) -> Self {
        if let Self::Said(said) = &mut self
            && said.code == NO_SESSION
        {
            said.message = format!("no such session: {id}");
        }
        self.hint_for_session()
    }

    fn hint_for_session(self) -> Self {
        match &self {
            Self::Said(said) if said.code == NO_SESSION => self.hint("`webtty ls` lists them"),
            _ => self,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (code, hint) = match &error {
            Error::NoDaemon { place, .. } if place.starts_with('/') => {
                (NO_DAEMON, Some("`webtty start` starts one"))
            }
            Error::NoDaemon { .. } => (NO_DAEMON, None),
            Error::NoSuchSession => (NO_SESSION, None),
            Error::Denied { .. } => (
                DENIED,
                Some("a token or key goes into a file, named by --token-file"),
            ),
            Error::BadUrl(_) | Error::BadFingerprint | Error::BadAuthorities { .. } => {
                (USAGE, None)
            }
            Error::Untrusted { .. } => (
                DENIED,
                Some(
                    "`webtty serve` prints the fingerprint of its certificate at each start; if \
                     it is the same, pass it with --fingerprint",
                ),
            ),
            Error::Refused {
                code: Some(ErrorCode::PtyNotRunning),
                ..
            } => (FAILURE, Some(NOT_RUNNING_HINT)),
            _ => (FAILURE, None),
        };
        let maybe_skew = matches!(error, Error::Refused { .. } | Error::VersionSkew { .. });
        Self::Said(Box::new(Said {
            code,
            message: with_causes(&error),
            hint: hint.map(str::to_owned),
            maybe_skew,
        }))
    }
}

/// A sentence with what it was caused by.
pub(crate) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // A wrapper often repeats what it wraps.
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: Error) -> Said {
        match Failure::from(error) {
            Failure::Said(said) => *said,
            Failure::OutputClosed => panic!("a client's error is never our own output"),
        }
    }

    #[test]
    fn each_cause_has_its_code() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let no_daemon = Error::NoDaemon {
            place: "/x.sock".to_owned(),
            source: refused,
        };
        let denied = Error::Denied {
            message: String::new(),
        };
        assert_eq!(said(no_daemon).code, NO_DAEMON);
        assert_eq!(said(Error::NoSuchSession).code, NO_SESSION);
        assert_eq!(said(denied).code, DENIED);
        assert_eq!(said(Error::BadUrl("x")).code, USAGE);
        let broken = Error::Io(io::ErrorKind::BrokenPipe.into());
        assert_eq!(said(broken).code, FAILURE);
    }

    #[test]
    fn causes_are_said_once() {
        let error = Error::Io(io::Error::other("cable cut"));
        let text = with_causes(&error);
        assert_eq!(text, "the connection to the daemon broke: cable cut");
    }
}
