//! `/api/sessions/ID/control`: who types into a session, who asks to, and who was let.

use hyper::StatusCode;
use webtty_core::presence::NotLent;
use webtty_protocol::ErrorCode;
use webtty_protocol::control::{ControlAction, ControlInfo, HandOver};
use webtty_protocol::limits::MAX_LOAN_SECONDS;
use webtty_protocol::presence::Via;

use super::admitted::Admitted;
use crate::body::read_json;
use crate::error::ApiError;
use crate::handover;
use crate::http::{self, Response};

/// How control is shared at this moment.
pub(super) fn get(admitted: &Admitted) -> Result<Response, ApiError> {
    let session = admitted.session()?;
    let watchers = session.watchers();
    let present = watchers.watch().borrow().clone();
    let info = ControlInfo {
        clients: present
            .iter()
            .filter(|who| who.via == Via::Terminal)
            .cloned()
            .collect(),
        driver: session.watch().borrow().shape.driver,
        state: watchers.control_state(),
    };
    Ok(http::json(StatusCode::OK, &info))
}

/// Lets a viewer type, does not, or no longer.
pub(super) async fn hand_over(admitted: Admitted) -> Result<Response, ApiError> {
    let session = admitted.session()?;
    let within = admitted.app.limits.body_timeout();
    let wanted: HandOver = read_json(admitted.request, within).await?;
    let HandOver {
        client,
        action,
        seconds,
    } = wanted;
    let in_range = |seconds| (1..=MAX_LOAN_SECONDS).contains(&seconds);
    if seconds.is_some_and(|seconds| action != ControlAction::Grant || !in_range(seconds)) {
        let message = "seconds goes with grant, and is 1 to 86400: for longer, make a key";
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    if !session.watchers().has_terminal(client) {
        return Err(gone());
    }
    if action == ControlAction::Grant && session.is_read_only() {
        let message = "nobody can type into this session: it was made read-only";
        return Err(ApiError::new(ErrorCode::CannotLend, message));
    }
    handover::act(
        &admitted.app,
        &admitted.grant,
        &session,
        client,
        action,
        seconds,
    )
    .map_err(|error| match error {
        NotLent::Gone => gone(),
        NotLent::TooMany => ApiError::new(
            ErrorCode::TooMany,
            "control is lent to as many as it may be; take it back from one first",
        ),
    })?;
    Ok(http::empty(StatusCode::NO_CONTENT))
}

fn gone() -> ApiError {
    let message = "no connection of this number has the terminal";
    ApiError::new(ErrorCode::NoSuchConnection, message)
}
