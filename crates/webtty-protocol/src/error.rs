//! The body of every refusal: one code for each cause, a sentence for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{"error":{"code":…,"message":…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDetail {
    /// Stable, one for each cause.
    pub code: ErrorCode,
    /// A sentence that says what happened and what to do. It never repeats the input.
    pub message: String,
}

/// The causes a request can fail for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the request could not be understood.
    BadRequest,
    /// 400: the body is not the JSON this path takes.
    BadJson,
    /// 400: the session id breaks the rules of ids.
    BadSessionId,
    /// 400: a credential stands in the query string, where logs would keep it.
    CredentialInQuery,
    /// 401: no credential, or one that is not or no longer valid.
    Unauthorized,
    /// 403: the request comes from a page of another origin.
    ForeignOrigin,
    /// 403: the credential's role does not allow this.
    Forbidden,
    /// 404: no such page or path.
    NotFound,
    /// 404: no such session.
    NoSuchSession,
    /// 404: no such key.
    NoSuchKey,
    /// 404: no such connection, of the hub or to a session's terminal.
    NoSuchConnection,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 406: none of the forms this path has is accepted.
    NotAcceptable,
    /// 408: the request did not come in time.
    RequestTimeout,
    /// 409: the session id is taken.
    SessionExists,
    /// 409: the session has no running PTY.
    PtyNotRunning,
    /// 409: nobody may type into the session.
    CannotLend,
    /// 413: the body is over its limit.
    BodyTooLarge,
    /// 414: the path with its query is over its limit.
    TargetTooLong,
    /// 415: the body's content type is not the one this path takes.
    UnsupportedMediaType,
    /// 421: the `Host` is none of this daemon's names.
    MisdirectedRequest,
    /// 422: the directory does not exist or is none.
    BadDirectory,
    /// 422: the command could not be started.
    CannotStart,
    /// 426: this path wants a WebSocket upgrade.
    UpgradeRequired,
    /// 431: the request's head is over its limit.
    HeadTooLarge,
    /// 429: too many sessions, keys or attempts.
    TooMany,
    /// 500: webtty is at fault.
    Internal,
    /// 503: the machine has no pseudo-terminal, descriptor, process or memory left for a shell.
    Exhausted,
    /// 503: the daemon stops, or has no connection to spare.
    Unavailable,
}

impl ErrorBody {
    /// An error of one cause with its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            error: ErrorDetail {
                code,
                message: message.into(),
            },
        }
    }
}
