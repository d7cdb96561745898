//! `session/ID/presence`: who watches a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use webtty_core::Session;
use webtty_core::presence::{Present, Watcher};
use webtty_protocol::Room;
use webtty_protocol::hub::{Change, RoomSnapshot};
use webtty_protocol::presence::Presence;

use super::frames::Frames;
use super::place::{Place, Stop};
use super::watching::changed;

/// Who watches a session, this connection among them.
pub(super) struct PresenceFeed {
    pub(super) place: Place,
    watcher: Option<Watcher>,
    present: watch::Receiver<Present>,
    told: Present,
    seq: u64,
}

impl PresenceFeed {
    pub(super) fn new(session: Arc<Session>) -> Self {
        let present = session.watchers().watch();
        Self {
            place: Place::new(session, Room::Presence),
            watcher: None,
            present,
            told: Present::default(),
            seq: 0,
        }
    }

    /// Comes into the room, or changes what is told of it there.
    pub(super) fn known_as(&mut self, who: &Presence) {
        match &self.watcher {
            Some(watcher) => watcher.change(|known| known.clone_from(who)),
            None => self.watcher = Some(self.place.session.watchers().enter(who.clone())),
        }
    }

    pub(super) fn open(&mut self) -> (u64, RoomSnapshot) {
        self.told = Arc::clone(&self.present.borrow_and_update());
        let clients = self.told.to_vec();
        (self.seq, RoomSnapshot::Presence { clients })
    }

    pub(super) fn tell(&mut self, into: &mut Frames) -> Result<(), Stop> {
        let end = self.place.look(into);
        if self.present.has_changed().unwrap_or(false) {
            let now = Arc::clone(&self.present.borrow_and_update());
            for change in changes(&self.told, &now) {
                self.seq += 1;
                into.tell(self.place.room(), self.seq, change);
            }
            self.told = now;
        }
        end.map_or(Ok(()), |reason| Err(Stop::Room(reason)))
    }

    pub(super) async fn wait(&mut self) {
        tokio::select! {
            () = changed(&mut self.present) => {}
            () = changed(&mut self.place.status) => {}
        }
    }
}

/// What has changed between two states.
fn changes(told: &[Presence], now: &[Presence]) -> Vec<Change> {
    let by_client = |all: &[Presence]| -> BTreeMap<u64, Presence> {
        all.iter().map(|who| (who.client, who.clone())).collect()
    };
    let (before, after) = (by_client(told), by_client(now));
    let gone = before.keys().filter(|client| !after.contains_key(client));
    let mut changes: Vec<Change> = gone.map(|&client| Change::Left { client }).collect();
    for (number, who) in &after {
        let client = who.clone();
        match before.get(number) {
            None => changes.push(Change::Joined { client }),
            Some(known) if known != who => changes.push(Change::Changed { client }),
            Some(_) => {}
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webtty_protocol::Role;
    use webtty_protocol::presence::Via;

    use super::*;

    fn who(client: u64, name: u8) -> Presence {
        Presence {
            client,
            via: Via::Terminal,
            role: Role::View,
            label: None,
            name: (name > 0).then(|| name.to_string()),
        }
    }

    proptest! {
        #[test]
        fn a_snapshot_and_what_changed_since_is_who_is_there(
            states in prop::collection::vec(
                prop::collection::btree_map(0u64..8, 0u8..3, 0..8),
                1..12,
            ),
        ) {
            let mut told = Vec::new();
            let mut client: BTreeMap<u64, Presence> = BTreeMap::new();
            for state in states {
                let now: Vec<_> = state.iter().map(|(&id, &name)| who(id, name)).collect();
                for change in changes(&told, &now) {
                    let fits = match change {
                        Change::Joined { client: one } => {
                            client.insert(one.client, one).is_none()
                        }
                        Change::Changed { client: one } => {
                            client.insert(one.client, one).is_some()
                        }
                        Change::Left { client: one } => client.remove(&one).is_some(),
                        _ => false,
                    };
                    prop_assert!(fits);
                }
                let known: Vec<_> = client.values().cloned().collect();
                prop_assert_eq!(&known, &now);
                told = now;
            }
        }
    }
}
