//! Why a socket is closed.

use hyper_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use webtty_protocol::Close;

/// Why a socket is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We close it, and say why.
    Close(Close),
    /// The peer broke the WebSocket protocol: 1002, or 1007 for text that is no UTF-8.
    Broken(u16),
    /// The peer is gone or has said goodbye; nothing more to say.
    Gone,
}

impl From<&Error> for End {
    fn from(error: &Error) -> Self {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Self::Close(Close::TooBig),
            Error::Utf8(_) => Self::Broken(1007),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            Error::Protocol(_) => Self::Broken(1002),
            _ => Self::Gone,
        }
    }
}
