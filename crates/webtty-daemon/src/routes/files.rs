//! `POST /s/ID/files`: a file to put beside a session, for the program in it to open.

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;
use webtty_protocol::rest::StoredFile;
use webtty_protocol::{Close, ErrorCode};

use super::admitted::Admitted;
use crate::error::ApiError;
use crate::files::{FilesError, Upload, file_name};
use crate::http::{self, Response};
use crate::lifetime;
use crate::query::file_name_wish;
use crate::router::Needs;

/// Takes the file as it comes, and says where it is.
pub(super) async fn put(admitted: Admitted) -> Result<Response, ApiError> {
    let session = admitted.writable_session_with_shell()?;
    let Admitted {
        app,
        grant,
        request,
        ..
    } = admitted;
    let query = request.uri().query().unwrap_or_default();
    let bad = |message| ApiError::new(ErrorCode::BadRequest, message);
    let name = file_name(&file_name_wish(query).map_err(bad)?);
    let most = app.limits.file_bytes;
    let body = request.into_body();
    if body.size_hint().lower() > most {
        return Err(too_large(most));
    }
    let mut upload = app.files.begin(&session).await.map_err(refused)?;
    let mut status = session.watch();
    tokio::select! {
        biased;
        close = lifetime::over(&app, &grant, Needs::Control) => return Err(match close {
            Close::Stopping => ApiError::new(ErrorCode::Unavailable, "the daemon stops"),
            _ => ApiError::closing(ErrorCode::Forbidden, "this credential does not allow it any more"),
        }),
        _ = status.wait_for(|status| lifetime::channel_end(&status.phase).is_some()) => {
            return Err(ApiError::pty_not_running());
        }
        taken = take(body, &mut upload, most, app.limits.body_timeout()) => taken?,
    }
    let (path, bytes) = upload.keep(&name).await.map_err(refused)?;
    if app
        .registry
        .get(&session.id())
        .is_none_or(|now| now.incarnation() != session.incarnation())
    {
        // It has ended at this moment, and its files were removed before this one was there.
        app.files.keep_only(&app.registry.list());
        return Err(ApiError::pty_not_running());
    }
    Ok(http::json(StatusCode::CREATED, &StoredFile { path, bytes }))
}

async fn take(
    mut body: Incoming,
    upload: &mut Upload,
    most: u64,
    silence: std::time::Duration,
) -> Result<(), ApiError> {
    let mut left = most;
    loop {
        let Ok(frame) = timeout(silence, body.frame()).await else {
            let message = "nothing more came of the file for too long";
            return Err(ApiError::closing(ErrorCode::RequestTimeout, message));
        };
        let piece = match frame {
            None => return Ok(()),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(_)) => {
                return Err(ApiError::malformed("the body is malformed or broke off"));
            }
        };
        left = left
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| too_large(most))?;
        upload.write(&piece).await.map_err(refused)?;
    }
}

fn too_large(most: u64) -> ApiError {
    let message = format!("the file is larger than {most} bytes");
    ApiError::closing(ErrorCode::BodyTooLarge, message)
}

fn refused(error: FilesError) -> ApiError {
    match error {
        FilesError::Full => {
            let message = "this session has as many files as it may; they go with it";
            ApiError::closing(ErrorCode::TooMany, message)
        }
        FilesError::Io(error) => {
            tracing::error!(%error, "a file could not be kept");
            let message = "the file could not be kept; the daemon's log says more";
            ApiError::closing(ErrorCode::Internal, message)
        }
    }
}
