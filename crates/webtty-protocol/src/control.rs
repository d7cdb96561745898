//! Handing over control: a viewer asks to type, somebody who may type lets it for a time and takes
//! that back. It is lent to one connection and never to a key, and nobody lends what was lent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::presence::Presence;

/// Who asks to type, and who was let: told to those who may answer, and whenever it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlState {
    /// In the order in which they asked.
    pub requests: Vec<ControlRequest>,
    /// In the order in which they were let.
    pub loans: Vec<ControlLoan>,
}

/// A connection that asks to type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlRequest {
    /// The number of its connection.
    pub client: u64,
    /// The note on the key it came with, or null when there is none.
    pub label: Option<String>,
    /// What it calls itself, or null when it has not said.
    pub name: Option<String>,
    /// When it is no longer asked for, in milliseconds since 1970.
    pub until: u64,
}

/// A connection that may type because somebody let it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlLoan {
    /// The number of its connection.
    pub client: u64,
    /// The note on the key it came with, or null when there is none.
    pub label: Option<String>,
    /// What it calls itself, or null when it has not said.
    pub name: Option<String>,
    /// When that ends, in milliseconds since 1970, or null for when it is taken back.
    pub until: Option<u64>,
}

/// How a session's control is shared: the answer to `GET /api/sessions/ID/control`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlInfo {
    /// All who have the terminal, in the order they came.
    pub clients: Vec<Presence>,
    /// The connection that typed last, or null when it has left or nobody has typed.
    pub driver: Option<u64>,
    /// Who asks, and who was let.
    #[serde(flatten)]
    pub state: ControlState,
}

/// The body of `POST /api/sessions/ID/control`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandOver {
    /// The number of the connection it is about.
    pub client: u64,
    /// What happens to it.
    pub action: ControlAction,
    /// With `grant`: for how long, 1 to 86,400 seconds; until it is taken back when not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u64>,
}

/// What can be done about another's control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlAction {
    /// It may type, whether it has asked or not.
    Grant,
    /// It may not, though it has asked.
    Deny,
    /// It may no longer.
    TakeBack,
}

/// How it stands with a connection's own request to type. That it was granted is told by `role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Those who may answer are told of it.
    Waiting,
    /// One of them said no.
    Denied,
    /// Nobody answered in time.
    Unanswered,
    /// It was made too soon after the last one, and nobody was told.
    TooSoon,
    /// So many others ask that nobody was told.
    TooMany,
    /// Nobody may type into this session, or this connection only wants to look.
    Impossible,
}
