//! What a session is made from, and why its shell may not start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use thiserror::Error;
use webtty_protocol::SizePolicy;

use crate::shortage::Shortage;
use crate::size::Size;

/// What a session is made from, beside its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSpec {
    /// The directory its shell starts in; absolute.
    pub base_dir: PathBuf,
    /// The command, or none for the user's shell.
    pub cmd: Option<Vec<String>>,
    /// Variables for its shell.
    pub env: BTreeMap<String, String>,
    /// The terminal's size until a window says otherwise.
    pub size: Size,
    /// Whose window may say otherwise.
    pub size_policy: SizePolicy,
    /// Nobody types into it, whatever they may do elsewhere: there is no way in.
    pub read_only: bool,
    /// May programs in it write the clipboard of who drives, until somebody says otherwise?
    pub clipboard: bool,
}

/// Why a shell could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The session has been deleted, or its shell has run already.
    #[error("the session has ended")]
    Ended,
    /// The system refused. What it said may hold paths and settings of the daemon's own, so it
    /// is for the log and not for whoever asked.
    // Short enough for the reason of a close.
    #[error(
        "the command could not be started: no such program on the daemon's PATH, or not executable; \
         its log says more"
    )]
    Spawn(#[source] anyhow::Error),
    /// The machine has none left of something; another time it may.
    #[error(transparent)]
    Exhausted(Shortage),
}

impl From<anyhow::Error> for StartError {
    fn from(cause: anyhow::Error) -> Self {
        Shortage::behind(&cause).map_or_else(|| Self::Spawn(cause), Self::Exhausted)
    }
}
