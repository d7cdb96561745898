//! Who watches a session: the one list that viewers, lists and the hub's presence are told from.

use std::sync::Arc;

use tokio::sync::watch;
use webtty_protocol::presence::{Presence, Via};

use crate::activity::{Activity, Watched};

/// All who are connected to a session, in the order they came.
pub type Present = Arc<Vec<Presence>>;

/// Who watches a session.
#[derive(Debug)]
pub struct Watchers {
    all: Watched<Present>,
}

impl Watchers {
    pub(crate) fn new(activity: Activity) -> Arc<Self> {
        Arc::new(Self {
            all: Watched::new(Present::default(), activity),
        })
    }

    /// Somebody comes. Dropping what is given back makes it leave.
    pub fn enter(self: &Arc<Self>, who: Presence) -> Watcher {
        let client = who.client;
        self.all.send_modify(|all| Arc::make_mut(all).push(who));
        Watcher {
            watchers: Arc::clone(self),
            client,
        }
    }

    /// Who is there, and a way to wait for a change of it.
    pub fn watch(&self) -> watch::Receiver<Present> {
        self.all.subscribe()
    }

    /// How many have the terminal.
    pub fn terminals(&self) -> usize {
        let all = self.all.borrow();
        all.iter().filter(|who| who.via == Via::Terminal).count()
    }
}

/// Somebody's place among those who watch a session.
#[derive(Debug)]
pub struct Watcher {
    watchers: Arc<Watchers>,
    client: u64,
}

impl Watcher {
    /// Changes what is told of this one: its name, its role.
    pub fn change(&self, change: impl FnOnce(&mut Presence)) {
        self.watchers.all.send_if_modified(|all| {
            let Some(at) = all.iter().position(|who| who.client == self.client) else {
                return false;
            };
            let mut changed = all[at].clone();
            change(&mut changed);
            if changed == all[at] {
                return false;
            }
            Arc::make_mut(all)[at] = changed;
            true
        });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watchers
            .all
            .send_modify(|all| Arc::make_mut(all).retain(|who| who.client != self.client));
    }
}

#[cfg(test)]
mod tests {
    use webtty_protocol::Role;

    use super::*;

    fn who(client: u64, via: Via) -> Presence {
        Presence {
            client,
            via,
            role: Role::View,
            label: None,
            name: None,
        }
    }

    #[test]
    fn who_comes_changes_and_leaves_is_told() {
        let activity = Activity::default();
        let mut told = activity.subscribe();
        let watchers = Watchers::new(activity);
        let mut watch = watchers.watch();
        let ada = watchers.enter(who(1, Via::Terminal));
        let page = watchers.enter(who(2, Via::Hub));
        assert!(told.has_changed().expect("it lives"));
        assert_eq!(watchers.terminals(), 1);
        watch.mark_unchanged();
        ada.change(|who| who.role = Role::View);
        assert!(!watch.has_changed().expect("it lives"), "nothing is new");
        ada.change(|who| who.name = Some("Ada".into()));
        assert!(watch.has_changed().expect("it lives"));
        assert_eq!(watch.borrow_and_update()[0].name, Some("Ada".into()));
        told.mark_unchanged();
        drop(ada);
        assert!(told.has_changed().expect("it lives"));
        assert_eq!(**watch.borrow(), [who(2, Via::Hub)]);
        drop(page);
        assert!(watch.borrow().is_empty());
    }
}
