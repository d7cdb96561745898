//! `GET /s/ID/screen`: what a terminal shows, for people and programs without a terminal.

use hyper::header::{ACCEPT, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use hyper::{HeaderMap, StatusCode};
use tokio::task::block_in_place;
use webtty_core::View;
use webtty_protocol::ErrorCode;
use webtty_protocol::screen::ScreenFormat;

use super::admitted::Admitted;
use crate::error::ApiError;
use crate::http::{self, Response};
use crate::query::ScreenQuery;

/// The screen in the form that was asked for, or that nothing has changed since.
pub(super) fn get(admitted: &Admitted) -> Result<Response, ApiError> {
    let session = admitted.session()?;
    let (uri, headers) = (admitted.request.uri(), admitted.request.headers());
    let view = wanted(uri.query().unwrap_or_default(), headers)?;
    let now = etag(session.epoch(), &session.screen_version(), &view);
    if is_known(headers, &now) {
        return Ok(answer(http::empty(StatusCode::NOT_MODIFIED), &now));
    }
    // It may have to wait for a screen that a hostile program keeps busy, and other tasks must
    // not wait with it.
    let rendered = block_in_place(|| session.render(&view));
    let tag = etag(session.epoch(), &rendered.version, &view);
    let content_type = format!("{}; charset=utf-8", view.format.media_type());
    Ok(answer(
        http::body(StatusCode::OK, &content_type, rendered.bytes),
        &tag,
    ))
}

fn wanted(query: &str, headers: &HeaderMap) -> Result<View, ApiError> {
    let bad = |message| ApiError::new(ErrorCode::BadRequest, message);
    let query = ScreenQuery::parse(query).map_err(bad)?;
    let format = match query.format {
        Some(format) => format,
        None => accepted(headers).ok_or_else(ApiError::not_acceptable)?,
    };
    Ok(View {
        format,
        history: query.history,
        trimmed: query.trimmed,
    })
}

/// The form that the client likes best (RFC 9110 section 12.5.1); of several equally liked, the
/// first in the order of [`ScreenFormat::ALL`].
fn accepted(headers: &HeaderMap) -> Option<ScreenFormat> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        ranges.extend(value.to_str().unwrap_or_default().split(','));
    }
    if ranges.iter().all(|range| range.trim().is_empty()) {
        return Some(ScreenFormat::Text);
    }
    let liked = |format: ScreenFormat| {
        let rank = |range: &&str| rank(range, format.media_type());
        let best = ranges.iter().filter_map(rank).max();
        best.map_or(0, |(_, weight)| weight)
    };
    let formats = ScreenFormat::ALL.into_iter().rev();
    formats
        .filter(|&format| liked(format) > 0)
        .max_by_key(|&format| liked(format))
}

/// How narrowly a media range names this type, and its weight in thousandths.
fn rank(range: &str, media_type: &str) -> Option<(u8, u16)> {
    let (named, weight) = http::weighted(range);
    let family = media_type.split('/').next().unwrap_or_default();
    let narrowness = if named.eq_ignore_ascii_case(media_type) {
        2
    } else if named
        .strip_suffix("/*")
        .is_some_and(|named| named.eq_ignore_ascii_case(family))
    {
        1
    } else if named == "*/*" {
        0
    } else {
        return None;
    };
    Some((narrowness, weight))
}

fn etag(epoch: &str, version: &str, view: &View) -> String {
    let (format, history) = (view.format.name(), view.history);
    let trimmed = if view.trimmed { "t" } else { "" };
    format!("\"{epoch}-{version}-{format}{history:x}{trimmed}\"")
}

/// Does the client have this already (RFC 9110 section 13.1.2)?
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == tag || one == "*")
}

fn answer(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &'static str) -> Option<ScreenFormat> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        accepted(&headers)
    }

    #[test]
    fn the_form_that_is_liked_best_is_chosen() {
        use ScreenFormat::{Ansi, Html, Json, Text};
        assert_eq!(accepted(&HeaderMap::new()), Some(Text));
        assert_eq!(chosen("*/*"), Some(Text));
        assert_eq!(chosen("application/json"), Some(Json));
        assert_eq!(chosen("text/*;q=0.5, application/json;q=0.4"), Some(Text));
        assert_eq!(chosen("text/plain;q=0.5, text/*"), Some(Ansi));
        assert_eq!(chosen("TEXT/HTML, */*;q=0.8"), Some(Html));
        assert_eq!(chosen("text/html;level=1;q=0.3, */*;q=0.2"), Some(Html));
        assert_eq!(chosen("image/png"), None);
        assert_eq!(chosen("*/*;q=0"), None);
    }

    #[test]
    fn what_is_known_needs_no_answer() {
        let known = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(value));
            is_known(&headers, "\"a-1\"")
        };
        assert!(known("\"a-1\"") && known("\"x\", W/\"a-1\"") && known("*"));
        assert!(!known("\"a-2\"") && !known("a-1"));
        assert!(!is_known(&HeaderMap::new(), "\"a-1\""));
    }
}
