//! What a page is told about how it should look and behave: `GET /api/config`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings of a page, read anew at each load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageSettings {
    /// Columns of a terminal before its page has measured itself.
    pub cols: u16,
    /// Rows of a terminal before its page has measured itself.
    pub rows: u16,
    /// Font size in CSS pixels.
    pub font_size: f64,
    /// CSS font family list.
    pub font_family: String,
    /// The cursor until a program asks for another.
    pub cursor_style: CursorStyle,
    /// Does that cursor blink?
    pub cursor_style_blink: bool,
    /// Lines kept above the screen by the page's terminal.
    pub scrollback_lines: u32,
    /// Colours by name (`background`, `red`, `brightBlue` …), each a CSS colour. A name that is
    /// missing has the page's default, which follows dark and light.
    pub theme: BTreeMap<String, String>,
    /// Copy a selection as soon as it is made?
    pub copy_on_select: bool,
    /// What the right mouse button does.
    pub right_click_behavior: RightClick,
    /// Multiplies the wheel's steps for programs that listen to the mouse; over 0.
    pub mouse_scroll_speed: f64,
    /// Keys that send characters of the user's choice.
    pub keyboard_bindings: Vec<KeyBinding>,
    /// The largest file that may be put beside a session, in bytes.
    #[serde(default)]
    pub max_file_bytes: u64,
}

/// A cursor's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CursorStyle {
    /// A filled cell.
    Block,
    /// A line before the cell.
    Bar,
    /// A line below the cell.
    Underline,
}

/// What the right mouse button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RightClick {
    /// The browser's own menu.
    Default,
    /// Copies and clears a selection; without one, pastes.
    CopyPaste,
}

/// A key, with its modifiers, that sends characters of the user's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyBinding {
    /// `KeyboardEvent.key`, in any case.
    pub key: String,
    /// Exactly these of `shift`, `ctrl`, `alt`, `meta` must be held.
    #[serde(default)]
    pub mods: Vec<String>,
    /// What is sent to the shell.
    pub chars: String,
}
