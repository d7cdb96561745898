//! Who is at the other end, and what it may do: asked anew for each message.

use std::sync::Arc;

use webtty_core::Session;
use webtty_protocol::hub::User;
use webtty_protocol::{ErrorCode, Role, Room, SessionId};

use crate::app::App;
use crate::hub::Scope;
use crate::keys::Grant;

/// A connection of the hub and who is behind it.
pub(super) struct Caller {
    pub(super) app: Arc<App>,
    /// The number of the connection.
    pub(super) connection: u64,
    pub(super) scope: Scope,
    grant: Grant,
}

/// Why something is not done: a cause, and a sentence for people.
pub(super) type Refusal = (ErrorCode, &'static str);

impl Caller {
    /// Who came with this grant; none when it is no longer good.
    pub(super) fn new(app: &Arc<App>, grant: &Grant) -> Option<Self> {
        let now = app.keys.current(grant)?;
        let scope = match &now.session {
            None => Scope::All,
            Some(id) => Scope::One(app.registry.get(id).map(|session| session.incarnation())),
        };
        Some(Self {
            app: Arc::clone(app),
            connection: app.next_client(),
            scope,
            grant: grant.clone(),
        })
    }

    /// What its credential allows now; none when that is nothing any more.
    pub(super) fn grant(&self) -> Option<Grant> {
        self.app.keys.current(&self.grant)
    }

    /// Who is behind it, as it is told.
    pub(super) fn user(&self, grant: &Grant) -> User {
        User {
            role: grant.role,
            session: grant.session.clone(),
            label: self.app.keys.label(grant),
        }
    }

    /// The session of this id, when it reaches that. Who reaches one alone is told nothing of
    /// the others, not even whether they are there.
    pub(super) fn session(&self, id: &SessionId) -> Result<Arc<Session>, Refusal> {
        let reaches = |session: &Arc<Session>| self.scope.reaches(session.incarnation());
        match (self.app.registry.get(id), self.scope) {
            (Some(session), _) if reaches(&session) => Ok(session),
            (None, Scope::All) => Err((
                ErrorCode::NoSuchSession,
                "there is no session of this id; it may have ended or been renamed",
            )),
            _ => Err((
                ErrorCode::Forbidden,
                "this credential is for another session",
            )),
        }
    }
}

/// May this role be told of this room?
pub(super) fn may_enter(role: Role, room: &Room) -> bool {
    match room {
        Room::Sessions | Room::Daemon | Room::Presence(_) => role.may_view(),
        Room::Events(_) => true,
    }
}
