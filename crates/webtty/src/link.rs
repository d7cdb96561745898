//! Links to sessions, with keys where they are asked for.

use webtty_client::Client;
use webtty_protocol::names::KEY_FRAGMENT;
use webtty_protocol::rest::{CreateKey, Health};
use webtty_protocol::{Role, SessionId};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::say;
use crate::qr;

/// The link to a session's page, without a key.
pub(crate) fn plain(context: &Context, health: &Health, id: &SessionId) -> String {
    format!("{}/s/{id}", context.page_base(&health.url))
}

/// A link to a session's page.
pub(crate) struct Link {
    pub(crate) url: String,
    /// The id of its key, to revoke it by; none where no key is asked for.
    pub(crate) id: Option<String>,
}

/// The link to a session's page with a new key, or without where none is asked for.
pub(crate) async fn with_key(
    context: &Context,
    client: &Client,
    health: &Health,
    id: &SessionId,
    key: KeyTerms,
) -> Result<Link, Failure> {
    let plain = plain(context, health, id);
    if !health.auth {
        return Ok(Link {
            url: plain,
            id: None,
        });
    }
    let wish = CreateKey {
        role: key.role,
        session: (key.role != Role::Admin).then(|| id.clone()),
        ttl_seconds: Some(key.seconds),
        uses: key.uses,
        label: key.label,
    };
    let created = client.create_key(&wish).await?;
    Ok(Link {
        url: format!("{plain}#{KEY_FRAGMENT}={}", created.key),
        id: Some(created.id),
    })
}

/// What a key allows, how long and how often it lets someone in.
pub(crate) struct KeyTerms {
    /// Any but `admin` is for the one session of the link.
    pub(crate) role: Role,
    pub(crate) seconds: u64,
    pub(crate) uses: Option<u32>,
    pub(crate) label: Option<String>,
}

/// What a role is called.
pub(crate) fn name(role: Role) -> &'static str {
    match role {
        Role::View => "view",
        Role::Publish => "publish",
        Role::Control => "control",
        Role::Admin => "admin",
    }
}

/// What whoever opens a link of this role gets, after "whoever opens it".
pub(crate) fn allows(role: Role) -> &'static str {
    match role {
        Role::View => "can look, and not type",
        Role::Publish => "can publish events, and sees nothing of the terminal",
        Role::Control => "has your shell",
        Role::Admin => "has all your shells",
    }
}

/// Shows a link as a QR code, where somebody looks.
pub(crate) fn show_code(url: &str) {
    if let Some(code) = qr::for_terminal(url) {
        say(code.trim_end());
    }
}
