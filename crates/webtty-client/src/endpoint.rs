//! Where a daemon is: a Unix socket of this machine, or a URL with a token.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use hyper::Uri;
use hyper::http::uri::Authority;

use crate::error::Error;
use crate::secret::Token;
use crate::trust::Trust;

/// Where a daemon is and how to be let in.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// Its Unix socket, which lets its owner in and nobody else.
    Unix(PathBuf),
    /// Its TCP listener.
    Http {
        /// Where it listens.
        url: HttpUrl,
        /// What to show; none where authentication is off.
        token: Option<Token>,
        /// Whose certificate is taken, where the URL is `https://`.
        trust: Trust,
    },
}

impl Endpoint {
    /// The `Host` of a request: for a Unix socket, a name every daemon answers to.
    pub(crate) fn host(&self) -> &str {
        match self {
            Self::Unix(_) => "localhost",
            Self::Http { url, .. } => url.authority.as_str(),
        }
    }

    /// What stands before each path.
    pub(crate) fn base_path(&self) -> &str {
        match self {
            Self::Unix(_) => "",
            Self::Http { url, .. } => &url.base_path,
        }
    }

    /// Is it on another machine, as far as its name says? What goes there and back goes over a line
    /// that may be slow.
    pub(crate) fn is_far(&self) -> bool {
        let Self::Http { url, .. } = self else {
            return false;
        };
        let host = url.host();
        let is_here = host.parse().map_or_else(
            |_| host == "localhost" || host.ends_with(".localhost"),
            |address: IpAddr| address.is_loopback(),
        );
        !is_here
    }

    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::Unix(_) => None,
            Self::Http { token, .. } => token.as_ref(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "{}", path.display()),
            Self::Http { url, .. } => write!(formatter, "{url}"),
        }
    }
}

/// The URL of a daemon: `http[s]://HOST[:PORT]`, and the path at which a proxy shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl {
    secure: bool,
    authority: Authority,
    /// Without a slash at the end.
    base_path: String,
}

impl HttpUrl {
    /// The host as it is looked up: an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        let host = self.authority.host();
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    /// The port, that of the scheme when the URL names none.
    pub fn port(&self) -> u16 {
        let default = if self.secure { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(default)
    }

    /// Is it `https://`?
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.base_path)
    }
}

impl FromStr for HttpUrl {
    type Err = Error;

    /// The messages do not repeat the text: it may hold a key.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |why| Err(Error::BadUrl(why));
        if text.contains('#') || text.contains('?') {
            return refuse(
                "it must not hold a query or a fragment; a key goes into a file, \
                 named by --token-file",
            );
        }
        let Ok(uri) = text.parse::<Uri>() else {
            return refuse("it is no URL like http://127.0.0.1:2346");
        };
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return refuse("it must begin with http:// or https://"),
        };
        let base_path = uri.path().trim_end_matches('/').to_owned();
        if base_path.contains("/s/") {
            return refuse("it is that of a session's page; give the one before /s/");
        }
        if base_path.contains("//") || base_path.contains('%') {
            return refuse("its path is none that a daemon could have");
        }
        match uri.into_parts().authority {
            Some(authority) if authority.as_str().contains('@') => {
                refuse("it must not hold a user name")
            }
            Some(authority)
                if authority.port_u16().is_none()
                    && authority.as_str().len() > authority.host().len() =>
            {
                refuse("its port is no number up to 65535")
            }
            Some(authority) if names_a_host(&authority) => Ok(Self {
                secure,
                authority,
                base_path,
            }),
            _ => refuse("it names no host"),
        }
    }
}

/// Is it a name or an address, an IPv6 address in brackets (RFC 3986 section 3.2.2), and a port at most?
fn names_a_host(authority: &Authority) -> bool {
    let host = authority.host();
    let rest = authority.as_str().strip_prefix(host);
    let is_host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains(['[', ']']),
    };
    is_host && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, host: &str, port: u16) {
        let url = text.parse::<HttpUrl>().expect(text);
        assert_eq!((url.host(), url.port()), (host, port), "{text}");
    }

    #[test]
    fn takes_a_host_and_a_port() {
        check("http://127.0.0.1:2346", "127.0.0.1", 2346);
        check("http://127.0.0.1:2346/", "127.0.0.1", 2346);
        check("http://localhost", "localhost", 80);
        check("http://[::1]:81", "::1", 81);
        check("https://example.org", "example.org", 443);
        let url: HttpUrl = "https://example.org:8443".parse().expect("a URL");
        assert_eq!(url.to_string(), "https://example.org:8443");
        let url: HttpUrl = "https://example.org/tty/".parse().expect("a URL");
        assert_eq!(url.to_string(), "https://example.org/tty");
    }

    #[test]
    fn refuses_the_rest_and_says_why() {
        for (text, part) in [
            ("127.0.0.1:2346", "http://"),
            ("ftp://x", "http://"),
            ("http://x/s/main", "before /s/"),
            ("http://x/tty/s/main", "before /s/"),
            ("http://x/a//b", "path"),
            ("http://x/%2e", "path"),
            ("http://x/#k=wk_secret", "--token-file"),
            ("http://x?token=wk_secret", "--token-file"),
            ("http://u:secret@x", "user name"),
            ("http://", "URL"),
            ("http://x:99999999", "port"),
            ("http://x:", "port"),
            ("http://:80", "host"),
            ("https://:[:1]:81/", "host"),
            ("https://[]x:7/", "host"),
            ("http://[]", "host"),
            ("http://[::1]x:7", "host"),
            ("http://[x]:7", "host"),
            ("http://x y", "URL"),
            ("", "URL"),
        ] {
            let message = text.parse::<HttpUrl>().expect_err(text).to_string();
            assert!(message.contains(part), "{text}: {message}");
            assert!(!message.contains("secret"), "{text}: {message}");
        }
    }
}
