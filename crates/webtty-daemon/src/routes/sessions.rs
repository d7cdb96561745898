//! `/api/sessions`.

use std::path::Path;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use webtty_core::Session;
use webtty_core::session::SessionSpec;
use webtty_core::size::Size;
use webtty_protocol::limits::{MAX_COLS, MAX_ROWS};
use webtty_protocol::names::SESSIONS_REMAINING_HEADER;
use webtty_protocol::rest::{ChangeSession, CreateSession, SessionInfo};
use webtty_protocol::{ErrorCode, SessionId, SizePolicy};

use super::admitted::Admitted;
use crate::app::App;
use crate::body::read_json;
use crate::error::ApiError;
use crate::http::{self, Response};

/// All sessions that the credential reaches, in the order of their ids.
pub(super) fn list(admitted: &Admitted) -> Response {
    let sessions = admitted.app.registry.list();
    let infos: Vec<SessionInfo> = sessions
        .iter()
        .map(|session| session.info())
        .filter(|info| admitted.grant.reaches(&info.id))
        .collect();
    http::json(StatusCode::OK, &infos)
}

/// Makes a session, and starts it when asked to.
pub(super) async fn create(admitted: Admitted) -> Result<Response, ApiError> {
    let wanted: CreateSession =
        read_json(admitted.request, admitted.app.limits.body_timeout()).await?;
    let app = &admitted.app;
    let start = wanted.start.unwrap_or(wanted.cmd.is_some());
    let id = wanted.id.clone();
    let session = app.registry.create(id, spec(app, wanted)?)?;
    if start && let Err(error) = session.start() {
        app.registry.remove(&session.id());
        return Err(error.into());
    }
    app.registry.used(&session);
    Ok(http::json(StatusCode::CREATED, &session.info()))
}

/// One session.
pub(super) fn get(admitted: &Admitted) -> Result<Response, ApiError> {
    let id = reached_id(admitted)?;
    let session = admitted
        .app
        .registry
        .get(&id)
        .ok_or_else(ApiError::no_such_session)?;
    Ok(http::json(StatusCode::OK, &session.info()))
}

/// Changes what of a session can change: its id, who decides on its size, and whether its programs
/// may write the clipboard.
pub(super) async fn change(admitted: Admitted) -> Result<Response, ApiError> {
    let id = reached_id(&admitted)?;
    let app = &admitted.app;
    let session = app
        .registry
        .get(&id)
        .ok_or_else(ApiError::no_such_session)?;
    let wanted: ChangeSession = read_json(admitted.request, app.limits.body_timeout()).await?;
    if wanted == ChangeSession::default() {
        let message = "say what is to change: id, clipboard, or sizePolicy with cols and rows";
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    let sizing = wanted_sizing(&session, &wanted)?;
    if let Some(to) = wanted.id {
        app.registry.rename(&id, to.clone())?;
        if let Err(error) = app.keys.session_renamed(&id, &to) {
            tracing::error!(%error, "keys of a renamed session could not be saved");
        }
        // It may have ended in between, under a name that its keys did not have yet.
        let there = app.registry.get(&to);
        if there.is_none_or(|there| there.incarnation() != session.incarnation())
            && let Err(error) = app.keys.session_ended(&to)
        {
            tracing::error!(%error, "keys of a session that ended could not be saved");
        }
    }
    if let Some((policy, size)) = sizing {
        session.set_size_policy(policy, size);
    }
    if let Some(may) = wanted.clipboard {
        session.let_clipboard(may);
    }
    Ok(http::json(StatusCode::OK, &session.info()))
}

/// The policy that was asked for, if any was, with the size it holds to.
fn wanted_sizing(
    session: &Session,
    wanted: &ChangeSession,
) -> Result<Option<(SizePolicy, Option<Size>)>, ApiError> {
    let present = session.info();
    let policy = wanted.size_policy.unwrap_or(present.size_policy);
    if wanted.cols.is_none() && wanted.rows.is_none() {
        return Ok(wanted.size_policy.map(|policy| (policy, None)));
    }
    if policy != SizePolicy::Fixed {
        let message = "cols and rows go with sizePolicy fixed; the others take their size from \
                       the windows";
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    let size = Size {
        cols: wanted.cols.unwrap_or(present.cols),
        rows: wanted.rows.unwrap_or(present.rows),
    };
    check_size(size)?;
    Ok(Some((policy, Some(size))))
}

fn check_size(size: Size) -> Result<(), ApiError> {
    if (1..=MAX_COLS).contains(&size.cols) && (1..=MAX_ROWS).contains(&size.rows) {
        return Ok(());
    }
    let message = "a terminal has 1 to 1000 columns and 1 to 500 rows";
    Err(ApiError::new(ErrorCode::BadRequest, message))
}

/// Ends a session.
pub(super) fn delete(admitted: &Admitted) -> Result<Response, ApiError> {
    let id = reached_id(admitted)?;
    let left = admitted
        .app
        .registry
        .remove(&id)
        .ok_or_else(ApiError::no_such_session)?;
    let mut response = http::empty(StatusCode::NO_CONTENT);
    response
        .headers_mut()
        .insert(SESSIONS_REMAINING_HEADER, HeaderValue::from(left));
    Ok(response)
}

/// The id in the path, when the credential reaches that session.
fn reached_id(admitted: &Admitted) -> Result<SessionId, ApiError> {
    let id = admitted.session_id()?;
    if admitted.grant.reaches(&id) {
        Ok(id)
    } else {
        Err(ApiError::forbidden())
    }
}

fn spec(app: &App, wanted: CreateSession) -> Result<SessionSpec, ApiError> {
    let bad = |message: &str| ApiError::new(ErrorCode::BadRequest, message);
    let plain = app.plain_session(wanted.base_dir);
    if has_nul(&plain.base_dir) {
        return Err(ApiError::new(
            ErrorCode::BadDirectory,
            "a directory's name holds no NUL",
        ));
    }
    let size = Size {
        cols: wanted.cols.unwrap_or(plain.size.cols),
        rows: wanted.rows.unwrap_or(plain.size.rows),
    };
    check_size(size)?;
    if let Some(cmd) = &wanted.cmd
        && (cmd.first().is_none_or(String::is_empty) || cmd.iter().any(|word| word.contains('\0')))
    {
        return Err(bad("cmd is the program and its arguments, without NUL"));
    }
    let bad_name = |name: &str| name.is_empty() || name.contains(['=', '\0']);
    if wanted
        .env
        .iter()
        .any(|(name, value)| bad_name(name) || value.contains('\0'))
    {
        return Err(bad(
            "a variable's name is not empty and holds no '='; neither holds a NUL",
        ));
    }
    Ok(SessionSpec {
        cmd: wanted.cmd,
        env: wanted.env,
        size,
        size_policy: wanted.size_policy.unwrap_or(plain.size_policy),
        read_only: wanted.read_only,
        clipboard: wanted.clipboard.unwrap_or(plain.clipboard),
        ..plain
    })
}

fn has_nul(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().contains(&0)
}
