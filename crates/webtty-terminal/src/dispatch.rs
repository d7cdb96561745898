//! Which sequence does what.

use crate::cell::bg;
use crate::charset::Charset;
use crate::modes::CursorShape;
use crate::params::Params;
use crate::parser::Handler;
use crate::reply::Reply;
use crate::state::State;

/// More than any row or screen holds: counts beyond it change nothing.
const MAX_COUNT: usize = 1 << 16;

impl Handler for State {
    fn print_begin(&mut self) {
        self.begin_run();
    }

    fn print_ascii(&mut self, text: &[u8]) {
        self.put_ascii(text);
    }

    fn print_codes(&mut self, codes: &[u32]) {
        self.put_codes(codes);
    }

    fn print_end(&mut self) {
        self.end_run();
    }

    fn execute(&mut self, code: u32) {
        match code {
            0x07 => self.bells += 1,
            0x08 => self.backspace(),
            0x09 => self.tab(1),
            0x0A..=0x0C => self.line_feed(),
            0x0D => self.buffer().x = 0,
            0x0E => self.charsets.shift(1),
            0x0F => self.charsets.shift(0),
            0x84 => self.index(),
            0x85 => self.next_line(),
            0x88 => self.set_tab(),
            _ => {}
        }
    }

    fn csi(&mut self, collect: u32, last: u8, params: &Params) {
        match collect {
            0 => self.plain_csi(last, params),
            0x3F => self.private_csi(last, params),
            _ => self.rare_csi(collect, last, params),
        }
    }

    fn esc(&mut self, collect: u32, last: u8) {
        match collect {
            0 => self.plain_esc(last),
            0x23 if last == b'8' => self.alignment_pattern(),
            0x25 if last == b'@' || last == b'G' => {
                self.charsets.shift(0);
                self.charsets.designate(0, None);
            }
            _ => self.designate(collect, last),
        }
    }

    fn osc(&mut self, data: &[u8]) {
        self.operating_system_command(data);
    }

    fn dcs(&mut self, collect: u32, last: u8, data: &[u8]) {
        self.device_control(collect, last, data);
    }

    fn sequence_ended(&mut self) {
        self.join = std::mem::take(&mut self.join_next);
    }
}

impl State {
    fn plain_csi(&mut self, last: u8, params: &Params) {
        let first = params.get(0);
        let count = params.count(0, MAX_COUNT);
        let far = count as i64;
        match last {
            b'@' => self.insert_chars(count),
            b'A' => self.up(far),
            b'B' => self.down(far),
            b'C' | b'a' => self.right(far),
            b'D' => self.left(far),
            b'E' => {
                self.down(far);
                self.buffer().x = 0;
            }
            b'F' => {
                self.up(far);
                self.buffer().x = 0;
            }
            b'G' | b'`' => self.column(first),
            b'H' | b'f' => self.position(params),
            b'I' => self.tab(count.min(self.cols)),
            b'J' => self.erase_display(first, false),
            b'K' => self.erase_line(first, false),
            b'L' => self.insert_lines(count),
            b'M' => self.delete_lines(count),
            b'P' => self.delete_chars(count),
            b'S' => self.scroll_up(count),
            b'T' => self.scroll_down(count),
            b'X' => self.erase_chars(count),
            b'Z' => self.back_tab(count.min(self.cols)),
            b'b' => self.repeat(count),
            b'd' => self.line_position(first),
            b'e' => self.down_freely(far),
            b'g' => self.clear_tabs(first),
            b'h' => self.set_ansi_modes(params, true),
            b'l' => self.set_ansi_modes(params, false),
            b'm' => self.attributes(params),
            b'r' => self.set_margins(params),
            b's' => self.save_cursor(),
            b'u' => self.restore_cursor(),
            _ => self.question(last, params),
        }
    }

    /// `CSI` without prefix that asks, or is about the window.
    fn question(&mut self, last: u8, params: &Params) {
        let first = params.get(0);
        match last {
            b'c' if first <= 0 => self.reply(Reply::PrimaryAttributes),
            b'n' if first == 5 => self.reply(Reply::Ok),
            b'n' if first == 6 => self.report_cursor(false),
            b't' => self.window(first, params.get(1)),
            _ => {}
        }
    }

    fn private_csi(&mut self, last: u8, params: &Params) {
        let first = params.get(0);
        match last {
            b'J' => self.erase_display(first, true),
            b'K' => self.erase_line(first, true),
            b'h' => self.set_modes(params, true),
            b'l' => self.set_modes(params, false),
            b'n' if first == 6 => self.report_cursor(true),
            b'u' => {
                let flags = self.active().keyboard.flags;
                self.reply(Reply::KeyboardFlags(flags));
            }
            _ => {}
        }
    }

    fn rare_csi(&mut self, collect: u32, last: u8, params: &Params) {
        let first = params.get(0);
        let count = params.count(0, MAX_COUNT);
        let x = self.active().x;
        match (collect, last) {
            (0x20, b'@') => self.shift_columns(0, count, false),
            (0x20, b'A') => self.shift_columns(0, count, true),
            (0x20, b'q') => self.cursor_style(first),
            (0x21, b'p') => self.soft_reset(),
            (0x22, b'q') => match first {
                1 => self.pen.bg |= bg::PROTECTED,
                0 | 2 => self.pen.bg &= !bg::PROTECTED,
                _ => {}
            },
            (0x24, b'p') => self.report_mode(first, false),
            (0x27, b'}') => self.shift_columns(x, count, true),
            (0x27, b'~') => self.shift_columns(x, count, false),
            (0x3C, b'u') => self.buffer().keyboard.pop(first),
            (0x3D, b'c') if first <= 0 => self.reply(Reply::TertiaryAttributes),
            (0x3D, b'u') => self.buffer().keyboard.set(first, params.get(1)),
            (0x3E, b'c') if first <= 0 => self.reply(Reply::SecondaryAttributes),
            (0x3E, b'q') if first == 0 => self.reply(Reply::Version),
            (0x3E, b'u') => self.buffer().keyboard.push(first),
            (0x3F24, b'p') => self.report_mode(first, true),
            _ => {}
        }
    }

    fn plain_esc(&mut self, last: u8) {
        match last {
            b'7' => self.save_cursor(),
            b'8' => self.restore_cursor(),
            b'D' => self.index(),
            b'E' => self.next_line(),
            b'H' => self.set_tab(),
            b'M' => self.reverse_index(),
            b'=' => self.modes.application_keypad = true,
            b'>' => self.modes.application_keypad = false,
            b'c' => self.full_reset(),
            b'n' | b'}' => self.charsets.shift(2),
            b'o' | b'|' => self.charsets.shift(3),
            b'~' => self.charsets.shift(1),
            _ => {}
        }
    }

    fn designate(&mut self, collect: u32, last: u8) {
        let level = match collect {
            0x28 => 0,
            0x29 | 0x2D => 1,
            0x2A | 0x2E => 2,
            0x2B => 3,
            _ => return,
        };
        if let Some(set) = Charset::named(last) {
            self.charsets.designate(level, set);
        }
    }

    fn next_line(&mut self) {
        self.buffer().x = 0;
        self.index();
    }

    fn set_tab(&mut self) {
        let buffer = self.buffer();
        buffer.tabs.set(buffer.x);
    }

    fn clear_tabs(&mut self, what: i32) {
        let buffer = self.buffer();
        match what {
            0 => buffer.tabs.clear(buffer.x),
            3 => buffer.tabs.clear_all(),
            _ => {}
        }
    }

    fn cursor_style(&mut self, style: i32) {
        let modes = &mut self.modes;
        if style == 0 {
            modes.cursor_shape = None;
            modes.cursor_blink = None;
            return;
        }
        match style {
            1 | 2 => modes.cursor_shape = Some(CursorShape::Block),
            3 | 4 => modes.cursor_shape = Some(CursorShape::Underline),
            5 | 6 => modes.cursor_shape = Some(CursorShape::Bar),
            _ => {}
        }
        modes.cursor_blink = Some(style % 2 == 1);
    }

    fn report_cursor(&mut self, extended: bool) {
        let buffer = self.active();
        let (row, column) = (buffer.y + 1, buffer.x + 1);
        self.reply(Reply::Cursor {
            row,
            column,
            extended,
        });
    }

    fn window(&mut self, what: i32, second: i32) {
        let (rows, cols) = (self.rows, self.cols);
        match (what, self.metrics) {
            (14, Some(cell)) if second != 2 => self.reply(Reply::ScreenPixels(
                rows * usize::from(cell.cell_height),
                cols * usize::from(cell.cell_width),
            )),
            (16, Some(cell)) => self.reply(Reply::CellPixels(cell.cell_height, cell.cell_width)),
            (18, _) => self.reply(Reply::ScreenCells(rows, cols)),
            (22, _) => self.titles.push(second),
            (23, _) => self.titles.pop(second),
            _ => {}
        }
    }
}
