//! Messages of the hub on their way into frames, many to a write.

use bytes::Bytes;
use webtty_core::event_log::Event;
use webtty_protocol::Room;
use webtty_protocol::hub::{Change, HubMessage, RoomEvent};

use crate::limits::FRAME_BYTES;
use crate::ws::frame::{Kind, write_frame};

/// Frames that are to be written together.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// What was written down for several connections, if that is all so far.
    shared: Bytes,
    own: Vec<u8>,
}

impl Frames {
    /// Adds a message.
    pub(super) fn say(&mut self, message: &HubMessage) {
        let text =
            serde_json::to_vec(message).expect("the protocol's types can be written as JSON");
        write_frame(Kind::Text, &text, self.own());
    }

    /// Adds a message that is text already.
    pub(super) fn say_text(&mut self, text: &str) {
        write_frame(Kind::Text, text.as_bytes(), self.own());
    }

    /// Adds frames that were written down for more than this connection.
    pub(super) fn share(&mut self, frames: Bytes) {
        if self.is_empty() {
            self.shared = frames;
        } else {
            self.own().extend_from_slice(&frames);
        }
    }

    /// Where more is added, after what is there.
    fn own(&mut self) -> &mut Vec<u8> {
        if !self.shared.is_empty() {
            self.own
                .extend_from_slice(&std::mem::take(&mut self.shared));
        }
        &mut self.own
    }

    /// Adds something that happened in a room, as number `seq`.
    pub(super) fn tell(&mut self, room: &Room, seq: u64, event: Change) {
        let room = room.clone();
        self.say(&HubMessage::Event(RoomEvent { room, seq, event }));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.own.is_empty()
    }

    /// Is there enough for one write?
    pub(super) fn is_full(&self) -> bool {
        self.shared.len() + self.own.len() >= FRAME_BYTES
    }

    /// All that was added.
    pub(super) fn take(&mut self) -> Bytes {
        if self.own.is_empty() {
            return std::mem::take(&mut self.shared);
        }
        std::mem::take(&mut self.own).into()
    }
}

/// A `message` from another connection, around that one's own bytes.
pub(super) fn direct(from: u64, event: &str) -> String {
    format!("{{\"type\":\"message\",\"payload\":{{\"from\":{from},\"event\":{event}}}}}")
}

/// Adds the frame of an event of a session. What was published stays the publisher's bytes.
pub(super) fn write_published(room: &Room, event: &Event, out: &mut Vec<u8>) {
    write_frame(Kind::Text, published(room, event).as_bytes(), out);
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
    fn what_is_shared_comes_in_its_place() {
        let mut frames = Frames::default();
        frames.share(Bytes::from_static(b"all"));
        assert_eq!(frames.take(), "all");
        frames.share(Bytes::from_static(b"first"));
        frames.share(Bytes::from_static(b"second"));
        frames.say_text("x");
        assert_eq!(frames.take(), &b"firstsecond\x81\x01x"[..]);
        assert!(frames.is_empty());
    }

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
