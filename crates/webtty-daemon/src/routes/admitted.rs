//! What an endpoint is handed.

use std::sync::Arc;

use webtty_core::Session;
use webtty_protocol::{ErrorCode, SessionId};

use crate::app::App;
use crate::error::ApiError;
use crate::gate::Via;
use crate::http::{self, Request, Response};
use crate::keys::Grant;
use crate::lifetime;

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
    /// The path below which a page finds us: that of a proxy, which only the TCP listener has.
    pub(super) fn base_path(&self) -> &str {
        match self.via {
            Via::Unix => "",
            Via::Tcp { .. } => self.app.listening.base_path.as_str(),
        }
    }

    /// A redirect to a path of ours.
    pub(super) fn redirect(&self, path: &str) -> Response {
        http::redirect(&format!("{}{path}", self.base_path()))
    }

    /// The session id in the path.
    pub(super) fn session_id(&self) -> Result<SessionId, ApiError> {
        self.parameter
            .parse()
            .map_err(|_| ApiError::no_such_session())
    }

    /// The session in the path, which this caller's credential reaches.
    pub(super) fn session(&self) -> Result<Arc<Session>, ApiError> {
        let id = self.session_id()?;
        if !self.grant.reaches(&id) {
            return Err(ApiError::forbidden());
        }
        let session = self.app.registry.get(&id);
        session.ok_or_else(ApiError::no_such_session)
    }

    /// The session in the path, if anybody may type into it at all.
    pub(super) fn writable_session(&self) -> Result<Arc<Session>, ApiError> {
        let session = self.session()?;
        if session.is_read_only() {
            let message = "nobody types into this session: it was made read-only";
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        Ok(session)
    }

    /// The same, while its shell runs or may still be started.
    pub(super) fn writable_session_with_shell(&self) -> Result<Arc<Session>, ApiError> {
        let session = self.writable_session()?;
        match lifetime::channel_end(&session.phase()) {
            None => Ok(session),
            Some(_) => Err(ApiError::pty_not_running()),
        }
    }
}
