//! Splits output into text and control sequences, the way xterm.js does: UTF-8 first, then the
//! state machine over code points. Its state can be written down as the bytes that lead to it.

mod decode;
mod table;

use crate::params::Params;
use decode::{Decoded, Utf8};
use table::{action, state, transition};

/// Bytes of one OSC or DCS string; a longer one is ignored to its end.
pub(crate) const MAX_STRING: usize = 64 * 1024;

/// Characters beyond ASCII that are decoded before they are printed.
const AT_ONCE: usize = 32;

/// What the parser finds.
pub(crate) trait Handler {
    /// A run of text starts.
    fn print_begin(&mut self);
    /// Part of a run: bytes from 0x20 to 0x7E.
    fn print_ascii(&mut self, text: &[u8]);
    /// Part of a run: any printable code points.
    fn print_codes(&mut self, codes: &[u32]);
    /// A run of text ends.
    fn print_end(&mut self);
    /// A control character.
    fn execute(&mut self, code: u32);
    /// `CSI`; `collect` holds prefix and intermediates, first one highest.
    fn csi(&mut self, collect: u32, last: u8, params: &Params);
    /// `ESC`.
    fn esc(&mut self, collect: u32, last: u8);
    /// `OSC`, complete.
    fn osc(&mut self, data: &[u8]);
    /// `DCS`, complete.
    fn dcs(&mut self, collect: u32, last: u8, data: &[u8]);
    /// After each of the above but text, and after what was cut off: a combining character
    /// that follows has nothing to join.
    fn sequence_ended(&mut self);
}

#[derive(Clone, Debug)]
pub(crate) struct Parser {
    state: u8,
    params: Params,
    collect: u32,
    /// The OSC or DCS string so far.
    string: Vec<u8>,
    /// The string was too long.
    overlong: bool,
    /// Final byte of the DCS whose string is being read.
    dcs_last: u8,
    utf8: Utf8,
}

impl Parser {
    pub(crate) fn new() -> Parser {
        Parser {
            state: state::GROUND,
            params: Params::new(),
            collect: 0,
            string: Vec::new(),
            overlong: false,
            dcs_last: 0,
            utf8: Utf8::default(),
        }
    }

    /// Between sequences and between characters.
    pub(crate) fn is_idle(&self) -> bool {
        self.state == state::GROUND && self.utf8.pending().is_empty()
    }

    pub(crate) fn advance<H: Handler>(&mut self, handler: &mut H, bytes: &[u8]) {
        let mut rest = self.finish_char(handler, bytes);
        while let Some(&byte) = rest.first() {
            if self.state == state::GROUND && byte >= 0x20 && byte != 0x7F {
                rest = self.text(handler, rest);
            } else if byte < 0x80 {
                self.step(handler, u32::from(byte));
                rest = &rest[1..];
            } else {
                match decode::next(rest) {
                    Decoded::Char(code, len) => {
                        self.step(handler, code);
                        rest = &rest[len..];
                    }
                    Decoded::Invalid(len) => rest = &rest[len..],
                    Decoded::Incomplete => {
                        self.utf8.keep(rest);
                        return;
                    }
                }
            }
        }
    }

    /// Completes a character whose first bytes came with the last call.
    fn finish_char<'a, H: Handler>(&mut self, handler: &mut H, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while !self.utf8.pending().is_empty() {
            let Some((&byte, after)) = rest.split_first() else {
                return rest;
            };
            if byte & 0xC0 != 0x80 {
                self.utf8.clear();
                return rest;
            }
            rest = after;
            if let Some(decoded) = self.utf8.push(byte)
                && let Decoded::Char(code, _) = decoded
            {
                self.code_point(handler, code);
            }
        }
        rest
    }

    fn code_point<H: Handler>(&mut self, handler: &mut H, code: u32) {
        if self.state == state::GROUND && code >= 0xA0 {
            handler.print_begin();
            handler.print_codes(&[code]);
            handler.print_end();
        } else {
            self.step(handler, code);
        }
    }

    /// A run of text in the ground state; returns what comes after it.
    fn text<'a, H: Handler>(&mut self, handler: &mut H, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        let mut begun = false;
        loop {
            let ascii = ascii_len(rest);
            if ascii > 0 {
                if !begun {
                    handler.print_begin();
                    begun = true;
                }
                handler.print_ascii(&rest[..ascii]);
                rest = &rest[ascii..];
            }
            match rest.first() {
                Some(0x80..) => {}
                _ => break,
            }
            let mut codes = [0; AT_ONCE];
            let (n, after) = decode::run(rest, &mut codes);
            if n > 0 {
                if !begun {
                    handler.print_begin();
                    begun = true;
                }
                handler.print_codes(&codes[..n]);
                rest = after;
                continue;
            }
            match decode::next(rest) {
                Decoded::Char(code, len) => {
                    if begun {
                        handler.print_end();
                    }
                    self.step(handler, code);
                    return &rest[len..];
                }
                Decoded::Invalid(len) => rest = &rest[len..],
                Decoded::Incomplete => {
                    self.utf8.keep(rest);
                    rest = &[];
                }
            }
        }
        if begun {
            handler.print_end();
        }
        rest
    }

    fn step<H: Handler>(&mut self, handler: &mut H, code: u32) {
        let (action, mut next) = transition(self.state, code);
        match action {
            action::PRINT => {
                handler.print_begin();
                handler.print_codes(&[code]);
                handler.print_end();
            }
            action::EXECUTE => {
                handler.execute(code);
                handler.sequence_ended();
            }
            action::PARAM => self.param(code as u8),
            action::COLLECT => self.collect = self.collect << 8 | code,
            action::CSI_DISPATCH => {
                handler.csi(self.collect, code as u8, &self.params);
                handler.sequence_ended();
            }
            action::ESC_DISPATCH => {
                handler.esc(self.collect, code as u8);
                handler.sequence_ended();
            }
            action::CLEAR => self.clear(),
            action::OSC_START => self.start_string(),
            action::DCS_HOOK => {
                self.start_string();
                self.dcs_last = code as u8;
            }
            action::OSC_PUT | action::DCS_PUT => self.put(code),
            action::OSC_END | action::DCS_UNHOOK => {
                self.end_string(handler, code, action == action::OSC_END);
                if code == 0x1B {
                    next = state::ESCAPE;
                }
            }
            _ => {}
        }
        self.state = next;
    }

    fn param(&mut self, byte: u8) {
        match byte {
            b';' => self.params.add(),
            b':' => self.params.add_sub(),
            _ => self.params.add_digit(byte - b'0'),
        }
    }

    fn clear(&mut self) {
        self.params.reset();
        self.collect = 0;
    }

    fn start_string(&mut self) {
        self.string.clear();
        self.overlong = false;
    }

    fn put(&mut self, code: u32) {
        if self.overlong {
            return;
        }
        if let Some(c) = char::from_u32(code) {
            let mut buffer = [0; 4];
            self.string
                .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
        if self.string.len() > MAX_STRING {
            self.string = Vec::new();
            self.overlong = true;
        }
    }

    fn end_string<H: Handler>(&mut self, handler: &mut H, code: u32, osc: bool) {
        let cancelled = code == 0x18 || code == 0x1A;
        if !cancelled && !self.overlong {
            if osc {
                handler.osc(&self.string);
            } else {
                handler.dcs(self.collect, self.dcs_last, &self.string);
            }
        }
        handler.sequence_ended();
        self.clear();
        if self.string.capacity() > 4096 {
            self.string = Vec::new();
        }
    }

    /// The bytes that bring a fresh parser into this one's state.
    pub(crate) fn unfinished(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.state {
            state::GROUND => {}
            state::ESCAPE | state::ESCAPE_INTERMEDIATE => {
                out.push(0x1B);
                self.write_collected(&mut out, |byte| byte < 0x30);
            }
            state::CSI_IGNORE => out.extend_from_slice(b"\x1b[0<"),
            state::DCS_IGNORE => out.extend_from_slice(b"\x1bP0<"),
            state::IGNORED_STRING => out.extend_from_slice(b"\x1bX"),
            state::OSC_STRING if self.overlong => out.extend_from_slice(b"\x1b]x"),
            state::OSC_STRING => {
                out.extend_from_slice(b"\x1b]");
                out.extend_from_slice(&self.string);
            }
            state::DCS_PASSTHROUGH if self.overlong => out.extend_from_slice(b"\x1bP0<"),
            state::CSI_ENTRY | state::CSI_PARAM | state::CSI_INTERMEDIATE => {
                out.extend_from_slice(b"\x1b[");
                self.write_sequence(&mut out, state::CSI_ENTRY);
            }
            _ => {
                out.extend_from_slice(b"\x1bP");
                self.write_sequence(&mut out, state::DCS_ENTRY);
                if self.state == state::DCS_PASSTHROUGH {
                    out.push(self.dcs_last);
                    out.extend_from_slice(&self.string);
                }
            }
        }
        out.extend_from_slice(self.utf8.pending());
        out
    }

    fn write_sequence(&self, out: &mut Vec<u8>, entry: u8) {
        self.write_collected(out, |byte| byte >= 0x3C);
        if self.state != entry {
            self.params.write_to(out);
        }
        self.write_collected(out, |byte| byte < 0x30);
    }

    fn write_collected(&self, out: &mut Vec<u8>, wanted: fn(u8) -> bool) {
        let bytes = self.collect.to_be_bytes();
        out.extend(bytes.into_iter().filter(|&byte| byte != 0 && wanted(byte)));
    }
}

/// Length of the run of bytes from 0x20 to 0x7E at the start.
#[inline]
pub(crate) fn ascii_len(bytes: &[u8]) -> usize {
    const STEP: usize = 16;
    let mut len = 0;
    for chunk in bytes.chunks_exact(STEP) {
        // No early exit inside the chunk, so that it becomes a few vector instructions.
        let plain = chunk.iter().fold(true, |plain, &byte| {
            plain & (byte.wrapping_sub(0x20) < 0x5F)
        });
        if !plain {
            break;
        }
        len += STEP;
    }
    let tail = bytes[len..].iter();
    len + tail
        .take_while(|&&byte| byte.wrapping_sub(0x20) < 0x5F)
        .count()
}
