//! Responses: their types, their headers, their JSON.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::connections::{AddressPlace, Place};

/// A request as it came from the connection.
pub(crate) type Request = hyper::Request<Incoming>;

/// A connection's place among those that may be open at one time. Travels with each request, so
/// that a socket keeps it after the upgrade.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionSlot {
    _place: Arc<Place>,
    _forwarded: Option<Arc<AddressPlace>>,
}

impl ConnectionSlot {
    /// The place that was given to it.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            _place: Arc::new(place),
            _forwarded: None,
        }
    }

    /// For a request that a proxy sends for an address, whose place it takes too.
    pub(crate) fn forwarded_for(self, address: AddressPlace) -> Self {
        Self {
            _forwarded: Some(Arc::new(address)),
            ..self
        }
    }
}

/// A body that is whole, or comes as it is made.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Marks an answer whose client may take it as slowly as it likes: what makes it waits meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patient;

/// An answer.
pub(crate) type Response = hyper::Response<Body>;

/// What a page may do: scripts, styles and connections of its own origin and nothing else. The
/// terminal's renderer writes style elements, so those are allowed; scripts never are.
macro_rules! policy {
    ($framing:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; ",
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; ",
            "manifest-src 'self'; base-uri 'none'; form-action 'none'; ",
            $framing
        )
    };
}

/// Nobody shows it in a frame.
const POLICY: &str = policy!("frame-ancestors 'none'");

/// For pages of the owner's own, and for what they may show in a frame: terminals.
pub(crate) const FRAMING_POLICY: &str = policy!("frame-src 'self'; frame-ancestors 'self'");

const EVERYWHERE: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Adds the headers that every response has, unless it has a policy of its own. What has not
/// said otherwise is not stored.
pub(crate) fn add_security_headers(headers: &mut HeaderMap) {
    for (name, value) in EVERYWHERE {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// A response with a body of a known type.
pub(crate) fn body(status: StatusCode, content_type: &str, bytes: impl Into<Bytes>) -> Response {
    let mut response = hyper::Response::new(Full::new(bytes.into()).boxed_unsync());
    *response.status_mut() = status;
    let content_type = HeaderValue::from_str(content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A response with a JSON body.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(value).expect("the protocol's types can be written as JSON");
    body(status, "application/json", bytes)
}

/// What an element of a list such as `Accept` names, and its weight in thousandths (RFC 9110 section
/// 12.4.2): all of them where it says none, 0 where what it says is no number.
pub(crate) fn weighted(element: &str) -> (&str, u16) {
    let mut parts = element.split(';').map(str::trim);
    let named = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")))
        .map_or(1.0, |weight| weight.parse::<f64>().unwrap_or(0.0));
    (named, (weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// A value as a line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Bytes {
    let mut bytes = serde_json::to_vec(value).expect("the protocol's types can be written as JSON");
    bytes.push(b'\n');
    bytes.into()
}

/// No body.
pub(crate) fn no_body() -> Body {
    Full::default().boxed_unsync()
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = hyper::Response::new(no_body());
    *response.status_mut() = status;
    response
}

/// A redirect within the site.
pub(crate) fn redirect(path: &str) -> Response {
    // What is no header's value is no path of ours.
    let Ok(location) = HeaderValue::from_bytes(path.as_bytes()) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let mut response = empty(StatusCode::FOUND);
    response.headers_mut().insert(LOCATION, location);
    response
}
