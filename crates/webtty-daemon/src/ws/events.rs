//! A subscriber: every event of its session as a text frame of its own.

use bytes::Bytes;
use hyper_tungstenite::tungstenite::{Message, Utf8Bytes};
use webtty_core::Session;
use webtty_core::event_log::Subscriber;
use webtty_core::session::Phase;
use webtty_protocol::Close;

use super::connection::{Connection, End, Heartbeat, Inbound, Outbound, must_end};
use crate::limits::FRAME_BYTES;

/// Sends events until the session ends or the socket does.
pub(super) async fn serve(mut connection: Connection, session: &Session) {
    let end = {
        let subscriber = session.events().subscribe();
        let heartbeat = Heartbeat::new(connection.pulse.clone());
        let deliver = deliver(session, subscriber, heartbeat, &mut connection.outbound);
        tokio::select! {
            biased;
            end = must_end(&connection.app, &connection.grant) => end,
            end = deliver => end.unwrap_or_else(|end| end),
            end = refuse(&mut connection.inbound) => end,
        }
    };
    connection.end(end).await;
}

/// A subscriber has nothing to say.
async fn refuse(inbound: &mut Inbound) -> End {
    match inbound.next().await {
        Ok(_) => End::Close(Close::Unsupported),
        Err(end) => end,
    }
}

async fn deliver(
    session: &Session,
    mut subscriber: Subscriber,
    mut heartbeat: Heartbeat,
    outbound: &mut Outbound,
) -> Result<End, End> {
    let mut status = session.watch();
    let mut batch = Vec::new();
    loop {
        // Looked at before the log: what was published before the end is delivered.
        let ended = end_of(&status.borrow_and_update().phase);
        subscriber.take(FRAME_BYTES, &mut batch);
        if !batch.is_empty() {
            write(&mut batch, outbound).await?;
            subscriber.done();
            continue;
        }
        if let Some(close) = ended {
            return Ok(End::Close(close));
        }
        tokio::select! {
            () = subscriber.wait() => {}
            _ = status.changed() => {}
            ping = heartbeat.ping_due() => {
                ping?;
                outbound.ping().await?;
            }
        }
    }
}

async fn write(batch: &mut Vec<Bytes>, outbound: &mut Outbound) -> Result<(), End> {
    for event in batch.drain(..) {
        let text = Utf8Bytes::try_from(event).expect("checked when it was published");
        outbound.feed(Message::Text(text)).await?;
    }
    outbound.flush().await
}

fn end_of(phase: &Phase) -> Option<Close> {
    match phase {
        Phase::Exited(_) => Some(Close::ShellExited),
        Phase::Deleted => Some(Close::SessionDeleted),
        Phase::Idle => Some(Close::NotRunning),
        Phase::Starting | Phase::Running { .. } => None,
    }
}
