//! The file of keys: what is in it, and how it is replaced.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use webtty_protocol::rest::KeyInfo;

use crate::secret::SecretHash;

/// All keys and tokens alive.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) keys: Vec<StoredKey>,
    pub(super) tokens: Vec<StoredToken>,
}

/// A key, by its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredKey {
    pub(super) hash: SecretHash,
    pub(super) info: KeyInfo,
}

/// A token, by its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredToken {
    pub(super) hash: SecretHash,
    /// The id of the key it was exchanged for.
    pub(super) key: String,
}

pub(super) fn read(path: &Path) -> io::Result<Contents> {
    match fs::read(path) {
        Ok(bytes) => parse(&bytes).map_err(|error| {
            let what = format!("{} is not a file of keys: {error}", path.display());
            io::Error::new(ErrorKind::InvalidData, what)
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Contents::default()),
        Err(error) => Err(error),
    }
}

/// Takes what is in a file of keys.
pub(super) fn parse(bytes: &[u8]) -> serde_json::Result<Contents> {
    serde_json::from_slice(bytes)
}

pub(super) fn write(path: &Path, contents: &Contents) -> io::Result<()> {
    let dir = path.parent().ok_or(ErrorKind::InvalidInput)?;
    let mut file = tempfile::Builder::new()
        .prefix(".keys-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(dir)?;
    // A umask may have taken from it what we need to read it again.
    file.as_file()
        .set_permissions(Permissions::from_mode(0o600))?;
    serde_json::to_writer(&mut file, contents)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
