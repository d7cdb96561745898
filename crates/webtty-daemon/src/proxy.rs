//! A proxy before the daemon, as far as it is believed: whom it says it has let in, and from where.
//!
//! A header is what anybody can send. It counts only on a connection from a stated address, and
//! there only beside the proxy's secret where one is set. On loopback it has to be set: every user
//! and program of the machine has that address.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::HeaderName;
use webtty_protocol::Role;
use webtty_protocol::names::PROXY_SECRET_HEADER;

use crate::config::{Network, TrustProxy};
use crate::error::ApiError;
use crate::keys::Grant;
use crate::secret::SecretHash;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The longest name of a user, in bytes.
const MAX_USER_BYTES: usize = 256;

/// The most bytes of a secret.
const MAX_SECRET_BYTES: u64 = 4096;

/// The fewest characters of a secret: 96 bits in base64.
const MIN_SECRET_CHARS: usize = 16;

/// The proxies that are believed.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    networks: Vec<Network>,
    secret: Option<SecretHash>,
    users: Option<Users>,
}

/// What users may do whom a proxy names.
#[derive(Debug)]
struct Users {
    header: HeaderName,
    role: Role,
    by_name: std::collections::BTreeMap<String, Role>,
}

impl Proxies {
    /// Those of the configuration.
    ///
    /// # Errors
    /// Words for what is not safe or not possible.
    pub(crate) fn new(wanted: Option<&TrustProxy>) -> Result<Self, String> {
        let Some(wanted) = wanted else {
            return Ok(Self::default());
        };
        if wanted.addresses.is_empty() {
            return Err("trustProxy names no addresses; nobody would be believed".into());
        }
        let secret = match &wanted.secret_file {
            Some(path) => Some(read_secret(path)?),
            None => None,
        };
        let users = match &wanted.user_header {
            None => None,
            Some(name) => Some(Users {
                header: user_header(name)?,
                role: wanted.role,
                by_name: wanted.users.clone(),
            }),
        };
        let local = wanted.addresses.iter().any(Network::has_loopback);
        if users.is_some() && secret.is_none() && local {
            return Err(format!(
                "trustProxy believes a userHeader from loopback, where every user and program of \
                 this machine could send it; name a secretFile, and let the proxy send what is in \
                 it as {PROXY_SECRET_HEADER}"
            ));
        }
        Ok(Self {
            networks: wanted.addresses.clone(),
            secret,
            users,
        })
    }

    /// Where they connect from.
    pub(crate) fn networks(&self) -> Vec<String> {
        self.networks.iter().map(Network::to_string).collect()
    }

    /// What anybody may do whom they name, if they name anybody.
    pub(crate) fn role(&self) -> Option<Role> {
        self.users.as_ref().map(|users| users.role)
    }

    /// Does a proxy connect from there?
    pub(crate) fn is_at(&self, peer: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(peer))
    }

    /// Does this request come from one?
    pub(crate) fn sent(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        if !self.is_at(peer) {
            return false;
        }
        let Some(secret) = &self.secret else {
            return true;
        };
        let mut shown = headers.get_all(PROXY_SECRET_HEADER).iter();
        let first = shown.next().and_then(|value| value.to_str().ok());
        let is_right = first.is_some_and(|text| SecretHash::of(text) == *secret);
        is_right && shown.next().is_none()
    }

    /// The address of whom the proxy speaks for: the last one in the list that is no proxy's own.
    /// What stands before it is what the client said itself.
    pub(crate) fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for entry in entries {
            let entry = std::str::from_utf8(entry).ok()?;
            let address: IpAddr = entry.trim().parse().ok()?;
            if !self.is_at(address) {
                return Some(address);
            }
        }
        None
    }

    /// Whom the proxy has let in, and what they may do; none when it names nobody.
    ///
    /// # Errors
    /// 400 when it names more than one, or what cannot be a name: two headers, or two names in one,
    /// are how a client adds its own to what the proxy says.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Result<Option<Grant>, ApiError> {
        let Some(users) = &self.users else {
            return Ok(None);
        };
        let mut named = headers.get_all(&users.header).iter();
        let Some(name) = named.next() else {
            return Ok(None);
        };
        let unclear = || ApiError::malformed("the proxy does not name one user");
        if named.next().is_some() {
            return Err(unclear());
        }
        let name = std::str::from_utf8(name.as_bytes()).map_err(|_| unclear())?;
        if name.is_empty() {
            return Ok(None);
        }
        let is_name = name.len() <= MAX_USER_BYTES
            && !name.contains(|c: char| c.is_control() || c == ',' || c == ';');
        if !is_name {
            return Err(unclear());
        }
        Ok(Some(Grant {
            role: users.by_name.get(name).copied().unwrap_or(users.role),
            session: None,
            key: None,
            user: Some(name.to_owned()),
        }))
    }
}

/// A header that means nothing else.
fn user_header(name: &str) -> Result<HeaderName, String> {
    const TAKEN: &[&str] = &[
        "authorization",
        "connection",
        "cookie",
        "host",
        "origin",
        "upgrade",
    ];
    let header: HeaderName = name
        .parse()
        .map_err(|_| format!("trustProxy: `{name}` is no name of a header"))?;
    let text = header.as_str();
    let taken = TAKEN.contains(&text)
        || text == FORWARDED_FOR
        || text == PROXY_SECRET_HEADER
        || ["sec-", "content-", "transfer-"]
            .iter()
            .any(|start| text.starts_with(start));
    if taken {
        return Err(format!("trustProxy: `{name}` means something else already"));
    }
    Ok(header)
}

fn read_secret(path: &std::path::Path) -> Result<SecretHash, String> {
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;
    let failed = |error: std::io::Error| format!("trustProxy: {}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.mode() & 0o027 != 0 {
        return Err(format!(
            "trustProxy: every user could read or change {}; chmod it to 0600, or 0640 for a \
             group that may",
            path.display()
        ));
    }
    let mut text = String::new();
    file.take(MAX_SECRET_BYTES)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let secret = text.trim();
    let is_secret =
        secret.len() >= MIN_SECRET_CHARS && secret.bytes().all(|b| b.is_ascii_graphic());
    if !is_secret {
        return Err(format!(
            "trustProxy: {} must hold one secret of {MIN_SECRET_CHARS} characters or more, without \
             spaces",
            path.display()
        ));
    }
    Ok(SecretHash::of(secret))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn proxies(config: &str) -> Result<Proxies, String> {
        Proxies::new(Some(&serde_json::from_str(config).expect("valid")))
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = lines.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                value.parse().expect("a value"),
            )
        });
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn the_client_is_the_last_that_is_no_proxy() {
        let proxies = proxies(r#"{"addresses": ["192.0.2.0/24", "2001:db8::/32"]}"#).expect("safe");
        let check = |lines: &[&str], client: Option<&str>| {
            let lines: Vec<(&'static str, &str)> =
                lines.iter().map(|&line| (FORWARDED_FOR, line)).collect();
            let found = proxies.client(&headers(&lines)).map(|ip| ip.to_string());
            assert_eq!(found.as_deref(), client, "{lines:?}");
        };
        check(&[], None);
        check(&["203.0.113.9"], Some("203.0.113.9"));
        check(&["127.0.0.1, 203.0.113.9"], Some("203.0.113.9"));
        check(
            &["127.0.0.1", "203.0.113.9, 192.0.2.1"],
            Some("203.0.113.9"),
        );
        check(&["203.0.113.9, 2001:db8::1,192.0.2.1"], Some("203.0.113.9"));
        check(&["203.0.113.9, garbage"], None);
        check(&["203.0.113.9, "], None);
        check(&["192.0.2.5"], None);
    }

    #[test]
    fn one_user_or_none() {
        let config = r#"{"addresses": ["192.0.2.1"], "userHeader": "X-Forwarded-User",
            "users": {"ada": "control"}}"#;
        let proxies = proxies(config).expect("safe");
        let user = |lines: &[(&'static str, &str)]| {
            let grant = proxies.user(&headers(lines));
            grant.map(|grant| grant.map(|grant| (grant.user.unwrap_or_default(), grant.role)))
        };
        const USER: &str = "x-forwarded-user";
        let found = |name: &str| user(&[(USER, name)]).ok().flatten();
        assert_eq!(found("ada"), Some(("ada".into(), Role::Control)));
        assert_eq!(found("Ada"), Some(("Ada".into(), Role::View)));
        assert_eq!(
            found("ada@example.org"),
            Some(("ada@example.org".into(), Role::View))
        );
        assert_eq!(found(""), None);
        assert!(user(&[]).expect("none").is_none());
        assert!(
            user(&[("x_forwarded_user", "ada")])
                .expect("none")
                .is_none()
        );
        for bad in [
            &[(USER, "eve"), (USER, "ada")][..],
            &[(USER, "eve, ada")],
            &[(USER, "a;b")],
        ] {
            assert!(user(bad).is_err(), "{bad:?}");
        }
        assert!(user(&[(USER, &"x".repeat(MAX_USER_BYTES))]).is_ok());
        assert!(user(&[(USER, &"x".repeat(MAX_USER_BYTES + 1))]).is_err());
    }

    #[test]
    fn on_loopback_a_user_needs_the_proxys_secret() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("secret");
        let config = |secret: bool, addresses: &str| {
            let file = format!(r#", "secretFile": {path:?}"#);
            let file = if secret { file.as_str() } else { "" };
            proxies(&format!(
                r#"{{"addresses": [{addresses}], "userHeader": "x-user"{file}}}"#
            ))
        };
        for local in [
            r#""127.0.0.1""#,
            r#""10.0.0.1", "::1""#,
            r#""0.0.0.0/0""#,
            r#""::/0""#,
        ] {
            let error = config(false, local).expect_err(local);
            assert!(error.contains("secretFile"), "{error}");
        }
        assert!(config(false, r#""10.0.0.1""#).is_ok());
        let write = |text: &str, mode| {
            std::fs::write(&path, text).expect("written");
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, mode).expect("changed");
        };
        for (text, mode, good) in [
            ("0123456789abcdef\n", 0o600, true),
            ("0123456789abcdef\n", 0o644, false),
            ("0123456789abcde\n", 0o600, false),
            ("0123456789 abcdef", 0o600, false),
        ] {
            write(text, mode);
            assert_eq!(
                config(true, r#""127.0.0.1""#).is_ok(),
                good,
                "{text:?} {mode:o}"
            );
        }
        write("0123456789abcdef", 0o600);
        let proxies = config(true, r#""127.0.0.1""#).expect("safe");
        let [here, there]: [IpAddr; 2] = ["127.0.0.1", "127.0.0.2"].map(|ip| ip.parse().expect(ip));
        let sent = |peer, lines: &[&str]| {
            let lines: Vec<_> = lines
                .iter()
                .map(|&line| (PROXY_SECRET_HEADER, line))
                .collect();
            proxies.sent(peer, &headers(&lines))
        };
        assert!(sent(here, &["0123456789abcdef"]));
        assert!(!sent(there, &["0123456789abcdef"]));
        assert!(!sent(here, &[]));
        assert!(!sent(here, &["0123456789abcdeF"]));
        assert!(!sent(here, &["0123456789abcdef", "0123456789abcdef"]));
    }

    #[test]
    fn headers_that_mean_something_else_name_nobody() {
        for name in [
            "Authorization",
            "Host",
            "Sec-Fetch-Site",
            "Content-Length",
            "a b",
            "",
        ] {
            let config = format!(r#"{{"addresses": ["10.0.0.1"], "userHeader": "{name}"}}"#);
            assert!(proxies(&config).is_err(), "{name}");
        }
        assert!(proxies(r#"{"addresses": []}"#).is_err());
    }
}
