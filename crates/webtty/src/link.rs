//! Links to sessions, with keys where they are asked for.

use webtty_client::Client;
use webtty_protocol::names::KEY_FRAGMENT;
use webtty_protocol::rest::{CreateKey, Health};
use webtty_protocol::{Role, SessionId};

use crate::context::Context;
use crate::failure::Failure;

/// The link to a session's page, without a key.
pub(crate) fn plain(context: &Context, health: &Health, id: &SessionId) -> String {
    format!("{}/s/{id}", context.page_base(&health.url))
}

/// The link to a session's page with a new key, or without where none is asked for.
pub(crate) async fn with_key(
    context: &Context,
    client: &Client,
    health: &Health,
    id: &SessionId,
    key: KeyTerms,
) -> Result<String, Failure> {
    let plain = plain(context, health, id);
    if !health.auth {
        return Ok(plain);
    }
    let wish = CreateKey {
        role: key.role,
        session: (key.role != Role::Admin).then(|| id.clone()),
        ttl_seconds: Some(key.seconds),
        uses: key.uses,
        label: Some(key.label),
    };
    let created = client.create_key(&wish).await?;
    Ok(format!("{plain}#{KEY_FRAGMENT}={}", created.key))
}

/// What a key allows, how long and how often it lets someone in.
pub(crate) struct KeyTerms {
    /// Any but `admin` is for the one session of the link.
    pub(crate) role: Role,
    pub(crate) seconds: u64,
    pub(crate) uses: Option<u32>,
    pub(crate) label: String,
}
