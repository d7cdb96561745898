//! Who watches a session: the one list that viewers, lists and the hub's presence are told from.

use std::sync::Arc;

use tokio::sync::watch;
use webtty_protocol::control::{ControlLoan, ControlRequest, ControlState};
use webtty_protocol::presence::{Presence, Via};

use crate::activity::{Activity, Watched};
use crate::handover::{Handover, Loan};

/// All who are connected to a session, in the order they came.
pub type Present = Arc<Vec<Presence>>;

/// Who watches a session.
#[derive(Debug)]
pub struct Watchers {
    all: Watched<Present>,
    handover: watch::Sender<Handover>,
}

/// Why control was not lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLent {
    /// No connection of this number has the terminal.
    Gone,
    /// It was lent to as many as it may be.
    TooMany,
}

impl Watchers {
    pub(crate) fn new(activity: Activity) -> Arc<Self> {
        Arc::new(Self {
            all: Watched::new(Present::default(), activity),
            handover: watch::Sender::default(),
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

    /// Who asks to type and who was let, and a way to wait for a change of it.
    pub fn handover(&self) -> watch::Receiver<Handover> {
        self.handover.subscribe()
    }

    /// Changes that. Those who wait hear of it if anything is different then.
    pub fn change_handover<T>(&self, change: impl FnOnce(&mut Handover) -> T) -> T {
        let mut given = None;
        self.handover.send_if_modified(|handover| {
            let before = handover.clone();
            given = Some(change(handover));
            *handover != before
        });
        given.expect("it was changed just now")
    }

    /// Lets a connection type.
    ///
    /// # Errors
    /// When it is none that has the terminal, or too many were let.
    pub fn lend(&self, loan: Loan, now: u64) -> Result<(), NotLent> {
        let client = loan.client;
        if !self.change_handover(|handover| handover.lend(loan, now)) {
            return Err(NotLent::TooMany);
        }
        // After that: one that leaves meanwhile takes it along.
        if self.has_terminal(client) {
            return Ok(());
        }
        self.change_handover(|handover| handover.leave(client));
        Err(NotLent::Gone)
    }

    /// Has this connection the terminal?
    pub fn has_terminal(&self, client: u64) -> bool {
        let all = self.all.borrow();
        all.iter()
            .any(|who| who.client == client && who.via == Via::Terminal)
    }

    /// Who asks to type and who was let, by their names.
    pub fn control_state(&self) -> ControlState {
        let handover = self.handover.borrow().clone();
        let all = Arc::clone(&self.all.borrow());
        let named = |client: u64| {
            let who = all.iter().find(|who| who.client == client);
            who.map(|who| (who.label.clone(), who.name.clone()))
                .unwrap_or_default()
        };
        let requests = handover.requests().iter().map(|request| {
            let (label, name) = named(request.client);
            ControlRequest {
                client: request.client,
                label,
                name,
                until: request.until,
            }
        });
        let loans = handover.loans().iter().map(|loan| {
            let (label, name) = named(loan.client);
            ControlLoan {
                client: loan.client,
                label,
                name,
                until: loan.until,
            }
        });
        ControlState {
            requests: requests.collect(),
            loans: loans.collect(),
        }
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
        self.watchers
            .change_handover(|handover| handover.leave(self.client));
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
    fn control_is_lent_to_who_has_the_terminal_and_goes_with_it() {
        let watchers = Watchers::new(Activity::default());
        let loan = |client| Loan {
            client,
            lender: None,
            until: None,
        };
        let ada = watchers.enter(who(1, Via::Terminal));
        let _hub = watchers.enter(who(2, Via::Hub));
        ada.change(|who| who.name = Some("Ada".into()));
        assert_eq!(watchers.lend(loan(1), 0), Ok(()));
        assert_eq!(watchers.lend(loan(2), 0), Err(NotLent::Gone));
        assert_eq!(watchers.lend(loan(3), 0), Err(NotLent::Gone));
        let state = watchers.control_state();
        assert_eq!(state.loans.len(), 1);
        assert_eq!(state.loans[0].name.as_deref(), Some("Ada"));
        drop(ada);
        assert_eq!(watchers.control_state(), ControlState::default());
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
