//! Numbers that both ends of a wire keep to, each with its reason.

/// The most columns a terminal has. Wider is no screen, but a way to ask for memory.
pub const MAX_COLS: u16 = 1000;

/// The most rows a terminal has.
pub const MAX_ROWS: u16 = 500;

/// The size of a terminal nobody has measured yet: what a VT100 had.
pub const DEFAULT_COLS: u16 = 80;

/// Rows of a terminal nobody has measured yet.
pub const DEFAULT_ROWS: u16 = 24;

/// The largest message a client may send on a PTY socket, in bytes. A paste is sent in pieces.
pub const MAX_PTY_MESSAGE_BYTES: usize = 64 * 1024;

/// The largest message a client may send on an events socket, in bytes: it has nothing to say.
pub const MAX_EVENTS_MESSAGE_BYTES: usize = 1024;

/// The largest message a client may send in the hub, in bytes. Longer events go to `publish`.
pub const MAX_HUB_MESSAGE_BYTES: usize = 64 * 1024;

/// The most rooms one connection of the hub is subscribed to: more than a page can show.
pub const MAX_HUB_ROOMS: usize = 64;

/// The longest name a client is shown under, in bytes: it stands in a line with others.
pub const MAX_NAME_BYTES: usize = 64;

/// The most clients that one `presence` message of a PTY socket tells of. Each change is told to
/// all, so this times the viewers is what one more viewer costs.
pub const MAX_TOLD_PRESENCE: usize = 16;

/// The longest time for which control is lent, in seconds: a day. What is to last longer is a key.
pub const MAX_LOAN_SECONDS: u64 = 24 * 60 * 60;

/// The longest published line, in bytes, without its line end.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// The largest JSON body of a REST request, in bytes.
pub const MAX_JSON_BODY_BYTES: usize = 64 * 1024;

/// How many binary payload bytes may be on their way to a `webtty.v1` viewer that its terminal
/// has not processed. Half a megabyte is some 10 ms of a fast terminal's work.
pub const WINDOW_BYTES: u64 = 512 * 1024;

/// The longest window title, in bytes.
pub const MAX_TITLE_BYTES: usize = 256;

/// The most a program may write to the clipboard at once, in bytes.
pub const MAX_CLIPBOARD_BYTES: usize = 64 * 1024;

/// The most rejected lines a publish report lists; the counts go on beyond it.
pub const MAX_REPORTED_REJECTIONS: usize = 100;

/// Clamps a size, as a client gave it, to what a terminal may have. Fractions are cut off.
pub fn clamp_size(cols: f64, rows: f64) -> (u16, u16) {
    // A cast from float to integer saturates, and takes what is not a number for 0.
    let clamp = |value: f64, most: u16| (value as u16).clamp(1, most);
    (clamp(cols, MAX_COLS), clamp(rows, MAX_ROWS))
}

/// The largest cell a window may say it has, in pixels: letters for a wall.
pub const MAX_CELL_PIXELS: u16 = 512;

/// Clamps a cell's size, as a client gave it. Fractions are rounded.
pub fn clamp_cell(width: f64, height: f64) -> (u16, u16) {
    let clamp = |value: f64| (value.round() as u16).clamp(1, MAX_CELL_PIXELS);
    (clamp(width), clamp(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_clamped_at_both_ends() {
        assert_eq!(clamp_size(0.0, -1.0), (1, 1));
        assert_eq!(clamp_size(1000.0, 500.0), (1000, 500));
        assert_eq!(clamp_size(1e9, f64::INFINITY), (1000, 500));
        assert_eq!(clamp_size(132.9, f64::NAN), (132, 1));
        assert_eq!(clamp_cell(8.6, 1e9), (9, 512));
        assert_eq!(clamp_cell(0.0, -3.0), (1, 1));
    }
}
