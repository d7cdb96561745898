//! A file of keys of any bytes: for the fuzz targets only.

use webtty_core::clock::now_ms;

use super::file::{self, StoredToken};
use crate::secret::SecretHash;

/// Takes a file's bytes, and does with them what a start and a login do. Gives whether they are a
/// file of keys.
pub(crate) fn try_file(bytes: &[u8]) -> bool {
    let Ok(mut contents) = file::parse(bytes) else {
        return false;
    };
    let written = serde_json::to_vec(&contents).expect("text and numbers are JSON");
    let again = file::parse(&written).expect("what is written can be read");
    assert_eq!(again.keys.len(), contents.keys.len());
    contents.forget_keys(|key| key.session.is_some());
    contents.forget_expired(now_ms());
    let hashes: Vec<SecretHash> = contents.keys.iter().map(|key| key.hash.clone()).collect();
    for hash in &hashes {
        if let Some(info) = contents.use_key(hash) {
            assert!(
                info.session.is_none(),
                "a session's key outlived its daemon"
            );
            contents.add_token(StoredToken {
                hash: SecretHash::of("wt_x"),
                key: info.id.clone(),
            });
            assert!(contents.grant_of(&info.id, 0).is_some());
            assert!(contents.grant_of(&info.id, u64::MAX).is_none() || info.expires.is_none());
        }
    }
    true
}
