//! Names both ends must spell alike: subprotocols, variables, the port, credential prefixes.

/// The WebSocket subprotocol of `ws /ws/ID/pty` with typed messages.
pub const SUBPROTOCOL_V1: &str = "webtty.v1";

/// What precedes a token among the offered WebSocket subprotocols: browsers cannot set headers
/// on a socket.
pub const SUBPROTOCOL_TOKEN_PREFIX: &str = "webtty.token.";

/// How a key begins, so that a person, a program and a secret scanner know one when they see it.
pub const KEY_PREFIX: &str = "wk_";

/// How a token begins.
pub const TOKEN_PREFIX: &str = "wt_";

/// The fragment parameter that carries a key in a page's URL: `…/s/ID#k=KEY`. A fragment is
/// never sent to a server, so it is in no log and no `Referer`.
pub const KEY_FRAGMENT: &str = "k";

/// The TCP port unless another is asked for.
pub const DEFAULT_PORT: u16 = 2346;

/// The response header of `DELETE /api/sessions/ID` that says how many sessions are left.
pub const SESSIONS_REMAINING_HEADER: &str = "x-sessions-remaining";

/// The request header in which a proxy says the secret that it shares with the daemon.
pub const PROXY_SECRET_HEADER: &str = "x-webtty-proxy-secret";

/// Inside a session: the session's id when its shell was started.
pub const ENV_SESSION: &str = "WEBTTY_SESSION";

/// Inside a session: that id, a slash and the session's epoch, which unlike the id never changes
/// and is never used again. Who finds another id in [`ENV_SESSION`] has been told to go elsewhere.
pub const ENV_SESSION_EPOCH: &str = "WEBTTY_SESSION_EPOCH";

/// The daemon's Unix socket: inside a session, and as an override anywhere.
pub const ENV_SOCKET: &str = "WEBTTY_SOCKET";

/// Inside a session: the URL of its page, without any key.
pub const ENV_URL: &str = "WEBTTY_URL";

/// The TCP port, as an override.
pub const ENV_PORT: &str = "WEBTTY_PORT";
