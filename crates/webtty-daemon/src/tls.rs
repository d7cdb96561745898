//! TLS on the TCP listener: which certificate, and what is made of it.
//!
//! Only TLS 1.3 and only HTTP/1.1 within it: whatever shows this page speaks both, and what is not
//! spoken cannot be attacked. The files are looked at anew at each handshake, so that a renewed
//! certificate is in force at once, and a broken one leaves the last good one there.

mod certificate;
mod files;
mod source;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::version::TLS13;
use tokio_rustls::TlsAcceptor;

use certificate::Facts;
use files::{Material, Stamp};
pub(crate) use source::{Source, TlsError};

/// When a generated certificate is renewed before its end.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long after a renewal that failed the next is tried: each makes a key, which connections wait
/// for.
const RENEWAL_PAUSE: Duration = Duration::from_secs(60);

/// The daemon's certificate, as it is now.
#[derive(Debug)]
pub(crate) struct Identity {
    source: Source,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Of the files when they were last looked at.
    stamp: Stamp,
    config: Arc<ServerConfig>,
    facts: Facts,
    /// Before this, a renewal that failed is not tried again.
    retry_at: Instant,
}

impl Identity {
    /// Loads the certificate, or makes one.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub(crate) fn open(source: Source) -> Result<Self, TlsError> {
        let state = State::load(&source)?;
        Ok(Self {
            source,
            state: Mutex::new(state),
        })
    }

    /// What the next connection is served with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = files::stamp(&self.source);
        let is_due = self.is_due(&state.facts) && state.retry_at <= Instant::now();
        if stamp != state.stamp || is_due {
            match State::load(&self.source) {
                Ok(new) => {
                    tracing::info!(fingerprint = new.facts.fingerprint, "another certificate");
                    *state = new;
                }
                Err(error) => {
                    tracing::error!("{error}; the certificate before it stays in force");
                    // Said once for each state of the files, and once in a while for one of our
                    // own that should be renewed.
                    state.stamp = stamp;
                    state.retry_at = Instant::now() + RENEWAL_PAUSE;
                }
            }
        }
        TlsAcceptor::from(Arc::clone(&state.config))
    }

    /// The SHA-256 of the certificate, as `openssl x509 -fingerprint` writes it.
    pub(crate) fn fingerprint(&self) -> String {
        self.facts().fingerprint
    }

    /// When it ends, in seconds since 1970.
    pub(crate) fn not_after(&self) -> u64 {
        self.facts().not_after
    }

    /// The names and addresses that it is for, wildcards among them.
    pub(crate) fn names(&self) -> Vec<String> {
        self.facts().names
    }

    fn facts(&self) -> Facts {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.facts.clone()
    }

    /// Is it ours to renew, and time to?
    fn is_due(&self, facts: &Facts) -> bool {
        matches!(self.source, Source::Generated { .. }) && !lasts(facts)
    }
}

impl State {
    fn load(source: &Source) -> Result<Self, TlsError> {
        // Before the files are read: what is replaced meanwhile is read again.
        let stamp = files::stamp(source);
        let (material, facts) = match source {
            Source::Files { certificate, key } => {
                let material = files::read_given(certificate, key)?;
                let facts = Facts::of(material.leaf()).map_err(|why| {
                    TlsError::file(certificate, format!("its certificate is broken: {why}"))
                })?;
                (material, facts)
            }
            Source::Generated { path, hosts } => generated(path, hosts)?,
        };
        let at = source.certificate();
        Ok(Self {
            stamp: match source {
                Source::Files { .. } => stamp,
                // It may just have been written by us.
                Source::Generated { .. } => files::stamp(source),
            },
            retry_at: Instant::now(),
            config: Arc::new(server_config(material).map_err(|why| TlsError::file(at, why))?),
            facts,
        })
    }
}

/// The one that is kept, if it is for these hosts and lasts; else a new one.
fn generated(path: &PathBuf, hosts: &[String]) -> Result<(Material, Facts), TlsError> {
    if let Some(material) = files::read_own(path)? {
        match Facts::of(material.leaf()) {
            Ok(facts) if lasts(&facts) && facts.names == hosts => return Ok((material, facts)),
            Ok(_) => {}
            Err(why) => tracing::warn!("{}: {why}; it is made anew", path.display()),
        }
    }
    let pem =
        certificate::generate(hosts).map_err(|error| TlsError::Generate(error.to_string()))?;
    files::write_own(path, &pem).map_err(|error| TlsError::file(path, error))?;
    let material = files::parse((path, pem.as_bytes()), (path, pem.as_bytes()))?;
    let facts = Facts::of(material.leaf()).map_err(TlsError::Generate)?;
    Ok((material, facts))
}

fn lasts(facts: &Facts) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs());
    facts.not_after > now + RENEW_BEFORE.as_secs()
}

fn server_config(material: Material) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(material.chain, material.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn own(dir: &tempfile::TempDir, names: &[&str]) -> Source {
        Source::Generated {
            path: dir.path().join("tls.pem"),
            hosts: hosts(names),
        }
    }

    fn given(dir: &tempfile::TempDir) -> Source {
        let certificate = dir.path().join("cert.pem");
        let key = dir.path().join("key.pem");
        Source::Files { certificate, key }
    }

    /// Writes a certificate for this name and its key.
    fn renew(dir: &tempfile::TempDir, name: &str) {
        let pem = certificate::generate(&hosts(&[name])).expect("made");
        fs::write(dir.path().join("cert.pem"), &pem).expect("written");
        files::write_own(&dir.path().join("key.pem"), &pem).expect("written");
    }

    #[test]
    fn a_generated_certificate_is_kept_until_its_names_change() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = Identity::open(own(&dir, &["a.example", "192.0.2.1", "::1"])).expect("made");
        assert_eq!(first.names(), ["a.example", "192.0.2.1", "::1"]);
        let mode = fs::metadata(dir.path().join("tls.pem")).expect("there");
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        let again = Identity::open(own(&dir, &["a.example", "192.0.2.1", "::1"])).expect("kept");
        assert_eq!(again.fingerprint(), first.fingerprint());
        let other = Identity::open(own(&dir, &["b.example"])).expect("made");
        assert_ne!(other.fingerprint(), first.fingerprint());
    }

    #[test]
    fn one_that_ends_soon_is_made_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let hosts = hosts(&["a.example"]);
        let soon = SystemTime::now() + RENEW_BEFORE - Duration::from_secs(60);
        let pem = certificate::generate_until(&hosts, soon).expect("made");
        files::write_own(&dir.path().join("tls.pem"), &pem).expect("written");
        let renewed = Identity::open(own(&dir, &["a.example"])).expect("made");
        let facts = files::parse((dir.path(), pem.as_bytes()), (dir.path(), pem.as_bytes()));
        let old = Facts::of(facts.expect("valid").leaf()).expect("valid");
        assert_ne!(renewed.fingerprint(), old.fingerprint);
        assert!(renewed.not_after() > old.not_after);
    }

    #[test]
    fn a_key_that_others_may_have_read_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let refused = |source: &Source| {
            let error = Identity::open(source.clone()).expect_err("refused");
            assert!(error.to_string().contains("private key"), "{error}");
        };
        let chmod = |name: &str, mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(dir.path().join(name), permissions).expect("changed");
        };
        Identity::open(own(&dir, &["a.example"])).expect("made");
        chmod("tls.pem", 0o640);
        refused(&own(&dir, &["a.example"]));
        renew(&dir, "a.example");
        for (mode, good) in [
            (0o644, false),
            (0o604, false),
            (0o660, false),
            (0o640, true),
        ] {
            chmod("key.pem", mode);
            if good {
                Identity::open(given(&dir)).expect("taken");
            } else {
                refused(&given(&dir));
            }
        }
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let dir = tempfile::tempdir().expect("a directory");
        let elsewhere = dir.path().join("elsewhere.pem");
        let pem = certificate::generate(&hosts(&["a.example"])).expect("made");
        files::write_own(&elsewhere, &pem).expect("written");
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("tls.pem")).expect("linked");
        assert!(Identity::open(own(&dir, &["a.example"])).is_err());
    }

    #[test]
    fn files_that_change_are_taken_and_broken_ones_are_not() {
        let dir = tempfile::tempdir().expect("a directory");
        renew(&dir, "a.example");
        let identity = Identity::open(given(&dir)).expect("valid");
        let first = identity.fingerprint();
        let after = || {
            drop(identity.acceptor());
            identity.fingerprint()
        };
        assert_eq!(after(), first);
        fs::write(dir.path().join("cert.pem"), "half a file").expect("written");
        assert_eq!(after(), first, "the last good one stays");
        // Of another key than the one that is there, as while both are being replaced.
        let other = certificate::generate(&hosts(&["b.example"])).expect("made");
        fs::write(dir.path().join("cert.pem"), &other).expect("written");
        assert_eq!(after(), first);
        files::write_own(&dir.path().join("key.pem"), &other).expect("written");
        assert_ne!(after(), first);
        assert_eq!(identity.names(), ["b.example"]);
    }
}
