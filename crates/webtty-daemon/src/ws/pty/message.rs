//! Messages of the v1 protocol, as text frames.

use hyper_tungstenite::tungstenite::Message;
use webtty_protocol::pty::ServerMessage;

use crate::ws::end::End;
use crate::ws::outbound::Outbound;

/// Sends one.
pub(super) async fn say(outbound: &mut Outbound, message: &ServerMessage) -> Result<(), End> {
    outbound.send(Message::text(written(message))).await
}

/// One as JSON.
pub(super) fn written(message: &ServerMessage) -> String {
    serde_json::to_string(message).expect("the protocol's types can be written as JSON")
}
