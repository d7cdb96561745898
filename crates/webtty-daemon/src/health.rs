//! How the daemon is, for whoever may ask.

use webtty_protocol::rest::{Certificate, Health, Listener};

use crate::app::{App, Listening};
use crate::config::Auth;
use crate::keys::Grant;

/// The daemon's state, as far as this grant is to know it.
pub(crate) fn health(app: &App, grant: &Grant) -> Health {
    let sessions = app.registry.list();
    let reached = sessions
        .iter()
        .filter(|session| grant.reaches(&session.id()));
    Health {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        uptime_ms: u64::try_from(app.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        sessions: reached.count(),
        connections: grant.role.may_administer().then(|| app.hub.connections()),
        url: app.listening.base_url.clone(),
        auth: app.listening.auth == Auth::Keys,
        listener: grant
            .role
            .may_administer()
            .then(|| Box::new(listener(&app.listening))),
    }
}

fn listener(listening: &Listening) -> Listener {
    Listener {
        address: listening.address.to_string(),
        certificate: listening.identity.as_ref().map(|identity| Certificate {
            fingerprint: identity.fingerprint(),
            expires: identity.not_after().saturating_mul(1000),
        }),
        names: listening.sites.told(),
        proxies: listening.proxies.networks(),
        proxy_role: listening.proxies.role(),
    }
}
