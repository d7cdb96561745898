//! What every socket does beside its own business: reading well, ending well.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use hyper_tungstenite::WebSocketStream;
use hyper_tungstenite::tungstenite::Message;
use hyper_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio::time::timeout;
use webtty_protocol::Close;

use super::control_frames::ControlFrames;
use super::end::End;
use super::halves::{self, Reading};
use super::heartbeat::Pulse;
use super::outbound::Outbound;
use crate::app::App;
use crate::keys::Grant;
use crate::limits::CLOSE_TIMEOUT;
use crate::link::Link;

/// A connection just upgraded, and what may be read from it.
pub(super) struct Socket {
    pub(super) link: Link,
    pub(super) config: WebSocketConfig,
}

/// A socket with its two halves, which two futures of one task use at the same time.
pub(super) struct Connection {
    pub(super) app: Arc<App>,
    pub(super) grant: Grant,
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) pulse: Arc<Pulse>,
}

/// The half that reads.
pub(super) struct Inbound {
    stream: WebSocketStream<Reading>,
    pulse: Arc<Pulse>,
    control_frames: ControlFrames,
}

impl Connection {
    pub(super) async fn new(app: Arc<App>, socket: Socket, grant: Grant) -> Self {
        let (reading, writing, answer) = halves::part(socket.link);
        let pulse = Arc::new(Pulse::default());
        let stream =
            WebSocketStream::from_raw_socket(reading, Role::Server, Some(socket.config)).await;
        let control_frames = ControlFrames::new(&app.limits, Instant::now());
        let outbound = Outbound::new(
            writing,
            answer,
            app.limits.write_timeout(),
            Arc::clone(&app.frame_files),
        );
        Self {
            app,
            grant,
            outbound,
            inbound: Inbound {
                stream,
                pulse: Arc::clone(&pulse),
                control_frames,
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
                let goodbye = Close::Deadline;
                let goodbye = self.outbound.close(goodbye.code(), goodbye.reason());
                let _ = timeout(Duration::ZERO, goodbye).await;
            }
            End::Close(close) => self.close(close).await,
            End::Broken(code) => self.close_with(code, "not valid WebSocket data").await,
            // If it said goodbye, the answer to that is still to be written.
            End::Gone => {
                let _ = timeout(CLOSE_TIMEOUT, self.outbound.finish()).await;
            }
        }
    }

    async fn close_with(&mut self, code: u16, reason: &str) {
        let goodbye = async {
            self.outbound.close(code, reason).await?;
            // The peer answers with a close of its own; only then is nothing lost on its way.
            while let Some(Ok(_)) = self.inbound.stream.next().await {}
            Ok::<_, End>(())
        };
        let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
    }
}

impl Inbound {
    /// Counts a message that costs others more than its sender, as a control frame is counted.
    ///
    /// # Errors
    /// The close of who sends too many of them.
    pub(super) fn count_as_control(&mut self) -> Result<(), Close> {
        if self.control_frames.take(Instant::now()) {
            Ok(())
        } else {
            Err(Close::Policy)
        }
    }

    /// The next message that carries data: text or binary.
    ///
    /// # Errors
    /// The end of the socket: the peer said goodbye, broke the protocol, or is gone.
    pub(super) async fn next(&mut self) -> Result<Message, End> {
        loop {
            self.pulse.beat();
            let message = match self.stream.next().await {
                None => return Err(End::Gone),
                Some(Err(error)) => return Err(End::from(&error)),
                Some(Ok(message)) => message,
            };
            self.pulse.beat();
            match message {
                Message::Text(_) | Message::Binary(_) => return Ok(message),
                Message::Close(_) => {
                    // The library answers a close when it is asked for more.
                    let _ = self.stream.next().await;
                    return Err(End::Gone);
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                    if !self.control_frames.take(Instant::now()) {
                        return Err(End::Close(Close::Policy));
                    }
                }
            }
        }
    }
}
