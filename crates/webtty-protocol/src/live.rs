//! What a client keeps of a room that has a state: the snapshot, and each change applied to it.

use std::collections::BTreeMap;

use crate::hub::Change;
use crate::id::SessionId;
use crate::rest::SessionInfo;

/// The room `sessions`, as a client has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveSessions {
    all: BTreeMap<SessionId, SessionInfo>,
}

impl LiveSessions {
    /// As the snapshot says.
    pub fn new(sessions: impl IntoIterator<Item = SessionInfo>) -> Self {
        let all = sessions.into_iter().map(|info| (info.id.clone(), info));
        Self { all: all.collect() }
    }

    /// All sessions, by their ids.
    pub fn all(&self) -> &BTreeMap<SessionId, SessionInfo> {
        &self.all
    }

    /// Takes a change. Gives whether it fits: one that does not comes from another state, and
    /// the room is to be subscribed to anew.
    pub fn apply(&mut self, change: &Change) -> bool {
        let (before, session) = match change {
            Change::Created { session } => {
                let free = !self.all.contains_key(&session.id);
                self.all.insert(session.id.clone(), session.clone());
                return free;
            }
            Change::Removed { session } => return self.all.remove(session).is_some(),
            Change::Renamed { from, session } => (from, session),
            Change::Started { session }
            | Change::Resized { session }
            | Change::Titled { session }
            | Change::Watched { session }
            | Change::Exited { session } => (&session.id, session),
            // Of another room, or of a daemon newer than this.
            _ => return true,
        };
        let known = self.all.remove(before).is_some();
        let free = self.all.insert(session.id.clone(), session.clone());
        known && free.is_none()
    }
}
