//! Refusals: one status for each code, translated once.

use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderName, HeaderValue, SEC_WEBSOCKET_VERSION};
use webtty_core::registry::{CreateError, RenameError};
use webtty_core::session::StartError;
use webtty_protocol::{ErrorBody, ErrorCode};

use crate::http::{self, Response};

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl ApiError {
    /// A refusal with a sentence for people, which must not repeat the input.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            header: None,
        }
    }

    pub(crate) fn no_such_session() -> Self {
        Self::new(ErrorCode::NoSuchSession, "there is no session of this id")
    }

    pub(crate) fn pty_not_running() -> Self {
        Self::new(
            ErrorCode::PtyNotRunning,
            "no shell runs in this session; open it first, then publish",
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is nothing at this path")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            ErrorCode::Unauthorized,
            "a valid token is needed: exchange a key for one at POST /api/login",
        )
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(ErrorCode::Forbidden, "this credential does not allow that")
    }

    /// The path exists, with these methods.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let mut error = Self::new(
            ErrorCode::MethodNotAllowed,
            "this path does not take this method",
        );
        error.header = HeaderValue::from_str(allow)
            .ok()
            .map(|value| (ALLOW, value));
        error
    }

    /// The path has other forms than those the client accepts.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(
            ErrorCode::NotAcceptable,
            "this path has text/plain, text/x-ansi, text/html and application/json",
        )
    }

    /// The path is a WebSocket's.
    pub(crate) fn upgrade_required() -> Self {
        let mut error = Self::new(
            ErrorCode::UpgradeRequired,
            "this path is a WebSocket: connect with version 13 of the protocol",
        );
        error.header = Some((SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")));
        error
    }

    /// The answer to send.
    pub(crate) fn into_response(self) -> Response {
        let mut response = http::json(status(self.code), &ErrorBody::new(self.code, self.message));
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        let code = match error {
            CreateError::Exists => ErrorCode::SessionExists,
            CreateError::TooMany => ErrorCode::TooMany,
            CreateError::BadDirectory => ErrorCode::BadDirectory,
            CreateError::Stopping => ErrorCode::Unavailable,
        };
        Self::new(code, error.to_string())
    }
}

impl From<RenameError> for ApiError {
    fn from(error: RenameError) -> Self {
        let code = match error {
            RenameError::Unknown => ErrorCode::NoSuchSession,
            RenameError::Exists => ErrorCode::SessionExists,
        };
        Self::new(code, error.to_string())
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Ended => ErrorCode::PtyNotRunning,
            StartError::Spawn(_) => ErrorCode::CannotStart,
        };
        Self::new(code, error.to_string())
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest
        | ErrorCode::BadJson
        | ErrorCode::BadSessionId
        | ErrorCode::CredentialInQuery => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::ForeignOrigin | ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound
        | ErrorCode::NoSuchSession
        | ErrorCode::NoSuchKey
        | ErrorCode::NoSuchConnection => StatusCode::NOT_FOUND,
        ErrorCode::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::SessionExists | ErrorCode::PtyNotRunning => StatusCode::CONFLICT,
        ErrorCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::BadDirectory | ErrorCode::CannotStart => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
