//! The list of sessions as those see it who watch it live: a state, and what has changed between
//! two of them.
//!
//! Nothing is queued for who watches. Each compares the state with the one it was told last, so
//! a slow one is told fewer steps, and never misses where they lead.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use webtty_protocol::SessionId;
use webtty_protocol::hub::Change;
use webtty_protocol::rest::{SessionInfo, SessionState};

use crate::limits::LAST_WORDS;
use crate::registry::Registry;
use crate::session::{Phase, Session};

/// Sessions by their incarnations.
pub type Sessions = BTreeMap<u64, Arc<SessionInfo>>;

/// All sessions at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    /// Those that are there.
    pub sessions: Sessions,
    /// How those were at their end that are gone, the latest last.
    ended: VecDeque<(u64, Arc<SessionInfo>)>,
}

impl Directory {
    /// What has changed for who was told `told` and may see `visible` of this directory: in an
    /// order in which no two sessions ever have the same id.
    pub fn changes(&self, told: &Sessions, visible: &Sessions) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut taken = BTreeSet::new();
        for (incarnation, old) in told {
            if visible.contains_key(incarnation) {
                taken.insert(&old.id);
            } else {
                self.tell_gone(*incarnation, old, &mut changes);
            }
        }
        let mut anew = BTreeSet::new();
        for (incarnation, now) in visible {
            let Some(old) = told.get(incarnation).filter(|old| old.id != now.id) else {
                continue;
            };
            taken.remove(&old.id);
            if taken.insert(&now.id) {
                let (from, session) = (old.id.clone(), now.as_ref().clone());
                changes.push(Change::Renamed { from, session });
            } else {
                // The id is another one's until later in this list.
                changes.push(removed(&old.id));
                anew.insert(*incarnation);
            }
        }
        for (incarnation, now) in visible {
            match told.get(incarnation) {
                Some(old) if !anew.contains(incarnation) => tell_steps(old, now, &mut changes),
                _ => {
                    let session = now.as_ref().clone();
                    changes.push(Change::Created { session });
                    tell_life(SessionState::Idle, now, &mut changes);
                }
            }
        }
        changes
    }

    fn tell_gone(&self, incarnation: u64, old: &SessionInfo, changes: &mut Vec<Change>) {
        let last = self.ended.iter().find(|(of, _)| *of == incarnation);
        if let Some((_, last)) = last
            && last.exit.is_some()
            && old.exit.is_none()
        {
            let mut session = last.as_ref().clone();
            session.id = old.id.clone();
            changes.push(Change::Exited { session });
        }
        changes.push(removed(&old.id));
    }
}

fn removed(id: &SessionId) -> Change {
    Change::Removed {
        session: id.clone(),
    }
}

/// What has changed of a session that stayed.
fn tell_steps(old: &SessionInfo, now: &SessionInfo, changes: &mut Vec<Change>) {
    let session = || now.clone();
    let before = changes.len();
    if (old.cols, old.rows) != (now.cols, now.rows) {
        changes.push(Change::Resized { session: session() });
    }
    if old.title != now.title {
        changes.push(Change::Titled { session: session() });
    }
    tell_life(old.state, now, changes);
    let seen = |info: &SessionInfo| (info.viewers, info.subscribers, info.last_used_at);
    let unexplained = changes.len() == before && old.id == now.id && old != now;
    if seen(old) != seen(now) || unexplained {
        changes.push(Change::Watched { session: session() });
    }
}

/// How far a session has come in its life since it was in this state.
fn tell_life(was: SessionState, now: &SessionInfo, changes: &mut Vec<Change>) {
    let session = || now.clone();
    if was == SessionState::Idle && now.state != SessionState::Idle {
        changes.push(Change::Started { session: session() });
    }
    if was != SessionState::Exited && now.state == SessionState::Exited {
        changes.push(Change::Exited { session: session() });
    }
}

/// Keeps the directory of a registry up to date.
pub struct DirectoryKeeper {
    registry: Arc<Registry>,
    /// The sessions of the last look: a session that is gone since can still be asked how it was.
    known: Mutex<BTreeMap<u64, Arc<Session>>>,
    directory: watch::Sender<Arc<Directory>>,
}

impl DirectoryKeeper {
    /// Keeps the directory of this registry, from the first [`refresh`](Self::refresh) on.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            known: Mutex::default(),
            directory: watch::Sender::default(),
        }
    }

    /// The directory as of the last look, and a way to wait for the next that finds a change.
    pub fn watch(&self) -> watch::Receiver<Arc<Directory>> {
        self.directory.subscribe()
    }

    /// Changes whenever a look may find something new.
    pub fn activity(&self) -> watch::Receiver<u64> {
        self.registry.activity()
    }

    /// Looks at all sessions.
    pub fn refresh(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut there: BTreeMap<u64, Arc<Session>> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for session in self.registry.list() {
            ids.insert(session.id());
            there.insert(session.incarnation(), session);
        }
        let mut gone = Vec::new();
        for (incarnation, session) in std::mem::take(&mut *known) {
            if there.contains_key(&incarnation) {
                continue;
            }
            // A shell that exits is first forgotten and then marked as ended. Between the two
            // its session stays, so that its end can be told, unless another has its id.
            let over = matches!(session.phase(), Phase::Exited(_) | Phase::Deleted);
            if over || ids.contains(&session.id()) {
                gone.push((incarnation, Arc::new(session.info())));
            } else {
                there.insert(incarnation, session);
            }
        }
        self.directory
            .send_if_modified(|directory| update(directory, &there, gone));
        *known = there;
    }
}

fn update(
    directory: &mut Arc<Directory>,
    there: &BTreeMap<u64, Arc<Session>>,
    gone: Vec<(u64, Arc<SessionInfo>)>,
) -> bool {
    let mut changed = !gone.is_empty();
    let mut sessions = Sessions::new();
    for (incarnation, session) in there {
        let info = session.info();
        let same = directory.sessions.get(incarnation).cloned();
        let same = same.filter(|known| **known == info);
        changed |= same.is_none();
        sessions.insert(*incarnation, same.unwrap_or_else(|| Arc::new(info)));
    }
    if changed {
        let mut ended = directory.ended.clone();
        ended.extend(gone);
        ended.drain(..ended.len().saturating_sub(LAST_WORDS));
        *directory = Arc::new(Directory { sessions, ended });
    }
    changed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webtty_protocol::live::LiveSessions;

    use super::*;

    fn info(id: &str, step: u8) -> Arc<SessionInfo> {
        let state = match step {
            0 => SessionState::Idle,
            1..6 => SessionState::Running,
            _ => SessionState::Exited,
        };
        let exit = (state == SessionState::Exited).then_some(webtty_protocol::rest::ExitInfo {
            code: Some(0),
            signal: None,
        });
        Arc::new(SessionInfo {
            id: id.parse().expect("an id"),
            epoch: String::new(),
            created_at: 0,
            last_used_at: None,
            base_dir: "/".into(),
            connected: step > 2,
            pid: None,
            state,
            cmd: None,
            title: (step == 4).then(|| "title".into()),
            cols: if step == 3 { 100 } else { 80 },
            rows: 24,
            size_policy: webtty_protocol::SizePolicy::Driver,
            read_only: false,
            clipboard: false,
            viewers: usize::from(step > 2),
            subscribers: 0,
            exit,
        })
    }

    fn kinds(changes: &[Change]) -> Vec<String> {
        let kind = |change: &Change| {
            let value = serde_json::to_value(change).expect("JSON");
            value["kind"].as_str().expect("a kind").to_owned()
        };
        changes.iter().map(kind).collect()
    }

    fn check(told: &[(u64, &str, u8)], now: &[(u64, &str, u8)], expected: &[&str]) {
        let sessions = |list: &[(u64, &str, u8)]| -> Sessions {
            list.iter()
                .map(|&(incarnation, id, step)| (incarnation, info(id, step)))
                .collect()
        };
        let (told, now) = (sessions(told), sessions(now));
        let directory = Directory {
            sessions: now.clone(),
            ended: [(1, info("a", 6))].into(),
        };
        let changes = directory.changes(&told, &now);
        assert_eq!(kinds(&changes), expected);
    }

    #[test]
    fn each_step_of_a_session_has_its_kind() {
        check(&[], &[(2, "a", 0)], &["created"]);
        check(&[], &[(2, "a", 1)], &["created", "started"]);
        check(&[(2, "a", 0)], &[(2, "a", 1)], &["started"]);
        check(&[(2, "a", 1)], &[(2, "a", 3)], &["resized", "watched"]);
        check(&[(2, "a", 5)], &[(2, "a", 4)], &["titled"]);
        check(&[(2, "a", 1)], &[(2, "b", 1)], &["renamed"]);
        check(&[(2, "a", 5)], &[(2, "a", 6)], &["exited"]);
        check(
            &[(2, "a", 0)],
            &[(2, "a", 7)],
            &["started", "exited", "watched"],
        );
        check(&[(1, "a", 1)], &[], &["exited", "removed"]);
        check(&[(2, "a", 1)], &[], &["removed"]);
        check(&[(2, "a", 1)], &[(2, "a", 1)], &[]);
    }

    #[test]
    fn ids_that_change_hands_are_never_had_by_two() {
        check(
            &[(2, "a", 1), (3, "b", 1)],
            &[(2, "b", 1), (3, "a", 1)],
            &["removed", "renamed", "created", "started"],
        );
        check(&[(2, "a", 0)], &[(3, "a", 0)], &["removed", "created"]);
    }

    /// Up to four sessions with different ids, by incarnation.
    fn state() -> impl Strategy<Value = Vec<(u64, u8, u8)>> {
        let one = (0u64..6, 0u8..5, 0u8..8);
        prop::collection::vec(one, 0..5).prop_map(|all| {
            let mut ids = BTreeSet::new();
            let unlike = |session: &(u64, u8, u8)| ids.insert(session.1);
            all.into_iter().filter(unlike).collect()
        })
    }

    proptest! {
        #[test]
        fn a_snapshot_and_what_changed_since_is_the_state(
            states in prop::collection::vec((state(), any::<bool>()), 1..20),
        ) {
            let mut told = Sessions::new();
            let mut client = LiveSessions::new([]);
            for (state, looks) in states {
                let sessions: Sessions = state
                    .iter()
                    .map(|&(incarnation, id, step)| {
                        (incarnation, info(["a", "b", "c", "d", "e"][usize::from(id)], step))
                    })
                    .collect();
                if !looks {
                    // A slow one, which is told of this only with the next.
                    continue;
                }
                let directory = Directory { sessions: sessions.clone(), ended: VecDeque::new() };
                for change in directory.changes(&told, &sessions) {
                    prop_assert!(client.apply(&change), "{change:?} does not fit");
                }
                let expected: BTreeMap<_, _> = sessions
                    .values()
                    .map(|info| (info.id.clone(), info.as_ref().clone()))
                    .collect();
                prop_assert_eq!(client.all(), &expected);
                told = sessions;
            }
        }
    }
}
