//! The TCP listener's connections, where it speaks TLS: the handshake, before HTTP begins.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use webtty_protocol::ErrorCode;

use super::refusal;
use super::serve;
use crate::app::App;
use crate::gate::Via;
use crate::http::ConnectionSlot;
use crate::limits::GOODBYE_TIMEOUT;
use crate::tls::Identity;

/// With what a TLS connection begins: a handshake record (RFC 8446 section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// What somebody who connected speaks.
enum Spoken {
    Tls(Box<TlsStream<TcpStream>>),
    /// Not TLS.
    Plain(TcpStream),
}

/// Serves a connection, after its handshake where there is to be one. It has as long for that as
/// for a request's head, and its place among the connections from the beginning.
pub(super) async fn serve(app: Arc<App>, via: Via, stream: TcpStream, slot: ConnectionSlot) {
    let Some(identity) = &app.listening.identity else {
        return serve::serve(app, via, stream, slot).await;
    };
    let spoken = tokio::select! {
        () = app.tasks.stopping() => return,
        spoken = timeout(app.limits.head_timeout(), listen(identity, stream)) => spoken,
    };
    match spoken {
        Ok(Ok(Spoken::Tls(stream))) => serve::serve(app, via, stream, slot).await,
        Ok(Ok(Spoken::Plain(stream))) => {
            let message = "this port speaks https, not http";
            refusal::refuse(stream, ErrorCode::BadRequest, message).await;
        }
        // What strangers send is no reason for a line in the log of everybody else.
        Ok(Err(error)) => tracing::debug!(%error, peer = ?via.peer(), "a handshake failed"),
        Err(_) => tracing::debug!(peer = ?via.peer(), "a handshake was not done in time"),
    }
}

/// Tells somebody that there is no place, in what they speak.
pub(super) async fn turn_away(app: Arc<App>, stream: TcpStream, why: &'static str) {
    let Some(identity) = &app.listening.identity else {
        return refusal::turn_away(stream, why).await;
    };
    if let Ok(Ok(Spoken::Tls(stream))) = timeout(GOODBYE_TIMEOUT, listen(identity, stream)).await {
        refusal::turn_away(stream, why).await;
    }
}

async fn listen(identity: &Identity, stream: TcpStream) -> io::Result<Spoken> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    if first != [HANDSHAKE_RECORD] {
        return Ok(Spoken::Plain(stream));
    }
    let stream = identity.acceptor().accept(stream).await?;
    Ok(Spoken::Tls(Box::new(stream)))
}
