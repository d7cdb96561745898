//! `POST /s/ID/input`: typing by a program: keys by name, text, a paste.

use bytes::Bytes;
use hyper::StatusCode;
use tokio::task::block_in_place;
use tokio::time::timeout;
use webtty_core::limits::CLIENT_INPUT_BYTES;
use webtty_core::pasting::pasted;
use webtty_protocol::input::{SessionInput, Typed};
use webtty_protocol::key_names;
use webtty_protocol::screen::ScreenModes;
use webtty_protocol::{Close, ErrorCode};

use super::admitted::Admitted;
use crate::body::read_json;
use crate::error::ApiError;
use crate::http::{self, Response};
use crate::lifetime;
use crate::limits::INPUT_TIMEOUT;
use crate::router::Needs;

/// Types, all at once, and answers when the terminal has it or has room for it.
pub(super) async fn type_into(admitted: Admitted) -> Result<Response, ApiError> {
    let session = admitted.writable_session()?;
    let Admitted {
        app,
        grant,
        request,
        ..
    } = admitted;
    let wish: SessionInput = read_json(request, app.limits.body_timeout()).await?;
    lifetime::begun(&session).await;
    if lifetime::channel_end(&session.phase()).is_some() {
        return Err(ApiError::pty_not_running());
    }
    // It may have to wait for a screen that a hostile program keeps busy.
    let modes = block_in_place(|| session.switches());
    let bytes = bytes_of(&wish, modes)?;
    let weight = u32::try_from(bytes.len().min(CLIENT_INPUT_BYTES)).expect("a small limit");
    let share = app.typed_into.of(&session);
    let mut status = session.watch();
    let permit = tokio::select! {
        biased;
        // Whoever waits to type may not be allowed to any more.
        close = lifetime::over(&app, &grant, Needs::Control) => {
            return Err(match close {
                Close::Stopping => ApiError::new(ErrorCode::Unavailable, "the daemon stops"),
                _ => ApiError::forbidden(),
            });
        }
        permit = timeout(INPUT_TIMEOUT, share.acquire_many_owned(weight)) => permit,
        _ = status.wait_for(|status| lifetime::channel_end(&status.phase).is_some()) => {
            return Err(ApiError::pty_not_running());
        }
    };
    let Ok(Ok(permit)) = permit else {
        let message = "the program in this session does not read what was typed before";
        return Err(ApiError::new(ErrorCode::TooMany, message));
    };
    let offset = session.output().end().offset;
    session.write(app.next_client(), bytes, Some(permit));
    Ok(http::json(StatusCode::OK, &Typed { offset }))
}

fn bytes_of(wish: &SessionInput, modes: ScreenModes) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    if let Some(text) = &wish.paste {
        bytes.extend(pasted(text, modes.bracketed_paste));
    }
    bytes.extend_from_slice(wish.text.as_deref().unwrap_or_default().as_bytes());
    for (index, name) in wish.keys.iter().enumerate() {
        let key = key_names::bytes_of(name, modes.application_cursor).ok_or_else(|| {
            let message = format!("key number {} is none; see the names at /docs", index + 1);
            ApiError::new(ErrorCode::BadRequest, message)
        })?;
        bytes.extend(key);
    }
    Ok(bytes.into())
}
