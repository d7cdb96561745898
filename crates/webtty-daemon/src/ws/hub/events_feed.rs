//! `session/ID/events`: a session's event log from a position on.

use std::sync::Arc;

use webtty_core::Session;
use webtty_core::event_log::{Event, Subscriber};
use webtty_protocol::hub::{HubMessage, RoomLagged, RoomSnapshot, Subscribe};
use webtty_protocol::{Close, Room};

use super::frames::Frames;
use super::place::{Place, Stop};
use super::watching::changed;
use crate::limits::{FRAME_BYTES, HUB_LAGS};

/// A subscriber to a session's events.
pub(super) struct EventsFeed {
    pub(super) place: Place,
    subscriber: Subscriber,
    resumed: bool,
    batch: Vec<Event>,
    lags: Lags,
}

impl EventsFeed {
    /// From this moment on, or from where the client was.
    pub(super) fn new(session: Arc<Session>, wish: &Subscribe) -> Self {
        let same_log = wish
            .epoch
            .as_ref()
            .is_none_or(|epoch| epoch == session.epoch());
        // A number of another log is beyond the end of this one: all that is kept is new.
        let since = wish
            .since
            .map(|since| if same_log { since } else { u64::MAX });
        let subscriber = session.events().subscribe(since);
        let resumed = since.is_some_and(|since| since == subscriber.position());
        Self {
            place: Place::new(session, Room::Events),
            subscriber,
            resumed,
            batch: Vec::new(),
            lags: Lags::default(),
        }
    }

    pub(super) fn open(&self) -> (u64, RoomSnapshot) {
        let epoch = self.place.session.epoch().to_owned();
        let resumed = self.resumed;
        (
            self.subscriber.position(),
            RoomSnapshot::Events { epoch, resumed },
        )
    }

    pub(super) fn tell(&mut self, into: &mut Frames) -> Result<(), Stop> {
        // Looked at before the log: what was published before the end is delivered.
        let end = self.place.look(into);
        if let Err(lagged) = self.subscriber.take(FRAME_BYTES, &mut self.batch) {
            self.lags.missed().map_err(Stop::Connection)?;
            let (room, skipped) = (self.place.room().clone(), lagged.skipped);
            into.say(&HubMessage::Lagged(RoomLagged { room, skipped }));
            return Ok(());
        }
        if self.batch.is_empty() {
            self.lags.caught_up();
            return end.map_or(Ok(()), |reason| Err(Stop::Room(reason)));
        }
        for event in self.batch.drain(..) {
            into.publish(self.place.room(), &event);
        }
        Ok(())
    }

    /// What was added has been written, and need not be kept for this subscriber.
    pub(super) fn written(&self) {
        self.subscriber.done();
    }

    pub(super) async fn wait(&mut self) {
        tokio::select! {
            () = self.subscriber.wait() => {}
            () = changed(&mut self.place.status) => {}
        }
    }
}

/// How many times a subscriber has missed events since it was last up to date.
#[derive(Debug, Default)]
struct Lags(u32);

impl Lags {
    /// It has missed some.
    ///
    /// # Errors
    /// The close of a connection for which this goes on and on.
    fn missed(&mut self) -> Result<(), Close> {
        self.0 += 1;
        if self.0 > HUB_LAGS {
            return Err(Close::Lagged);
        }
        Ok(())
    }

    fn caught_up(&mut self) {
        self.0 = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_missing_events_is_evicted() {
        let mut lags = Lags::default();
        for _ in 0..HUB_LAGS {
            assert_eq!(lags.missed(), Ok(()));
        }
        lags.caught_up();
        for _ in 0..HUB_LAGS {
            assert_eq!(lags.missed(), Ok(()));
        }
        assert_eq!(lags.missed(), Err(Close::Lagged));
    }
}
