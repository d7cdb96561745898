//! Publishing one event, with the patience of any publisher.

use bytes::Bytes;
use tokio::time::sleep;
use webtty_core::Session;
use webtty_core::limits::PUBLISHER_POLL;

use crate::lifetime::channel_end;
use crate::ws::heartbeat::Pulse;

/// The session's shell has ended.
pub(super) struct Ended;

/// Publishes an event, waiting for room as long as a live subscriber is behind: the client is not
/// read meanwhile. Gives its number.
pub(super) async fn publish(session: &Session, event: Bytes, pulse: &Pulse) -> Result<u64, Ended> {
    let events = session.events();
    let mut status = session.watch();
    let mut progress = events.progress();
    loop {
        progress.mark_unchanged();
        if channel_end(&status.borrow().phase).is_some() {
            return Err(Ended);
        }
        let at = session.output().end().offset;
        if let Ok(seq) = events.publish(event.clone(), at) {
            return Ok(seq);
        }
        pulse.not_reading();
        tokio::select! {
            _ = progress.changed() => {}
            () = sleep(PUBLISHER_POLL) => {}
            _ = status.wait_for(|status| channel_end(&status.phase).is_some()) => {}
        }
    }
}
