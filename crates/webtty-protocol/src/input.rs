//! `POST /s/ID/input`: typing by a program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is typed: first `paste`, then `text`, then `keys`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionInput {
    /// Text as if pasted: line ends become returns, control characters are left out, and where the
    /// program asked for it the text is marked, so that it is not taken for commands line by line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
    /// Text sent as it is. Nothing is added: no return at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Keys by name: `Enter`, `Tab`, `Escape`, `Space`, `Backspace`, `Delete`, `Insert`, `Home`,
    /// `End`, `PageUp`, `PageDown`, `Up`, `Down`, `Left`, `Right`, `F1` to `F12`, or one character;
    /// with `C-`, `M-` and `S-` before it for Ctrl, Alt and Shift.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// What was typed has gone to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Typed {
    /// Where the output ended before it: what `wait` may begin to look at.
    pub offset: u64,
}
