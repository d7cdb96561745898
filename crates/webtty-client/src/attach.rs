//! Attaching to a session's terminal: `ws /ws/ID/pty` with the subprotocol `webtty.v1`.

use bytes::Bytes;
use webtty_protocol::SessionId;
use webtty_protocol::limits::MAX_PTY_MESSAGE_BYTES;
use webtty_protocol::names::SUBPROTOCOL_V1;
use webtty_protocol::pty::{ClientMessage, Hello, ServerMessage};

use crate::client::Client;
use crate::error::{Closed, Error};
use crate::socket::{Frame, SocketReader, SocketWriter};
use crate::unpacking::{Piece, Unpacking};

/// How to attach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachOptions {
    /// The size of the terminal that will show the session, in columns and rows.
    pub size: Option<(u16, u16)>,
    /// Go on from this offset of the output, where the daemon still has it.
    pub from: Option<u64>,
    /// Only look, even where the credential allows typing.
    pub view: bool,
    /// Have the shell wait for this client, within limits, rather than miss a byte.
    pub lossless: bool,
}

/// An attached terminal. Its two directions are two values, for two futures.
pub struct Attachment {
    /// What the daemon said first.
    pub hello: Hello,
    /// What comes from the session.
    pub output: AttachOutput,
    /// What goes to it.
    pub input: AttachInput,
}

/// What came from an attached session.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// Bytes for the terminal. Once it has processed them they must be acknowledged.
    Bytes(Bytes),
    /// Bytes for the terminal that came compressed, as large snapshots do from another machine.
    Unpacked {
        /// What they are.
        bytes: Bytes,
        /// How many must be acknowledged once these are processed.
        packed: u64,
    },
    /// A message beside the bytes.
    Message(ServerMessage),
    /// The end; nothing comes after it.
    Closed(Closed),
}

impl Client {
    /// Attaches to a session, which starts its shell when it was idle.
    pub async fn attach(
        &self,
        id: &SessionId,
        options: AttachOptions,
    ) -> Result<Attachment, Error> {
        let path = format!("/ws/{id}/pty{}", query(options, self.endpoint().is_far()));
        let socket = self.socket(&path, &[SUBPROTOCOL_V1]).await?;
        let (reader, writer) = socket.split();
        let mut output = AttachOutput {
            reader,
            unpacking: None,
            behind: Bytes::new(),
        };
        let input = AttachInput { writer };
        match output.next().await? {
            Received::Message(ServerMessage::Hello(hello)) => Ok(Attachment {
                hello,
                output,
                input,
            }),
            Received::Closed(closed) => Err(closed.into_error()),
            _ => Err(Error::VersionSkew {
                what: "the first message was no hello".to_owned(),
            }),
        }
    }
}

/// What comes from an attached session.
pub struct AttachOutput {
    reader: SocketReader,
    /// The snapshot on its way, if it comes compressed.
    unpacking: Option<Unpacking>,
    /// What came in one frame with its end.
    behind: Bytes,
}

impl AttachOutput {
    /// The next bytes or message. Messages of unknown types are skipped. Dropping the future
    /// loses nothing.
    pub async fn next(&mut self) -> Result<Received, Error> {
        loop {
            if let Some(received) = self.waiting()? {
                return Ok(received);
            }
            match self.reader.next().await? {
                Frame::Binary(bytes) => match &mut self.unpacking {
                    Some(unpacking) => self.behind = unpacking.take(bytes),
                    None => return Ok(Received::Bytes(bytes)),
                },
                Frame::Closed(closed) => return Ok(Received::Closed(closed)),
                Frame::Text(text) => {
                    if let Some(message) = read_message(&text)? {
                        if let ServerMessage::Snapshot(snapshot) = &message {
                            let is_packed = snapshot.unpacked.is_some();
                            self.unpacking = is_packed.then(|| Unpacking::new(snapshot.bytes));
                        }
                        return Ok(Received::Message(message));
                    }
                }
            }
        }
    }

    /// What has come and was not given yet.
    fn waiting(&mut self) -> Result<Option<Received>, Error> {
        if let Some(unpacking) = &mut self.unpacking {
            if let Some(Piece { bytes, packed }) = unpacking.next()? {
                return Ok(Some(Received::Unpacked { bytes, packed }));
            }
            if unpacking.is_over() {
                self.unpacking = None;
            }
        }
        let behind = std::mem::take(&mut self.behind);
        Ok((!behind.is_empty()).then_some(Received::Bytes(behind)))
    }
}

/// What goes to an attached session.
pub struct AttachInput {
    writer: SocketWriter,
}

impl AttachInput {
    /// Types: sent whole and in order, in messages of at most 64 KiB. Waits while the session
    /// takes no more.
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        let mut bytes = bytes.into();
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(MAX_PTY_MESSAGE_BYTES));
            self.writer.send_binary(piece).await?;
        }
        Ok(())
    }

    /// Acknowledges: so many bytes since the connection began have been processed.
    pub async fn ack(&mut self, bytes: u64) -> Result<(), Error> {
        self.say(&ClientMessage::Ack { bytes }).await
    }

    /// Tells the size of the terminal that shows the session.
    pub async fn resize(&mut self, cols: u16, rows: u16) -> Result<(), Error> {
        let (cols, rows) = (cols.into(), rows.into());
        let cell = None;
        self.say(&ClientMessage::Resize { cols, rows, cell }).await
    }

    /// Asks those who may type to be let. How that stands comes as [`ServerMessage::Request`],
    /// and that it was granted as [`ServerMessage::Role`].
    pub async fn request_control(&mut self) -> Result<(), Error> {
        self.say(&ClientMessage::RequestControl).await
    }

    /// Lets a viewer type, for so many seconds or until it is taken back. For who may type by
    /// its own key only.
    pub async fn grant_control(&mut self, client: u64, seconds: Option<u64>) -> Result<(), Error> {
        let message = ClientMessage::GrantControl { client, seconds };
        self.say(&message).await
    }

    /// Does not let a viewer type that asks to.
    pub async fn deny_control(&mut self, client: u64) -> Result<(), Error> {
        self.say(&ClientMessage::DenyControl { client }).await
    }

    /// Lets a viewer type no longer; with its own number, gives back what was lent to it.
    pub async fn take_back_control(&mut self, client: u64) -> Result<(), Error> {
        self.say(&ClientMessage::TakeBackControl { client }).await
    }

    /// Detaches. The answer to it comes as [`Received::Closed`].
    pub async fn close(&mut self) -> Result<(), Error> {
        self.writer.close().await
    }

    async fn say(&mut self, message: &ClientMessage) -> Result<(), Error> {
        let text = serde_json::to_string(message).expect("the protocol's messages are JSON");
        self.writer.send_text(text).await
    }
}

fn query(options: AttachOptions, is_far: bool) -> String {
    let mut pairs = Vec::new();
    if let Some((cols, rows)) = options.size {
        pairs.push(format!("cols={cols}&rows={rows}"));
    }
    if let Some(offset) = options.from {
        pairs.push(format!("from={offset}"));
    }
    if options.view {
        pairs.push("role=view".to_owned());
    }
    if options.lossless {
        pairs.push("lossless=1".to_owned());
    }
    if is_far {
        pairs.push("deflate=1".to_owned());
    }
    if pairs.is_empty() {
        return String::new();
    }
    format!("?{}", pairs.join("&"))
}

/// A message the daemon sent, or nothing when its type is not one this client knows.
pub(crate) fn read_message(text: &str) -> Result<Option<ServerMessage>, Error> {
    let known = match serde_json::from_str(text) {
        Ok(message) => return Ok(Some(message)),
        Err(error) => error,
    };
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Error::VersionSkew {
            what: error.to_string(),
        })?;
    let kind = value.get("type").and_then(serde_json::Value::as_str);
    match kind {
        // These steer the terminal: misreading one must not pass in silence.
        None | Some("hello" | "snapshot" | "exit") => Err(Error::VersionSkew {
            what: known.to_string(),
        }),
        Some(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_was_asked_for() {
        assert_eq!(query(AttachOptions::default(), false), "");
        let all = AttachOptions {
            size: Some((80, 24)),
            from: Some(7),
            view: true,
            lossless: true,
        };
        let query = query(all, true);
        assert_eq!(
            query,
            "?cols=80&rows=24&from=7&role=view&lossless=1&deflate=1"
        );
    }

    #[test]
    fn unknown_messages_are_skipped_and_broken_ones_are_not() {
        let title = read_message(r#"{"type":"title","title":"x"}"#).expect("a message");
        assert_eq!(title, Some(ServerMessage::Title { title: "x".into() }));
        assert_eq!(
            read_message(r#"{"type":"presence","n":1}"#).ok(),
            Some(None)
        );
        for broken in ["", "[]", r#"{"type":7}"#, r#"{"type":"exit","code":"x"}"#] {
            assert!(
                matches!(read_message(broken), Err(Error::VersionSkew { .. })),
                "{broken}"
            );
        }
    }
}
