//! What comes over `ws /ws/ID/events` with `envelope=1`: the publisher's line in its place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text frame with `envelope=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EventFrame {
    /// One event.
    Event(EventEnvelope),
    /// Some events are no longer kept.
    Lagged(LaggedNotice),
}

/// One event with its number and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventEnvelope {
    /// Its number, from 1 for each incarnation of a session.
    pub seq: u64,
    /// When it was taken, in milliseconds since 1970.
    pub ts: u64,
    /// The end of the terminal's output at that moment, in bytes: the clock that events and
    /// screen share.
    pub at: u64,
    /// What was published.
    pub data: Value,
}

/// Tells of events that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LaggedNotice {
    /// How many, right before the next frame.
    pub lagged: Skipped,
}

/// A number of missed events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// How many.
    pub skipped: u64,
}
