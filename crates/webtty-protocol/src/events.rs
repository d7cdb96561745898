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
    /// First, for who asked with `epoch`: where the events begin.
    Log(LogNotice),
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

/// Tells where in which log the events begin, to be given back with the next `since`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogNotice {
    /// Where.
    pub log: LogPlace,
}

/// A place in a log of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogPlace {
    /// Which log the numbers count in: unlike that of any other session, also one of the same id.
    pub epoch: String,
    /// The number of the last event before those that follow.
    pub seq: u64,
    /// Is it the log that was asked for? Otherwise all that is kept of this one follows.
    pub resumed: bool,
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
