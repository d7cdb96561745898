//! Showing a session in this terminal and typing into it, until one of the two ends.

mod pump;

use std::str::FromStr;

use nix::sys::signal::Signal;
use tokio::time::timeout;
use webtty_client::{AttachOptions, Attachment, Client, Closed};
use webtty_protocol::rest::ExitInfo;
use webtty_protocol::{Close, SessionId};

use crate::failure::{FAILURE, Failure};
use crate::limits::GOODBYE_TIMEOUT;
use crate::output::say;
use crate::terminal::{self, RawMode};

/// Why a session is no longer shown.
#[derive(Debug)]
pub(crate) enum End {
    /// The person asked for it, or the terminal has gone.
    Detached,
    /// A signal ended this command, not the session.
    Signalled(Signal),
    /// The session's shell or command ended.
    Exited(ExitInfo),
    /// The daemon closed the connection.
    Closed(Closed),
    /// The connection broke.
    Broken(webtty_client::Error),
}

/// Attaches to a session until it ends or is left; answers with the exit code of this command.
pub(crate) async fn attach(client: &Client, id: &SessionId, view: bool) -> Result<u8, Failure> {
    // From here on a signal ends this in order.
    let mut signals =
        pump::Signals::new().map_err(|error| Failure::io("listening for signals", &error))?;
    let options = AttachOptions {
        size: if view { None } else { terminal::size() },
        view,
        ..AttachOptions::default()
    };
    let attachment = client
        .attach(id, options)
        .await
        .map_err(|error| Failure::from(error).of_session(id))?;
    say(&format!("[attached to {id}; Ctrl-\\ then d detaches]"));
    let raw = RawMode::enter()?;
    let end = show(attachment, &mut signals).await;
    drop(raw);
    Ok(tell(id, &end?))
}

/// Refuses to attach inside a session: its output would be shown in itself, and its keys could
/// not be told from ours.
pub(crate) fn refuse_nested(instead: &str) -> Result<(), Failure> {
    let inside = std::env::var(webtty_protocol::names::ENV_SESSION).unwrap_or_default();
    if inside.is_empty() {
        return Ok(());
    }
    Err(Failure::plain(format!(
        "this already runs inside the session {}",
        crate::output::harmless(&inside)
    ))
    .hint(instead))
}

async fn show(attachment: Attachment, signals: &mut pump::Signals) -> Result<End, Failure> {
    let Attachment {
        hello: _,
        mut output,
        mut input,
    } = attachment;
    let mut screen = pump::Screen::new();
    let end = pump::both_ways(&mut output, &mut input, &mut screen, signals).await;
    // Whatever happened, the terminal is given back in order and the daemon told; neither may
    // hold us up.
    let _stuck = timeout(GOODBYE_TIMEOUT, screen.leave()).await;
    let _stuck = timeout(GOODBYE_TIMEOUT, input.close()).await;
    end
}

/// Says how it ended, and turns that into an exit code.
fn tell(id: &SessionId, end: &End) -> u8 {
    match end {
        End::Detached => {
            say(&format!("[detached from {id}]"));
            0
        }
        End::Signalled(signal) => {
            say(&format!("[detached from {id}: {signal}]"));
            signal_code(*signal)
        }
        End::Exited(exit) => {
            say(&format!("[{id} ended: {}]", describe_exit(exit)));
            exit_code(exit)
        }
        End::Closed(closed) if closed.is(Close::ShellExited) => {
            say(&format!("[{id} ended]"));
            0
        }
        End::Closed(closed) => {
            say(&format!("[connection lost: {closed}]"));
            FAILURE
        }
        End::Broken(error) => {
            let why = crate::failure::with_causes(error);
            say(&format!("[connection lost: {why}]"));
            FAILURE
        }
    }
}

/// How a shell or command ended, in words.
pub(crate) fn describe_exit(exit: &ExitInfo) -> String {
    match (&exit.signal, exit.code) {
        (Some(signal), _) => format!("killed by {}", crate::output::harmless(signal)),
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
