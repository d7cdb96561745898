//! `POST /s/ID/wait`: until something is so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rest::ExitInfo;

/// What is waited for: the first of these. The end of the shell ends any wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Wait {
    /// This text shows on the screen, or is written from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Also look for the text in what was written from this output offset on, as far as it is
    /// kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Nothing is written for so long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400_000))]
    pub idle_ms: Option<u64>,
    /// The shell exits. It need not be asked for, unless nothing else is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exit: bool,
    /// How long to wait at most; 30 seconds when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub timeout_ms: Option<u64>,
}

/// Why the wait is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waited {
    /// What has come first.
    pub met: Met,
    /// Where the output ended then.
    pub offset: u64,
    /// How the shell ended, when it has.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit: Option<ExitInfo>,
}

/// What ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Met {
    /// The text is there.
    Text,
    /// Nothing was written for long enough.
    Idle,
    /// The shell has exited, or the session was deleted.
    Exit,
    /// The time is over.
    Timeout,
}
