//! The daemon that runs: its version, its certificate, its keys, and who can reach what.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use webtty_protocol::Role;
use webtty_protocol::rest::{Health, KeyInfo, Listener};

use super::report::{Exposure, Finding};
use crate::context::skew_hint;
use crate::limits::{CERTIFICATE_WARNING, LONGEST_ADMIN_KEY};
use crate::link;
use crate::times::short_time;

/// What is wrong with the daemon itself and how it listens.
pub(super) fn health(health: &Health) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(hint) = skew_hint(&health.version) {
        let advice = "`webtty stop` and `webtty start`; its sessions end with it";
        found.push(Finding::new("version", hint, advice));
    }
    if !health.auth {
        let what = "authentication is off: every user and program of this machine that reaches \
                    the port has your shells";
        let advice = "start it without `--auth none`, or take \"auth\" out of the settings";
        found.push(Finding::new("authentication", what, advice));
    }
    if let Some(listener) = &health.listener {
        found.extend(certificate(listener));
        if is_beyond_loopback(listener) && listener.certificate.is_none() {
            let what = format!(
                "{} speaks plain HTTP beyond loopback: whoever is on the way reads and changes all",
                listener.address
            );
            let advice = "let only the proxy reach that port, by a firewall, or use --tls";
            found.push(Finding::new("plain-http", what, advice));
        }
        if listener.proxy_role == Some(Role::Admin) {
            let what = "everybody whom the proxy lets in is admin, of all sessions and keys";
            let advice = "set `role` of `trustProxy` to view, and name the admins in `users`";
            found.push(Finding::new("proxy-role", what, advice));
        }
    }
    found
}

fn certificate(listener: &Listener) -> Option<Finding> {
    let expires = Duration::from_millis(listener.certificate.as_ref()?.expires);
    let what = match expires.checked_sub(now()) {
        None => "the certificate has expired".to_owned(),
        Some(left) if left < CERTIFICATE_WARNING => {
            format!("the certificate expires in {}", short_time(left))
        }
        Some(_) => return None,
    };
    let advice = "renew its files; they are taken without a restart";
    Some(Finding::new("certificate", what, advice))
}

/// Which keys allow more, or longer, than anybody needs.
pub(super) fn keys(keys: &[KeyInfo]) -> Vec<Finding> {
    keys.iter().filter_map(broad).collect()
}

fn broad(key: &KeyInfo) -> Option<Finding> {
    let left = key
        .expires
        .map(|at| Duration::from_millis(at).saturating_sub(now()));
    let what = match (key.session.is_none(), left) {
        (true, None) => "never ends",
        (true, Some(left)) if key.role == Role::Admin && left > LONGEST_ADMIN_KEY => {
            "is good for more than a month"
        }
        _ => return None,
    };
    let label = key
        .label
        .as_deref()
        .map_or_else(String::new, |label| format!(" ({label})"));
    let role = link::name(key.role);
    let what = format!("the {role} key {}{label}, for all sessions, {what}", key.id);
    let advice = format!(
        "`webtty share revoke {}`, and make one for a session or with --ttl",
        key.id
    );
    Some(Finding::new("keys", what, advice))
}

/// Who can reach what, widest first.
pub(super) fn exposure(socket: &Path, health: &Health, keys: &[KeyInfo]) -> Vec<Exposure> {
    let row = |who: String, what: &str| Exposure {
        who,
        what: what.to_owned(),
    };
    let mut rows = vec![row(
        format!("your own programs and root, by {}", socket.display()),
        "everything",
    )];
    let Some(listener) = &health.listener else {
        return rows;
    };
    let way = match (is_beyond_loopback(listener), &listener.certificate) {
        (false, _) => format!("on this machine, at {}", listener.address),
        (true, Some(_)) => format!("on the network, by TLS, at {}", listener.address),
        (true, None) => format!("on the network, by plain HTTP, at {}", listener.address),
    };
    if !health.auth {
        rows.push(row(format!("everybody {way}"), "everything"));
        return rows;
    }
    for role in [Role::Admin, Role::Control, Role::View, Role::Publish] {
        for all in [true, false] {
            let is_such = |key: &&KeyInfo| key.role == role && key.session.is_none() == all;
            let count = keys.iter().filter(is_such).count();
            if count > 0 {
                let links = if count == 1 {
                    "the"
                } else {
                    &format!("one of {count}")
                };
                let noun = if count == 1 { "link" } else { "links" };
                let holders = format!("who has {links} {} {noun}, {way}", link::name(role));
                rows.push(row(holders, &reach(role, all)));
            }
        }
    }
    if let Some(role) = listener.proxy_role {
        let who = format!("whom a proxy at {} lets in", listener.proxies.join(", "));
        rows.push(row(who, &reach(role, true)));
    }
    rows.push(row(
        format!("everybody else {way}"),
        "an empty page, and nothing in it",
    ));
    rows
}

fn reach(role: Role, all: bool) -> String {
    let sessions = if all {
        "all sessions"
    } else {
        "one session each"
    };
    match role {
        Role::Admin => "everything: shells, keys, the daemon's end".to_owned(),
        Role::Control => format!("look and type, {sessions}"),
        Role::View => format!("look, {sessions}"),
        Role::Publish => format!("publish and read events, {sessions}"),
    }
}

fn is_beyond_loopback(listener: &Listener) -> bool {
    let address: Option<SocketAddr> = listener.address.parse().ok();
    address.is_none_or(|address| !address.ip().is_loopback())
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
