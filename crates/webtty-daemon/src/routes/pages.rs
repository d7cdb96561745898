//! The page and its files. They hold no data, so everybody may have them.

use std::borrow::Cow;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderMap,
    HeaderValue, VARY,
};
use webtty_web::Encoding;

use super::admitted::Admitted;
use crate::config::Auth;
use crate::description;
use crate::error::ApiError;
use crate::gate::is_foreign;
use crate::http::{self, FRAMING_POLICY, Response};

/// How long a file whose name changes with its content may be kept.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// `GET /`: with authentication the page, which lists the sessions to who may see them. Without,
/// the session that was used last, as long as nobody asks for the list and no foreign page for
/// anything.
pub(super) fn root(admitted: &Admitted) -> Result<Response, ApiError> {
    let app = &admitted.app;
    let head = admitted.request.headers();
    let wants_list = admitted.request.uri().query() == Some("list");
    if app.listening.auth == Auth::Keys || wants_list || is_foreign(head) {
        return Ok(page(admitted, StatusCode::OK));
    }
    let session = app.registry.last_used_or_main(app.plain_session(None))?;
    Ok(admitted.redirect(&format!("/s/{}", session.id())))
}

/// `GET /s/ID`: the page. It is the same for every id, so that it tells nothing; only where
/// everybody may list the sessions anyway does it say that there is none. Where the owner has pages
/// of their own, those may show it in a frame.
pub(super) fn session(admitted: &Admitted) -> Result<Response, ApiError> {
    let id = admitted.session_id()?;
    let unknown =
        admitted.app.listening.auth == Auth::None && admitted.app.registry.get(&id).is_none();
    let status = if unknown {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    let mut response = page(admitted, status);
    if admitted.app.settings.current().pages.is_some() {
        let policy = HeaderValue::from_static(FRAMING_POLICY);
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `GET /p/PID`: to the session whose shell has this process id.
pub(super) fn by_pid(admitted: &Admitted) -> Result<Response, ApiError> {
    let pid = admitted
        .parameter
        .parse()
        .map_err(|_| ApiError::no_such_session())?;
    let session = admitted
        .app
        .registry
        .by_pid(pid)
        .ok_or_else(ApiError::no_such_session)?;
    let id = session.id();
    if !admitted.grant.reaches(&id) {
        return Err(ApiError::no_such_session());
    }
    Ok(admitted.redirect(&format!("/s/{id}")))
}

/// `GET /assets/NAME`, compressed where the client takes that.
pub(super) fn asset(admitted: &Admitted, name: &str) -> Result<Response, ApiError> {
    let asked = admitted.request.headers();
    let asset = webtty_web::asset(name, |one| takes(asked, one)).ok_or_else(ApiError::not_found)?;
    let bytes = match asset.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let mut response = http::body(StatusCode::OK, &asset.content_type, bytes);
    let headers = response.headers_mut();
    if asset.immutable {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    }
    if !asset.has_one_form {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if let Some(encoding) = asset.encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    Ok(response)
}

/// Does a client that asks with these headers take a content compressed like this (RFC 9110 section
/// 12.5.3)? One that says nothing may be anything, such as a script that keeps what it gets.
fn takes(headers: &HeaderMap, encoding: Encoding) -> bool {
    let codings = || {
        let values = headers.get_all(ACCEPT_ENCODING).iter();
        let lists = values.filter_map(|value| value.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(http::weighted)
    };
    let named = |wanted: &str| {
        let mut found = codings().filter(|(coding, _)| coding.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, weight)| weight > 0)
    };
    named(encoding.name())
        .or_else(|| named("*"))
        .unwrap_or(false)
}

/// `GET /favicon.ico`, which browsers ask for unbidden; the page names its own.
pub(super) fn favicon(admitted: &Admitted) -> Result<Response, ApiError> {
    webtty_web::asset_names()
        .find(|name| name.starts_with("favicon") && name.ends_with(".svg"))
        .map_or_else(
            || Ok(http::empty(StatusCode::NO_CONTENT)),
            |name| asset(admitted, &name),
        )
}

/// `GET /api/openapi.json`. It says what any version of this program serves, and nothing of what
/// this one holds.
pub(super) fn description(admitted: &Admitted) -> Response {
    let text = description::json_text(admitted.base_path()).into_owned();
    http::body(StatusCode::OK, "application/json", text)
}

/// `GET /docs`: the same for people.
pub(super) fn description_page() -> Response {
    http::body(
        StatusCode::OK,
        "text/html; charset=utf-8",
        description::html(),
    )
}

fn page(admitted: &Admitted, status: StatusCode) -> Response {
    http::body(
        status,
        "text/html; charset=utf-8",
        webtty_web::index(admitted.base_path()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_compressed_files_says_so() {
        let takes = |said: &'static str, encoding| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(said));
            takes(&headers, encoding)
        };
        for both in ["gzip, deflate, br, zstd", "GZIP;q=0.5,BR", "*", "*;q=0.1"] {
            assert!(Encoding::ALL.iter().all(|&one| takes(both, one)), "{both}");
        }
        for none in [
            "",
            "identity",
            "deflate",
            "br;q=0, gzip;q=0.0, *",
            "x-br",
            "*;q=0",
        ] {
            assert!(!Encoding::ALL.iter().any(|&one| takes(none, one)), "{none}");
        }
        for gzip in ["gzip", "gzip ; q=1, br; q=0", "*, br;q=0"] {
            assert!(takes(gzip, Encoding::Gzip), "{gzip}");
            assert!(!takes(gzip, Encoding::Brotli), "{gzip}");
        }
    }

    #[test]
    fn who_says_nothing_gets_it_as_it_is() {
        assert!(!takes(&HeaderMap::new(), Encoding::Gzip));
    }
}
