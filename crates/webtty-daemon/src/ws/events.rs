//! A subscriber: every event of its session as a text frame of its own.

use bytes::Bytes;
use hyper_tungstenite::tungstenite::Message;
use webtty_core::Session;
use webtty_core::event_log::{Lagged, Subscriber};
use webtty_protocol::Close;

use super::connection::{Connection, Inbound};
use super::end::End;
use super::frame::{Kind, write_frame};
use super::heartbeat::Heartbeat;
use super::outbound::Outbound;
use crate::limits::FRAME_BYTES;
use crate::query::EventsQuery;
use crate::router::Needs;
use crate::{envelope, lifetime};

/// The two forms in which events are sent, as the event log tells them apart.
const PLAIN: u64 = 0;
const ENVELOPED: u64 = 1;

/// Sends events until the session ends or the socket does, after a notice where one is wanted.
pub(super) async fn serve(
    mut connection: Connection,
    session: &Session,
    subscriber: Subscriber,
    query: EventsQuery,
    notice: Option<String>,
) {
    let end = {
        let heartbeat = Heartbeat::new(connection.pulse.clone(), &connection.app.limits);
        let outbound = &mut connection.outbound;
        let deliver = async {
            if let Some(notice) = notice {
                outbound.send(Message::text(notice)).await?;
            }
            deliver(session, subscriber, query, heartbeat, outbound).await
        };
        tokio::select! {
            biased;
            close = lifetime::over(&connection.app, &connection.grant, Needs::Subscribe) => End::Close(close),
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
    loop {
        // Looked at before the log: what was published before the end is delivered.
        let ended = lifetime::channel_end(&status.borrow_and_update().phase);
        let frames = match take(&mut subscriber, query.envelope) {
            Ok(frames) => frames,
            Err(lagged) => {
                tell_lagged(lagged, query, outbound).await?;
                continue;
            }
        };
        if !frames.is_empty() {
            outbound.send_frames(frames).await?;
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
            end = outbound.tend(&mut heartbeat) => match end? {},
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

/// The frames of the events that wait, encoded once for all subscribers at the same event.
fn take(subscriber: &mut Subscriber, with_envelope: bool) -> Result<Bytes, Lagged> {
    if with_envelope {
        return subscriber.take_written(ENVELOPED, FRAME_BYTES, |event, out| {
            write_frame(Kind::Text, envelope::event(event).as_bytes(), out);
        });
    }
    subscriber.take_written(PLAIN, FRAME_BYTES, |event, out| {
        write_frame(Kind::Text, &event.payload, out);
    })
}
