//! `session/ID/events`: a session's event log from a position on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use webtty_core::Session;
use webtty_core::event_log::{Event, Subscriber};
use webtty_protocol::hub::{HubMessage, RoomLagged, RoomSnapshot, Subscribe};
use webtty_protocol::{Close, Room};

use super::frames::{Frames, write_published};
use super::place::{Place, Stop};
use super::watching::changed;
use crate::limits::{FRAME_BYTES, HUB_LAGS};

/// A subscriber to a session's events.
pub(super) struct EventsFeed {
    pub(super) place: Place,
    subscriber: Subscriber,
    resumed: bool,
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
        // Written down once for all connections at the same event that know the room by this name.
        let room = self.place.room();
        let write = |event: &Event, out: &mut Vec<u8>| write_published(room, event, out);
        match self
            .subscriber
            .take_written(form_of(room), FRAME_BYTES, write)
        {
            Ok(frames) if frames.is_empty() => {
                self.lags.caught_up();
                return end.map_or(Ok(()), |reason| Err(Stop::Room(reason)));
            }
            Ok(frames) => into.share(frames),
            Err(lagged) => {
                self.lags.missed().map_err(Stop::Connection)?;
                let (room, skipped) = (room.clone(), lagged.skipped);
                into.say(&HubMessage::Lagged(RoomLagged { room, skipped }));
            }
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

/// Names the form in which events stand here, which has the room in it. Not one of the small numbers
/// that name those of other sockets.
fn form_of(room: &Room) -> u64 {
    let mut hasher = DefaultHasher::new();
    room.to_string().hash(&mut hasher);
    hasher.finish() | 1 << 63
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
