//! `/api/keys` and `/api/login`.

use hyper::StatusCode;
use webtty_protocol::ErrorCode;
use webtty_protocol::names::KEY_FRAGMENT;
use webtty_protocol::rest::{ChangeKey, CreateKey, CreatedKey, Login};

use super::admitted::Admitted;
use crate::app::App;
use crate::body::read_json;
use crate::error::ApiError;
use crate::gate;
use crate::http::{self, Response};
use crate::keys::KeyError;

/// The longest label of a key, in bytes.
const MAX_LABEL_BYTES: usize = 256;

/// Exchanges a key for a token.
pub(super) async fn login(admitted: Admitted) -> Result<Response, ApiError> {
    let Login { key } = read_json(admitted.request, admitted.app.limits.body_timeout()).await?;
    let reply = admitted
        .app
        .keys
        .login(&key)
        .map_err(|error| not_saved(&error))?;
    // A key that is valid is never refused for what others tried.
    let reply = reply.ok_or_else(|| {
        let message = "this key is not valid: it may have expired, been used up or been revoked";
        let error = ApiError::new(ErrorCode::Unauthorized, message);
        gate::refused(&admitted.app, admitted.via.peer(), error)
    })?;
    Ok(http::json(StatusCode::OK, &reply))
}

/// Makes a key and the link that carries it.
pub(super) async fn create(admitted: Admitted) -> Result<Response, ApiError> {
    let wanted: CreateKey = read_json(admitted.request, admitted.app.limits.body_timeout()).await?;
    if wanted
        .label
        .as_ref()
        .is_some_and(|label| label.len() > MAX_LABEL_BYTES)
    {
        let message = format!("a label has at most {MAX_LABEL_BYTES} bytes");
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    if let Some(session) = &wanted.session
        && admitted.app.registry.get(session).is_none()
    {
        return Err(ApiError::no_such_session());
    }
    let page = match &wanted.session {
        Some(session) => format!("/s/{session}"),
        None => "/".to_owned(),
    };
    let session = wanted.session.clone();
    let (id, key) = admitted.app.keys.create(wanted).map_err(not_made)?;
    // It may have ended in between, and its name may be another session's some day.
    if session.is_some_and(|session| admitted.app.registry.get(&session).is_none()) {
        admitted
            .app
            .keys
            .revoke(&id)
            .map_err(|error| not_saved(&error))?;
        return Err(ApiError::no_such_session());
    }
    let url = link(&admitted.app, &page, &key);
    Ok(http::json(
        StatusCode::CREATED,
        &CreatedKey { id, key, url },
    ))
}

fn not_made(error: KeyError) -> ApiError {
    match error {
        KeyError::TooMany => ApiError::new(ErrorCode::TooMany, error.to_string()),
        KeyError::AdminOfOneSession => ApiError::new(ErrorCode::BadRequest, error.to_string()),
        KeyError::Io(error) => not_saved(&error),
    }
}

/// Lets a key allow something else.
pub(super) async fn change(admitted: Admitted) -> Result<Response, ApiError> {
    let within = admitted.app.limits.body_timeout();
    let ChangeKey { role } = read_json(admitted.request, within).await?;
    let changed = admitted.app.keys.change_role(&admitted.parameter, role);
    match changed.map_err(not_made)? {
        Some(key) => Ok(http::json(StatusCode::OK, &key)),
        None => Err(no_such_key()),
    }
}

/// Ends a key and its tokens.
pub(super) fn revoke(admitted: &Admitted) -> Result<Response, ApiError> {
    let revoked = admitted.app.keys.revoke(&admitted.parameter);
    if revoked.map_err(|error| not_saved(&error))? {
        return Ok(http::empty(StatusCode::NO_CONTENT));
    }
    Err(no_such_key())
}

fn no_such_key() -> ApiError {
    ApiError::new(ErrorCode::NoSuchKey, "there is no key of this id")
}

fn link(app: &App, page: &str, key: &str) -> String {
    format!("{}{page}#{KEY_FRAGMENT}={key}", app.listening.base_url)
}

fn not_saved(error: &std::io::Error) -> ApiError {
    tracing::error!(%error, "the keys could not be saved");
    ApiError::new(
        ErrorCode::Internal,
        "the keys could not be saved; the daemon's log says why",
    )
}
