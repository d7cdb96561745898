//! Messages of the hub on their way into frames, many to a write.

use bytes::Bytes;
use webtty_core::event_log::Event;
use webtty_protocol::Room;
use webtty_protocol::hub::{Change, HubMessage, RoomEvent};

use crate::limits::FRAME_BYTES;
use crate::ws::frame::{Kind, write_frame};

/// Frames that are to be written together.
#[derive(Debug, Default)]
pub(super) struct Frames(Vec<u8>);

impl Frames {
    /// Adds a message.
    pub(super) fn say(&mut self, message: &HubMessage) {
        let text =
            serde_json::to_vec(message).expect("the protocol's types can be written as JSON");
        write_frame(Kind::Text, &text, &mut self.0);
    }

    /// Adds a message that is text already.
    pub(super) fn say_text(&mut self, text: &str) {
        write_frame(Kind::Text, text.as_bytes(), &mut self.0);
    }

    /// Adds something that happened in a room, as number `seq`.
    pub(super) fn tell(&mut self, room: &Room, seq: u64, event: Change) {
        let room = room.clone();
        self.say(&HubMessage::Event(RoomEvent { room, seq, event }));
    }

    /// Adds an event of a session. What was published stays the publisher's bytes.
    pub(super) fn publish(&mut self, room: &Room, event: &Event) {
        self.say_text(&published(room, event));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is there enough for one write?
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= FRAME_BYTES
    }

    /// All that was added.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

/// A `message` from another connection, around that one's own bytes.
pub(super) fn direct(from: u64, event: &str) -> String {
    format!("{{\"type\":\"message\",\"payload\":{{\"from\":{from},\"event\":{event}}}}}")
}

fn published(room: &Room, event: &Event) -> String {
    let Event {
        seq,
        ts,
        at,
        payload,
    } = event;
    let data = std::str::from_utf8(payload).expect("checked when it was published");
    format!(
        "{{\"type\":\"event\",\"payload\":{{\"room\":\"{room}\",\"seq\":{seq},\
         \"event\":{{\"kind\":\"published\",\"ts\":{ts},\"at\":{at},\"data\":{data}}}}}}}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use webtty_protocol::hub::Direct;

    use super::*;

    #[test]
    fn what_is_written_is_what_the_protocol_says() {
        let room: Room = "session/a/events".parse().expect("a room");
        let event = Event {
            seq: 7,
            ts: 1764,
            at: 99,
            payload: r#"{"b": 1.0, "a": "é"}"#.into(),
        };
        let text = published(&room, &event);
        assert!(text.contains(r#""data":{"b": 1.0, "a": "é"}"#), "{text}");
        let typed = HubMessage::Event(RoomEvent {
            room,
            seq: 7,
            event: Change::Published {
                ts: 1764,
                at: 99,
                data: json!({ "a": "é", "b": 1.0 }),
            },
        });
        assert_eq!(serde_json::from_str::<HubMessage>(&text).ok(), Some(typed));
        let typed = HubMessage::Message(Direct {
            from: 3,
            event: json!([1]),
        });
        let text = direct(3, "[1]");
        assert_eq!(serde_json::from_str::<HubMessage>(&text).ok(), Some(typed));
    }
}
