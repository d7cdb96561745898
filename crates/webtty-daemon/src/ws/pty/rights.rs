//! What a viewer may do, from moment to moment: what its own key allows, and what it was let.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use tokio::time::Instant;
use webtty_core::Session;
use webtty_core::clock::now_ms;
use webtty_core::handover::Request;
use webtty_core::session::Controller;
use webtty_protocol::control::{ControlAction, RequestState};
use webtty_protocol::{Close, Role};

use super::viewer::{Identity, Shared, Standing};
use crate::app::App;
use crate::handover::{self, is_good, lent_until};
use crate::keys::Grant;
use crate::query::PtyQuery;
use crate::timer::until_ms;

/// What decides on a viewer's rights.
pub(super) struct Rights<'a> {
    pub(super) app: &'a App,
    pub(super) grant: &'a Grant,
    pub(super) session: &'a Arc<Session>,
    pub(super) query: &'a PtyQuery,
    pub(super) identity: &'a Identity,
    pub(super) shared: &'a Shared,
}

impl Rights<'_> {
    /// May it type, at this very moment? What it was let is looked up each time, so that nothing
    /// gets through between its end and the notice of it.
    ///
    /// # Errors
    /// The close of who was never let. What is sent by one whose loan has just ended, and who
    /// may not have heard of it, is for nobody: `Ok(false)`.
    pub(super) fn typing(&self) -> Result<bool, Close> {
        let standing = self.shared.standing();
        if standing.role.may_control() {
            return Ok(!standing.lent || self.lent().is_some());
        }
        if self.shared.has_just_lost(Instant::now()) {
            Ok(false)
        } else {
            Err(Close::Forbidden)
        }
    }

    /// It asks to be let type.
    pub(super) fn ask(&self) {
        if self.shared.standing().role.may_control() {
            return;
        }
        let state = if self.is_for_looking() {
            RequestState::Impossible
        } else {
            let watchers = self.session.watchers();
            watchers.change_handover(|all| all.ask(self.identity.client, now_ms()))
        };
        self.shared.answers(state);
    }

    /// It answers somebody who asks, or takes back what somebody was let.
    ///
    /// # Errors
    /// The close of who may not.
    pub(super) fn hand_over(
        &self,
        client: u64,
        action: ControlAction,
        seconds: Option<u64>,
    ) -> Result<(), Close> {
        let standing = self.shared.standing();
        let gives_back = action == ControlAction::TakeBack && client == self.identity.client;
        if !gives_back && (standing.lent || !standing.role.may_control()) {
            // What was lent is not lent on; who has just lost it may not have heard of it.
            return Err(Close::Forbidden);
        }
        // What cannot be done, or no longer, is seen from what is told of the session's control.
        let _ = handover::act(self.app, self.grant, self.session, client, action, seconds);
        Ok(())
    }

    /// Keeps to what it may, which may change at any moment. As long as it may type, it takes
    /// part in the choice of the size.
    pub(super) async fn follow(&self, mut control: Option<Controller>) -> Infallible {
        let mut keys = self.app.keys.changed();
        let mut handover = self.session.watchers().handover();
        let mut asking: Option<Request> = None;
        loop {
            // Marked as seen before it is looked at.
            handover.mark_unchanged();
            keys.mark_unchanged();
            let now = now_ms();
            asking = self.hear_answer(asking, now);
            // A key that is no longer good ends the socket, which is not for here.
            if let Some(standing) = self.stands() {
                self.change_to(standing);
                if !standing.role.may_control() {
                    control = None;
                } else if control.is_none() {
                    let client = self.identity.client;
                    control = Some(self.session.join_control(client, self.query.window));
                }
            }
            let loan = handover
                .borrow()
                .loan(self.identity.client, now)
                .and_then(|loan| loan.until);
            let next = loan.into_iter().chain(asking.map(|one| one.until)).min();
            tokio::select! {
                Ok(()) = keys.changed() => {}
                Ok(()) = handover.changed() => {}
                () = until_ms(next) => {}
                else => pending().await,
            }
        }
    }

    /// What it may do now; none when its key is no longer good.
    fn stands(&self) -> Option<Standing> {
        let own = self.app.keys.current(self.grant)?.role;
        let role = role_here(own, self.session, self.query);
        let watchers = self.session.watchers();
        let client = self.identity.client;
        let loan = watchers.handover().borrow().loan(client, now_ms()).cloned();
        let Some(loan) = loan else {
            return Some(Standing::own(role));
        };
        if role.may_control() || self.is_for_looking() || !is_good(self.app, &loan) {
            // It needs none, or who let it may not any more.
            watchers.change_handover(|all| all.end(&loan));
            return Some(Standing::own(role));
        }
        Some(Standing {
            role: Role::Control,
            lent: true,
            until: loan.until,
        })
    }

    fn change_to(&self, standing: Standing) {
        if standing == self.shared.standing() {
            return;
        }
        self.shared.set_standing(standing, Instant::now());
        self.identity.watcher.change(|who| who.role = standing.role);
    }

    /// What has become of its request: none while it waits.
    fn hear_answer(&self, asked: Option<Request>, now: u64) -> Option<Request> {
        let client = self.identity.client;
        let watchers = self.session.watchers();
        watchers.change_handover(|all| all.settle(now));
        let waits = watchers.handover().borrow().request(client, now);
        if let (Some(asked), None) = (asked, waits)
            && self.lent().is_none()
        {
            self.shared.answers(if asked.until <= now {
                RequestState::Unanswered
            } else {
                RequestState::Denied
            });
        }
        waits
    }

    /// Until when it was let type, if it was and that is not over.
    fn lent(&self) -> Option<Option<u64>> {
        if self.is_for_looking() {
            return None;
        }
        lent_until(self.app, self.session, self.identity.client)
    }

    /// Can it never type, whoever lets it?
    fn is_for_looking(&self) -> bool {
        self.query.view_only || self.session.is_read_only()
    }
}

/// What a viewer may do: what its key allows, unless it only wants to look or nobody may type.
pub(super) fn role_here(granted: Role, session: &Session, query: &PtyQuery) -> Role {
    if query.view_only || session.is_read_only() {
        Role::View
    } else {
        granted
    }
}
