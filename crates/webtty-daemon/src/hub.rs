//! The connections of the hub, and how one reaches another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use webtty_core::Registry;
use webtty_core::directory::DirectoryKeeper;

use crate::limits::HUB_MAILBOX;

/// Everything that the connections of the hub share.
pub(crate) struct Hub {
    directory: DirectoryKeeper,
    members: Mutex<BTreeMap<u64, Reachable>>,
}

/// How a connection is reached, and by whom.
struct Reachable {
    mailbox: mpsc::Sender<String>,
    scope: Scope,
    /// The incarnations of the sessions whose rooms it is in.
    sessions: BTreeSet<u64>,
}

/// Which sessions a connection reaches. By incarnation: a session keeps it when it is renamed,
/// and the next one of its id has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    All,
    /// The one of this incarnation; none when it was gone already.
    One(Option<u64>),
}

impl Scope {
    /// Does it reach this session?
    pub(crate) fn reaches(self, incarnation: u64) -> bool {
        match self {
            Self::All => true,
            Self::One(own) => own == Some(incarnation),
        }
    }
}

/// Why something was not sent to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    /// There is none of that number that the sender may know of.
    Unknown,
    /// It has not taken what others have sent it before.
    Behind,
}

impl Hub {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self {
            directory: DirectoryKeeper::new(registry),
            members: Mutex::default(),
        }
    }

    /// The sessions, as they are told to who watches them.
    pub(crate) fn directory(&self) -> &DirectoryKeeper {
        &self.directory
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.lock().len()
    }

    /// Adds a connection. Gives the messages that others send to it, as they are to be written.
    pub(crate) fn join(&self, connection: u64, scope: Scope) -> mpsc::Receiver<String> {
        let (mailbox, received) = mpsc::channel(HUB_MAILBOX);
        let member = Reachable {
            mailbox,
            scope,
            sessions: BTreeSet::new(),
        };
        self.lock().insert(connection, member);
        received
    }

    /// A connection is gone.
    pub(crate) fn leave(&self, connection: u64) {
        self.lock().remove(&connection);
    }

    /// A connection is in the rooms of these sessions from now on.
    pub(crate) fn is_in(&self, connection: u64, sessions: BTreeSet<u64>) {
        if let Some(member) = self.lock().get_mut(&connection) {
            member.sessions = sessions;
        }
    }

    /// Sends something to one connection, and returns at once. Who is scoped to a session reaches
    /// those that are there with it.
    pub(crate) fn send(&self, scope: Scope, to: u64, message: String) -> Result<(), SendError> {
        let members = self.lock();
        let with_sender = |member: &&Reachable| match scope {
            Scope::All => true,
            Scope::One(None) => false,
            Scope::One(Some(session)) => {
                member.scope == scope || member.sessions.contains(&session)
            }
        };
        let member = members.get(&to).filter(with_sender);
        let member = member.ok_or(SendError::Unknown)?;
        member
            .mailbox
            .try_send(message)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SendError::Behind,
                mpsc::error::TrySendError::Closed(_) => SendError::Unknown,
            })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Reachable>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub() -> Hub {
        let settings = webtty_core::registry::Settings::new(
            || unreachable!("nothing is started"),
            "/nowhere".into(),
            String::new(),
        );
        Hub::new(Registry::new(settings))
    }

    #[test]
    fn who_is_scoped_reaches_those_with_the_same_session() {
        let hub = hub();
        let mut everywhere = hub.join(1, Scope::All);
        let mut here = hub.join(2, Scope::One(Some(7)));
        let _there = hub.join(3, Scope::One(Some(8)));
        assert_eq!(hub.connections(), 3);
        let send = |scope, to| hub.send(scope, to, "hello".to_owned());
        let scope = Scope::One(Some(7));
        assert_eq!(send(scope, 1), Err(SendError::Unknown), "not in the room");
        hub.is_in(1, [7].into());
        assert_eq!(send(scope, 1), Ok(()));
        assert_eq!(send(scope, 2), Ok(()));
        assert_eq!(send(scope, 3), Err(SendError::Unknown));
        assert_eq!(send(Scope::One(None), 2), Err(SendError::Unknown));
        assert_eq!(send(Scope::All, 3), Ok(()));
        assert_eq!(send(Scope::All, 4), Err(SendError::Unknown));
        assert_eq!(everywhere.try_recv().ok(), Some("hello".to_owned()));
        assert_eq!(here.try_recv().ok(), Some("hello".to_owned()));
        hub.leave(3);
        assert_eq!(send(Scope::All, 3), Err(SendError::Unknown));
    }

    #[test]
    fn a_mailbox_is_bounded() {
        let hub = hub();
        let mut mailbox = hub.join(1, Scope::All);
        for _ in 0..HUB_MAILBOX {
            assert_eq!(hub.send(Scope::All, 1, "hello".to_owned()), Ok(()));
        }
        let one_more = hub.send(Scope::All, 1, "hello".to_owned());
        assert_eq!(one_more, Err(SendError::Behind));
        mailbox.try_recv().expect("one");
        assert_eq!(hub.send(Scope::All, 1, "hello".to_owned()), Ok(()));
    }
}
