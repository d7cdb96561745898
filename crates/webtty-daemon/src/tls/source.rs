//! Where a certificate comes from, and why there may be none.

use std::path::PathBuf;

use thiserror::Error;

/// Why there is no certificate.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    /// A file could not be used.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// A certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Generate(String),
}

impl TlsError {
    pub(super) fn file(path: impl Into<PathBuf>, why: impl std::fmt::Display) -> Self {
        Self::File {
            path: path.into(),
            why: why.to_string(),
        }
    }
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Made here for these hosts, and kept in this file.
    Generated {
        /// The file, in a directory of our own.
        path: PathBuf,
        /// Names and addresses.
        hosts: Vec<String>,
    },
    /// The owner's.
    Files {
        /// The chain.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
}

impl Source {
    pub(super) fn certificate(&self) -> &PathBuf {
        match self {
            Self::Generated { path, .. } => path,
            Self::Files { certificate, .. } => certificate,
        }
    }
}
