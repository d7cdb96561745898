//! Messages of `ws /ws`, the hub: one socket for everything live. Each is a text frame
//! `{"type", "payload"}`.
//!
//! A client subscribes to rooms. It is told the state of a room first, then what changes, each
//! change with the number after the last one, so that what it has is never in doubt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorCode;
use crate::id::SessionId;
use crate::presence::Presence;
use crate::rest::{Health, SessionInfo};
use crate::role::Role;
use crate::room::Room;

/// What a client says in the hub. Anything else closes its socket with 1008.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "kebab-case",
    deny_unknown_fields
)]
pub enum HubRequest {
    /// Tell me of this room. Answered with `subscribed`; once more, it begins anew.
    Subscribe(Subscribe),
    /// No longer tell me of this room. Answered with `unsubscribed`.
    Unsubscribe(Unsubscribe),
    /// Publish an event beside a session. Answered with `published`.
    Publish(Publish),
    /// Send something to one other connection of the hub. Answered with `sent`.
    Send(SendTo),
    /// Be known by this name where presence is told. Not answered.
    Name(Named),
}

/// Which room to be told of, and from where on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Comes back in the answer, so that a client knows what it answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room.
    pub room: Room,
    /// Only of `session/ID/events`: begin after the event of this number. Without it, with what
    /// is published from now on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<u64>,
    /// With `since`: the epoch it counts in, as `subscribed` told it. When the session has
    /// another one, everything that is kept of it is new.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epoch: Option<String>,
}

/// Which room not to be told of any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    /// Comes back in the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room.
    pub room: Room,
}

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Comes back in the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// A room `session/ID/events`. One need not be subscribed to it.
    pub room: Room,
    /// Any JSON.
    pub event: Value,
}

/// Something for one other connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendTo {
    /// Comes back in the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The number of a connection of the hub, as `welcome`, `message` and presence tell it.
    pub to: u64,
    /// Any JSON.
    pub event: Value,
}

/// A name to be known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Shown without control characters, at most 64 bytes of it. Empty for none.
    pub name: String,
}

/// What the daemon says in the hub. A client must ignore a `type` it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "payload", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HubMessage {
    /// First, once.
    Welcome(Welcome),
    /// The state of a room; its changes follow.
    Subscribed(Subscribed),
    /// No more is told of a room.
    Unsubscribed(Unsubscribed),
    /// Something happened in a room.
    Event(RoomEvent),
    /// Events of a room are no longer kept and were missed.
    Lagged(RoomLagged),
    /// A session was renamed: a room that is subscribed to goes on under another name.
    Renamed(RoomRenamed),
    /// An event was published.
    Published(Published),
    /// What was to be sent is on its way.
    Sent(Sent),
    /// Another connection has sent this.
    Message(Direct),
    /// What the credential allows has changed.
    User(User),
    /// Something asked for was not done. The socket stays open.
    Error(HubError),
}

/// What a client is told when it connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The number of this connection, unlike any other of this daemon.
    pub connection: u64,
    /// Who is behind it.
    pub user: User,
    /// The daemon's version.
    pub version: String,
}

/// Who is behind a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// What the credential allows.
    pub role: Role,
    /// The one session it is for, or null for all.
    pub session: Option<SessionId>,
    /// The note on its key, or null when there is none.
    pub label: Option<String>,
}

/// A room as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribed {
    /// What the request carried.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room.
    pub room: Room,
    /// The number this state has. The next event of the room has the next one.
    pub seq: u64,
    /// The state.
    pub snapshot: RoomSnapshot,
}

/// The state of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RoomSnapshot {
    /// Of `sessions`.
    Sessions {
        /// In the order of their ids.
        sessions: Vec<SessionInfo>,
    },
    /// Of `daemon`.
    Daemon {
        /// How the daemon is.
        health: Health,
    },
    /// Of `session/ID/events`: the events themselves are the log, so there is no more to it.
    Events {
        /// Which log the numbers count in: unlike that of any other session, also one of the
        /// same id. To be given back, as `epoch`, with `since`.
        epoch: String,
        /// Does the log go on from the number that was asked for?
        resumed: bool,
    },
    /// Of `session/ID/presence`.
    Presence {
        /// In the order they came.
        clients: Vec<Presence>,
    },
}

/// What happened in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoomEvent {
    /// The room.
    pub room: Room,
    /// One more than that of the last event, or of the state.
    pub seq: u64,
    /// What happened.
    pub event: Change,
}

/// What can happen in a room. A client must ignore a `kind` it does not know, but count it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// In `sessions`: there is a new one.
    Created {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: its shell or command runs.
    Started {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: its terminal has another size.
    Resized {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: its program has set another title.
    Titled {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: it has another id.
    Renamed {
        /// The id it had.
        from: SessionId,
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: somebody opened or left it, or something else changed.
    Watched {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: its shell or command has ended.
    Exited {
        /// As it is now.
        session: SessionInfo,
    },
    /// In `sessions`: it is gone.
    Removed {
        /// The id it had.
        session: SessionId,
    },
    /// In `daemon`: how it is.
    Health {
        /// How the daemon is.
        health: Health,
    },
    /// In `session/ID/events`: an event was published. Its number is the room's.
    Published {
        /// When it was taken, in milliseconds since 1970.
        ts: u64,
        /// The end of the terminal's output at that moment, in bytes.
        at: u64,
        /// What was published.
        data: Value,
    },
    /// In `session/ID/presence`: somebody came.
    Joined {
        /// Who.
        client: Presence,
    },
    /// In `session/ID/presence`: somebody has another role or name.
    Changed {
        /// As it is now.
        client: Presence,
    },
    /// In `session/ID/presence`: somebody left.
    Left {
        /// The number of the connection.
        client: u64,
    },
    /// What this version does not know: a newer daemon's. It counts all the same.
    #[serde(other, skip_serializing)]
    #[schemars(skip)]
    Unknown,
}

/// Tells of events that were missed in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomLagged {
    /// The room.
    pub room: Room,
    /// How many. The number of the next event is higher by as many.
    pub skipped: u64,
}

/// Tells that a room that is subscribed to has another name now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomRenamed {
    /// The name it had.
    pub from: Room,
    /// The name it has.
    pub to: Room,
}

/// Tells that no more is told of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribed {
    /// What the request carried; none when it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room.
    pub room: Room,
    /// Why.
    pub reason: UnsubscribedReason,
}

/// Why no more is told of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UnsubscribedReason {
    /// The client asked for it.
    Asked,
    /// The session's shell or command has ended, and all that was published has been told.
    Exited,
    /// The session is gone.
    Removed,
    /// The credential no longer allows it.
    Forbidden,
}

/// Tells that an event was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// What the request carried.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room.
    pub room: Room,
    /// The event's number.
    pub seq: u64,
}

/// Tells that something is on its way to another connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// What the request carried.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The connection it goes to.
    pub to: u64,
}

/// Something from another connection to this one alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Direct {
    /// The number of the connection that sent it.
    pub from: u64,
    /// What it sent.
    pub event: Value,
}

/// Says why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HubError {
    /// What the request carried.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<u64>,
    /// The room it was about; none when it was about no room.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<Room>,
    /// Stable, one for each cause.
    pub code: ErrorCode,
    /// A sentence that says what happened and what to do.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_type_and_a_payload() {
        let request = r#"{"type":"subscribe","payload":{"room":"session/main/events","since":7}}"#;
        let subscribe = HubRequest::Subscribe(Subscribe {
            id: None,
            room: Room::Events("main".parse().expect("an id")),
            since: Some(7),
            epoch: None,
        });
        assert_eq!(
            serde_json::from_str::<HubRequest>(request).ok(),
            Some(subscribe.clone())
        );
        assert_eq!(serde_json::to_string(&subscribe).expect("JSON"), request);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bad in [
            "",
            "[]",
            "null",
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","payload":{}}"#,
            r#"{"type":"subscribe","payload":{"room":"x"}}"#,
            r#"{"type":"subscribe","payload":{"room":"sessions","extra":1}}"#,
            r#"{"type":"subscribe","payload":{"room":"sessions"},"extra":1}"#,
            r#"{"type":"subscribe","payload":{"room":"sessions","since":-1}}"#,
            r#"{"type":"shout","payload":{}}"#,
        ] {
            assert!(serde_json::from_str::<HubRequest>(bad).is_err(), "{bad}");
        }
    }
}
