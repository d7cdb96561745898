//! Serving HTTP/1.1 on one connection, as long as it keeps to its times.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, StatusCode};
use hyper_util::rt::TokioIo;
use webtty_protocol::ErrorCode;

use super::heads::Verdict;
use super::refusal::refuse;
use super::tapped::{Answering, Overdue, Tap, Tapped};
use crate::app::App;
use crate::error::ApiError;
use crate::gate::Via;
use crate::http::{self, ConnectionSlot, Request, Response};
use crate::limits::{MAX_HEAD_BYTES, MAX_HEADERS, MAX_TARGET_BYTES};
use crate::link::{Stream, Unwrap};
use crate::routes;

/// Serves until the connection ends, becomes a socket, or has had its time.
pub(super) async fn serve<S>(app: Arc<App>, via: Via, stream: S, slot: ConnectionSlot)
where
    S: Stream,
{
    let tap = Tap::new(&app.limits);
    let overdue = serve_http(&app, via, Tapped::new(stream, &tap), &tap, &slot).await;
    if overdue == Some(Overdue::Head)
        && let Some(stream) = tap.take_back()
    {
        let message = "the request's head was not whole in time";
        refuse(stream, ErrorCode::RequestTimeout, message).await;
    }
    drop(slot);
}

async fn serve_http<S>(
    app: &Arc<App>,
    via: Via,
    stream: Tapped<S>,
    tap: &Arc<Tap<S>>,
    slot: &ConnectionSlot,
) -> Option<Overdue>
where
    S: Stream,
{
    let service = service_fn(|mut request: Request| {
        let (verdict, answering) = tap.begin();
        let app = Arc::clone(app);
        let via = via.of_request(&app.listening.proxies, request.headers());
        let slot = slot.clone();
        async move {
            let last = is_last(request.headers());
            let place = match refused(verdict, &request) {
                Some(error) => Err(error),
                None => place(&app, via, slot),
            };
            let (mut response, place) = match place {
                Ok(place) => {
                    request.extensions_mut().insert(place.clone());
                    request.extensions_mut().insert(Unwrap::of::<Tapped<S>>());
                    (routes::handle(app, via, request).await, Some(place))
                }
                Err(error) => (refusal(error), None),
            };
            if last && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(answered_by(response, answering, place))
        }
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        overdue = tap.overdue() => return Some(overdue),
        () = app.tasks.stopping() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended badly");
    }
    None
}

/// Where a request with such a head ends is hyper's to know alone, so no other may follow it.
fn is_last(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(UPGRADE)
}

fn refused(verdict: Verdict, request: &Request) -> Option<ApiError> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    match verdict {
        Verdict::Ambiguous => {
            let message = "the request says the length of its body more than once";
            Some(ApiError::malformed(message))
        }
        Verdict::TooLong => {
            let message = format!("the request's head is longer than {MAX_HEAD_BYTES} bytes");
            Some(ApiError::closing(ErrorCode::HeadTooLarge, message))
        }
        Verdict::Sound if target > MAX_TARGET_BYTES => {
            let message = format!("the request's target is longer than {MAX_TARGET_BYTES} bytes");
            Some(ApiError::closing(ErrorCode::TargetTooLong, message))
        }
        Verdict::Sound => None,
    }
}

fn refusal(error: ApiError) -> Response {
    let mut response = error.into_response();
    http::add_security_headers(response.headers_mut());
    response
}

/// The places a request takes: its connection's, and one of the address that a proxy speaks for.
fn place(app: &App, via: Via, slot: ConnectionSlot) -> Result<ConnectionSlot, ApiError> {
    let Some(address) = via.forwarded() else {
        return Ok(slot);
    };
    let Some(place) = app.forwarded.enter(address) else {
        let message = "there are as many requests and sockets as one address may have";
        return Err(ApiError::new(ErrorCode::Unavailable, message));
    };
    Ok(slot.forwarded_for(place))
}

/// The answer lasts until its body has been sent.
fn answered_by<S: Send + 'static>(
    response: Response,
    answering: Answering<S>,
    place: Option<ConnectionSlot>,
) -> Response {
    if response.extensions().get::<http::Patient>().is_some() {
        answering.be_patient();
    }
    response.map(|body| {
        let sent = Sent {
            body,
            _answering: answering,
            _place: place,
        };
        sent.boxed_unsync()
    })
}

/// A body that says by its end that it has been sent.
struct Sent<S> {
    body: http::Body,
    _answering: Answering<S>,
    _place: Option<ConnectionSlot>,
}

impl<S> Body for Sent<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
