//! SM and RM: switches on and off.

use crate::modes::{MouseEncoding, MouseTracking};
use crate::params::Params;
use crate::reply::{ModeState, Reply};
use crate::state::State;

impl State {
    pub(crate) fn set_ansi_modes(&mut self, params: &Params, on: bool) {
        for mode in params.iter() {
            match mode {
                4 => self.modes.insert = on,
                20 => self.modes.newline = on,
                _ => {}
            }
        }
    }

    pub(crate) fn set_modes(&mut self, params: &Params, on: bool) {
        for mode in params.iter() {
            self.set_mode(mode, on);
        }
    }

    fn set_mode(&mut self, mode: i32, on: bool) {
        let modes = &mut self.modes;
        match mode {
            1 => modes.application_cursor_keys = on,
            2 if on => {
                for level in 0..4 {
                    self.charsets.designate(level, None);
                }
            }
            6 => {
                modes.origin = on;
                self.set_cursor(0, 0);
            }
            7 => modes.wraparound = on,
            9 => self.track_mouse(MouseTracking::X10, on),
            12 => modes.blink_option = Some(on),
            25 => modes.cursor_hidden = !on,
            45 => modes.reverse_wraparound = on,
            66 => modes.application_keypad = on,
            1000 => self.track_mouse(MouseTracking::Normal, on),
            1002 => self.track_mouse(MouseTracking::Drag, on),
            1003 => self.track_mouse(MouseTracking::Any, on),
            1004 => modes.focus_events = on,
            1006 => self.encode_mouse(MouseEncoding::Sgr, on),
            1016 => self.encode_mouse(MouseEncoding::SgrPixels, on),
            47 | 1047 | 1048 | 1049 => self.switch_screen(mode, on),
            2004 => modes.bracketed_paste = on,
            2026 => modes.synchronized_output = on,
            _ => {}
        }
    }

    fn switch_screen(&mut self, mode: i32, on: bool) {
        if on {
            if mode >= 1048 {
                self.save_cursor();
            }
            if mode != 1048 {
                self.show_alternate();
            }
        } else {
            if mode != 1048 {
                self.show_normal();
            }
            if mode >= 1048 {
                self.restore_cursor();
            }
        }
    }

    /// Any mode replaces the one before, and resetting any of them ends tracking.
    fn track_mouse(&mut self, tracking: MouseTracking, on: bool) {
        self.modes.mouse_tracking = if on { tracking } else { MouseTracking::Off };
    }

    fn encode_mouse(&mut self, encoding: MouseEncoding, on: bool) {
        self.modes.mouse_encoding = if on { encoding } else { MouseEncoding::Default };
    }

    /// DECRQM.
    pub(crate) fn report_mode(&mut self, mode: i32, private: bool) {
        let state = if private {
            self.private_mode(mode)
        } else {
            match mode {
                2 => ModeState::AlwaysReset,
                4 => ModeState::of(self.modes.insert),
                12 => ModeState::AlwaysSet,
                20 => ModeState::of(self.modes.newline),
                _ => ModeState::Unknown,
            }
        };
        self.reply(Reply::Mode {
            private,
            mode,
            state,
        });
    }

    fn private_mode(&self, mode: i32) -> ModeState {
        let modes = &self.modes;
        ModeState::of(match mode {
            1 => modes.application_cursor_keys,
            6 => modes.origin,
            7 => modes.wraparound,
            8 => return ModeState::AlwaysSet,
            9 => modes.mouse_tracking == MouseTracking::X10,
            12 => modes.blink_option == Some(true),
            25 => !modes.cursor_hidden,
            45 => modes.reverse_wraparound,
            66 => modes.application_keypad,
            67 | 1005 | 1015 => return ModeState::AlwaysReset,
            1000 => modes.mouse_tracking == MouseTracking::Normal,
            1002 => modes.mouse_tracking == MouseTracking::Drag,
            1003 => modes.mouse_tracking == MouseTracking::Any,
            1004 => modes.focus_events,
            1006 => modes.mouse_encoding == MouseEncoding::Sgr,
            1016 => modes.mouse_encoding == MouseEncoding::SgrPixels,
            1048 => true,
            47 | 1047 | 1049 => self.alternate_shown,
            2004 => modes.bracketed_paste,
            2026 => modes.synchronized_output,
            _ => return ModeState::Unknown,
        })
    }
}
