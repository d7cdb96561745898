//! What a daemon is started with: plain data, nothing looked up.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Who may use the TCP listener. The Unix socket is always its owner's alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Whoever shows a valid token.
    #[default]
    Keys,
    /// Everybody who can connect. Only ever on loopback.
    None,
}

/// What a daemon is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Unix socket; its directory is made if need be.
    pub socket_path: PathBuf,
    /// The TCP address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Who may use it.
    pub auth: Auth,
    /// Where keys are kept; made if need be, with mode 0700.
    pub state_dir: PathBuf,
    /// The user's settings, `config.json`; it need not exist.
    pub settings_path: PathBuf,
}
