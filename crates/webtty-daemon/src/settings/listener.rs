//! What the settings say about listening: needed before there is a daemon, once.

use std::path::Path;

use super::{AuthSetting, Settings, SettingsError};
use crate::config::{Auth, Tls, TrustProxy};

/// What the settings file says about listening. Flags and environment go before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerSettings {
    /// The TCP port.
    pub port: Option<u16>,
    /// The TCP address, not yet looked at.
    pub host: Option<String>,
    /// Who may use it.
    pub auth: Auth,
    /// Whether it speaks TLS.
    pub tls: Tls,
    /// Plain HTTP beyond loopback.
    pub insecure_plain_http: bool,
    /// What people call the daemon.
    pub names: Vec<String>,
    /// The path below which a proxy shows it.
    pub base_path: String,
    /// Proxies that are believed.
    pub trust_proxy: Option<TrustProxy>,
}

impl ListenerSettings {
    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// See [`SettingsError`]: whatever is wrong with the file, also elsewhere in it.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let settings = Settings::read(path)?;
        let tls = match (settings.tls_cert, settings.tls_key) {
            (Some(certificate), Some(key)) => Tls::Files { certificate, key },
            (None, None) if settings.tls => Tls::Generated,
            (None, None) => Tls::Off,
            _ => {
                return Err(SettingsError::Contradiction {
                    path: path.to_owned(),
                    what: "tlsCert and tlsKey belong together",
                });
            }
        };
        Ok(Self {
            port: settings.port,
            host: settings.host,
            auth: match settings.auth {
                Some(AuthSetting::None) => Auth::None,
                Some(AuthSetting::Keys) | None => Auth::Keys,
            },
            tls,
            insecure_plain_http: settings.insecure_plain_http,
            names: settings.names,
            base_path: settings.base_path,
            trust_proxy: settings.trust_proxy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ListenerSettings, SettingsError> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("config.json");
        std::fs::write(&path, text).expect("written");
        ListenerSettings::read(&path)
    }

    #[test]
    fn what_is_about_listening_is_taken_out() {
        let read = read(
            r#"{"port": 8080, "host": "::1", "auth": "none", "cols": 80, "tls": true,
                "names": ["a.example"]}"#,
        )
        .expect("valid");
        assert_eq!(read.port, Some(8080));
        assert_eq!(read.host.as_deref(), Some("::1"));
        assert_eq!(read.auth, Auth::None);
        assert_eq!(read.tls, Tls::Generated);
        assert_eq!(read.names, ["a.example"]);
    }

    #[test]
    fn files_go_before_a_certificate_of_our_own_and_come_in_pairs() {
        let both = read(r#"{"tls": true, "tlsCert": "/c", "tlsKey": "/k"}"#).expect("valid");
        let expected = Tls::Files {
            certificate: "/c".into(),
            key: "/k".into(),
        };
        assert_eq!(both.tls, expected);
        let half = read(r#"{"tlsCert": "/c"}"#).expect_err("half of it");
        assert!(half.to_string().contains("tlsKey"), "{half}");
        let broken = read("{\n\"port\": }").expect_err("broken").to_string();
        assert!(broken.contains("line 2"), "{broken}");
    }
}
