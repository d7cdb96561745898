//! OSC and DCS: strings with a meaning of their own.

use crate::links::Link;
use crate::opening;
use crate::palette::{ColorSlot, Rgb, indexed, parse_color};
use crate::reply::{Reply, capability};
use crate::state::State;

/// The slots that OSC 10, 11 and 12 go through in turn.
const SPECIAL: [ColorSlot; 3] = [
    ColorSlot::Foreground,
    ColorSlot::Background,
    ColorSlot::Cursor,
];

impl State {
    pub(crate) fn operating_system_command(&mut self, data: &[u8]) {
        let Ok(data) = std::str::from_utf8(data) else {
            return;
        };
        let (number, text) = data.split_once(';').unwrap_or((data, ""));
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        match number.trim_start_matches('0') {
            "" => {
                self.titles.set_title(text);
                self.titles.set_icon(text);
            }
            "1" => self.titles.set_icon(text),
            "2" => self.titles.set_title(text),
            "4" => self.indexed_colors(text),
            "8" => self.hyperlink(text),
            "10" => self.special_colors(text, 0),
            "11" => self.special_colors(text, 1),
            "12" => self.special_colors(text, 2),
            "104" => self.restore_indexed(text),
            "110" => self.restore_color(ColorSlot::Foreground),
            "111" => self.restore_color(ColorSlot::Background),
            opening::NUMBER => self.amend(text),
            "112" => self.restore_color(ColorSlot::Cursor),
            _ => {}
        }
    }

    pub(crate) fn color(&self, slot: ColorSlot) -> Rgb {
        if let Some(&color) = self.palette.changed.get(&slot) {
            return color;
        }
        match slot {
            ColorSlot::Foreground => self.theme.foreground,
            ColorSlot::Background => self.theme.background,
            ColorSlot::Cursor => self.theme.cursor,
            ColorSlot::Indexed(i) => match self.theme.named.get(usize::from(i)) {
                Some(&color) => color,
                None => indexed(i),
            },
        }
    }

    fn set_or_report(&mut self, slot: ColorSlot, spec: &str) {
        if spec == "?" {
            self.reply(Reply::Color(slot, self.color(slot)));
        } else if let Some(color) = parse_color(spec) {
            self.palette.changed.insert(slot, color);
        }
    }

    fn indexed_colors(&mut self, text: &str) {
        let parts: Vec<&str> = text.split(';').collect();
        for pair in parts.chunks_exact(2) {
            if let Some(slot) = index(pair[0]) {
                self.set_or_report(slot, pair[1]);
            }
        }
    }

    fn special_colors(&mut self, text: &str, first: usize) {
        for (spec, &slot) in text.split(';').zip(&SPECIAL[first..]) {
            self.set_or_report(slot, spec);
        }
    }

    fn restore_indexed(&mut self, text: &str) {
        if text.is_empty() {
            self.palette.restore_indexed();
        }
        for slot in text.split(';').filter_map(index) {
            self.restore_color(slot);
        }
    }

    fn restore_color(&mut self, slot: ColorSlot) {
        self.palette.changed.remove(&slot);
    }

    fn hyperlink(&mut self, text: &str) {
        let Some((params, address)) = text.split_once(';') else {
            return;
        };
        let params = params.trim();
        if address.is_empty() {
            if params.is_empty() {
                self.pen.link = 0;
                self.pen.update_extended();
            }
            return;
        }
        let id = params
            .split(':')
            .find_map(|param| param.strip_prefix("id="));
        let link = Link {
            id: id.filter(|id| !id.is_empty()).map(str::to_owned),
            address: address.to_owned(),
        };
        if self.links.wants_sweep() {
            self.sweep_links();
        }
        self.pen.link = self.links.register(link).unwrap_or(0);
        self.pen.update_extended();
    }

    pub(crate) fn device_control(&mut self, collect: u32, last: u8, data: &[u8]) {
        match (collect, last) {
            (0x24, b'q') => self.report_setting(data),
            (0x2B, b'q') => {
                for asked in data.split(|&byte| byte == b';') {
                    self.reply(match capability(asked) {
                        Some((name, value)) => Reply::Capability(name, value),
                        None => Reply::UnknownCapability,
                    });
                }
            }
            _ => {}
        }
    }

    /// DECRQSS.
    fn report_setting(&mut self, data: &[u8]) {
        let buffer = self.active();
        let reply = match data {
            b"\"q" => Reply::Protection(self.pen.bg & crate::cell::bg::PROTECTED != 0),
            b"\"p" => Reply::Conformance,
            b"r" => Reply::Margins(buffer.top + 1, buffer.bottom + 1),
            b"m" => Reply::Attributes,
            b" q" => Reply::CursorStyle {
                blinking: self.modes.blink_option == Some(true),
            },
            _ => Reply::UnknownSetting,
        };
        self.reply(reply);
    }
}

fn index(text: &str) -> Option<ColorSlot> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let index = digits.then(|| text.parse::<u8>().ok())??;
    Some(ColorSlot::Indexed(index))
}
