//! What a credential allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the holder of a credential may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See screen, output and events of its session.
    View,
    /// Publish and subscribe to events of its session; nothing of the terminal.
    Publish,
    /// What `view` may, and type, resize and publish.
    Control,
    /// Everything, on all sessions: keys and stopping the daemon too.
    Admin,
}

impl Role {
    /// May it see the terminal's output?
    pub fn may_view(self) -> bool {
        !matches!(self, Self::Publish)
    }

    /// May it type and resize?
    pub fn may_control(self) -> bool {
        matches!(self, Self::Control | Self::Admin)
    }

    /// May it publish events?
    pub fn may_publish(self) -> bool {
        !matches!(self, Self::View)
    }

    /// May it create, end and rename sessions, handle keys and stop the daemon?
    pub fn may_administer(self) -> bool {
        matches!(self, Self::Admin)
    }
}
