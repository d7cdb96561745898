//! What an endpoint is handed.

use std::sync::Arc;

use webtty_protocol::SessionId;

use crate::app::App;
use crate::error::ApiError;
use crate::gate::Via;
use crate::http::Request;
use crate::keys::Grant;

/// A request that has passed the gate.
pub(super) struct Admitted {
    pub(super) app: Arc<App>,
    pub(super) via: Via,
    pub(super) grant: Grant,
    pub(super) request: Request,
    /// What stood for the `{}` of the route's pattern.
    pub(super) parameter: String,
}

impl Admitted {
    /// The session id in the path.
    pub(super) fn session_id(&self) -> Result<SessionId, ApiError> {
        self.parameter
            .parse()
            .map_err(|_| ApiError::no_such_session())
    }
}
