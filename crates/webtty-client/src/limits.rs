//! Numbers the client keeps to, each with its reason.

use std::time::Duration;

/// How long a TCP connection may take to be made, with its TLS handshake. A person waits no longer.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request or a WebSocket handshake may take to be answered. The slowest answer is
/// the end of a session, whose processes have three seconds. A publish has no limit.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest answer that is read. A list of 256 sessions with long commands is far below.
pub(crate) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// How much of a published stream is read at once, and so the largest piece of its body.
pub(crate) const PUBLISH_READ_BYTES: usize = 64 * 1024;

/// The largest WebSocket message taken: an event of 1 MiB in an envelope, with escapes, or a
/// piece of terminal output.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// What is read from a WebSocket at once.
pub(crate) const SOCKET_READ_BYTES: usize = 64 * 1024;

/// How long after a break the hub is tried again for the first time: a daemon that is restarted is
/// back in less than a second.
pub(crate) const HUB_RETRY_FIRST: Duration = Duration::from_millis(100);

/// The longest wait between two tries. A person who looks again has not waited longer.
pub(crate) const HUB_RETRY_LAST: Duration = Duration::from_secs(10);

/// How much of a program's input is read at once, and so the largest line of it: with every byte
/// an escape it stays below what a line may have.
pub(crate) const EXECUTE_READ_BYTES: usize = 64 * 1024;

/// The longest line of a program's output that is taken: the daemon's have at most some 200 KB.
pub(crate) const MAX_EXECUTE_LINE_BYTES: usize = 1024 * 1024;
