//! Refusals: one status for each code, translated once.

use std::time::Duration;

use hyper::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
    SEC_WEBSOCKET_VERSION,
};
use hyper::{HeaderMap, StatusCode};
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
            "no shell runs in this session; open it first, then try again",
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

    /// A request of which it is not certain where it ends: nothing after it can be understood.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::closing(ErrorCode::BadRequest, message)
    }

    /// A refusal after which the connection is closed.
    pub(crate) fn closing(code: ErrorCode, message: impl Into<String>) -> Self {
        let mut error = Self::new(code, message);
        error.header = Some((CONNECTION, HeaderValue::from_static("close")));
        error
    }

    /// More was asked than may be in so short a time.
    pub(crate) fn too_often(wait: Duration) -> Self {
        let mut error = Self::new(
            ErrorCode::TooMany,
            "too many attempts were refused; wait before the next one",
        );
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        error.header = Some((RETRY_AFTER, HeaderValue::from(seconds.max(1))));
        error
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

    /// The answer as it goes over a connection that is closed after it.
    pub(crate) fn into_last_words(self) -> Vec<u8> {
        let (code, status) = (self.code, status(self.code));
        let body = serde_json::to_vec(&ErrorBody::new(code, self.message))
            .expect("the protocol's types can be written as JSON");
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        http::add_security_headers(&mut headers);
        let mut words = format!("HTTP/1.1 {status}\r\n").into_bytes();
        for (name, value) in &headers {
            for piece in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                words.extend_from_slice(piece);
            }
        }
        words.extend_from_slice(b"\r\n");
        words.extend_from_slice(&body);
        words
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
            StartError::Exhausted(_) => ErrorCode::Exhausted,
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
        ErrorCode::SessionExists | ErrorCode::PtyNotRunning | ErrorCode::CannotLend => {
            StatusCode::CONFLICT
        }
        ErrorCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::TargetTooLong => StatusCode::URI_TOO_LONG,
        ErrorCode::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::BadDirectory | ErrorCode::CannotStart => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Exhausted | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
