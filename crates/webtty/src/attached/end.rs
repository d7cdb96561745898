//! How an attached session's showing ended: in words, and as an exit code.

use std::str::FromStr;

use nix::sys::signal::Signal;
use webtty_client::{Closed, Error};
use webtty_protocol::rest::ExitInfo;
use webtty_protocol::{Close, SessionId};

use crate::failure::{FAILURE, with_causes};
use crate::output::{harmless, say};

/// Why a session is no longer shown.
#[derive(Debug)]
pub(crate) enum End {
    /// The person asked for it, or the terminal has gone.
    Detached {
        /// How many bytes that were typed before the session has not taken.
        unsent: usize,
    },
    /// A signal ended this command, not the session.
    Signalled(Signal),
    /// The session's shell or command ended.
    Exited(ExitInfo),
    /// The daemon closed the connection.
    Closed(Closed),
    /// The connection broke.
    Broken(Error),
}

impl End {
    /// Says how it ended, and turns that into an exit code.
    pub(super) fn tell(&self, id: &SessionId) -> u8 {
        let (words, code) = match self {
            Self::Detached { unsent: 0 } => (format!("detached from {id}"), 0),
            Self::Detached { unsent } => (
                format!("detached from {id}, which has not read the last {unsent} bytes typed"),
                0,
            ),
            Self::Signalled(signal) => (
                format!("detached from {id}: {signal}"),
                signal_code(*signal),
            ),
            Self::Exited(exit) => (
                format!("{id} ended: {}", describe_exit(exit)),
                exit_code(exit),
            ),
            Self::Closed(closed) if closed.is(Close::ShellExited) => (format!("{id} ended"), 0),
            Self::Closed(closed) => (format!("connection lost: {closed}"), FAILURE),
            Self::Broken(error) => (format!("connection lost: {}", with_causes(error)), FAILURE),
        };
        say(&format!("[{words}]"));
        code
    }
}

/// How a shell or command ended, in words.
fn describe_exit(exit: &ExitInfo) -> String {
    match (&exit.signal, exit.code) {
        (Some(signal), _) => format!("killed by {}", harmless(signal)),
        (None, Some(code)) => format!("exit {code}"),
        (None, None) => "exit unknown".to_owned(),
    }
}

/// The exit code a shell would show for it.
fn exit_code(exit: &ExitInfo) -> u8 {
    if let Some(name) = &exit.signal {
        return Signal::from_str(name).map_or(FAILURE, signal_code);
    }
    match exit.code {
        // As `exit` and `wait` have it: the low eight bits.
        Some(code) => code.to_le_bytes()[0],
        None => FAILURE,
    }
}

/// The exit code a shell would show for an end by a signal.
pub(crate) fn signal_code(signal: Signal) -> u8 {
    u8::try_from(128 + signal as i32).unwrap_or(FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(code: Option<u32>, signal: Option<&str>) -> ExitInfo {
        ExitInfo {
            code,
            signal: signal.map(str::to_owned),
        }
    }

    #[test]
    fn the_exit_code_is_the_childs() {
        assert_eq!(exit_code(&exit(Some(0), None)), 0);
        assert_eq!(exit_code(&exit(Some(7), None)), 7);
        assert_eq!(exit_code(&exit(None, Some("SIGKILL"))), 137);
        assert_eq!(exit_code(&exit(None, Some("SIGHUP"))), 129);
        assert_eq!(exit_code(&exit(None, None)), 1);
    }
}
