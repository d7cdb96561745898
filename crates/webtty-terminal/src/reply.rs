//! Answers to what programs ask. Their text is fixed or made of numbers; nothing is taken from
//! the output.

use crate::palette::{ColorSlot, Rgb};

/// The viewer's colours, for programs that ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Default text colour.
    pub foreground: Rgb,
    /// Default background colour.
    pub background: Rgb,
    /// The cursor's colour.
    pub cursor: Rgb,
    /// The 16 named colours.
    pub named: [Rgb; 16],
}

impl Default for Theme {
    /// Light grey on black with xterm's named colours.
    fn default() -> Theme {
        const NAMED: [u32; 16] = [
            0x2E3436, 0xCC0000, 0x4E9A06, 0xC4A000, 0x3465A4, 0x75507B, 0x06989A, 0xD3D7CF,
            0x555753, 0xEF2929, 0x8AE234, 0xFCE94F, 0x729FCF, 0xAD7FA8, 0x34E2E2, 0xEEEEEC,
        ];
        Theme {
            foreground: Rgb(0xFF, 0xFF, 0xFF),
            background: Rgb(0, 0, 0),
            cursor: Rgb(0xFF, 0xFF, 0xFF),
            named: NAMED.map(Rgb::from_u32),
        }
    }
}

/// Size of a cell in the viewer, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Width of a cell, in pixels.
    pub cell_width: u16,
    /// Height of a cell, in pixels.
    pub cell_height: u16,
}

/// What DECRQM says about a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeState {
    /// No such mode.
    Unknown,
    /// On.
    Set,
    /// Off.
    Reset,
    /// On, and cannot be reset.
    AlwaysSet,
    /// Off, and cannot be set.
    AlwaysReset,
}

impl ModeState {
    pub(crate) fn of(on: bool) -> ModeState {
        if on { ModeState::Set } else { ModeState::Reset }
    }
}

/// One answer; [`Reply::to_bytes`] is what the program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// DA1: what kind of terminal.
    PrimaryAttributes,
    /// DA2: its version.
    SecondaryAttributes,
    /// DA3: its serial number.
    TertiaryAttributes,
    /// DSR 5: all is well.
    Ok,
    /// DSR 6: row and column of the cursor, from 1; `extended` is the form with `?`.
    Cursor {
        /// Row, from 1.
        row: usize,
        /// Column, from 1.
        column: usize,
        /// Asked for by `CSI ? 6 n`.
        extended: bool,
    },
    /// DECRQM.
    Mode {
        /// A mode with `?`.
        private: bool,
        /// Its number.
        mode: i32,
        /// What it is.
        state: ModeState,
    },
    /// DECRQSS of DECSCA: whether printed characters are protected.
    Protection(bool),
    /// DECRQSS of DECSCL.
    Conformance,
    /// DECRQSS of DECSTBM: top and bottom margin, from 1.
    Margins(usize, usize),
    /// DECRQSS of SGR.
    Attributes,
    /// DECRQSS of DECSCUSR.
    CursorStyle {
        /// By mode 12.
        blinking: bool,
    },
    /// DECRQSS of anything else.
    UnknownSetting,
    /// XTVERSION.
    Version,
    /// The kitty keyboard protocol's flags.
    KeyboardFlags(u8),
    /// XTGETTCAP: an entry of the fixed table.
    Capability(&'static str, &'static str),
    /// XTGETTCAP of anything else.
    UnknownCapability,
    /// The screen's size in pixels: height, width.
    ScreenPixels(usize, usize),
    /// A cell's size in pixels: height, width.
    CellPixels(u16, u16),
    /// The screen's size in cells: rows, columns.
    ScreenCells(usize, usize),
    /// OSC 4, 10, 11 and 12: a colour.
    Color(ColorSlot, Rgb),
}

impl Reply {
    /// The answer as the program reads it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    fn text(&self) -> String {
        match *self {
            Reply::PrimaryAttributes => "\x1b[?1;2c".into(),
            Reply::SecondaryAttributes => "\x1b[>0;276;0c".into(),
            Reply::TertiaryAttributes => "\x1bP!|00000000\x1b\\".into(),
            Reply::Ok => "\x1b[0n".into(),
            Reply::Cursor {
                row,
                column,
                extended,
            } => format!("\x1b[{}{row};{column}R", if extended { "?" } else { "" }),
            Reply::Mode {
                private,
                mode,
                state,
            } => format!(
                "\x1b[{}{mode};{}$y",
                if private { "?" } else { "" },
                state as u8
            ),
            Reply::Protection(on) => format!("\x1bP1$r{}\"q\x1b\\", u8::from(on)),
            Reply::Conformance => "\x1bP1$r61;1\"p\x1b\\".into(),
            Reply::Margins(top, bottom) => format!("\x1bP1$r{top};{bottom}r\x1b\\"),
            Reply::Attributes => "\x1bP1$r0m\x1b\\".into(),
            Reply::CursorStyle { blinking } => {
                format!("\x1bP1$r{} q\x1b\\", 2 - u8::from(blinking))
            }
            Reply::UnknownSetting => "\x1bP0$r\x1b\\".into(),
            Reply::Version => concat!("\x1bP>|webtty ", env!("CARGO_PKG_VERSION"), "\x1b\\").into(),
            Reply::KeyboardFlags(flags) => format!("\x1b[?{flags}u"),
            Reply::Capability(name, value) => {
                format!("\x1bP1+r{}={}\x1b\\", hex(name), hex(value))
            }
            Reply::UnknownCapability => "\x1bP0+r\x1b\\".into(),
            Reply::ScreenPixels(height, width) => format!("\x1b[4;{height};{width}t"),
            Reply::CellPixels(height, width) => format!("\x1b[6;{height};{width}t"),
            Reply::ScreenCells(rows, cols) => format!("\x1b[8;{rows};{cols}t"),
            Reply::Color(slot, color) => format!("\x1b]{slot};{color}\x1b\\"),
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

/// What XTGETTCAP tells, by name: name and value.
pub(crate) const CAPABILITIES: &[(&str, &str)] = &[
    ("TN", "xterm-256color"),
    ("Co", "256"),
    ("colors", "256"),
    ("RGB", "8"),
];

/// The entry of the fixed table that a name in hexadecimal asks for.
pub(crate) fn capability(asked: &[u8]) -> Option<(&'static str, &'static str)> {
    let mut entries = CAPABILITIES.iter().copied();
    entries.find(|(name, _)| is_hex_of(asked, name))
}

/// Whether `asked` spells `text`, without making its spelling: thousands may be asked for.
fn is_hex_of(asked: &[u8], text: &str) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let spelled = |(pair, byte): (&[u8], u8)| {
        (digit(pair[0]), digit(pair[1])) == (Some(u32::from(byte >> 4)), Some(u32::from(byte & 15)))
    };
    let pairs = asked.chunks_exact(2).zip(text.bytes());
    asked.len() == 2 * text.len() && pairs.into_iter().all(spelled)
}
