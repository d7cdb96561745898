//! By which names this daemon is called: the only ones that a request's Host may be, and the
//! origins that its own pages have.
//!
//! A page that rebinds its own name to our address still says that name in Host, so every name is
//! one that somebody has told us: the owner, or the certificate. An address can be said in Host by
//! nobody but a page that came from that very address and port, which is us; so the address that
//! a connection came to is always known, also where the daemon listens on all of them. Names that
//! a certificate covers by a wildcard are not: another host of that domain could use ours.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// What comes before `://`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a browser leaves out.
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A name as it was told: `[http[s]://]HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    scheme: Option<Scheme>,
    /// In lower case, an IPv6 address in brackets.
    host: String,
    port: Option<u16>,
}

impl Name {
    /// A host without scheme and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Does it lead to nobody else's machine, whoever says it?
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || address_of(&self.host).is_some_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no name of a host, like term.example.org:8443");
        let (scheme, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(_) => return Err(bad()),
            None => (None, text),
        };
        let rest = match rest.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => rest.to_ascii_lowercase(),
        };
        let (host, port) = split_port(&rest);
        let port = match port {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| bad())?),
        };
        let is_name = !host.is_empty()
            && host.len() <= 253
            && host
                .split('.')
                .all(|label| is_label(label) && label.len() <= 63);
        if !is_name && address_of(host).is_none() {
            return Err(bad());
        }
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port,
        })
    }
}

fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty() && label.bytes().all(plain)
}

/// Parts `HOST:PORT`; the colons of an IPv6 address stand in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after = authority.rfind(']').map_or(0, |end| end + 1);
    match authority[after..].find(':') {
        Some(colon) => (
            &authority[..after + colon],
            Some(&authority[after + colon + 1..]),
        ),
        None => (authority, None),
    }
}

fn address_of(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok().filter(IpAddr::is_ipv4),
    }
}

/// One of our names, at one port, by one scheme: one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Site {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Site {
    /// Its origin, with which URLs begin.
    fn origin(&self) -> String {
        let (scheme, host) = (self.scheme.name(), &self.host);
        if self.port == self.scheme.port() {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{}", self.port)
        }
    }
}

/// All our names.
#[derive(Clone, Debug)]
pub(crate) struct Sites {
    /// What the listener itself speaks.
    scheme: Scheme,
    port: u16,
    told: Vec<Site>,
}

impl Sites {
    /// Of a listener that speaks `scheme` at `port`, with the names that were told and those of its
    /// certificate.
    pub(crate) fn new(scheme: Scheme, port: u16, names: &[Name], certified: &[String]) -> Self {
        let site = |name: &Name| {
            // Without TLS of our own, who is called by a name is so by way of a proxy that does
            // it: were plain HTTP taken too, whoever is between could speak for that name.
            let own = scheme == Scheme::Https || name.is_loopback();
            let by = if own { scheme } else { Scheme::Https };
            let by = name.scheme.unwrap_or(by);
            let default = if own { port } else { by.port() };
            Site {
                scheme: by,
                host: name.host.clone(),
                port: name.port.unwrap_or(default),
            }
        };
        let certified = certified.iter().filter(|name| !name.contains('*'));
        let certified = certified.filter_map(|name| name.parse::<Name>().ok());
        let told = names.iter().cloned().chain(certified);
        Self {
            scheme,
            port,
            told: told.map(|name| site(&name)).collect(),
        }
    }

    /// The origin of pages that came by this Host to this address of ours; none when the Host is
    /// not ours.
    pub(crate) fn origin_of(&self, host: &str, local: IpAddr) -> Option<String> {
        let authority = host.to_ascii_lowercase();
        let (name, port) = split_port(&authority);
        let is_port = |scheme: Scheme, wanted: u16| match port {
            None => wanted == scheme.port(),
            // As a browser writes it, and in no other way.
            Some(text) => text == wanted.to_string(),
        };
        let is_here = || match address_of(name) {
            Some(address) => address.to_canonical() == local.to_canonical(),
            None => false,
        };
        let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
        if (is_loopback || is_here()) && is_port(self.scheme, self.port) {
            return Some(format!("{}://{authority}", self.scheme.name()));
        }
        let told = self
            .told
            .iter()
            .find(|site| site.host == name && is_port(site.scheme, site.port))?;
        Some(told.origin())
    }

    /// The origin that links begin with: the first name that is known, else this address.
    pub(crate) fn first_origin(&self, address: IpAddr) -> String {
        let here = || Site {
            scheme: self.scheme,
            host: match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            },
            port: self.port,
        };
        self.told.first().cloned().unwrap_or_else(here).origin()
    }

    /// All names that were told, as origins.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.iter().map(Site::origin).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    fn sites(scheme: Scheme, port: u16, names: &[&str], certified: &[&str]) -> Sites {
        let names: Vec<Name> = names.iter().map(|name| name.parse().expect(name)).collect();
        let certified: Vec<String> = certified.iter().map(|&name| name.to_owned()).collect();
        Sites::new(scheme, port, &names, &certified)
    }

    fn check(sites: &Sites, host: &str, origin: Option<&str>) {
        let found = sites.origin_of(host, HERE);
        assert_eq!(found.as_deref(), origin, "{host}");
    }

    #[test]
    fn without_names_only_loopback_and_the_address_itself_are_hosts() {
        let plain = sites(Scheme::Http, 2346, &[], &[]);
        check(&plain, "127.0.0.1:2346", Some("http://127.0.0.1:2346"));
        check(&plain, "LocalHost:2346", Some("http://localhost:2346"));
        check(&plain, "[::1]:2346", Some("http://[::1]:2346"));
        check(&plain, "192.0.2.7:2346", Some("http://192.0.2.7:2346"));
        for bad in [
            "evil.example:2346",
            "localhost",
            "localhost.:2346",
            "localhost:",
            "0.0.0.0:2346",
            "192.0.2.8:2346",
            "192.0.2.7.:2346",
            "192.0.519:2346",
            "3221225991:2346",
            "127.0.0.1:80",
            "127.0.0.1:2346.evil.example",
            "127.0.0.1.evil.example:2346",
            "localhost:02346",
            "localhost:+2346",
            "user@localhost:2346",
            "[::1",
            "::1:2346",
            "",
        ] {
            check(&plain, bad, None);
        }
        check(
            &sites(Scheme::Http, 80, &[], &[]),
            "localhost",
            Some("http://localhost"),
        );
    }

    #[test]
    fn a_mapped_address_is_the_address() {
        let plain = sites(Scheme::Https, 443, &[], &[]);
        let mapped: IpAddr = "::ffff:192.0.2.7".parse().expect("an address");
        let origin = plain.origin_of("192.0.2.7", mapped);
        assert_eq!(origin.as_deref(), Some("https://192.0.2.7"));
    }

    #[test]
    fn a_name_is_one_origin() {
        let behind_a_proxy = sites(Scheme::Http, 2346, &["term.example.org"], &[]);
        let there = Some("https://term.example.org");
        check(&behind_a_proxy, "term.example.org", there);
        check(&behind_a_proxy, "term.example.org:443", there);
        check(&behind_a_proxy, "term.example.org:2346", None);
        check(&behind_a_proxy, "term.example.org:80", None);
        check(&behind_a_proxy, "evil.term.example.org", None);
        let secure = sites(Scheme::Https, 2346, &["Term.example.org"], &[]);
        let there = Some("https://term.example.org:2346");
        check(&secure, "term.example.org:2346", there);
        check(&secure, "term.example.org", None);
        let told = sites(
            Scheme::Http,
            1,
            &["http://a:8080", "localhost:9", "b:7"],
            &[],
        );
        check(&told, "a:8080", Some("http://a:8080"));
        check(&told, "localhost:9", Some("http://localhost:9"));
        check(&told, "b:7", Some("https://b:7"));
    }

    #[test]
    fn a_certificates_names_are_known_but_for_wildcards() {
        let secure = sites(Scheme::Https, 443, &[], &["*.example.org", "a.example.org"]);
        check(&secure, "a.example.org", Some("https://a.example.org"));
        check(&secure, "b.example.org", None);
        assert_eq!(secure.first_origin(HERE), "https://a.example.org");
        let nameless = sites(Scheme::Https, 2346, &[], &["*.example.org"]);
        assert_eq!(nameless.first_origin(HERE), "https://192.0.2.7:2346");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in [
            "",
            "*.example.org",
            "a b",
            "a/b",
            "ftp://a",
            "a:b",
            "a:70000",
            "a..b",
            "user@a",
            "[::1",
            "é",
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
        let address: Name = "2001:db8::1".parse().expect("an address");
        assert_eq!(address.host(), "[2001:db8::1]");
    }
}
