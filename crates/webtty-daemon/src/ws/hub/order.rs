//! What the reading half of a connection has the writing half do, in order.

use webtty_protocol::Room;
use webtty_protocol::hub::HubMessage;

use super::feed::Feed;

/// Something for the writing half to do.
pub(super) enum Order {
    /// Write a message.
    Say(Box<HubMessage>),
    /// Keep a room, and tell its state.
    Open {
        /// What the request carried.
        id: Option<u64>,
        feed: Box<Feed>,
    },
    /// Keep a room no longer.
    Close {
        /// What the request carried.
        id: Option<u64>,
        room: Room,
    },
    /// Be known by this name.
    Name(Option<String>),
}
