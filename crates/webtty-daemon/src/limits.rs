//! A number on every wait and size of a connection, each with its reason.

use std::time::Duration;

/// How long a client may take to send a whole request head. A head is one packet.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest request head, in bytes.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers of a request.
pub const MAX_HEADERS: usize = 64;

/// The largest message a client without the v1 protocol may send on a PTY socket, in bytes: its
/// page sends a paste as one message.
pub const MAX_PLAIN_PTY_MESSAGE_BYTES: usize = 1024 * 1024;

/// What a socket's reader starts with, in bytes. Clients mostly send single keys.
pub const SOCKET_READ_BUFFER_BYTES: usize = 4 * 1024;

/// The most that may wait inside the WebSocket library, in bytes: its answer to a ping or a
/// close, of at most 127.
pub const SOCKET_ANSWER_BYTES: usize = 256;

/// The most payload of one frame of output, or of events gathered for one write, in bytes.
pub const FRAME_BYTES: usize = 64 * 1024;

/// How far a viewer may be behind before it is brought to the present by a snapshot, in bytes:
/// about what a snapshot with its scrollback takes.
pub const LAG_BYTES: u64 = 1024 * 1024;

/// How long a socket may take nothing of what waits for it.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a silent event stream says that it is alive: proxies cut after 30 or 60 s.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a socket's peer is asked whether it is there.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long it has to answer.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a socket's peer has to answer a close.
pub const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// How long sockets have to hear that the daemon stops, before sessions are ended.
pub const STOP_SOCKETS_TIMEOUT: Duration = Duration::from_millis(200);

/// How long a graceful stop may take in all.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before accepting again when there was no descriptor for a connection.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The most connections at one time. Each needs a descriptor and some kilobytes.
pub const MAX_CONNECTIONS: usize = 4096;

/// The most keys alive.
pub const MAX_KEYS: usize = 1024;

/// The most tokens of one key; the oldest go. A link opened on more devices than this is a link
/// gone astray.
pub const MAX_TOKENS_PER_KEY: usize = 256;
