//! Keys and tokens: how they are made, and the only form in which they are kept.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The SHA-256 of a secret, in base64. A secret has 256 random bits, so its hash needs neither
/// salt nor stretching, and looking it up leaks nothing that helps to guess one.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretHash(String);

impl SecretHash {
    /// The hash of a secret as it was shown.
    pub(crate) fn of(secret: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes())))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(…)")
    }
}

/// A short name for a path, fit for a file name.
pub(crate) fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..9])
}

/// A new secret: a prefix that tells its kind, and 256 random bits in URL-safe base64.
pub(crate) fn new_secret(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A new public name, of 48 random bits. None begins with a hyphen: on a command line that would
/// be taken for a flag.
pub(crate) fn new_name() -> String {
    loop {
        let name = URL_SAFE_NO_PAD.encode(random::<6>());
        if !name.starts_with('-') {
            return name;
        }
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_stand_on_a_command_line() {
        // One in 64 would not.
        for _ in 0..2000 {
            assert!(!new_name().starts_with('-'));
        }
    }

    #[test]
    fn secrets_are_long_prefixed_and_never_shown_by_debug() {
        let (a, b) = (new_secret("wk_"), new_secret("wk_"));
        assert_ne!(a, b);
        assert_eq!(a.len(), 3 + 43);
        assert!(a.starts_with("wk_"));
        assert_eq!(format!("{:?}", SecretHash::of(&a)), "SecretHash(…)");
        assert_eq!(SecretHash::of(&a), SecretHash::of(&a));
        assert_ne!(SecretHash::of(&a), SecretHash::of(&b));
    }
}
