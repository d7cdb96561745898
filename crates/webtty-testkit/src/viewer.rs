//! A viewer that remembers what it saw.

use webtty_client::{Client, Frame, Socket};
use webtty_protocol::SessionId;
use webtty_protocol::names::SUBPROTOCOL_V1;
use webtty_protocol::pty::ServerMessage;

use crate::wait::{LIMIT, within};

/// A viewer of a session, with or without the v1 protocol. It acknowledges what it sees.
pub struct TestViewer {
    socket: Socket,
    v1: bool,
    /// All terminal bytes seen, snapshots included.
    pub seen: Vec<u8>,
    /// With the v1 protocol: the output offset of the next byte.
    pub offset: u64,
    /// How many bytes of a snapshot are still to come.
    snapshot_left: u64,
    /// All messages beside them.
    pub messages: Vec<ServerMessage>,
    /// The close code and reason, once closed.
    pub closed: Option<(u16, String)>,
}

impl TestViewer {
    /// A viewer without a subprotocol, as older clients are.
    pub async fn plain(client: &Client, id: &SessionId, query: &str) -> Self {
        let path = format!("/ws/{id}/pty{query}");
        let socket = client.socket(&path, &[]).await.expect("a socket");
        Self::over(socket, false)
    }

    /// A viewer that speaks `webtty.v1`.
    pub async fn v1(client: &Client, id: &SessionId, query: &str) -> Self {
        let path = format!("/ws/{id}/pty{query}");
        let socket = client
            .socket(&path, &[SUBPROTOCOL_V1])
            .await
            .expect("a socket");
        Self::over(socket, true)
    }

    fn over(socket: Socket, v1: bool) -> Self {
        Self {
            socket,
            v1,
            seen: Vec::new(),
            offset: 0,
            snapshot_left: 0,
            messages: Vec::new(),
            closed: None,
        }
    }

    /// Takes one frame. Gives whether there may be more.
    pub async fn step(&mut self) -> bool {
        match self.socket.next().await.expect("a frame") {
            Frame::Binary(bytes) => {
                self.seen.extend_from_slice(&bytes);
                let of_snapshot = self.snapshot_left.min(bytes.len() as u64);
                self.snapshot_left -= of_snapshot;
                self.offset += bytes.len() as u64 - of_snapshot;
                let ack = format!(r#"{{"type":"ack","bytes":{}}}"#, self.seen.len());
                // The daemon may have closed meanwhile, which the next frame tells.
                let _ = self.socket.send_text(ack).await;
            }
            Frame::Text(text) if self.v1 => {
                let message = serde_json::from_str(&text).expect("a known message");
                if let ServerMessage::Snapshot(snapshot) = &message {
                    (self.offset, self.snapshot_left) = (snapshot.offset, snapshot.bytes);
                }
                self.messages.push(message);
            }
            Frame::Text(text) => self.seen.extend_from_slice(text.as_bytes()),
            Frame::Closed(closed) => {
                self.closed = Some((closed.code, closed.reason));
                return false;
            }
        }
        true
    }

    /// Waits until the snapshot of its join is there, so that what is typed from now on comes as
    /// the shell writes it and never as a part of a drawn screen.
    pub async fn joined(&mut self) {
        let snapshot = |message: &ServerMessage| matches!(message, ServerMessage::Snapshot(_));
        within("the snapshot", async {
            while self.snapshot_left > 0 || !self.messages.iter().any(snapshot) {
                assert!(self.step().await, "closed before it: {:?}", self.messages);
            }
        })
        .await;
    }

    /// Waits until this has been seen.
    pub async fn sees(&mut self, needle: &str) {
        let seen = async {
            while !self.text().contains(needle) {
                assert!(
                    self.step().await,
                    "closed before {needle:?}: {}",
                    self.text()
                );
            }
        };
        if tokio::time::timeout(LIMIT, seen).await.is_err() {
            panic!(
                "{needle:?} did not come within {} s: {:?}, and {:?}",
                LIMIT.as_secs(),
                self.text(),
                self.messages
            );
        }
    }

    /// Waits until a message of this kind has come, and gives it.
    pub async fn hears<T>(&mut self, what: &str, is: impl Fn(&ServerMessage) -> Option<T>) -> T {
        within(what, async {
            loop {
                if let Some(found) = self.messages.iter().find_map(&is) {
                    return found;
                }
                assert!(
                    self.step().await,
                    "closed before {what}: {:?}",
                    self.messages
                );
            }
        })
        .await
    }

    /// Waits until this is true of the last message of a kind, of those for which `is` has an
    /// opinion.
    pub async fn hears_last(&mut self, what: &str, is: impl Fn(&ServerMessage) -> Option<bool>) {
        within(what, async {
            while self.messages.iter().rev().find_map(&is) != Some(true) {
                assert!(
                    self.step().await,
                    "closed before {what}: {:?}",
                    self.messages
                );
            }
        })
        .await;
    }

    /// Waits until the daemon closes, and gives code and reason.
    pub async fn ends(&mut self) -> (u16, String) {
        within("the close", async { while self.step().await {} }).await;
        self.closed.clone().expect("just closed")
    }

    /// Types, as text without the v1 protocol, as bytes with it.
    pub async fn types(&mut self, text: &str) {
        if self.v1 {
            self.socket
                .send_binary(text.to_owned())
                .await
                .expect("typed");
        } else {
            self.socket.send_text(text).await.expect("typed");
        }
    }

    /// Sends a text frame as it is.
    pub async fn says(&mut self, text: &str) {
        self.socket.send_text(text).await.expect("said");
    }

    /// What was seen, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }
}
