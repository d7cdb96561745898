//! What a daemon is started with: plain data, nothing looked up.

mod proxy;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use proxy::{Network, TrustProxy};

/// Who may use the TCP listener. The Unix socket is always its owner's alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Whoever shows a valid token.
    #[default]
    Keys,
    /// Everybody who can connect. Only ever on loopback.
    None,
}

/// Whether the TCP listener speaks TLS, and with which certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// It speaks plain HTTP.
    #[default]
    Off,
    /// With a certificate of its own making, kept in the state directory.
    Generated,
    /// With this one.
    Files {
        /// PEM: the daemon's certificate first, then those that signed it.
        certificate: PathBuf,
        /// PEM: its private key. Nobody else may be able to read it.
        key: PathBuf,
    },
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
    /// Whether it speaks TLS.
    pub tls: Tls,
    /// Lets it listen beyond loopback without TLS, for a proxy that does the TLS.
    pub insecure_plain_http: bool,
    /// What people call this daemon, each as `[http[s]://]HOST[:PORT]`. Requests for other names
    /// than these, those of the certificate, loopback and the address itself are refused.
    pub names: Vec<String>,
    /// The path below which a proxy shows it, like `/tty`; empty or `/` for none.
    pub base_path: String,
    /// Proxies that are believed, and what.
    pub trust_proxy: Option<TrustProxy>,
    /// Where keys are kept; made if need be, with mode 0700.
    pub state_dir: PathBuf,
    /// The user's settings, `config.json`; it need not exist.
    pub settings_path: PathBuf,
}

impl Config {
    /// A daemon on these places that listens on any free port of loopback and asks for tokens.
    pub fn new(socket_path: PathBuf, state_dir: PathBuf, settings_path: PathBuf) -> Self {
        Self {
            socket_path,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            auth: Auth::Keys,
            tls: Tls::Off,
            insecure_plain_http: false,
            names: Vec::new(),
            base_path: String::new(),
            trust_proxy: None,
            state_dir,
            settings_path,
        }
    }
}
