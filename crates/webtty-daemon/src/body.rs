//! Request bodies: JSON within its limit, or a refusal that says what was wrong.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use webtty_protocol::ErrorCode;
use webtty_protocol::limits::MAX_JSON_BODY_BYTES;

use crate::error::ApiError;
use crate::http::Request;

/// Reads a JSON body, which must be whole `within` this time. An absent one counts as `{}`.
pub(crate) async fn read_json<T: DeserializeOwned>(
    request: Request,
    within: Duration,
) -> Result<T, ApiError> {
    let is_json = content_type_is(request.headers(), &["application/json"]);
    let body = Limited::new(request.into_body(), MAX_JSON_BODY_BYTES);
    let Ok(bytes) = timeout(within, body.collect()).await else {
        let message = "the request's body was not whole in time";
        return Err(ApiError::closing(ErrorCode::RequestTimeout, message));
    };
    let bytes = match bytes {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let message = format!("the body is larger than {MAX_JSON_BODY_BYTES} bytes");
            return Err(ApiError::new(ErrorCode::BodyTooLarge, message));
        }
        Err(_) => return Err(ApiError::malformed("the body is malformed or broke off")),
    };
    if bytes.is_empty() {
        return parse_json(b"{}");
    }
    if !is_json {
        let message = "this path takes application/json";
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
    }
    parse_json(&bytes)
}

/// Takes the bytes of a JSON body that are not none.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // Serde would take an array for an object with its fields in order.
    let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
    if !is_object && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        let message = "the body must be a JSON object";
        return Err(ApiError::new(ErrorCode::BadJson, message));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = match error.classify() {
            serde_json::error::Category::Data => {
                format!("the JSON at line {line}, column {column} is not what this path takes")
            }
            _ => format!("the body is not JSON: look at line {line}, column {column}"),
        };
        ApiError::new(ErrorCode::BadJson, message)
    })
}

/// Is the content type one of these, parameters apart?
pub(crate) fn content_type_is(headers: &HeaderMap, wanted: &[&str]) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    wanted
        .iter()
        .any(|wanted| essence.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use webtty_protocol::rest::CreateSession;

    use super::*;

    #[test]
    fn only_the_object_a_path_takes_is_taken() {
        assert!(parse_json::<CreateSession>(b" {} ").is_ok());
        assert!(parse_json::<CreateSession>(br#"{"id":"a","cols":80}"#).is_ok());
        let deep = [vec![b'['; 200], vec![b']'; 200]].concat();
        let bad: &[&[u8]] = &[
            b"null",
            b"[]",
            b"123",
            b"{",
            b"",
            &deep,
            br#"{"id":7}"#,
            br#"{"id":["a"]}"#,
            br#"{"id":"A"}"#,
            br#"{"id":"a","id":"b"}"#,
            br#"{"color":"red"}"#,
        ];
        for bytes in bad {
            let error = parse_json::<CreateSession>(bytes).expect_err("refused");
            assert_eq!(
                error.into_response().status(),
                400,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
