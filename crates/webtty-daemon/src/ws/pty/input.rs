//! From a viewer's socket to the shell.

use std::sync::Arc;

use bytes::Bytes;
use hyper_tungstenite::tungstenite::Message;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use webtty_core::Session;
use webtty_core::limits::CLIENT_INPUT_BYTES;
use webtty_core::session::Phase;
use webtty_core::size::{Size, Window};
use webtty_protocol::Close;
use webtty_protocol::control::ControlAction;
use webtty_protocol::limits::{DEFAULT_COLS, DEFAULT_ROWS, clamp_size};
use webtty_protocol::presence::clean_name;
use webtty_protocol::pty::ClientMessage;

use super::rights::Rights;
use super::viewer::{Identity, Shared};
use crate::lifetime;
use crate::query::metrics;
use crate::ws::connection::Inbound;
use crate::ws::end::End;
use crate::ws::heartbeat::Pulse;
use crate::ws::text::is_object;

/// The inbound half of a viewer.
pub(super) struct Input<'a> {
    session: &'a Session,
    identity: &'a Identity,
    shared: &'a Shared,
    rights: &'a Rights<'a>,
    pulse: &'a Pulse,
    /// What the shell has not taken yet of this client's input is bounded by this.
    budget: Arc<Semaphore>,
}

impl<'a> Input<'a> {
    pub(super) fn new(rights: &'a Rights<'a>, pulse: &'a Pulse) -> Self {
        let budget = Arc::new(Semaphore::new(CLIENT_INPUT_BYTES));
        Self {
            session: rights.session,
            identity: rights.identity,
            shared: rights.shared,
            rights,
            pulse,
            budget,
        }
    }

    /// Takes messages until the socket ends or sends what it must not.
    pub(super) async fn run(&mut self, inbound: &mut Inbound) -> End {
        loop {
            let taken = match inbound.next().await {
                Ok(Message::Binary(bytes)) => self.type_in(bytes).await,
                Ok(Message::Text(text)) if self.identity.v1 => self.obey(&text, inbound),
                Ok(Message::Text(text)) => match plain_resize(&text) {
                    Some(size) => self.resize(Window {
                        size,
                        metrics: None,
                    }),
                    None => self.type_in(text.into()).await,
                },
                Ok(_) => Ok(()),
                Err(end) => return end,
            };
            if let Err(close) = taken {
                return End::Close(close);
            }
        }
    }

    async fn type_in(&self, bytes: Bytes) -> Result<(), Close> {
        if !self.rights.typing()? {
            return Ok(());
        }
        let permit = self.reserve(bytes.len()).await;
        if self.session.phase() == Phase::Starting {
            lifetime::begun(self.session).await;
        }
        // It may have waited for long, and may no longer.
        if !self.rights.typing()? {
            return Ok(());
        }
        self.shared.types(Instant::now());
        self.session.write(self.identity.client, bytes, permit);
        Ok(())
    }

    /// Waits until the shell has taken enough of what this client sent before.
    async fn reserve(&self, len: usize) -> Option<OwnedSemaphorePermit> {
        let weight = u32::try_from(len.min(CLIENT_INPUT_BYTES)).expect("a small limit");
        if let Ok(permit) = Arc::clone(&self.budget).try_acquire_many_owned(weight) {
            return Some(permit);
        }
        self.pulse.not_reading();
        Arc::clone(&self.budget)
            .acquire_many_owned(weight)
            .await
            .ok()
    }

    fn resize(&self, window: Window) -> Result<(), Close> {
        if !self.rights.typing()? {
            return Ok(());
        }
        self.session.resize(self.identity.client, window);
        Ok(())
    }

    fn obey(&self, text: &str, inbound: &mut Inbound) -> Result<(), Close> {
        match read(text).ok_or(Close::Policy)? {
            ClientMessage::Ack { bytes } => {
                let possible = self.shared.acknowledges(bytes);
                possible.then_some(()).ok_or(Close::Policy)
            }
            ClientMessage::Resize { cols, rows, cell } => {
                let (cols, rows) = clamp_size(cols, rows);
                self.resize(Window {
                    size: Size { cols, rows },
                    metrics: cell.map(|cell| metrics(cell.width, cell.height)),
                })
            }
            ClientMessage::Name { name } => {
                // All who watch are told of it.
                inbound.count_as_control()?;
                let name = clean_name(&name);
                self.identity.watcher.change(|who| who.name = name);
                Ok(())
            }
            ClientMessage::RequestControl => {
                inbound.count_as_control()?;
                self.rights.ask();
                Ok(())
            }
            ClientMessage::GrantControl { client, seconds } => {
                inbound.count_as_control()?;
                self.rights.hand_over(client, ControlAction::Grant, seconds)
            }
            ClientMessage::DenyControl { client } => {
                inbound.count_as_control()?;
                self.rights.hand_over(client, ControlAction::Deny, None)
            }
            ClientMessage::TakeBackControl { client } => {
                inbound.count_as_control()?;
                self.rights.hand_over(client, ControlAction::TakeBack, None)
            }
            ClientMessage::Ping { t } => {
                self.shared.pings(t);
                Ok(())
            }
        }
    }
}

/// A message of the v1 protocol, if this is one.
pub(crate) fn read(text: &str) -> Option<ClientMessage> {
    is_object(text).then(|| serde_json::from_str(text).ok())?
}

/// A text frame that is an object of type `resize` is a resize; everything else is typed. What
/// is no number counts as not given, as clients without the v1 protocol expect.
pub(crate) fn plain_resize(text: &str) -> Option<Size> {
    #[derive(Deserialize)]
    struct Resize {
        r#type: String,
        cols: Option<serde_json::Value>,
        rows: Option<serde_json::Value>,
    }
    if !text.starts_with('{') {
        return None;
    }
    let resize: Resize = serde_json::from_str(text).ok()?;
    if resize.r#type != "resize" {
        return None;
    }
    let number = |value: Option<serde_json::Value>, default: u16| {
        let given = value
            .and_then(|value| value.as_f64())
            .filter(|&number| number != 0.0);
        given.unwrap_or(f64::from(default))
    };
    let (cols, rows) = clamp_size(
        number(resize.cols, DEFAULT_COLS),
        number(resize.rows, DEFAULT_ROWS),
    );
    Some(Size { cols, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_messages() {
        assert!(read(r#" {"type":"ack","bytes":5}"#).is_some());
        assert!(read(r#"["ack",5]"#).is_none());
    }

    #[test]
    fn only_a_resize_object_is_a_resize() {
        let size = |cols, rows| Some(Size { cols, rows });
        assert_eq!(
            plain_resize(r#"{"type":"resize","cols":100,"rows":30}"#),
            size(100, 30)
        );
        assert_eq!(
            plain_resize(r#"{"type":"resize","cols":-3,"rows":1e9}"#),
            size(1, 500)
        );
        assert_eq!(
            plain_resize(r#"{"type":"resize","cols":"x"}"#),
            size(80, 24)
        );
        for typed in ["ls\r", "{", r#"{"type":"other"}"#, r#"{"a":1}"#, "[1]"] {
            assert_eq!(plain_resize(typed), None, "{typed}");
        }
    }
}
