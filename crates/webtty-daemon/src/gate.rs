//! Who asks, from where, with what credential: checked before anything of a request is parsed.
//!
//! The order is that of `docs/protocol.md`: Host, Origin, `Sec-Fetch-Site`, credential. A Unix
//! connection is its owner's by the peer's user id, and no browser can reach it, so it passes.

use std::net::IpAddr;
use std::time::Instant;

use hyper::header::{AUTHORIZATION, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use webtty_protocol::ErrorCode;
use webtty_protocol::names::{SUBPROTOCOL_TOKEN_PREFIX, TOKEN_PREFIX};

use crate::app::App;
use crate::config::Auth;
use crate::error::ApiError;
use crate::keys::Grant;
use crate::proxy::Proxies;
use crate::sites::Sites;

/// Which listener a connection came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// The Unix socket, from a process of our own user.
    Unix,
    /// The TCP listener.
    Tcp {
        /// The peer's address, or that of whom a proxy speaks for.
        peer: IpAddr,
        /// The one of ours that it connected to.
        local: IpAddr,
        /// Does a proxy speak that is believed?
        proxied: bool,
    },
}

impl Via {
    /// The address of the peer, where there is one.
    pub(crate) fn peer(self) -> Option<IpAddr> {
        match self {
            Self::Unix => None,
            Self::Tcp { peer, .. } => Some(peer),
        }
    }

    /// From whom a request came that was sent here, when that is not whoever connected.
    pub(crate) fn of_request(self, proxies: &Proxies, headers: &HeaderMap) -> Self {
        match self {
            Self::Tcp { peer, local, .. } if proxies.sent(peer, headers) => Self::Tcp {
                peer: proxies.client(headers).unwrap_or(peer),
                local,
                proxied: true,
            },
            other => other,
        }
    }

    /// The address of whom a proxy speaks for.
    pub(crate) fn forwarded(self) -> Option<IpAddr> {
        match self {
            Self::Tcp {
                peer,
                proxied: true,
                ..
            } => Some(peer),
            _ => None,
        }
    }

    /// The address of ours that it came to, where there is one.
    fn local(self) -> Option<IpAddr> {
        match self {
            Self::Unix => None,
            Self::Tcp { local, .. } => Some(local),
        }
    }
}

/// Refuses requests that a page of another site could have caused: a wrong Host, which is what
/// DNS rebinding looks like; a foreign Origin; a fetch that the browser says is not ours.
pub(crate) fn check_origin(app: &App, via: Via, head: &Parts) -> Result<(), ApiError> {
    if via == Via::Unix {
        return Ok(());
    }
    let own = check_host(&app.listening.sites, via.local(), head)?;
    if let Some(origin) = head.headers.get(ORIGIN) {
        let origin = origin.to_str().map_err(|_| foreign())?;
        if origin != own {
            // To the browser a page the owner has allowed is of another site all the same.
            return if is_allowed(app, origin) {
                Ok(())
            } else {
                Err(foreign())
            };
        }
    }
    check_fetch_site(head)
}

/// Has the owner allowed this origin? The settings are a file, so this is asked last.
fn is_allowed(app: &App, origin: &str) -> bool {
    let settings = app.settings.current();
    settings
        .allowed_origins
        .iter()
        .any(|allowed| allowed == origin)
}

fn foreign() -> ApiError {
    ApiError::new(
        ErrorCode::ForeignOrigin,
        "pages of other sites may not use this daemon; its config can allow an origin",
    )
}

/// Gives the origin of our own pages, when the Host is one of our names.
fn check_host(sites: &Sites, local: Option<IpAddr>, head: &Parts) -> Result<String, ApiError> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let bad_request = |message: &str| ApiError::malformed(message);
    let host = hosts
        .next()
        .ok_or_else(|| bad_request("the request has no Host"))?;
    if hosts.next().is_some() {
        return Err(bad_request("the request has more than one Host"));
    }
    let host = host
        .to_str()
        .map_err(|_| bad_request("the Host is malformed"))?;
    // A target in absolute form names a host of its own, which must be the same.
    let same = head
        .uri
        .authority()
        .is_none_or(|authority| authority.as_str() == host);
    local
        .filter(|_| same)
        .and_then(|local| sites.origin_of(host, local))
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::MisdirectedRequest,
                "the Host is none of this daemon's names: use its address with its port, or tell \
                 it the name with --name",
            )
        })
}

/// Browsers say where a request comes from. Only our own pages may fetch; following a link to
/// a page, which holds no data, is allowed from everywhere.
fn check_fetch_site(head: &Parts) -> Result<(), ApiError> {
    let header = |name: &str| head.headers.get(name).map(|value| value.as_bytes());
    match header("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if is_navigation(head) => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// Is a person following a link, in a window of its own?
pub(crate) fn is_navigation(head: &Parts) -> bool {
    let is = |name: &str, wanted: &[u8]| {
        head.headers
            .get(name)
            .is_some_and(|value| value.as_bytes() == wanted)
    };
    head.method == Method::GET
        && is("sec-fetch-mode", b"navigate")
        && is("sec-fetch-dest", b"document")
}

/// Does a request that the browser ascribes to another site ask for this?
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    !matches!(site, None | Some(b"same-origin" | b"none"))
}

/// What credential a caller has shown.
#[derive(Debug)]
pub(crate) enum Shown {
    /// One that allows this.
    Valid(Grant),
    /// One that is not or no longer valid.
    Invalid,
    /// None.
    Nothing,
}

/// What the caller may do.
///
/// # Errors
/// 400 for a credential in the query string, where it would end up in logs and histories.
pub(crate) fn identify(app: &App, via: Via, head: &Parts) -> Result<Shown, ApiError> {
    if head.uri.query().is_some_and(has_credential) {
        return Err(ApiError::new(
            ErrorCode::CredentialInQuery,
            "credentials do not belong in a URL's query: send a Bearer token",
        ));
    }
    if via == Via::Unix || app.listening.auth == Auth::None {
        return Ok(Shown::Valid(Grant::owner()));
    }
    let token = token(&head.headers);
    if let Some(grant) = token.and_then(|token| app.keys.check(token)) {
        return Ok(Shown::Valid(grant));
    }
    if via.forwarded().is_some()
        && let Some(grant) = app.listening.proxies.user(&head.headers)?
    {
        return Ok(Shown::Valid(grant));
    }
    Ok(token.map_or(Shown::Nothing, |_| Shown::Invalid))
}

/// Counts a refused credential of this peer, and gives the refusal: `error`, or that it has to
/// wait.
pub(crate) fn refused(app: &App, peer: Option<IpAddr>, error: ApiError) -> ApiError {
    let taken = peer.map_or(Ok(()), |peer| app.refusals.take(peer, Instant::now()));
    match taken {
        Ok(()) => error,
        Err(wait) => ApiError::too_often(wait),
    }
}

/// The refusal of who has shown no valid credential. Who is on this machine may ask as often as
/// it likes: many programs share the address. A proxy on this machine speaks for others.
pub(crate) fn unauthorized(app: &App, via: Via) -> ApiError {
    let counted = from_elsewhere(app, via);
    refused(app, counted, ApiError::unauthorized())
}

/// The address of a peer that is on another machine, or counts as one: the limits of an address
/// hold for it.
pub(crate) fn from_elsewhere(app: &App, via: Via) -> Option<IpAddr> {
    via.peer().filter(|peer| {
        let is_here = peer.to_canonical().is_loopback() && via.forwarded().is_none();
        app.limits.loopback_too || !is_here
    })
}

fn has_credential(query: &str) -> bool {
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let named = ["token", "key", "k", "access_token", "authorization"];
        named.iter().any(|known| name.eq_ignore_ascii_case(known))
            || value.starts_with(TOKEN_PREFIX)
            || value.starts_with(webtty_protocol::names::KEY_PREFIX)
    })
}

/// The token of a request: `Authorization: Bearer`, or among the subprotocols of a WebSocket.
fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| {
        offered_subprotocols(headers)
            .find_map(|protocol| protocol.strip_prefix(SUBPROTOCOL_TOKEN_PREFIX))
    })
}

/// The subprotocols a WebSocket client offers, in its order.
pub(crate) fn offered_subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::Scheme;

    fn head(headers: &[(&str, &str)]) -> Parts {
        let mut request = hyper::Request::builder().uri("/api/sessions");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("valid").into_parts().0
    }

    #[test]
    fn there_is_one_host_and_it_is_ours() {
        let sites = Sites::new(Scheme::Http, 2346, &[], &[]);
        let local = Some("127.0.0.1".parse().expect("an address"));
        let check = |hosts: &[(&str, &str)]| check_host(&sites, local, &head(hosts));
        let good = [("host", "localhost:2346")];
        assert_eq!(check(&good).ok().as_deref(), Some("http://localhost:2346"));
        assert!(check(&[("host", "evil.example:2346")]).is_err());
        assert!(check(&[]).is_err());
        assert!(check(&[good[0], good[0]]).is_err());
    }

    #[test]
    fn other_sites_may_link_but_not_fetch() {
        let site = |site, mode, dest| {
            let headers = [
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            check_fetch_site(&head(&headers)).is_ok()
        };
        assert!(site("same-origin", "cors", "empty"));
        assert!(site("none", "navigate", "document"));
        assert!(site("cross-site", "navigate", "document"));
        assert!(!site("cross-site", "navigate", "iframe"));
        assert!(!site("cross-site", "no-cors", "image"));
        assert!(!site("same-site", "cors", "empty"));
        assert!(check_fetch_site(&head(&[])).is_ok());
    }

    #[test]
    fn a_token_is_found_where_it_belongs_and_refused_in_a_query() {
        let bearer = head(&[("authorization", "bearer wt_a")]);
        assert_eq!(token(&bearer.headers), Some("wt_a"));
        let offered = head(&[("sec-websocket-protocol", "webtty.v1, webtty.token.wt_b")]);
        assert_eq!(token(&offered.headers), Some("wt_b"));
        let basic = head(&[("authorization", "Basic d3Q=")]);
        assert_eq!(token(&basic.headers), None);
        for query in ["token=x", "cols=1&Token=x", "a=wt_x", "x=wk_x", "k="] {
            assert!(has_credential(query), "{query}");
        }
        assert!(!has_credential("cols=80&rows=24&from=7"));
    }
}
