//! Publishing a stream of JSON lines into a session's event channel.

use futures_util::TryStreamExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Method, StatusCode};
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;
use webtty_protocol::SessionId;
use webtty_protocol::rest::PublishReport;

use crate::client::Client;
use crate::error::Error;
use crate::exchange::exchange;
use crate::limits::PUBLISH_READ_BYTES;

/// What came of a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// Every line was taken.
    All,
    /// Some were not; the report says which and why.
    Partly(PublishReport),
}

impl Client {
    /// Publishes JSON lines until `lines` ends.
    ///
    /// What a read returns is sent at once, so a line arrives when it is written, and nothing
    /// is read ahead of what the connection takes. There is no time limit: a publisher may be
    /// silent for hours.
    pub async fn publish(
        &self,
        id: &SessionId,
        lines: impl AsyncRead + Send + 'static,
    ) -> Result<Published, Error> {
        let pieces = ReaderStream::with_capacity(lines, PUBLISH_READ_BYTES);
        let body = StreamBody::new(pieces.map_ok(Frame::data)).boxed_unsync();
        let answer = exchange(
            self.endpoint(),
            Method::POST,
            &format!("/s/{id}/publish"),
            Some("application/x-ndjson"),
            body,
        )
        .await?;
        if answer.status == StatusCode::NO_CONTENT {
            return Ok(Published::All);
        }
        serde_json::from_slice(&answer.body)
            .map(Published::Partly)
            .map_err(|error| Error::VersionSkew {
                what: error.to_string(),
            })
    }
}
