//! The files of a certificate and its key: who may read them, and what is in them.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::SystemTime;

use nix::unistd::Uid;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::source::{Source, TlsError};

/// The largest file of a chain or key, in bytes: some ten certificates.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// A chain and the key of its first certificate.
pub(super) struct Material {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Material {
    /// The certificate of the daemon itself.
    pub(super) fn leaf(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }
}

/// What tells that files have been changed.
pub(super) type Stamp = Vec<Option<(SystemTime, u64, u64)>>;

pub(super) fn stamp(source: &Source) -> Stamp {
    let of = |path: &Path| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len(), file.ino()))
    };
    match source {
        Source::Generated { path, .. } => vec![of(path)],
        Source::Files { certificate, key } => vec![of(certificate), of(key)],
    }
}

/// Reads the owner's files. Nobody but the owner, root and at most a group may read the key.
pub(super) fn read_given(certificate: &Path, key: &Path) -> Result<Material, TlsError> {
    let open = |path: &Path| File::open(path).map_err(|error| TlsError::file(path, error));
    let file = open(key)?;
    let metadata = file
        .metadata()
        .map_err(|error| TlsError::file(key, error))?;
    if metadata.mode() & 0o027 != 0 {
        let why = "every user could read or change this private key; chmod it to 0600, \
                   or 0640 for a group that may";
        return Err(TlsError::file(key, why));
    }
    let owner = Uid::from_raw(metadata.uid());
    if !owner.is_root() && owner != Uid::effective() {
        return Err(TlsError::file(
            key,
            "this private key belongs to another user",
        ));
    }
    let secret = read(file).map_err(|error| TlsError::file(key, error))?;
    let chain = read(open(certificate)?).map_err(|error| TlsError::file(certificate, error))?;
    parse((certificate, &chain), (key, &secret))
}

/// Reads a file of ours, of key and certificate. None when there is none yet.
pub(super) fn read_own(path: &Path) -> Result<Option<Material>, TlsError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TlsError::file(path, error)),
    };
    let metadata = file
        .metadata()
        .map_err(|error| TlsError::file(path, error))?;
    if metadata.mode() & 0o077 != 0 || metadata.uid() != Uid::effective().as_raw() {
        let why = "others may have read this private key; remove it, and another is made";
        return Err(TlsError::file(path, why));
    }
    let bytes = read(file).map_err(|error| TlsError::file(path, error))?;
    parse((path, &bytes), (path, &bytes)).map(Some)
}

/// Writes a file of ours, whole or not at all.
pub(super) fn write_own(path: &Path, pem: &str) -> io::Result<()> {
    let dir = path.parent().ok_or(ErrorKind::InvalidInput)?;
    let mut file = tempfile::Builder::new()
        .prefix(".tls-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(dir)?;
    file.write_all(pem.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Finds chain and key in PEM texts, each with its file.
pub(super) fn parse(chain: (&Path, &[u8]), key: (&Path, &[u8])) -> Result<Material, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.1).collect();
    let certificates = certificates.map_err(|error| TlsError::file(chain.0, error))?;
    if certificates.is_empty() {
        return Err(TlsError::file(chain.0, "there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(key.1)
        .map_err(|_| TlsError::file(key.0, "there is no private key in it"))?;
    Ok(Material {
        chain: certificates,
        key,
    })
}

fn read(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
