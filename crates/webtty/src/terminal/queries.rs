//! Questions that programs ask their terminal, and what they want its clipboard to hold, taken out
//! of what an attached terminal is shown.
//!
//! The daemon answers them, once, whoever watches. The terminal around this command would answer
//! them too, and its answer would be typed into the shell. The clipboard is left to programs only
//! where the daemon's settings let them have it.
//!
//! The states are those of DEC's parser (the VT500 series), as the daemon's own terminal has them:
//! an escape begins anew anywhere, controls inside a sequence are no part of it, CAN and SUB break
//! it off, and the C1 controls of UTF-8 stand for their forms with an escape. Terminals differ in
//! what they make of broken sequences, and what is taken out must not leave two pieces behind that
//! make a third. So a sequence that a byte beyond ASCII breaks off is left out, and where something
//! else is taken out that broke one off, a CAN stands in its place.

use bytes::BytesMut;

use super::query_forms::{
    Seen, StringKind, Verdict, is_control_refused, is_device_refused, is_escape_refused, judge,
};

/// The longest sequence up to its final byte, in bytes. Nobody sends one as long, and it is not
/// shown.
const MAX_SEQUENCE_BYTES: usize = 4096;

/// The longest string that is held until it is known what it is, in bytes: as long as the daemon's
/// terminal takes one to be. What is longer, and may ask, is not shown.
const MAX_STRING_BYTES: usize = 64 * 1024;

/// What a string is, is known from so many bytes or from its whole.
const STRING_HEAD_BYTES: usize = 64;

const ENQUIRY: u8 = 0x05;
const BELL: u8 = 0x07;
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1a;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;
/// The first byte of a C1 control in UTF-8; the second is the control itself.
const C1_LEAD: u8 = 0xc2;
const STRING_TERMINATOR: u8 = 0x9c;
/// DECID, which asks.
const IDENTIFY: u8 = 0x9a;

/// Takes questions out of a stream, however it is cut.
#[derive(Debug, Default)]
pub(crate) struct QueryFilter {
    state: State,
    /// A sequence that has begun and of which it is not known whether it is shown.
    held: Vec<u8>,
    /// Controls inside it, which are shown whatever it is.
    executed: Vec<u8>,
    /// How many bytes of `held` introduce the string.
    introducer: usize,
    /// An escape has come inside a string; a backslash makes it its end.
    ending: bool,
    /// A byte has come that may begin a C1 control.
    lead: bool,
    /// What was shown last has been broken off, and what breaks it off is held.
    open: bool,
    /// The last byte that was shown.
    last: u8,
    /// May programs set the clipboard?
    clipboard: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// `ESC`, and intermediate bytes.
    Escape,
    /// `CSI`, up to its final byte.
    Control,
    /// `DCS`, up to its final byte.
    Device,
    /// One of these three that is too long goes by, and is not shown.
    TooLong,
    /// A string that is held, or shown, or not shown.
    String(StringKind, Verdict),
}

impl QueryFilter {
    /// From now on programs may set the clipboard, or may not.
    pub(crate) fn let_clipboard(&mut self, may: bool) {
        self.clipboard = may;
    }

    /// Adds what is to be shown of `bytes` to `out`. Gives how many bytes were taken out for
    /// good.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut BytesMut) -> usize {
        let (before, held) = (out.len(), self.held());
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if self.is_between() {
                let special = |byte: &u8| matches!(*byte, ESCAPE | ENQUIRY | C1_LEAD);
                let plain = rest.iter().position(special).unwrap_or(rest.len());
                self.show(&rest[..plain], out);
                rest = &rest[plain..];
                if plain > 0 {
                    continue;
                }
            }
            self.push(first, out);
            rest = &rest[1..];
        }
        // Each byte in the place of others is one of fewer.
        held + bytes.len() - self.held() - (out.len() - before)
    }

    /// Is the stream between two sequences, so that another one may stand here?
    pub(crate) fn is_between(&self) -> bool {
        self.state == State::Text && !self.lead
    }

    /// How many bytes have come that are neither shown nor taken out.
    fn held(&self) -> usize {
        self.held.len() + usize::from(self.ending) + usize::from(self.lead)
    }
}

impl QueryFilter {
    /// Takes the next byte. Enquiries are gone before anything is made of the bytes around them.
    fn push(&mut self, byte: u8, out: &mut BytesMut) {
        if byte == ENQUIRY {
            return;
        }
        if std::mem::take(&mut self.lead) {
            if (0x80..=0x9f).contains(&byte) {
                return self.c1(byte, out);
            }
            self.byte(C1_LEAD, out);
        }
        if byte == C1_LEAD {
            self.lead = true;
        } else {
            self.byte(byte, out);
        }
    }

    /// A byte that is no part of a C1 control.
    fn byte(&mut self, byte: u8, out: &mut BytesMut) {
        if self.ending && byte == b'\\' {
            return self.end_string(&[ESCAPE, byte], out);
        }
        self.break_string(out);
        match (self.state, byte) {
            (State::String(..), ESCAPE) => self.ending = true,
            (_, ESCAPE) => {
                self.break_sequence(out);
                self.begin(State::Escape, &[ESCAPE]);
            }
            (State::Text, _) => self.show(&[byte], out),
            (State::String(kind, verdict), _) => self.in_string(kind, verdict, byte, out),
            (_, CANCEL | SUBSTITUTE) => {
                self.held.push(byte);
                self.show_held(out);
            }
            (_, 0x80..) => {
                self.leave_out(out);
                self.show(&[byte], out);
            }
            (_, ..0x20) => self.execute(byte, out),
            (State::TooLong, _) => {
                if (0x40..=0x7e).contains(&byte) {
                    self.state = State::Text;
                }
            }
            _ => self.in_sequence(byte, out),
        }
    }

    /// A C1 control, by its second byte.
    fn c1(&mut self, byte: u8, out: &mut BytesMut) {
        self.break_string(out);
        let control = [C1_LEAD, byte];
        match self.state {
            State::String(..) if byte == STRING_TERMINATOR => {
                return self.end_string(&control, out);
            }
            State::String(_, Verdict::Show) => self.open = true,
            State::Text | State::String(_, Verdict::Refuse) => {}
            // Here terminals differ: some go on with what it breaks off for others.
            _ => self.leave_out(out),
        }
        match byte {
            0x90 => self.begin(State::Device, &control),
            0x9b => self.begin(State::Control, &control),
            0x98 | 0x9d..=0x9f => {
                self.begin(State::Escape, &control);
                self.begin_string(byte - 0x40, out);
            }
            _ => {
                self.begin(State::Text, &control);
                if byte == IDENTIFY {
                    self.leave_out(out);
                } else {
                    self.show_held(out);
                }
            }
        }
    }

    /// Holds what introduces a sequence, or with an escape before it makes it another.
    fn begin(&mut self, state: State, introducer: &[u8]) {
        self.state = state;
        self.held.extend(introducer);
        self.introducer = self.held.len();
    }

    /// A control inside a sequence.
    fn execute(&mut self, byte: u8, out: &mut BytesMut) {
        match self.state {
            State::TooLong => return self.show(&[byte], out),
            State::Escape | State::Control => self.executed.push(byte),
            _ => {}
        }
        self.hold(byte, out);
    }

    fn hold(&mut self, byte: u8, out: &mut BytesMut) {
        self.held.push(byte);
        if self.held.len() > MAX_SEQUENCE_BYTES {
            self.leave_out(out);
            self.state = State::TooLong;
        }
    }

    /// A byte of a sequence that is neither a control nor beyond ASCII.
    fn in_sequence(&mut self, byte: u8, out: &mut BytesMut) {
        let first_final = if self.state == State::Escape {
            0x30
        } else {
            0x40
        };
        if byte < first_final || byte == DELETE {
            return self.hold(byte, out);
        }
        let body: Vec<u8> = self.held[self.introducer..]
            .iter()
            .copied()
            .filter(|byte| (0x20..DELETE).contains(byte))
            .collect();
        let refused = match (self.state, byte) {
            (State::Escape, b'[') if body.is_empty() => return self.begin(State::Control, &[byte]),
            (State::Escape, b'P') if body.is_empty() => return self.begin(State::Device, &[byte]),
            (State::Escape, b']' | b'_' | b'^' | b'X') if body.is_empty() => {
                self.begin(State::Escape, &[byte]);
                return self.begin_string(byte, out);
            }
            (State::Escape, _) => is_escape_refused(&body, byte),
            (State::Control, _) => is_control_refused(&body, byte),
            _ => is_device_refused(&body, byte),
        };
        let is_device = self.state == State::Device;
        self.held.push(byte);
        let verdict = if refused {
            self.leave_out(out);
            Verdict::Refuse
        } else {
            self.show_held(out);
            Verdict::Show
        };
        if is_device {
            self.state = State::String(StringKind::Device, verdict);
        }
    }

    /// What has come of a sequence is broken off by an escape, which every terminal takes so.
    fn break_sequence(&mut self, out: &mut BytesMut) {
        if !self.held.is_empty() {
            self.show_held(out);
            self.open = true;
        }
    }
}

/// Strings.
impl QueryFilter {
    /// Begins a string, whose introducer is held, by the final byte of that.
    fn begin_string(&mut self, last: u8, out: &mut BytesMut) {
        let kind = match last {
            b']' => StringKind::System,
            b'_' => StringKind::Application,
            _ => StringKind::Other,
        };
        self.state = State::String(kind, Verdict::Wait);
        self.consider(Seen::Part, out);
    }

    fn in_string(&mut self, kind: StringKind, verdict: Verdict, byte: u8, out: &mut BytesMut) {
        let is_end = byte == BELL && kind == StringKind::System;
        if is_end || matches!(byte, CANCEL | SUBSTITUTE) {
            return self.end_string(&[byte], out);
        }
        match verdict {
            Verdict::Show => self.show(&[byte], out),
            Verdict::Refuse => {}
            Verdict::Wait => {
                self.held.push(byte);
                if self.held.len() - self.introducer <= STRING_HEAD_BYTES {
                    self.consider(Seen::Part, out);
                } else if self.held.len() > MAX_STRING_BYTES {
                    self.consider(Seen::TooMuch, out);
                }
            }
        }
    }

    /// The string ends with this.
    fn end_string(&mut self, end: &[u8], out: &mut BytesMut) {
        self.ending = false;
        if self.consider(Seen::Whole, out) == Verdict::Show {
            self.show(end, out);
        }
        self.state = State::Text;
    }

    /// If an escape has come inside a string, it was not its end, and begins a sequence.
    fn break_string(&mut self, out: &mut BytesMut) {
        if std::mem::take(&mut self.ending) {
            self.open |= self.consider(Seen::Whole, out) == Verdict::Show;
            self.begin(State::Escape, &[ESCAPE]);
        }
    }

    /// Judges the string that is held, if it is not yet known what it is.
    fn consider(&mut self, seen: Seen, out: &mut BytesMut) -> Verdict {
        let State::String(kind, verdict) = self.state else {
            return Verdict::Wait;
        };
        if verdict != Verdict::Wait {
            return verdict;
        }
        let verdict = judge(kind, &self.held[self.introducer..], seen, self.clipboard);
        match verdict {
            Verdict::Show => self.show_held(out),
            Verdict::Refuse => self.leave_out(out),
            Verdict::Wait => {}
        }
        self.state = State::String(kind, verdict);
        verdict
    }
}

/// What becomes of bytes.
impl QueryFilter {
    fn show(&mut self, bytes: &[u8], out: &mut BytesMut) {
        if let Some(&last) = bytes.last() {
            out.extend_from_slice(bytes);
            self.last = last;
            self.open = false;
        }
    }

    fn show_held(&mut self, out: &mut BytesMut) {
        let held = std::mem::take(&mut self.held);
        self.show(&held, out);
        self.held = held;
        self.forget();
    }

    /// Leaves out what is held, but for the controls in it. What stood before it and what comes
    /// after it must not become one.
    fn leave_out(&mut self, out: &mut BytesMut) {
        if self.open || self.last == C1_LEAD {
            self.show(&[CANCEL], out);
        }
        let executed = std::mem::take(&mut self.executed);
        self.show(&executed, out);
        self.forget();
    }

    /// Holds nothing more, and keeps no large buffer.
    fn forget(&mut self) {
        self.state = State::Text;
        self.held.clear();
        self.held.shrink_to(MAX_SEQUENCE_BYTES);
        self.executed.clear();
    }
}

#[cfg(test)]
#[path = "queries/tests.rs"] // Also from where the fuzz target names this file.
mod tests;
