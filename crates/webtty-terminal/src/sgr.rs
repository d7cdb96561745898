//! SGR: colours and attributes of what is printed next.

use crate::cell::{
    COLOR, COLOR_16, COLOR_256, COLOR_RGB, UNDERLINE_SHIFT, UNDERLINE_STYLE, bg, fg,
};
use crate::params::Params;
use crate::state::State;

impl State {
    pub(crate) fn attributes(&mut self, params: &Params) {
        let mut i = 0;
        while i < params.len() {
            let number = params.get(i);
            match number {
                4 => self.underline(params.subs(i).first().copied().unwrap_or(1)),
                38 | 48 | 58 => i += self.extended_color(params, i),
                30..=37 => self.foreground(COLOR_16 | (number - 30) as u32),
                40..=47 => self.background(COLOR_16 | (number - 40) as u32),
                90..=97 => self.foreground(COLOR_16 | 8 | (number - 90) as u32),
                100..=107 => self.background(COLOR_16 | 8 | (number - 100) as u32),
                _ => self.attribute(number),
            }
            i += 1;
        }
    }

    fn attribute(&mut self, number: i32) {
        let pen = &mut self.pen;
        match number {
            0 => {
                (pen.fg, pen.bg, pen.ext) = (0, 0, 0);
                pen.update_extended();
            }
            1 => pen.fg |= fg::BOLD,
            2 => pen.bg |= bg::DIM,
            3 => pen.bg |= bg::ITALIC,
            5 => pen.fg |= fg::BLINK,
            7 => pen.fg |= fg::INVERSE,
            8 => pen.fg |= fg::INVISIBLE,
            9 => pen.fg |= fg::STRIKETHROUGH,
            21 => self.underline(2),
            22 => {
                pen.fg &= !fg::BOLD;
                pen.bg &= !bg::DIM;
            }
            23 => pen.bg &= !bg::ITALIC,
            24 => self.underline(0),
            25 => pen.fg &= !fg::BLINK,
            27 => pen.fg &= !fg::INVERSE,
            28 => pen.fg &= !fg::INVISIBLE,
            29 => pen.fg &= !fg::STRIKETHROUGH,
            39 => pen.fg &= !COLOR,
            49 => pen.bg &= !COLOR,
            53 => pen.bg |= bg::OVERLINE,
            55 => pen.bg &= !bg::OVERLINE,
            59 => {
                // All ones rather than none: xterm.js sets -1 here.
                pen.ext |= COLOR;
                pen.update_extended();
            }
            _ => {}
        }
    }

    fn foreground(&mut self, color: u32) {
        self.pen.fg = self.pen.fg & !COLOR | color;
    }

    fn background(&mut self, color: u32) {
        self.pen.bg = self.pen.bg & !COLOR | color;
    }

    fn underline(&mut self, style: i32) {
        let style = if (0..=5).contains(&style) {
            style as u32
        } else {
            1
        };
        self.pen.ext = self.pen.ext & !UNDERLINE_STYLE | style << UNDERLINE_SHIFT;
        if style == 0 {
            self.pen.fg &= !fg::UNDERLINE;
        } else {
            self.pen.fg |= fg::UNDERLINE;
        }
        self.pen.update_extended();
    }

    /// 38, 48 and 58; returns how many parameters after it belong to it.
    fn extended_color(&mut self, params: &Params, at: usize) -> usize {
        let (numbers, advance) = collect_color(params, at);
        let byte = |i: usize| (numbers[i].max(0) as u32) & 0xFF;
        let color = match numbers[1] {
            2 => COLOR_RGB | byte(3) << 16 | byte(4) << 8 | byte(5),
            5 => COLOR_256 | byte(3),
            _ => return advance,
        };
        match numbers[0] {
            38 => self.foreground(color),
            48 => self.background(color),
            58 => self.pen.ext = self.pen.ext & !COLOR | color,
            _ => {}
        }
        advance
    }
}

/// Brings the spellings of a colour (semicolons or colons, with or without a colour space) into
/// one order: target, kind, colour space, three values.
fn collect_color(params: &Params, at: usize) -> ([i32; 6], usize) {
    let mut numbers = [0, 0, -1, 0, 0, 0];
    let mut space = 0;
    let mut advance = 0;
    loop {
        numbers[advance + space] = params.get(at + advance);
        let subs = params.subs(at + advance);
        if !subs.is_empty() {
            for (i, &sub) in subs.iter().enumerate() {
                if numbers[1] == 5 {
                    space = 1;
                }
                let slot = advance + i + 1 + space;
                if slot >= numbers.len() {
                    break;
                }
                numbers[slot] = sub;
            }
            break;
        }
        if (numbers[1] == 5 && advance + space >= 2) || (numbers[1] == 2 && advance + space >= 5) {
            break;
        }
        if numbers[1] != 0 {
            space = 1;
        }
        advance += 1;
        if at + advance >= params.len() || advance + space >= numbers.len() {
            break;
        }
    }
    (numbers, advance)
}
