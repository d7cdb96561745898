//! A program's standard input: a text that is all there, or lines of a request as they come.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webtty_core::json_lines::{Line, LineSplitter};
use webtty_protocol::execute::ExecuteInput;

use crate::limits::{EXECUTE_STUCK, GOODBYE_TIMEOUT};

/// Where a program's input comes from.
pub(crate) enum Stdin {
    /// All of it.
    Text {
        /// What is to be written.
        text: Bytes,
        /// Where to; none once it has been given all.
        to: Option<ChildStdin>,
    },
    /// Lines that follow the first one of a request.
    Lines {
        /// What has been read of the lines and not been looked at.
        piece: Bytes,
        /// The rest of the request.
        body: Incoming,
        /// Its lines.
        splitter: LineSplitter,
        /// Where to.
        to: Option<ChildStdin>,
    },
}

/// Why a program's input came to no good end.
pub(crate) enum StdinError {
    /// The request broke off: its client is gone.
    Broken,
    /// A line was not as it should be.
    NotUnderstood,
}

impl Stdin {
    /// Gives the program its input, and then waits for ever: the program's own end is what counts.
    pub(super) async fn feed(&mut self, answer: &mpsc::Sender<Bytes>) -> StdinError {
        match self {
            Self::Text { text, to } => {
                // Who does not read his input to the end does not want it.
                if let Some(to) = to {
                    let _unread = to.write_all(text).await;
                }
                to.take();
                std::future::pending().await
            }
            Self::Lines {
                piece,
                body,
                splitter,
                to,
            } => loop {
                while let Some(line) = splitter.next_line(piece) {
                    if let Err(error) = give(line, to, answer).await {
                        return error;
                    }
                }
                *piece = match body.frame().await {
                    Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                    Some(Err(_)) => return StdinError::Broken,
                    None => {
                        if let Some(line) = splitter.finish()
                            && let Err(error) = give(line, to, answer).await
                        {
                            return error;
                        }
                        to.take();
                        std::future::pending().await
                    }
                };
            },
        }
    }

    /// Reads what still comes and drops it, for a while, after the last line of the answer: a
    /// connection that is closed with something unread takes the answer with it.
    pub(super) async fn drain(&mut self, answer: &mpsc::Sender<Bytes>) {
        let Self::Lines { body, .. } = self else {
            return;
        };
        let reading = async { while let Some(Ok(_)) = body.frame().await {} };
        tokio::select! {
            _ = timeout(GOODBYE_TIMEOUT, reading) => {}
            () = answer.closed() => {}
        }
    }
}

async fn give(
    line: Line,
    to: &mut Option<ChildStdin>,
    answer: &mpsc::Sender<Bytes>,
) -> Result<(), StdinError> {
    let bytes = bytes_of(&line).ok_or(StdinError::NotUnderstood)?;
    let Some(pipe) = to else { return Ok(()) };
    let mut writing = std::pin::pin!(pipe.write_all(&bytes));
    let written = loop {
        match timeout(EXECUTE_STUCK, &mut writing).await {
            Ok(written) => break written,
            // While the program does not read, neither do we, and so nothing tells that the client
            // is gone but writing to him. An empty line says nothing.
            Err(_) => drop(answer.try_send(Bytes::from_static(b"\n"))),
        }
    };
    if written.is_err() {
        // It has closed its input. The rest of the request is read and dropped, so that its end
        // is seen.
        to.take();
    }
    Ok(())
}

fn bytes_of(line: &Line) -> Option<Vec<u8>> {
    let json = line.content.as_ref().ok()?;
    match serde_json::from_slice(json).ok()? {
        ExecuteInput::Text { data } => Some(data.into_bytes()),
        ExecuteInput::Bytes { base64 } => BASE64_STANDARD.decode(base64).ok(),
    }
}
