//! Switches a program can set, and what they are after a reset.

/// Which mouse events a program asked for; one replaces the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum MouseTracking {
    /// None.
    #[default]
    Off,
    /// Presses only (mode 9).
    X10,
    /// Presses and releases (mode 1000).
    Normal,
    /// Also motion with a button held (mode 1002).
    Drag,
    /// All motion (mode 1003).
    Any,
}

/// How mouse events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum MouseEncoding {
    /// One byte a number.
    #[default]
    Default,
    /// Decimal numbers (mode 1006).
    Sgr,
    /// Decimal numbers in pixels (mode 1016).
    SgrPixels,
}

/// The cursor's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum CursorShape {
    /// A full cell.
    Block,
    /// A line below.
    Underline,
    /// A line at the left.
    Bar,
}

/// Every switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Modes {
    /// Cursor keys send application sequences (mode 1).
    pub application_cursor_keys: bool,
    /// The keypad sends application sequences (DECKPAM, mode 66).
    pub application_keypad: bool,
    /// Pasted text is marked (mode 2004).
    pub bracketed_paste: bool,
    /// Shape asked for by DECSCUSR; `None` is the viewer's own.
    pub cursor_shape: Option<CursorShape>,
    /// Blinking asked for by DECSCUSR; `None` is the viewer's own.
    pub cursor_blink: Option<bool>,
    /// Blinking by mode 12; `None` is the viewer's own. Survives every reset.
    pub blink_option: Option<bool>,
    /// The cursor is hidden (mode 25 reset); survives a full reset.
    pub cursor_hidden: bool,
    /// Positions count from the margins (mode 6).
    pub origin: bool,
    /// Text goes on in the next row (mode 7).
    pub wraparound: bool,
    /// Backspace goes back over a wrap (mode 45).
    pub reverse_wraparound: bool,
    /// Focus changes are reported (mode 1004).
    pub focus_events: bool,
    /// The program is in the middle of drawing (mode 2026).
    pub synchronized_output: bool,
    /// Text shifts what is right of it (IRM).
    pub insert: bool,
    /// A line feed also returns the carriage (LNM); survives every reset.
    pub newline: bool,
    /// Mouse events.
    pub mouse_tracking: MouseTracking,
    /// Their form.
    pub mouse_encoding: MouseEncoding,
}

impl Default for Modes {
    fn default() -> Modes {
        Modes {
            application_cursor_keys: false,
            application_keypad: false,
            bracketed_paste: false,
            cursor_shape: None,
            cursor_blink: None,
            blink_option: None,
            cursor_hidden: false,
            origin: false,
            wraparound: true,
            reverse_wraparound: false,
            focus_events: false,
            synchronized_output: false,
            insert: false,
            newline: false,
            mouse_tracking: MouseTracking::Off,
            mouse_encoding: MouseEncoding::Default,
        }
    }
}

impl Modes {
    /// What DECSTR resets.
    pub(crate) fn soft_reset(&mut self) {
        *self = Modes {
            blink_option: self.blink_option,
            cursor_hidden: self.cursor_hidden,
            newline: self.newline,
            mouse_tracking: self.mouse_tracking,
            mouse_encoding: self.mouse_encoding,
            ..Modes::default()
        };
    }

    /// What RIS resets.
    pub(crate) fn full_reset(&mut self) {
        self.soft_reset();
        self.mouse_tracking = MouseTracking::Off;
        self.mouse_encoding = MouseEncoding::Default;
    }
}
