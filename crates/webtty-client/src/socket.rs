//! A WebSocket to the daemon, with any subprotocols: what events and attach are made of, and
//! what a test needs to speak as an older client does.

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::{Request, header};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::{Closed, Error};
use crate::exchange::authorization;
use crate::limits::{ANSWER_TIMEOUT, MAX_MESSAGE_BYTES, SOCKET_READ_BYTES};
use crate::transport::{Connection, connect};

type Stream = WebSocketStream<Connection>;

/// What came over a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// The end; nothing comes after it.
    Closed(Closed),
}

/// A WebSocket to the daemon. Pings are answered while [`next`](Self::next) waits.
pub struct Socket {
    reader: SocketReader,
    writer: SocketWriter,
}

impl Client {
    /// Opens a WebSocket, offering subprotocols; with any, the daemon must choose one.
    pub async fn socket(&self, path: &str, subprotocols: &[&str]) -> Result<Socket, Error> {
        let opening = open(self.endpoint(), path, subprotocols);
        match timeout(ANSWER_TIMEOUT, opening).await {
            Ok(opened) => {
                let (sink, stream) = opened?.split();
                Ok(Socket {
                    reader: SocketReader(stream),
                    writer: SocketWriter(sink),
                })
            }
            Err(_) => Err(Error::Timeout {
                place: self.endpoint().to_string(),
                seconds: ANSWER_TIMEOUT.as_secs(),
            }),
        }
    }
}

impl Socket {
    /// The next message. After [`Frame::Closed`] it only says that it is gone (1006).
    pub async fn next(&mut self) -> Result<Frame, Error> {
        self.reader.next().await
    }

    /// Sends a text message.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), Error> {
        self.writer.send_text(text.into()).await
    }

    /// Sends a binary message.
    pub async fn send_binary(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        self.writer.send_binary(bytes.into()).await
    }

    /// Says goodbye. The answer to it comes as [`Frame::Closed`].
    pub async fn close(&mut self) -> Result<(), Error> {
        self.writer.close().await
    }

    /// Its two directions, for two futures.
    pub(crate) fn split(self) -> (SocketReader, SocketWriter) {
        (self.reader, self.writer)
    }
}

/// What comes from the daemon.
pub(crate) struct SocketReader(SplitStream<Stream>);

impl SocketReader {
    pub(crate) async fn next(&mut self) -> Result<Frame, Error> {
        loop {
            let message = match self.0.next().await {
                Some(Ok(message)) => message,
                None
                | Some(Err(
                    tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed,
                )) => return Ok(Frame::Closed(Closed::abnormal())),
                Some(Err(error)) => return Err(Error::from_socket(error)),
            };
            match message {
                Message::Text(text) => return Ok(Frame::Text(text.as_str().to_owned())),
                Message::Binary(bytes) => return Ok(Frame::Binary(bytes)),
                Message::Close(frame) => return Ok(Frame::Closed(closed(frame))),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

fn closed(frame: Option<tungstenite::protocol::CloseFrame>) -> Closed {
    frame.map_or_else(Closed::abnormal, |frame| Closed {
        code: frame.code.into(),
        reason: frame.reason.as_str().to_owned(),
    })
}

/// What goes to the daemon. A send waits until the connection has taken it.
pub(crate) struct SocketWriter(SplitSink<Stream, Message>);

impl SocketWriter {
    pub(crate) async fn send_text(&mut self, text: String) -> Result<(), Error> {
        self.send(Message::Text(text.into())).await
    }

    pub(crate) async fn send_binary(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.send(Message::Binary(bytes)).await
    }

    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        self.0.close().await.map_err(Error::from_socket)
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.0.send(message).await.map_err(Error::from_socket)
    }
}

async fn open(endpoint: &Endpoint, path: &str, subprotocols: &[&str]) -> Result<Stream, Error> {
    let mut request = Request::builder()
        .uri(format!(
            "ws://{}{}{path}",
            endpoint.host(),
            endpoint.base_path()
        ))
        .header(header::HOST, endpoint.host())
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, generate_key());
    if !subprotocols.is_empty() {
        request = request.header(header::SEC_WEBSOCKET_PROTOCOL, subprotocols.join(", "));
    }
    if let Some(authorization) = authorization(endpoint) {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request
        .body(())
        .map_err(|error| Error::Io(std::io::Error::other(error)))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(SOCKET_READ_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let connection = connect(endpoint).await?;
    let (stream, _) = client_async_with_config(request, connection, Some(config))
        .await
        .map_err(Error::from_socket)?;
    Ok(stream)
}
