//! What every socket does beside its own business: deadlines, heartbeats, closing well.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use hyper_tungstenite::tungstenite::protocol::CloseFrame;
use hyper_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use hyper_tungstenite::tungstenite::{Bytes, Message};
use hyper_tungstenite::{HyperWebsocketStream, WebSocketStream};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep_until, timeout};
use webtty_protocol::Close;

use crate::app::App;
use crate::keys::Grant;
use crate::limits::{CLOSE_TIMEOUT, PING_INTERVAL, PONG_TIMEOUT, WRITE_TIMEOUT};

/// A socket just upgraded.
pub(super) type Socket = HyperWebsocketStream;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// Why a socket is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We close it, and say why.
    Close(Close),
    /// The peer broke the WebSocket protocol: 1002, or 1007 for text that is no UTF-8.
    Broken(u16),
    /// The peer is gone or has said goodbye; nothing more to say.
    Gone,
}

/// A socket with its two halves, which two futures of one task use at the same time.
pub(super) struct Connection {
    pub(super) app: Arc<App>,
    pub(super) grant: Grant,
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) pulse: Arc<Pulse>,
}

/// The half that writes.
pub(super) struct Outbound {
    sink: SplitSink<Stream, Message>,
}

/// The half that reads.
pub(super) struct Inbound {
    stream: SplitStream<Stream>,
    pulse: Arc<Pulse>,
}

/// When the peer was last heard, for the heartbeat.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    /// Milliseconds after `began`; all ones while we ourselves do not read.
    heard: AtomicU64,
}

const NOT_READING: u64 = u64::MAX;

impl Connection {
    pub(super) fn new(app: Arc<App>, socket: Socket, grant: Grant) -> Self {
        let (sink, stream) = socket.split();
        let pulse = Arc::new(Pulse {
            began: Instant::now(),
            heard: AtomicU64::new(0),
        });
        Self {
            app,
            grant,
            outbound: Outbound { sink },
            inbound: Inbound {
                stream,
                pulse: Arc::clone(&pulse),
            },
            pulse,
        }
    }

    /// Closes with a code and its own reason.
    pub(super) async fn close(&mut self, close: Close) {
        self.close_with(close.code(), close.reason()).await;
    }

    /// Closes with a code and words for this case.
    pub(super) async fn close_saying(&mut self, close: Close, reason: &str) {
        self.close_with(close.code(), reason).await;
    }

    /// Closes as an end wants it.
    pub(super) async fn end(&mut self, end: End) {
        match end {
            End::Close(Close::Deadline) => {
                // It takes nothing, so it would not take a long goodbye either.
                let goodbye = close_message(Close::Deadline.code(), Close::Deadline.reason());
                let _ = timeout(Duration::ZERO, self.outbound.sink.send(goodbye)).await;
            }
            End::Close(close) => self.close(close).await,
            End::Broken(code) => self.close_with(code, "not valid WebSocket data").await,
            // If it said goodbye, the answer to that is still to be written.
            End::Gone => {
                let _ = timeout(CLOSE_TIMEOUT, self.outbound.sink.close()).await;
            }
        }
    }

    async fn close_with(&mut self, code: u16, reason: &str) {
        let goodbye = async {
            self.outbound.sink.send(close_message(code, reason)).await?;
            // The peer answers with a close of its own; only then is nothing lost on its way.
            while let Some(Ok(_)) = self.inbound.stream.next().await {}
            Ok::<_, Error>(())
        };
        let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
    }
}

/// Says when to ping the peer, and when it is dead.
pub(super) struct Heartbeat {
    pulse: Arc<Pulse>,
    next: Instant,
    asked: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn new(pulse: Arc<Pulse>) -> Self {
        Self {
            pulse,
            next: Instant::now() + PING_INTERVAL,
            asked: None,
        }
    }

    /// Waits until a ping is to be sent. May be dropped and called again: it remembers.
    ///
    /// # Errors
    /// The end of a peer that has not been heard since the last ping.
    pub(super) async fn ping_due(&mut self) -> Result<(), End> {
        loop {
            sleep_until(self.next).await;
            match self.asked.take() {
                None => {
                    let now = Instant::now();
                    self.asked = Some(now);
                    self.next = now + PONG_TIMEOUT;
                    return Ok(());
                }
                Some(asked) if self.pulse.heard_since(asked) => self.next = asked + PING_INTERVAL,
                Some(_) => return Err(End::Close(Close::Deadline)),
            }
        }
    }
}

impl Pulse {
    fn beat(&self) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(NOT_READING - 1);
        self.heard.store(ms, Ordering::Relaxed);
    }

    /// While we do not read, because the shell takes no input, silence proves nothing.
    pub(super) fn not_reading(&self) {
        self.heard.store(NOT_READING, Ordering::Relaxed);
    }

    fn heard_since(&self, since: Instant) -> bool {
        let heard = self.heard.load(Ordering::Relaxed);
        heard == NOT_READING || self.began + Duration::from_millis(heard + 1) >= since
    }
}

impl Outbound {
    /// Writes a message, all of it.
    ///
    /// # Errors
    /// The end of the socket: it is gone, or has taken nothing for the write deadline.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), End> {
        under_deadline(self.sink.send(message)).await
    }

    /// Writes messages, all of them, in as few writes as the socket's buffer allows.
    pub(super) async fn send_all(
        &mut self,
        messages: impl Iterator<Item = Message>,
    ) -> Result<(), End> {
        under_deadline(async {
            for message in messages {
                self.sink.feed(message).await?;
            }
            self.sink.flush().await
        })
        .await
    }

    /// Asks the peer whether it is there.
    pub(super) async fn ping(&mut self) -> Result<(), End> {
        self.send(Message::Ping(Bytes::new())).await
    }
}

async fn under_deadline(write: impl Future<Output = Result<(), Error>>) -> Result<(), End> {
    match timeout(WRITE_TIMEOUT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Close(Close::Deadline)),
    }
}

impl Inbound {
    /// The next message that carries data: text or binary.
    ///
    /// # Errors
    /// The end of the socket: the peer said goodbye, broke the protocol, or is gone.
    pub(super) async fn next(&mut self) -> Result<Message, End> {
        loop {
            self.pulse.beat();
            let message = match self.stream.next().await {
                None => return Err(End::Gone),
                Some(Err(error)) => return Err(end_of(&error)),
                Some(Ok(message)) => message,
            };
            self.pulse.beat();
            match message {
                Message::Text(_) | Message::Binary(_) => return Ok(message),
                Message::Close(_) => return Err(End::Gone),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

fn end_of(error: &Error) -> End {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => End::Close(Close::TooBig),
        Error::Utf8(_) => End::Broken(1007),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        Error::Protocol(_) => End::Broken(1002),
        _ => End::Gone,
    }
}

fn close_message(code: u16, reason: &str) -> Message {
    // A close frame holds at most 125 bytes, two of them the code.
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let reason = reason[..end].into();
    Message::Close(Some(CloseFrame {
        code: CloseCode::from(code),
        reason,
    }))
}
