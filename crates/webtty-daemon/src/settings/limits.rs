//! `limits` in the settings: the numbers an operator may want to change. They are read once, at
//! the daemon's start.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webtty_core::limits::{MAX_SESSIONS, SUBSCRIBER_WINDOW};

use crate::limits::{
    BODY_TIMEOUT, CONTROL_FRAMES_A_SECOND, CONTROL_FRAMES_AT_ONCE, HEAD_TIMEOUT, KEEP_ALIVE,
    MAX_COMMANDS, MAX_COMMANDS_PER_SESSION, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS,
    MAX_FILE_BYTES, MAX_FILE_BYTES_PER_SESSION, MAX_KEYS, PING_INTERVAL, PONG_TIMEOUT,
    PUBLISHED_LINES_A_SECOND, REFUSALS_A_MINUTE, REFUSALS_AT_ONCE, WRITE_TIMEOUT,
};

/// The numbers of this daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Connections at one time.
    pub(crate) connections: usize,
    /// Connections at one time from one address other than loopback.
    pub(crate) connections_per_address: usize,
    /// Refused credentials of one address that are answered at once, before it has to wait.
    pub(crate) refusals_at_once: u32,
    /// Refused credentials a minute after that.
    pub(crate) refusals_a_minute: u32,
    /// Lines a second of one publisher other than on loopback.
    pub(crate) published_lines_a_second: u32,
    /// Do the limits of an address hold for loopback too? For who lets strangers in through a
    /// tunnel that ends on this machine.
    pub(crate) loopback_too: bool,
    /// Sessions at one time.
    pub(crate) sessions: usize,
    /// Keys alive.
    pub(crate) keys: usize,
    /// Programs that run for requests at one time.
    pub(crate) commands: usize,
    /// Those of one session.
    pub(crate) commands_per_session: usize,
    /// The largest file that is put beside a session, in bytes.
    pub(crate) file_bytes: u64,
    /// All files of one session, in bytes.
    pub(crate) file_bytes_per_session: u64,
    /// Pings and pongs of one socket at once.
    pub(crate) control_frames_at_once: u32,
    /// Pings and pongs a second after that.
    pub(crate) control_frames_a_second: u32,
    /// To send a request's head.
    head_timeout_ms: u64,
    /// To send a JSON body.
    body_timeout_ms: u64,
    /// Between two requests of a connection.
    keep_alive_ms: u64,
    /// Taking nothing of what is sent.
    write_timeout_ms: u64,
    /// How long a subscriber that is behind may take too few events before publishers no longer
    /// wait for it.
    subscriber_window_ms: u64,
    /// How often a socket is asked whether it is there.
    ping_interval_ms: u64,
    /// How long it has to answer.
    pong_timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            connections_per_address: MAX_CONNECTIONS_PER_ADDRESS,
            refusals_at_once: REFUSALS_AT_ONCE,
            refusals_a_minute: REFUSALS_A_MINUTE,
            published_lines_a_second: PUBLISHED_LINES_A_SECOND,
            loopback_too: false,
            sessions: MAX_SESSIONS,
            keys: MAX_KEYS,
            file_bytes: MAX_FILE_BYTES,
            file_bytes_per_session: MAX_FILE_BYTES_PER_SESSION,
            commands: MAX_COMMANDS,
            commands_per_session: MAX_COMMANDS_PER_SESSION,
            control_frames_at_once: CONTROL_FRAMES_AT_ONCE,
            control_frames_a_second: CONTROL_FRAMES_A_SECOND,
            head_timeout_ms: ms(HEAD_TIMEOUT),
            body_timeout_ms: ms(BODY_TIMEOUT),
            keep_alive_ms: ms(KEEP_ALIVE),
            write_timeout_ms: ms(WRITE_TIMEOUT),
            subscriber_window_ms: ms(SUBSCRIBER_WINDOW),
            ping_interval_ms: ms(PING_INTERVAL),
            pong_timeout_ms: ms(PONG_TIMEOUT),
        }
    }
}

impl Limits {
    /// How long a client may take to send a whole request head.
    pub(crate) fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// How long it may take to send a JSON body.
    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_millis(self.body_timeout_ms)
    }

    /// How long a connection may stay open between requests.
    pub(crate) fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms)
    }

    /// How long a connection may take nothing of what waits for it.
    pub(crate) fn write_timeout(&self) -> Duration {
        Duration::from_millis(self.write_timeout_ms)
    }

    /// How long a subscriber that is behind may take too few events.
    pub(crate) fn subscriber_window(&self) -> Duration {
        Duration::from_millis(self.subscriber_window_ms)
    }

    /// How often a socket's peer is asked whether it is there.
    pub(crate) fn ping_interval(&self) -> Duration {
        Duration::from_millis(self.ping_interval_ms)
    }

    /// How long it has to answer.
    pub(crate) fn pong_timeout(&self) -> Duration {
        Duration::from_millis(self.pong_timeout_ms)
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
