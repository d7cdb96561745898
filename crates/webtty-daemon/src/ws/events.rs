//! A subscriber: every event of its session as a text frame of its own.

use hyper_tungstenite::tungstenite::{Message, Utf8Bytes};
use webtty_core::Session;
use webtty_core::event_log::{Event, Lagged, Subscriber};
use webtty_protocol::Close;

use super::connection::{Connection, End, Heartbeat, Inbound, Outbound};
use crate::limits::FRAME_BYTES;
use crate::query::EventsQuery;
use crate::{envelope, lifetime};

/// Sends events until the session ends or the socket does.
pub(super) async fn serve(
    mut connection: Connection,
    session: &Session,
    subscriber: Subscriber,
    query: EventsQuery,
) {
    let end = {
        let heartbeat = Heartbeat::new(connection.pulse.clone());
        let deliver = deliver(
            session,
            subscriber,
            query,
            heartbeat,
            &mut connection.outbound,
        );
        tokio::select! {
            biased;
            close = lifetime::over(&connection.app, &connection.grant) => End::Close(close),
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
    query: EventsQuery,
    mut heartbeat: Heartbeat,
    outbound: &mut Outbound,
) -> Result<End, End> {
    let mut status = session.watch();
    let mut batch = Vec::new();
    loop {
        // Looked at before the log: what was published before the end is delivered.
        let ended = lifetime::channel_end(&status.borrow_and_update().phase);
        if let Err(lagged) = subscriber.take(FRAME_BYTES, &mut batch) {
            tell_lagged(lagged, query, outbound).await?;
            continue;
        }
        if !batch.is_empty() {
            write(&mut batch, query.envelope, outbound).await?;
            subscriber.done();
            continue;
        }
        if let Some(close) = ended {
            return Ok(End::Close(close));
        }
        if !query.follow {
            return Ok(End::Close(Close::Normal));
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

/// Loss is never silent: who cannot be told of it by a message is closed.
async fn tell_lagged(
    lagged: Lagged,
    query: EventsQuery,
    outbound: &mut Outbound,
) -> Result<(), End> {
    if !query.envelope {
        return Err(End::Close(Close::Lagged));
    }
    outbound.send(Message::text(envelope::lagged(lagged))).await
}

async fn write(batch: &mut Vec<Event>, envelope: bool, outbound: &mut Outbound) -> Result<(), End> {
    let messages = batch.drain(..).map(|event| {
        let text: Utf8Bytes = if envelope {
            envelope::event(&event).into()
        } else {
            Utf8Bytes::try_from(event.payload).expect("checked when it was published")
        };
        Message::Text(text)
    });
    outbound.send_all(messages).await
}
