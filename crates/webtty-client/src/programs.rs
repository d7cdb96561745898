//! What programs do with a terminal: run something beside it, type into it, wait for it.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::future::ready;
use futures_util::stream::once;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::Method;
use hyper::body::{Frame, Incoming};
use memchr::memchr;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;
use webtty_protocol::SessionId;
use webtty_protocol::execute::{Execute, ExecuteInput, ExecuteLine};
use webtty_protocol::input::{SessionInput, Typed};
use webtty_protocol::rest::StoredFile;
use webtty_protocol::wait::{Wait, Waited};

use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Driver, Open, exchange, full, open};
use crate::limits::{EXECUTE_READ_BYTES, MAX_EXECUTE_LINE_BYTES};

impl Client {
    /// Runs a program beside a session's shell. With `stdin` its input is sent as it is read; else
    /// it is what the wish says. Dropping the execution ends the program.
    pub async fn execute(
        &self,
        id: &SessionId,
        wish: &Execute,
        stdin: Option<impl AsyncRead + Send + 'static>,
    ) -> Result<Execution, Error> {
        let mut json = serde_json::to_vec(wish).map_err(Error::Unsendable)?;
        let (content_type, body) = match stdin {
            None => ("application/json", full(json)),
            Some(stdin) => {
                json.push(b'\n');
                let pieces = ReaderStream::with_capacity(stdin, EXECUTE_READ_BYTES);
                let lines = once(ready(Ok(Bytes::from(json)))).chain(pieces.map_ok(input_line));
                let body = StreamBody::new(lines.map_ok(Frame::data)).boxed_unsync();
                ("application/x-ndjson", body)
            }
        };
        let path = format!("/s/{id}/execute");
        let Open { connection, body } =
            open(self.endpoint(), Method::POST, &path, content_type, body).await?;
        Ok(Execution {
            connection: Some(connection),
            body,
            read: BytesMut::new(),
            over: false,
        })
    }

    /// Types into a session.
    pub async fn type_into(&self, id: &SessionId, input: &SessionInput) -> Result<Typed, Error> {
        self.send(Method::POST, &format!("/s/{id}/input"), input)
            .await
    }

    /// Puts a file beside a session, and says where it is.
    pub async fn upload(
        &self,
        id: &SessionId,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<StoredFile, Error> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/s/{id}/files?name={name}");
        let content_type = Some("application/octet-stream");
        let (method, body) = (Method::POST, full(bytes));
        let answer = exchange(self.endpoint(), method, &path, content_type, body).await?;
        serde_json::from_slice(&answer.body).map_err(unknown)
    }

    /// Waits for a text, for silence or for the end of the shell, as long as the wish says.
    pub async fn wait(&self, id: &SessionId, wish: &Wait) -> Result<Waited, Error> {
        let longer = wish
            .timeout_ms
            .map_or(Duration::from_secs(30), Duration::from_millis);
        self.send_and_wait(Method::POST, &format!("/s/{id}/wait"), wish, longer)
            .await
    }
}

fn input_line(piece: Bytes) -> Bytes {
    let line = match String::from_utf8(piece.into()) {
        Ok(data) => ExecuteInput::Text { data },
        Err(error) => ExecuteInput::Bytes {
            base64: BASE64_STANDARD.encode(error.as_bytes()),
        },
    };
    let mut json = serde_json::to_vec(&line).expect("text is JSON");
    json.push(b'\n');
    json.into()
}

/// A program that runs for this client.
pub struct Execution {
    /// Driven whenever a line is waited for; none once it has ended.
    connection: Option<Driver>,
    body: Incoming,
    /// What has come of the next line.
    read: BytesMut,
    /// Has the last line come?
    over: bool,
}

impl Execution {
    /// The next line of the answer; none after the last. What is not asked for is not read, and
    /// holds the program up in the end.
    pub async fn next(&mut self) -> Result<Option<ExecuteLine>, Error> {
        while !self.over {
            if let Some(end) = memchr(b'\n', &self.read) {
                let line = self.read.split_to(end + 1);
                if line.len() == 1 {
                    continue;
                }
                let line = serde_json::from_slice(&line).map_err(unknown)?;
                self.over = matches!(line, ExecuteLine::Exit(_));
                return Ok(Some(line));
            }
            if self.read.len() > MAX_EXECUTE_LINE_BYTES {
                return Err(unknown("a line is too long"));
            }
            let Some(frame) = self.frame().await else {
                break;
            };
            let data = frame.map_err(Error::from_hyper)?.into_data();
            self.read.extend_from_slice(&data.unwrap_or_default());
        }
        Ok(None)
    }

    async fn frame(&mut self) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        loop {
            let Some(connection) = &mut self.connection else {
                return self.body.frame().await;
            };
            tokio::select! {
                biased;
                frame = self.body.frame() => return frame,
                ended = connection => {
                    self.connection = None;
                    if let Err(error) = ended {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}

fn unknown(what: impl std::fmt::Display) -> Error {
    Error::VersionSkew {
        what: what.to_string(),
    }
}
