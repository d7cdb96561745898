//! The transitions of the parser: DEC's state machine with the deviations xterm.js has, which
//! decide what broken sequences look like on the screen.

/// States.
pub(crate) mod state {
    pub(crate) const GROUND: u8 = 0;
    pub(crate) const ESCAPE: u8 = 1;
    pub(crate) const ESCAPE_INTERMEDIATE: u8 = 2;
    pub(crate) const CSI_ENTRY: u8 = 3;
    pub(crate) const CSI_PARAM: u8 = 4;
    pub(crate) const CSI_INTERMEDIATE: u8 = 5;
    pub(crate) const CSI_IGNORE: u8 = 6;
    pub(crate) const IGNORED_STRING: u8 = 7;
    pub(crate) const OSC_STRING: u8 = 8;
    pub(crate) const DCS_ENTRY: u8 = 9;
    pub(crate) const DCS_PARAM: u8 = 10;
    pub(crate) const DCS_IGNORE: u8 = 11;
    pub(crate) const DCS_INTERMEDIATE: u8 = 12;
    pub(crate) const DCS_PASSTHROUGH: u8 = 13;
    pub(crate) const COUNT: usize = 14;
}

/// Actions.
pub(crate) mod action {
    pub(crate) const IGNORE: u8 = 0;
    pub(crate) const PRINT: u8 = 1;
    pub(crate) const EXECUTE: u8 = 2;
    pub(crate) const OSC_START: u8 = 3;
    pub(crate) const OSC_PUT: u8 = 4;
    pub(crate) const OSC_END: u8 = 5;
    pub(crate) const CSI_DISPATCH: u8 = 6;
    pub(crate) const PARAM: u8 = 7;
    pub(crate) const COLLECT: u8 = 8;
    pub(crate) const ESC_DISPATCH: u8 = 9;
    pub(crate) const CLEAR: u8 = 10;
    pub(crate) const DCS_HOOK: u8 = 11;
    pub(crate) const DCS_PUT: u8 = 12;
    pub(crate) const DCS_UNHOOK: u8 = 13;
}

/// Stands for every code point from U+00A0 on.
pub(crate) const PRINTABLE: usize = 0xA0;
const WIDTH: usize = PRINTABLE + 1;

type Table = [u8; state::COUNT * WIDTH];

/// `action << 4 | next state`, by state and code point.
static TRANSITIONS: Table = transitions();

/// What to do with a code point in a state, and the state after it.
#[inline]
pub(crate) fn transition(state: u8, code: u32) -> (u8, u8) {
    let column = (code as usize).min(PRINTABLE);
    let entry = TRANSITIONS[state as usize * WIDTH + column];
    (entry >> 4, entry & 15)
}

const fn set(mut t: Table, from: u8, to: u8, state: u8, action: u8, next: u8) -> Table {
    let mut code = from as usize;
    while code <= to as usize {
        t[state as usize * WIDTH + code] = action << 4 | next;
        code += 1;
    }
    t
}

/// Control characters that do not end a sequence.
const fn controls(mut t: Table, state: u8, action: u8) -> Table {
    t = set(t, 0x00, 0x17, state, action, state);
    t = set(t, 0x19, 0x19, state, action, state);
    set(t, 0x1C, 0x1F, state, action, state)
}

const fn transitions() -> Table {
    // What no rule names is dropped and ends the sequence.
    let mut t = [action::IGNORE << 4 | state::GROUND; state::COUNT * WIDTH];
    t = everywhere(t);
    t = set(t, 0x20, 0x7E, state::GROUND, action::PRINT, state::GROUND);
    t = set(t, 0xA0, 0xA0, state::GROUND, action::PRINT, state::GROUND);
    t = controls(t, state::GROUND, action::EXECUTE);
    t = escape(t);
    t = csi(t);
    t = strings(t);
    dcs(t)
}

const fn everywhere(mut t: Table) -> Table {
    let mut s = 0;
    while s < state::COUNT as u8 {
        t = set(t, 0x18, 0x18, s, action::EXECUTE, state::GROUND);
        t = set(t, 0x1A, 0x1A, s, action::EXECUTE, state::GROUND);
        t = set(t, 0x80, 0x9A, s, action::EXECUTE, state::GROUND);
        t = set(t, 0x9C, 0x9C, s, action::IGNORE, state::GROUND);
        t = set(t, 0x1B, 0x1B, s, action::CLEAR, state::ESCAPE);
        t = set(t, 0x9D, 0x9D, s, action::OSC_START, state::OSC_STRING);
        t = set(t, 0x98, 0x98, s, action::IGNORE, state::IGNORED_STRING);
        t = set(t, 0x9E, 0x9F, s, action::IGNORE, state::IGNORED_STRING);
        t = set(t, 0x9B, 0x9B, s, action::CLEAR, state::CSI_ENTRY);
        t = set(t, 0x90, 0x90, s, action::CLEAR, state::DCS_ENTRY);
        s += 1;
    }
    t
}

const fn escape(mut t: Table) -> Table {
    use action::{CLEAR, COLLECT, ESC_DISPATCH, EXECUTE, IGNORE, OSC_START};
    use state::{ESCAPE, ESCAPE_INTERMEDIATE, GROUND, IGNORED_STRING};
    t = controls(t, ESCAPE, EXECUTE);
    t = set(t, 0x7F, 0x7F, ESCAPE, IGNORE, ESCAPE);
    t = set(t, 0x30, 0x7E, ESCAPE, ESC_DISPATCH, GROUND);
    t = set(t, 0x50, 0x50, ESCAPE, CLEAR, state::DCS_ENTRY);
    t = set(t, 0x5B, 0x5B, ESCAPE, CLEAR, state::CSI_ENTRY);
    t = set(t, 0x5D, 0x5D, ESCAPE, OSC_START, state::OSC_STRING);
    t = set(t, 0x58, 0x58, ESCAPE, IGNORE, IGNORED_STRING);
    t = set(t, 0x5E, 0x5F, ESCAPE, IGNORE, IGNORED_STRING);
    t = set(t, 0x20, 0x2F, ESCAPE, COLLECT, ESCAPE_INTERMEDIATE);
    t = controls(t, ESCAPE_INTERMEDIATE, EXECUTE);
    t = set(
        t,
        0x7F,
        0x7F,
        ESCAPE_INTERMEDIATE,
        IGNORE,
        ESCAPE_INTERMEDIATE,
    );
    t = set(
        t,
        0x20,
        0x2F,
        ESCAPE_INTERMEDIATE,
        COLLECT,
        ESCAPE_INTERMEDIATE,
    );
    set(t, 0x30, 0x7E, ESCAPE_INTERMEDIATE, ESC_DISPATCH, GROUND)
}

const fn csi(mut t: Table) -> Table {
    use action::{COLLECT, CSI_DISPATCH, EXECUTE, IGNORE, PARAM};
    use state::{CSI_ENTRY, CSI_IGNORE, CSI_INTERMEDIATE, CSI_PARAM, GROUND};
    let states = [CSI_ENTRY, CSI_PARAM, CSI_INTERMEDIATE, CSI_IGNORE];
    let mut i = 0;
    while i < states.len() {
        t = controls(t, states[i], EXECUTE);
        t = set(t, 0x7F, 0x7F, states[i], IGNORE, states[i]);
        t = set(t, 0x40, 0x7E, states[i], CSI_DISPATCH, GROUND);
        t = set(t, 0x20, 0x2F, states[i], COLLECT, CSI_INTERMEDIATE);
        t = set(t, 0x30, 0x3B, states[i], PARAM, CSI_PARAM);
        i += 1;
    }
    t = set(t, 0x3C, 0x3F, CSI_ENTRY, COLLECT, CSI_PARAM);
    t = set(t, 0x3C, 0x3F, CSI_PARAM, IGNORE, CSI_IGNORE);
    t = set(t, 0x30, 0x3F, CSI_INTERMEDIATE, IGNORE, CSI_IGNORE);
    t = set(t, 0x20, 0x3F, CSI_IGNORE, IGNORE, CSI_IGNORE);
    t = set(t, 0x40, 0x7E, CSI_IGNORE, IGNORE, GROUND);
    set(t, 0xA0, 0xA0, CSI_IGNORE, IGNORE, CSI_IGNORE)
}

const fn strings(mut t: Table) -> Table {
    use action::{IGNORE, OSC_END, OSC_PUT};
    use state::{GROUND, IGNORED_STRING, OSC_STRING};
    t = controls(t, OSC_STRING, IGNORE);
    t = set(t, 0x20, 0x7F, OSC_STRING, OSC_PUT, OSC_STRING);
    t = set(t, 0xA0, 0xA0, OSC_STRING, OSC_PUT, OSC_STRING);
    let ends = [0x9C, 0x1B, 0x18, 0x1A, 0x07];
    let mut i = 0;
    while i < ends.len() {
        t = set(t, ends[i], ends[i], OSC_STRING, OSC_END, GROUND);
        i += 1;
    }
    t = controls(t, IGNORED_STRING, IGNORE);
    set(t, 0x20, 0x7F, IGNORED_STRING, IGNORE, IGNORED_STRING)
}

const fn dcs(mut t: Table) -> Table {
    use action::{COLLECT, DCS_HOOK, DCS_PUT, DCS_UNHOOK, IGNORE, PARAM};
    use state::{DCS_ENTRY, DCS_IGNORE, DCS_INTERMEDIATE, DCS_PARAM, DCS_PASSTHROUGH, GROUND};
    let states = [DCS_ENTRY, DCS_PARAM, DCS_INTERMEDIATE];
    let mut i = 0;
    while i < states.len() {
        t = controls(t, states[i], IGNORE);
        t = set(t, 0x7F, 0x7F, states[i], IGNORE, states[i]);
        t = set(t, 0x20, 0x2F, states[i], COLLECT, DCS_INTERMEDIATE);
        t = set(t, 0x30, 0x3B, states[i], PARAM, DCS_PARAM);
        t = set(t, 0x40, 0x7E, states[i], DCS_HOOK, DCS_PASSTHROUGH);
        i += 1;
    }
    t = set(t, 0x3C, 0x3F, DCS_ENTRY, COLLECT, DCS_PARAM);
    t = set(t, 0x3C, 0x3F, DCS_PARAM, IGNORE, DCS_IGNORE);
    t = set(t, 0x30, 0x3F, DCS_INTERMEDIATE, IGNORE, DCS_IGNORE);
    t = controls(t, DCS_IGNORE, IGNORE);
    t = set(t, 0x20, 0x7F, DCS_IGNORE, IGNORE, DCS_IGNORE);
    t = set(t, 0xA0, 0xA0, DCS_IGNORE, IGNORE, DCS_IGNORE);
    t = controls(t, DCS_PASSTHROUGH, DCS_PUT);
    t = set(t, 0x20, 0x7E, DCS_PASSTHROUGH, DCS_PUT, DCS_PASSTHROUGH);
    t = set(t, 0x7F, 0x7F, DCS_PASSTHROUGH, IGNORE, DCS_PASSTHROUGH);
    t = set(t, 0xA0, 0xA0, DCS_PASSTHROUGH, DCS_PUT, DCS_PASSTHROUGH);
    let ends = [0x1B, 0x9C, 0x18, 0x1A];
    let mut j = 0;
    while j < ends.len() {
        t = set(t, ends[j], ends[j], DCS_PASSTHROUGH, DCS_UNHOOK, GROUND);
        j += 1;
    }
    t
}
