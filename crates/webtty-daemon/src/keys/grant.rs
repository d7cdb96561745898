//! What somebody may do, and where.

use webtty_protocol::{Role, SessionId};

/// What a caller may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// What.
    pub(crate) role: Role,
    /// In which session; in all when none.
    pub(crate) session: Option<SessionId>,
    /// By which key; none where no credential was asked for.
    pub(crate) key: Option<String>,
    /// Who a proxy says it is; none where it was not a proxy that let them in.
    pub(crate) user: Option<String>,
}

impl Grant {
    /// What the owner of the machine's account may do.
    pub(crate) fn owner() -> Self {
        Self {
            role: Role::Admin,
            session: None,
            key: None,
            user: None,
        }
    }

    /// Does it reach this session?
    pub(crate) fn reaches(&self, session: &SessionId) -> bool {
        self.session.as_ref().is_none_or(|own| own == session)
    }
}
