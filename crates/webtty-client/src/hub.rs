//! The hub, `ws /ws`: one connection for everything live, with typed messages both ways.

use serde_json::Value;
use webtty_protocol::Room;
use webtty_protocol::hub::{
    HubMessage, HubRequest, Named, Publish, SendTo, Subscribe, Unsubscribe, Welcome,
};

use crate::client::Client;
use crate::error::{Closed, Error};
use crate::socket::{Frame, Socket};

/// A connection of the hub.
pub struct Hub {
    socket: Socket,
    welcome: Welcome,
    last_id: u64,
}

/// What came over the hub.
#[derive(Clone, Debug, PartialEq)]
pub enum HubReceived {
    /// A message of the daemon.
    Message(Box<HubMessage>),
    /// The end; nothing comes after it.
    Closed(Closed),
}

impl Client {
    /// Connects to the hub and waits to be welcomed.
    pub async fn hub(&self) -> Result<Hub, Error> {
        let mut socket = self.socket("/ws", &[]).await?;
        let message = match receive(&mut socket).await? {
            HubReceived::Message(message) => *message,
            HubReceived::Closed(closed) => return Err(closed.into_error()),
        };
        let HubMessage::Welcome(welcome) = message else {
            return Err(Error::VersionSkew {
                what: "the hub's first message is no welcome".to_owned(),
            });
        };
        Ok(Hub {
            socket,
            welcome,
            last_id: 0,
        })
    }
}

impl Hub {
    /// What it was told when it connected.
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// The next message, or the end. Messages of a type this client does not know are skipped.
    pub async fn next(&mut self) -> Result<HubReceived, Error> {
        receive(&mut self.socket).await
    }

    /// Asks to be told of a room from now on. Gives the number that its answer carries.
    pub async fn subscribe(&mut self, room: Room) -> Result<u64, Error> {
        self.subscribe_since(room, None, None).await
    }

    /// Asks to be told of a session's events after the one of number `since` of this epoch.
    pub async fn subscribe_since(
        &mut self,
        room: Room,
        since: Option<u64>,
        epoch: Option<String>,
    ) -> Result<u64, Error> {
        let id = self.next_id();
        let wish = Subscribe {
            id: Some(id),
            room,
            since,
            epoch,
        };
        self.ask(&HubRequest::Subscribe(wish)).await?;
        Ok(id)
    }

    /// Asks to be told no more of a room.
    pub async fn unsubscribe(&mut self, room: Room) -> Result<u64, Error> {
        let id = self.next_id();
        let wish = Unsubscribe { id: Some(id), room };
        self.ask(&HubRequest::Unsubscribe(wish)).await?;
        Ok(id)
    }

    /// Publishes an event beside a session.
    pub async fn publish(&mut self, room: Room, event: Value) -> Result<u64, Error> {
        let id = self.next_id();
        let wish = Publish {
            id: Some(id),
            room,
            event,
        };
        self.ask(&HubRequest::Publish(wish)).await?;
        Ok(id)
    }

    /// Sends something to one other connection.
    pub async fn send(&mut self, to: u64, event: Value) -> Result<u64, Error> {
        let id = self.next_id();
        let wish = SendTo {
            id: Some(id),
            to,
            event,
        };
        self.ask(&HubRequest::Send(wish)).await?;
        Ok(id)
    }

    /// Is known by this name where presence is told. Not answered.
    pub async fn name(&mut self, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        self.ask(&HubRequest::Name(Named { name })).await
    }

    /// Says goodbye. The answer to it comes as [`HubReceived::Closed`].
    pub async fn close(&mut self) -> Result<(), Error> {
        self.socket.close().await
    }

    async fn ask(&mut self, request: &HubRequest) -> Result<(), Error> {
        let text = serde_json::to_string(request).map_err(Error::Unsendable)?;
        self.socket.send_text(text).await
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

async fn receive(socket: &mut Socket) -> Result<HubReceived, Error> {
    loop {
        match socket.next().await? {
            Frame::Text(text) => {
                if let Some(message) = read_message(&text)? {
                    return Ok(HubReceived::Message(Box::new(message)));
                }
            }
            Frame::Closed(closed) => return Ok(HubReceived::Closed(closed)),
            Frame::Binary(_) => {
                return Err(Error::VersionSkew {
                    what: "a binary message in the hub".to_owned(),
                });
            }
        }
    }
}

/// A message, or none when it is of a type or tells of a kind of event this client does not
/// know: a newer daemon's.
pub(crate) fn read_message(text: &str) -> Result<Option<HubMessage>, Error> {
    let skew = |error: serde_json::Error| Error::VersionSkew {
        what: error.to_string(),
    };
    let known = match serde_json::from_str(text) {
        Ok(message) => return Ok(Some(message)),
        Err(error) => error,
    };
    let value: Value = serde_json::from_str(text).map_err(skew)?;
    match value.get("type").and_then(Value::as_str) {
        // Misreading a state, or losing the count, must not pass in silence.
        None | Some("welcome" | "subscribed" | "event" | "lagged") => Err(skew(known)),
        Some(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use webtty_protocol::hub::Change;

    use super::*;

    #[test]
    fn unknown_messages_are_skipped_and_broken_ones_are_not() {
        let sent = read_message(r#"{"type":"sent","payload":{"to":7}}"#).expect("a message");
        assert!(matches!(sent, Some(HubMessage::Sent(sent)) if sent.to == 7));
        let newer = read_message(r#"{"type":"from-the-future","payload":7}"#);
        assert_eq!(newer.ok(), Some(None));
        let newer = r#"{"type":"event","payload":{"room":"sessions","seq":7,"event":{"kind":"moved","to":3}}}"#;
        let newer = read_message(newer).expect("a message");
        let Some(HubMessage::Event(event)) = newer else {
            panic!("{newer:?}");
        };
        assert_eq!((event.seq, event.event), (7, Change::Unknown));
        for broken in ["", "[]", "{}", r#"{"type":"event","payload":{}}"#] {
            assert!(
                matches!(read_message(broken), Err(Error::VersionSkew { .. })),
                "{broken}"
            );
        }
    }
}
