//! Subscribing to a session's event channel: `ws /ws/ID/events`.

use webtty_protocol::SessionId;

use crate::client::Client;
use crate::error::{Closed, Error};
use crate::socket::{Frame, Socket};

/// A subscription to a session's events.
pub struct Events {
    socket: Socket,
}

/// What came over a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventMessage {
    /// One event: the bytes of the line that was published.
    Event(String),
    /// The end; nothing comes after it.
    Closed(Closed),
}

impl Client {
    /// Subscribes to a session's events. That the session is unknown or runs nothing shows as
    /// the first message, because the daemon says it by a close code.
    pub async fn events(&self, id: &SessionId) -> Result<Events, Error> {
        let socket = self.socket(&format!("/ws/{id}/events"), &[]).await?;
        Ok(Events { socket })
    }
}

impl Events {
    /// The next event, or the end.
    pub async fn next(&mut self) -> Result<EventMessage, Error> {
        match self.socket.next().await? {
            Frame::Text(event) => Ok(EventMessage::Event(event)),
            Frame::Closed(closed) => Ok(EventMessage::Closed(closed)),
            Frame::Binary(_) => Err(Error::VersionSkew {
                what: "a binary message among the events".to_owned(),
            }),
        }
    }

    /// Says goodbye.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.socket.close().await
    }
}
