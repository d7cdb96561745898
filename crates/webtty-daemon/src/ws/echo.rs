//! Sends back what it is sent, for the conformance suite: a socket with nothing of its own, on
//! the same halves as all others.

use super::connection::Connection;
use super::end::End;
use super::heartbeat::Heartbeat;

/// The largest message of the suite, and the largest that it sends in pieces.
pub(super) const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// Echoes until the client has had enough.
pub(super) async fn serve(mut connection: Connection) {
    let Connection {
        app,
        outbound,
        inbound,
        pulse,
        ..
    } = &mut connection;
    let mut heartbeat = Heartbeat::new(pulse.clone(), &app.limits);
    let end: End = loop {
        let message = tokio::select! {
            message = inbound.next() => message,
            end = outbound.tend(&mut heartbeat) => match end {
                Ok(never) => match never {},
                Err(end) => break end,
            },
        };
        let echoed = match message {
            Ok(message) => outbound.send(message).await,
            Err(end) => break end,
        };
        if let Err(end) = echoed {
            break end;
        }
    };
    connection.end(end).await;
}
