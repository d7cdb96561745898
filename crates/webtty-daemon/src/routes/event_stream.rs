//! `GET /s/ID/events`: events as the HTML standard's server-sent events, for whoever has no
//! WebSocket: `curl -N` is enough.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::sync::watch;
use tokio::time::sleep;
use webtty_core::Session;
use webtty_core::event_log::{Event, Subscriber};
use webtty_core::session::Status;
use webtty_protocol::{Close, ErrorCode};

use super::admitted::Admitted;
use crate::app::App;
use crate::error::ApiError;
use crate::http::Response;
use crate::keys::Grant;
use crate::limits::{FRAME_BYTES, STREAM_KEEP_ALIVE};
use crate::query::EventsQuery;
use crate::router::Needs;
use crate::{envelope, lifetime};

/// Sends events as they come, until the session ends.
pub(super) fn serve(admitted: Admitted) -> Result<Response, ApiError> {
    let id = admitted.session_id()?;
    if !admitted.grant.reaches(&id) {
        return Err(ApiError::forbidden());
    }
    let head = &admitted.request;
    let bad = || {
        ApiError::new(
            ErrorCode::BadRequest,
            "the number of the last event is no number",
        )
    };
    let mut query = EventsQuery::parse(head.uri().query().unwrap_or_default()).ok_or_else(bad)?;
    // A browser that comes back says what it has seen; that is newer than the page's own wish.
    if let Some(seen) = head.headers().get("last-event-id") {
        let seen = seen.to_str().ok().and_then(|seen| seen.parse().ok());
        query.since = Some(seen.ok_or_else(bad)?);
    }
    let session = admitted
        .app
        .registry
        .get(&id)
        .ok_or_else(ApiError::no_such_session)?;
    if lifetime::channel_end(&session.phase()).is_some() {
        return Err(ApiError::pty_not_running());
    }
    let feed = Feed {
        subscriber: session.events().subscribe(query.since),
        status: session.watch(),
        _session: session,
        app: admitted.app,
        grant: admitted.grant,
        query,
        batch: Vec::new(),
        over: false,
    };
    let frames = unfold(feed, |mut feed| async move {
        let text = feed.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), feed))
    });
    let mut response = hyper::Response::new(StreamBody::new(frames).boxed_unsync());
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// A subscriber's place in the stream.
struct Feed {
    app: Arc<App>,
    grant: Grant,
    _session: Arc<Session>,
    subscriber: Subscriber,
    status: watch::Receiver<Status>,
    query: EventsQuery,
    batch: Vec<Event>,
    over: bool,
}

impl Feed {
    /// The next piece of the stream, or its end.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        loop {
            // There may always be more events, so this is looked at before each piece.
            if let Some(close) = self.is_over().await {
                return Some(self.end(close));
            }
            let ended = lifetime::channel_end(&self.status.borrow_and_update().phase);
            if let Err(lagged) = self.subscriber.take(FRAME_BYTES, &mut self.batch) {
                return Some(format!(
                    "event: lagged\ndata: {}\n\n",
                    envelope::lagged(lagged)
                ));
            }
            if !self.batch.is_empty() {
                return Some(self.write_batch());
            }
            if let Some(close) = ended {
                return Some(self.end(close));
            }
            if !self.query.follow {
                return Some(self.end(Close::Normal));
            }
            if let Some(piece) = self.wait().await {
                return Some(piece);
            }
        }
    }

    /// Why the stream must end at this moment, if it must.
    async fn is_over(&self) -> Option<Close> {
        tokio::select! {
            biased;
            close = lifetime::over(&self.app, &self.grant, Needs::Subscribe) => Some(close),
            () = std::future::ready(()) => None,
        }
    }

    /// Waits for a reason to look again, or gives what is to be sent meanwhile.
    async fn wait(&mut self) -> Option<String> {
        let close = tokio::select! {
            () = self.subscriber.wait() => return None,
            _ = self.status.changed() => return None,
            close = lifetime::over(&self.app, &self.grant, Needs::Subscribe) => close,
            // A comment, which keeps proxies from taking silence for death.
            () = sleep(STREAM_KEEP_ALIVE) => return Some(":\n\n".to_owned()),
        };
        Some(self.end(close))
    }

    fn write_batch(&mut self) -> String {
        let mut text = String::new();
        for event in self.batch.drain(..) {
            envelope::add_server_sent(&mut text, &event, self.query.envelope);
        }
        self.subscriber.done();
        text
    }

    /// Says why the stream ends, as a socket's close would.
    fn end(&mut self, close: Close) -> String {
        self.over = true;
        let (code, reason) = (close.code(), close.reason());
        format!("event: end\ndata: {{\"code\":{code},\"reason\":\"{reason}\"}}\n\n")
    }
}
