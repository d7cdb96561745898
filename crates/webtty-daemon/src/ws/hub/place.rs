//! A session's room: under which name it was told last, and whether it is over.

use std::sync::Arc;

use tokio::sync::watch;
use webtty_core::Session;
use webtty_core::session::{Phase, Status};
use webtty_protocol::hub::{HubMessage, RoomRenamed, UnsubscribedReason};
use webtty_protocol::{Close, Room, SessionId};

use super::frames::Frames;

/// Why a feed has nothing more to tell.
pub(super) enum Stop {
    /// The room is over; the connection goes on.
    Room(UnsubscribedReason),
    /// The connection is to be closed.
    Connection(Close),
}

/// A room of a session, which it follows through renames and to its end.
pub(super) struct Place {
    pub(super) session: Arc<Session>,
    pub(super) status: watch::Receiver<Status>,
    /// The room of a session of this id.
    named: fn(SessionId) -> Room,
    told: Room,
}

impl Place {
    pub(super) fn new(session: Arc<Session>, named: fn(SessionId) -> Room) -> Self {
        let status = session.watch();
        let told = named(session.id());
        Self {
            session,
            status,
            named,
            told,
        }
    }

    /// The room, by the name it was told under last.
    pub(super) fn room(&self) -> &Room {
        &self.told
    }

    pub(super) fn incarnation(&self) -> u64 {
        self.session.incarnation()
    }

    /// Tells of another name, and gives why the room is over, if it is.
    pub(super) fn look(&mut self, into: &mut Frames) -> Option<UnsubscribedReason> {
        let (id, end) = {
            let status = self.status.borrow_and_update();
            let end = match status.phase {
                Phase::Exited(_) => Some(UnsubscribedReason::Exited),
                Phase::Deleted => Some(UnsubscribedReason::Removed),
                Phase::Idle | Phase::Starting | Phase::Running { .. } => None,
            };
            (status.id.clone(), end)
        };
        let to = (self.named)(id);
        if to != self.told {
            let from = std::mem::replace(&mut self.told, to.clone());
            into.say(&HubMessage::Renamed(RoomRenamed { from, to }));
        }
        end
    }
}
