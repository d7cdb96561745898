//! Why a daemon could not be started.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use crate::settings::SettingsError;

/// Why a daemon could not be started.
#[derive(Debug, Error)]
pub enum BindError {
    /// Another daemon holds the socket.
    #[error("a daemon runs already at {}", socket.display())]
    AlreadyRunning {
        /// Its Unix socket.
        socket: PathBuf,
        /// Its process id, when known.
        pid: Option<u32>,
    },
    /// What was asked for would not be safe. The words say why.
    #[error("{0}")]
    Refused(String),
    /// The settings file is not valid.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The TCP address could not be had.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        cause: io::Error,
    },
    /// A file or directory could not be used.
    #[error("{what}: {cause}")]
    Io {
        /// What for.
        what: String,
        /// Why not.
        cause: io::Error,
    },
}
