//! What has been written so far, and with which pen.

use super::colors;
use crate::buffer::Saved;
use crate::cell::{Pen, bg, fg};
use crate::opening::NUMBER;
use crate::state::State;

/// Nothing is to be drawn until it is said again that it may (mode 2026).
const HOLD_DRAWING: &str = "\x1b[?2026h";

/// After how many rows that is said once more: terminals heed it for a second at most, some for less.
const HELD_ROWS: usize = 32;

/// An address that is opened and closed again for its effect on the pen.
const SOME_LINK: &str = "\x1b]8;;x:\x1b\\";
pub(super) const NO_LINK: &str = "\x1b]8;;\x1b\\";

pub(super) struct Writer<'a> {
    pub(super) state: &'a State,
    pub(super) out: Vec<u8>,
    /// The pen a fresh terminal would have after `out`.
    pub(super) pen: Pen,
    /// What is being written goes to the alternate screen.
    pub(super) on_alternate: bool,
    /// Something was written that may not say all of it.
    pub(super) doubtful: bool,
    /// Before which byte of `out` the last amendments can be, if a character is printed after.
    pub(super) last_amendments: Option<usize>,
    /// What is written makes sense only where amendments are heeded.
    pub(super) amends: bool,
    /// How many rows have been begun below another.
    rows: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(state: &'a State) -> Writer<'a> {
        Writer {
            state,
            out: Vec::new(),
            pen: Pen::default(),
            on_alternate: false,
            doubtful: false,
            last_amendments: None,
            amends: false,
            rows: 0,
        }
    }

    /// Whoever reads on is to draw nothing of it before [`may_be_drawn`](Self::may_be_drawn): to draw
    /// what scrolls by takes many times as long as to take it in.
    pub(super) fn hold_drawing(&mut self) {
        self.text(HOLD_DRAWING);
    }

    pub(super) fn may_be_drawn(&mut self) {
        self.text("\x1b[?2026l");
    }

    /// To the beginning of the row below.
    pub(super) fn next_row(&mut self) {
        self.text("\r\n");
        self.rows += 1;
        if self.rows.is_multiple_of(HELD_ROWS) {
            self.hold_drawing();
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Moves the cursor; outside of origin mode.
    pub(super) fn move_to(&mut self, x: usize, y: usize) {
        self.text(&format!("\x1b[{};{}H", y + 1, x + 1));
    }

    pub(super) fn column(&mut self, x: usize) {
        if x == 0 {
            self.text("\r");
        } else {
            self.text(&format!("\x1b[{}G", x + 1));
        }
    }

    /// Takes a pen whose underline, flag and link agree with each other; of one where they do
    /// not, what shows.
    pub(super) fn pen(&mut self, pen: Pen) {
        let pen = pen.visible();
        if pen == self.pen {
            return;
        }
        if pen.link != self.pen.link {
            self.link(pen.link);
        }
        let (old, new) = (
            Pen {
                link: 0,
                ..self.pen
            },
            Pen { link: 0, ..pen },
        );
        if unflagged(old) != unflagged(new) {
            let sgr = colors::plain(pen) + &colors::underline(pen.ext);
            let protected = bg::PROTECTED;
            if sgr.is_empty() {
                self.text("\x1b[m");
            } else {
                self.text(&format!("\x1b[0{sgr}m"));
            }
            if pen.bg & protected != 0 {
                self.text("\x1b[1\"q");
            }
        }
        self.pen = pen;
    }

    fn link(&mut self, number: u32) {
        let text = link_to(self.state, number);
        self.text(&text);
    }

    /// DECSC of exactly these values, at the cursor's row. Leaves the default pen and set.
    pub(super) fn save_cursor(&mut self, saved: Saved) {
        let cols = self.state.cols;
        let pending = saved.x >= cols;
        let underlined = saved.fg & fg::UNDERLINE != 0;
        let flagged = saved.bg & bg::EXTENDED != 0;
        self.doubtful |= pending || underlined || flagged || saved.charset.is_some();
        self.pen(Pen::default());
        self.column(saved.x.min(cols - 1));
        if pending {
            self.text(" ");
        }
        if saved.x > cols {
            // A combining character with nothing to join took a column that is not there.
            self.text("\x1b\\\u{301}");
        }
        if let Some(set) = saved.charset {
            self.text(&format!("\x1b({}", char::from(set.last())));
        }
        self.raw_attributes(saved.fg, saved.bg);
        self.text("\x1b7\x1b[m\x1b[\"q");
        self.text(NO_LINK);
        if saved.charset.is_some() {
            self.text("\x1b(B");
        }
        if pending {
            self.column(cols - 1);
            self.text("\x1b[X");
        }
        self.text("\r");
        self.pen = Pen::default();
    }

    /// Any combination of attributes, underline bit and extended flag, from the default pen;
    /// where the two do not agree with what is underlined or linked, restoring a saved cursor
    /// makes them disagree.
    fn raw_attributes(&mut self, fg_bits: u32, bg_bits: u32) {
        let underlined = fg_bits & fg::UNDERLINE != 0;
        let flagged = bg_bits & bg::EXTENDED != 0;
        match (underlined, flagged) {
            (false, false) => {}
            (true, true) => self.text("\x1b[4m"),
            (false, true) => self.text(SOME_LINK),
            (true, false) => {
                self.text("\x1b[4m\x1b7\x1b[24m\x1b8");
                self.text(NO_LINK);
            }
        }
        let pen = Pen {
            fg: fg_bits,
            bg: bg_bits,
            ..Pen::default()
        };
        let sgr = colors::plain(pen);
        if !sgr.is_empty() {
            self.text(&format!("\x1b[{}m", &sgr[1..]));
        }
        if bg_bits & bg::PROTECTED != 0 {
            self.text("\x1b[1\"q");
        }
    }
}

/// The sequence that makes the pen's link the one of this number.
pub(super) fn link_to(state: &State, number: u32) -> String {
    let Some(link) = state.links.get(number) else {
        return NO_LINK.to_owned();
    };
    let id = link.id.as_ref().map(|id| format!("id={id}"));
    format!("\x1b]8;{};{}\x1b\\", id.unwrap_or_default(), link.address)
}

fn unflagged(pen: Pen) -> Pen {
    Pen {
        bg: pen.bg & !bg::EXTENDED,
        ..pen
    }
}

/// A sequence that tells this engine what no other sequence can. It is ended by BEL: after ST,
/// whose second byte is a sequence of its own, nothing could be joined.
pub(super) fn amendment(text: &str) -> String {
    format!("\x1b]{NUMBER};{text}\x07")
}
