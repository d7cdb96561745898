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

/// What of a session's events is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventsOptions {
    /// Begin after the event of this number; without it, with what is published from now on.
    pub since: Option<u64>,
    /// Each event in an envelope with its number and time; losses are told instead of ending it.
    pub envelope: bool,
    /// End with what is there instead of waiting for more.
    pub no_follow: bool,
}

impl Client {
    /// Subscribes to a session's events from now on.
    pub async fn events(&self, id: &SessionId) -> Result<Events, Error> {
        self.events_with(id, EventsOptions::default()).await
    }

    /// Subscribes to a session's events. That the session is unknown or runs nothing shows as
    /// the first message, because the daemon says it by a close code.
    pub async fn events_with(
        &self,
        id: &SessionId,
        options: EventsOptions,
    ) -> Result<Events, Error> {
        let EventsOptions {
            since,
            envelope,
            no_follow,
        } = options;
        let mut path = format!("/ws/{id}/events?");
        if let Some(since) = since {
            path.push_str(&format!("since={since}&"));
        }
        if envelope {
            path.push_str("envelope=1&");
        }
        if no_follow {
            path.push_str("follow=0&");
        }
        path.pop();
        let socket = self.socket(&path, &[]).await?;
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
