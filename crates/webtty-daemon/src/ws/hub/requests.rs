//! What a client of the hub asks for: checked with what its credential allows at that moment, and
//! done, or handed to the writing half.

use std::sync::Arc;

use bytes::Bytes;
use hyper_tungstenite::tungstenite::Message;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use webtty_core::Session;
use webtty_protocol::hub::{
    HubError, HubMessage, HubRequest, Publish, Published, SendTo, Sent, Subscribe,
};
use webtty_protocol::presence::clean_name;
use webtty_protocol::{Close, ErrorCode, Room, SessionId};

use super::access::{Caller, Refusal, may_enter};
use super::events_feed::EventsFeed;
use super::feed::Feed;
use super::frames::direct;
use super::order::Order;
use super::presence_feed::PresenceFeed;
use super::publishing::publish;
use super::state_feed::{DaemonFeed, SessionsFeed};
use crate::hub::SendError;
use crate::keys::Grant;
use crate::ws::connection::Inbound;
use crate::ws::end::End;
use crate::ws::heartbeat::Pulse;
use crate::ws::text::is_object;

/// The reading half of a connection.
pub(super) struct Requests<'a> {
    caller: &'a Caller,
    orders: mpsc::Sender<Order>,
    pulse: &'a Pulse,
}

/// What a request is about, for its refusal.
struct About {
    id: Option<u64>,
    room: Option<Room>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(caller: &'a Caller, orders: mpsc::Sender<Order>, pulse: &'a Pulse) -> Self {
        Self {
            caller,
            orders,
            pulse,
        }
    }

    /// Takes requests until the socket ends or sends what is none.
    pub(super) async fn run(&mut self, inbound: &mut Inbound) -> End {
        loop {
            let message = match inbound.next().await {
                Ok(message) => message,
                Err(end) => return end,
            };
            if let Err(close) = self.take(&message, inbound).await {
                return End::Close(close);
            }
        }
    }

    async fn take(&self, message: &Message, inbound: &mut Inbound) -> Result<(), Close> {
        let Message::Text(text) = message else {
            return Err(Close::Policy);
        };
        let request = read(text).ok_or(Close::Policy)?;
        let grant = self.caller.grant().ok_or(Close::Forbidden)?;
        let about = about(&request);
        let done = match request {
            HubRequest::Subscribe(wish) => self.subscribe(&grant, &wish),
            HubRequest::Unsubscribe(wish) => Ok(Some(Order::Close {
                id: wish.id,
                room: wish.room,
            })),
            HubRequest::Publish(wish) => self.publish(&grant, wish, text).await,
            HubRequest::Send(wish) => self.send(&grant, &wish, text),
            HubRequest::Name(wish) => {
                // All who are in its rooms are told of it.
                inbound.count_as_control()?;
                Ok(Some(Order::Name(clean_name(&wish.name))))
            }
        };
        let order = done.unwrap_or_else(|refusal| Some(refused(about, refusal)));
        if let Some(order) = order {
            self.order(order).await;
        }
        Ok(())
    }

    fn subscribe(&self, grant: &Grant, wish: &Subscribe) -> Result<Option<Order>, Refusal> {
        if !may_enter(grant.role, &wish.room) {
            return Err(forbidden());
        }
        let feed = match &wish.room {
            Room::Sessions => Feed::Sessions(SessionsFeed::new(self.caller)),
            Room::Daemon => Feed::Daemon(DaemonFeed::new()),
            Room::Events(session) => {
                // Its position is taken now: what this client publishes next, it is told of.
                Feed::Events(EventsFeed::new(self.caller.session(session)?, wish))
            }
            Room::Presence(session) => {
                Feed::Presence(PresenceFeed::new(self.caller.session(session)?))
            }
        };
        Ok(Some(Order::Open {
            id: wish.id,
            feed: Box::new(feed),
        }))
    }

    async fn publish(
        &self,
        grant: &Grant,
        wish: Publish,
        text: &str,
    ) -> Result<Option<Order>, Refusal> {
        if !grant.role.may_publish() {
            return Err(forbidden());
        }
        let Room::Events(session) = &wish.room else {
            return Err((
                ErrorCode::BadRequest,
                "one can publish in a room session/ID/events only",
            ));
        };
        let session = self.running(session)?;
        let published = publish(&session, raw_event(text), self.pulse).await;
        let seq = published.map_err(|_| not_running())?;
        let Publish { id, room, .. } = wish;
        Ok(Some(say(HubMessage::Published(Published {
            id,
            room,
            seq,
        }))))
    }

    fn running(&self, id: &SessionId) -> Result<Arc<Session>, Refusal> {
        let session = self.caller.session(id)?;
        if crate::lifetime::channel_end(&session.phase()).is_some() {
            return Err(not_running());
        }
        Ok(session)
    }

    fn send(&self, grant: &Grant, wish: &SendTo, text: &str) -> Result<Option<Order>, Refusal> {
        if !grant.role.may_publish() {
            return Err(forbidden());
        }
        let event = raw_event(text);
        let event = std::str::from_utf8(&event).unwrap_or_default();
        let message = direct(self.caller.connection, event);
        let SendTo { id, to, .. } = *wish;
        match self.caller.app.hub.send(self.caller.scope, to, message) {
            Ok(()) => Ok(Some(say(HubMessage::Sent(Sent { id, to })))),
            Err(SendError::Unknown) => Err((
                ErrorCode::NoSuchConnection,
                "there is no connection of this number that shares a session with this one",
            )),
            Err(SendError::Behind) => Err((
                ErrorCode::TooMany,
                "that connection has not taken what it was sent before; try again later",
            )),
        }
    }

    /// Hands something to the writing half. While that is behind, no more is read.
    async fn order(&self, order: Order) {
        if let Err(mpsc::error::TrySendError::Full(order)) = self.orders.try_send(order) {
            self.pulse.not_reading();
            // It is gone only when the whole connection is.
            let _ = self.orders.send(order).await;
        }
    }
}

fn about(request: &HubRequest) -> About {
    let (id, room) = match request {
        HubRequest::Subscribe(wish) => (wish.id, Some(&wish.room)),
        HubRequest::Unsubscribe(wish) => (wish.id, Some(&wish.room)),
        HubRequest::Publish(wish) => (wish.id, Some(&wish.room)),
        HubRequest::Send(wish) => (wish.id, None),
        HubRequest::Name(_) => (None, None),
    };
    About {
        id,
        room: room.cloned(),
    }
}

fn say(message: HubMessage) -> Order {
    Order::Say(Box::new(message))
}

fn refused(about: About, (code, message): Refusal) -> Order {
    say(HubMessage::Error(HubError {
        id: about.id,
        room: about.room,
        code,
        message: message.to_owned(),
    }))
}

fn forbidden() -> Refusal {
    (ErrorCode::Forbidden, "this credential does not allow that")
}

fn not_running() -> Refusal {
    (
        ErrorCode::PtyNotRunning,
        "no shell runs in this session; open it first, then publish",
    )
}

/// A request, if this is one: an object with an object in it. Serde would take arrays of their
/// fields in order, too, in which no event would be found again.
pub(crate) fn read(text: &str) -> Option<HubRequest> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        payload: &'a RawValue,
    }
    if !is_object(text) {
        return None;
    }
    let outer: Outer<'_> = serde_json::from_str(text).ok()?;
    if !is_object(outer.payload.get()) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The bytes of a request's `event`, as its client wrote them, on one line: JSON has line ends
/// between its parts only.
pub(crate) fn raw_event(request: &str) -> Bytes {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        payload: Inner<'a>,
    }
    #[derive(Deserialize)]
    struct Inner<'a> {
        #[serde(borrow)]
        event: &'a RawValue,
    }
    let outer: Outer<'_> = serde_json::from_str(request).expect("was read as a request before");
    let event = outer.payload.event.get();
    Bytes::from(event.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_requests() {
        let publish = r#"{"type":"publish","payload":{"room":"daemon","event":1}}"#;
        assert!(read(publish).is_some() && read(&format!("\n {publish}")).is_some());
        for array in [
            r#"["publish",{"room":"daemon","event":1}]"#,
            r#"{"type":"publish","payload":["daemon",1]}"#,
            r#"{"type":"publish","payload": [null,"daemon",1]}"#,
        ] {
            assert!(read(array).is_none(), "{array}");
        }
    }

    #[test]
    fn an_event_stays_its_publishers_bytes_on_one_line() {
        let text = "{\"payload\":{\"event\":{\"b\": 1.0,\r\n\"a\":\"x\\ny\"},\"room\":\"daemon\"},\
                    \"type\":\"publish\"}";
        serde_json::from_str::<HubRequest>(text).expect("a request");
        assert_eq!(raw_event(text), "{\"b\": 1.0,  \"a\":\"x\\ny\"}");
    }
}
