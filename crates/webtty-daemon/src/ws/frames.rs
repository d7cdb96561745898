//! A socket's bytes made into messages, and these into what they ask for: for the fuzz targets
//! only.

use std::io::{self, Read, Write};

use hyper_tungstenite::tungstenite::protocol::{Role, WebSocket};
use hyper_tungstenite::tungstenite::{Error, Message};
use webtty_protocol::hub::HubRequest;
use webtty_protocol::limits::{
    MAX_EVENTS_MESSAGE_BYTES, MAX_HUB_MESSAGE_BYTES, MAX_PTY_MESSAGE_BYTES,
};

use super::end::End;
use super::{config, hub, pty};
use crate::limits::MAX_PLAIN_PTY_MESSAGE_BYTES;

/// Which socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A viewer with the v1 protocol.
    Pty,
    /// One without.
    PlainPty,
    /// A subscriber.
    Events,
    /// A client of the hub.
    Hub,
}

impl Kind {
    fn most(self) -> usize {
        match self {
            Self::Pty => MAX_PTY_MESSAGE_BYTES,
            Self::PlainPty => MAX_PLAIN_PTY_MESSAGE_BYTES,
            Self::Events => MAX_EVENTS_MESSAGE_BYTES,
            Self::Hub => MAX_HUB_MESSAGE_BYTES,
        }
    }
}

/// Bytes that come `step` at a time; what is written is forgotten.
struct Pieces<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.step.min(self.bytes.len()).min(into.len());
        let (now, later) = self.bytes.split_at(n);
        into[..n].copy_from_slice(now);
        self.bytes = later;
        Ok(n)
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every message with data in these bytes, and how it ends.
///
/// # Panics
/// When a message is larger than this socket may have, or the end is not one of those promised.
pub fn messages(kind: Kind, bytes: &[u8], step: usize) -> (Vec<Message>, String) {
    let pieces = Pieces {
        bytes,
        step: step.max(1),
    };
    let mut socket = WebSocket::from_raw_socket(pieces, Role::Server, Some(config(kind.most())));
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                assert!(message.len() <= kind.most(), "{} bytes", message.len());
                messages.push(message);
            }
            Ok(Message::Close(_)) => return (messages, "closed".to_owned()),
            Ok(_) => {}
            Err(error) => {
                let end = End::from(&error);
                let known = matches!(end, End::Broken(1002 | 1007) | End::Close(_) | End::Gone);
                assert!(known, "{end:?}");
                // What is sent to it does not fit either.
                let full = matches!(error, Error::WriteBufferFull(_));
                return (messages, format!("{end:?} {full}"));
            }
        }
    }
}

/// Takes a text as the socket does. Gives what it was taken for, as JSON, if it is understood.
///
/// # Panics
/// When what is understood cannot be carried out.
pub fn understood(kind: Kind, text: &str) -> Option<serde_json::Value> {
    let json = match kind {
        Kind::Pty => {
            let message = pty::read(text)?;
            serde_json::to_value(message)
        }
        Kind::PlainPty => {
            let size = pty::plain_resize(text)?;
            assert!((1..=1000).contains(&size.cols) && (1..=500).contains(&size.rows));
            return None;
        }
        Kind::Events => return None,
        Kind::Hub => {
            let request = hub::read(text)?;
            if matches!(request, HubRequest::Publish(_) | HubRequest::Send(_)) {
                let event = hub::raw_event(text);
                assert!(!event.contains(&b'\n') && !event.contains(&b'\r'));
                serde_json::from_slice::<serde_json::Value>(&event).expect("an event is JSON");
            }
            serde_json::to_value(request)
        }
    };
    Some(json.expect("the protocol's types can be written as JSON"))
}
