//! What a terminal shows, as `GET /s/ID/screen` tells it in JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::CursorStyle;

/// The forms a screen can be had in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScreenFormat {
    /// Plain text, one line for each line of the program: rows that wrap are joined.
    Text,
    /// The same with SGR and OSC 8 sequences.
    Ansi,
    /// A `<pre>` element with inline styles.
    Html,
    /// [`ScreenState`].
    Json,
}

impl ScreenFormat {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Text, Self::Ansi, Self::Html, Self::Json];

    /// Its name in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Ansi => "ansi",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// Its media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Ansi => "text/x-ansi",
            Self::Html => "text/html",
            Self::Json => "application/json",
        }
    }
}

/// A terminal's screen, with as much of the scrollback as was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenState {
    /// Which output the offset counts.
    pub epoch: String,
    /// The output offset that this shows.
    pub offset: u64,
    /// Width in columns.
    pub cols: usize,
    /// Height in rows.
    pub rows: usize,
    /// The window title its program has set; empty when none was.
    pub title: String,
    /// Is this the alternate screen, which has no scrollback?
    pub alternate: bool,
    /// How many lines are kept above the screen.
    pub history: usize,
    /// How many of `lines` stand above the screen.
    pub above: usize,
    /// Where the cursor is.
    pub cursor: ScreenCursor,
    /// What the program has switched on.
    pub modes: ScreenModes,
    /// The rows, from the top.
    pub lines: Vec<ScreenLine>,
}

/// The cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenCursor {
    /// Row of the screen, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// Does it show?
    pub visible: bool,
    /// The shape its program asked for, or null for the viewer's own.
    pub shape: Option<CursorStyle>,
}

/// Switches that concern who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenModes {
    /// Cursor keys send application sequences.
    pub application_cursor: bool,
    /// The keypad sends application sequences.
    pub application_keypad: bool,
    /// Pasted text is to be marked.
    pub bracketed_paste: bool,
    /// Changes of focus are reported.
    pub focus_events: bool,
    /// Mouse events are reported.
    pub mouse: bool,
    /// The program is in the middle of drawing.
    pub synchronized: bool,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenLine {
    /// Does it go on where the row above ended?
    #[serde(skip_serializing_if = "is_off", default)]
    pub wrapped: bool,
    /// Its text, in pieces of one style, without the unwritten end.
    pub runs: Vec<ScreenRun>,
}

/// Neighbouring cells of one style. What is off or default is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenRun {
    /// The text; empty cells are spaces.
    pub text: String,
    /// How many columns it takes; wide characters take two.
    pub columns: usize,
    /// Colour of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fg: Option<ScreenColor>,
    /// Colour behind it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bg: Option<ScreenColor>,
    /// Bold.
    #[serde(skip_serializing_if = "is_off", default)]
    pub bold: bool,
    /// Dim.
    #[serde(skip_serializing_if = "is_off", default)]
    pub dim: bool,
    /// Italic.
    #[serde(skip_serializing_if = "is_off", default)]
    pub italic: bool,
    /// 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub underline: u8,
    /// Blinking.
    #[serde(skip_serializing_if = "is_off", default)]
    pub blink: bool,
    /// Both colours exchanged.
    #[serde(skip_serializing_if = "is_off", default)]
    pub inverse: bool,
    /// Not shown.
    #[serde(skip_serializing_if = "is_off", default)]
    pub invisible: bool,
    /// Struck through.
    #[serde(skip_serializing_if = "is_off", default)]
    pub strikethrough: bool,
    /// A line above.
    #[serde(skip_serializing_if = "is_off", default)]
    pub overline: bool,
    /// Where it links to. It comes from the program: show it before opening.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
}

/// A colour other than the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ScreenColor {
    /// One of the 256; the first 16 have names.
    Indexed(u8),
    /// `#rrggbb`.
    Rgb(String),
}

fn is_off(on: &bool) -> bool {
    !on
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}
