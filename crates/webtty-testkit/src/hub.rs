//! A connection of the hub that remembers what it was told.

use std::collections::VecDeque;

use webtty_client::{Client, Hub, HubReceived};
use webtty_protocol::Room;
use webtty_protocol::hub::{Change, HubMessage, RoomEvent, RoomSnapshot, Subscribed};

use crate::wait::within;

/// A connection of the hub.
pub struct TestHub {
    /// The connection itself.
    pub hub: Hub,
    /// What was told and not yet waited for, in order.
    waiting: VecDeque<HubMessage>,
}

impl TestHub {
    /// Connects with what the client has for a credential.
    pub async fn open(client: &Client) -> Self {
        let hub = within("the hub's welcome", client.hub()).await;
        Self::over(hub.expect("a connection"))
    }

    /// Over a connection that is there.
    pub fn over(hub: Hub) -> Self {
        Self {
            hub,
            waiting: VecDeque::new(),
        }
    }

    /// The number of its connection.
    pub fn connection(&self) -> u64 {
        self.hub.welcome().connection
    }

    /// Subscribes to a room and gives its state.
    pub async fn enters(&mut self, room: &Room) -> RoomSnapshot {
        self.subscribed(room).await.snapshot
    }

    /// Subscribes to a room and gives its state with its number.
    pub async fn subscribed(&mut self, room: &Room) -> Subscribed {
        let id = self.hub.subscribe(room.clone()).await.expect("asked");
        self.hears("the room's state", |message| match message {
            HubMessage::Subscribed(it) if it.id == Some(id) => Some(it.clone()),
            _ => None,
        })
        .await
    }

    /// The next message, whatever it is.
    pub async fn next(&mut self) -> HubMessage {
        if let Some(message) = self.waiting.pop_front() {
            return message;
        }
        match within("a message", self.hub.next()).await {
            Ok(HubReceived::Message(message)) => *message,
            other => panic!("no message but {other:?}"),
        }
    }

    /// Waits for a message of this kind, and gives it. What came before stays to be waited for.
    pub async fn hears<T>(&mut self, what: &str, is: impl Fn(&HubMessage) -> Option<T>) -> T {
        let known = self
            .waiting
            .iter()
            .position(|message| is(message).is_some());
        if let Some(found) = known.and_then(|at| self.waiting.remove(at)) {
            return is(&found).expect("just found");
        }
        within(what, async {
            loop {
                let message = match self.hub.next().await {
                    Ok(HubReceived::Message(message)) => *message,
                    other => panic!("{what}: {other:?} after {:?}", self.waiting),
                };
                if let Some(found) = is(&message) {
                    return found;
                }
                self.waiting.push_back(message);
            }
        })
        .await
    }

    /// Waits for an event in a room that is of this kind, and gives it.
    pub async fn sees<T>(&mut self, what: &str, is: impl Fn(&Change) -> Option<T>) -> T {
        self.hears(what, |message| match message {
            HubMessage::Event(RoomEvent { event, .. }) => is(event),
            _ => None,
        })
        .await
    }

    /// Waits until the daemon closes, and gives code and reason.
    pub async fn ends(&mut self) -> (u16, String) {
        within("the close", async {
            loop {
                match self.hub.next().await.expect("a message") {
                    HubReceived::Message(message) => self.waiting.push_back(*message),
                    HubReceived::Closed(closed) => return (closed.code, closed.reason),
                }
            }
        })
        .await
    }
}
