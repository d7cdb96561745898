//! What a session's terminal shows, kept up to date from its output log.
//!
//! A thread of its own reads the log by offset, as a viewer does, so the PTY is not slowed by
//! it; it answers what programs ask their terminal, and it finds the title. A snapshot is taken
//! together with the offset it stands for, so that no byte falls between it and what follows.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use webtty_protocol::screen::ScreenModes;
use webtty_terminal::{History, Limits, Terminal, Theme};

use crate::limits::{
    JOIN_REPLAY_BYTES, SCREEN_BUSY_BYTES, SCREEN_PIECE_BYTES, SCREEN_REST, SCROLLBACK_BYTES,
    SCROLLBACK_LINES, UNKNOWN_CELL,
};
use crate::output_log::{OutputLog, Read};
use crate::rendering::{View, render, switches};
use crate::size::{Size, Window};
use crate::title;

/// Resets a terminal to what it was when it was new (RIS).
const RESET: &[u8] = b"\x1bc";

/// The state of a session's terminal at some offset of its output.
pub(crate) struct Screen {
    state: Mutex<State>,
    /// Beside the state, so that who resizes does not wait for the terminal.
    changes: Mutex<Changes>,
    wake: SyncSender<()>,
}

/// What happens to the terminal beside its output.
#[derive(Default)]
struct Changes {
    /// Sizes it is to take once it has come so far, at most one for each offset.
    resizes: VecDeque<Resize>,
    /// How many changes there have been.
    made: u64,
}

struct Resize {
    /// The output offset at which it happens.
    at: u64,
    window: Window,
}

struct State {
    terminal: Terminal,
    /// How far into the output it has come.
    offset: u64,
    /// How many changes there had been when it had seen all of them.
    changes: u64,
}

/// A stream of bytes that rebuilds a terminal, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenSnapshot {
    /// The output offset it shows.
    pub offset: u64,
    /// What to feed to a terminal that has just been reset.
    pub bytes: Vec<u8>,
}

/// A screen in a form for people or programs, and the version it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Equal for two renderings of one session exactly when nothing has changed between them.
    pub version: String,
    /// The screen.
    pub bytes: Vec<u8>,
}

/// What reading some output has brought to light.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// What the terminal answers to the program in it.
    pub(crate) replies: Vec<u8>,
    /// The window title, when it has changed.
    pub(crate) title: Option<String>,
}

impl Screen {
    /// An empty terminal, and what its thread waits on.
    pub(crate) fn new(size: Size) -> (Self, Receiver<()>) {
        // One wake-up that is not yet taken stands for any number of them.
        let (wake, woken) = sync_channel(1);
        let limits = Limits {
            scrollback_lines: SCROLLBACK_LINES,
            scrollback_bytes: SCROLLBACK_BYTES,
        };
        let mut terminal = Terminal::new(terminal_size(size), limits);
        terminal.set_metrics(Some(UNKNOWN_CELL));
        // No effect but one: what a program prints is never taken for a snapshot.
        terminal.feed(b"\r");
        let state = State {
            terminal,
            offset: 0,
            changes: 0,
        };
        (
            Self {
                state: Mutex::new(state),
                changes: Mutex::default(),
                wake,
            },
            woken,
        )
    }

    /// There is more output.
    pub(crate) fn wake(&self) {
        // Full means that it will look anyway; closed, that it has seen all.
        let _ = self.wake.try_send(());
    }

    /// The terminal takes another size after what has been written so far.
    pub(crate) fn resize(&self, window: Window, log: &OutputLog) {
        let at = log.end().offset;
        {
            let mut changes = lock(&self.changes);
            changes.made += 1;
            // Nothing was written in between: nobody has seen the size before.
            if changes.resizes.back().is_some_and(|last| last.at == at) {
                changes.resizes.pop_back();
            }
            changes.resizes.push_back(Resize { at, window });
        }
        self.wake();
    }

    /// Programs that ask for colours are told these from now on.
    pub(crate) fn set_theme(&self, theme: Theme) {
        let mut state = self.lock();
        state.terminal.set_theme(theme);
        lock(&self.changes).made += 1;
    }

    /// Reads the log as it grows, until it will grow no more, and tells what is new in it.
    pub(crate) fn keep(&self, log: &OutputLog, woken: &Receiver<()>, tell: impl Fn(News)) {
        let hold = log.hold(0);
        let (mut read, mut rested) = (0, 0);
        loop {
            // Looked at before reading, so that what was finished then has been read.
            let finished = log.end().finished;
            while let Some((offset, news)) = self.read_on(log) {
                hold.advance(offset);
                tell(news);
                read = offset;
                if read - rested > SCREEN_BUSY_BYTES && !finished {
                    thread::sleep(SCREEN_REST);
                    rested = read;
                }
            }
            if finished || woken.recv().is_err() {
                return;
            }
            rested = read;
        }
    }

    /// Reads a piece of the log, if there is any that has not been read. Gives how far it has
    /// come, and what was new.
    fn read_on(&self, log: &OutputLog) -> Option<(u64, News)> {
        self.lock().read_on(log, &self.changes)
    }

    /// The state at the end of the log as it is now.
    pub(crate) fn snapshot(&self, log: &OutputLog, lines: Option<usize>) -> ScreenSnapshot {
        let mut state = self.lock();
        // What the thread would find is not lost: the terminal keeps its replies and its title
        // until they are asked for.
        while state.feed(log, &self.changes) {}
        let history = lines.map_or(History::All, History::Lines);
        ScreenSnapshot {
            offset: state.offset,
            bytes: state.terminal.snapshot(history),
        }
    }

    /// The screen at the end of the log as it is now, for people and programs.
    pub(crate) fn render(&self, log: &OutputLog, view: &View, epoch: &str) -> Rendered {
        let mut state = self.lock();
        while state.feed(log, &self.changes) {}
        Rendered {
            version: version(state.offset, state.changes),
            bytes: render(&state.terminal, view, epoch, state.offset),
        }
    }

    /// What the program has switched on, by the end of the log as it is now.
    pub(crate) fn switches(&self, log: &OutputLog) -> ScreenModes {
        let mut state = self.lock();
        while state.feed(log, &self.changes) {}
        switches(&state.terminal)
    }

    /// The version that a rendering has when it is made now. Costs nothing.
    pub(crate) fn version(&self, log: &OutputLog) -> String {
        let changes = lock(&self.changes).made;
        version(log.end().offset, changes)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn version(offset: u64, changes: u64) -> String {
    format!("{offset:x}.{changes:x}")
}

impl State {
    fn read_on(&mut self, log: &OutputLog, changes: &Mutex<Changes>) -> Option<(u64, News)> {
        let fed = self.feed(log, changes);
        let mut news = News::default();
        for reply in self.terminal.take_replies() {
            news.replies.extend_from_slice(&reply.to_bytes());
        }
        news.title = self.terminal.take_title_change().map(title::clean);
        let any = fed || !news.replies.is_empty() || news.title.is_some();
        any.then_some((self.offset, news))
    }

    /// Feeds one piece of the log to the terminal, if there is any.
    fn feed(&mut self, log: &OutputLog, changes: &Mutex<Changes>) -> bool {
        let most = self.change_when_due(changes);
        // What was read may be beyond the end that was told: that is told after the bytes are there.
        if log.end().offset.saturating_sub(self.offset) > SCREEN_BUSY_BYTES {
            let joined = log.read_joined(self.offset, most.min(SCREEN_PIECE_BYTES));
            if !joined.is_empty() {
                self.terminal.feed(&joined);
                self.offset += joined.len() as u64;
                return true;
            }
        }
        match log.read(self.offset, most) {
            Read::Bytes(bytes) => {
                self.terminal.feed(&bytes);
                self.offset += bytes.len() as u64;
                true
            }
            Read::Pending => false,
            Read::Lagged { skipped } => {
                // The log waits for this reader, but not for ever.
                tracing::warn!(skipped, "a screen was too slow and begins anew");
                self.terminal.feed(RESET);
                self.offset = log.join_offset(JOIN_REPLAY_BYTES);
                true
            }
        }
    }

    /// Takes the sizes whose offset has come. Gives how many bytes there are before the next.
    fn change_when_due(&mut self, changes: &Mutex<Changes>) -> usize {
        let mut changes = lock(changes);
        while let Some(Resize { at, window }) = changes.resizes.front() {
            if *at > self.offset {
                return usize::try_from(at - self.offset).unwrap_or(usize::MAX);
            }
            self.terminal.resize(terminal_size(window.size));
            self.terminal
                .set_metrics(Some(window.metrics.unwrap_or(UNKNOWN_CELL)));
            changes.resizes.pop_front();
        }
        self.changes = changes.made;
        usize::MAX
    }
}

fn terminal_size(size: Size) -> webtty_terminal::Size {
    webtty_terminal::Size::new(size.cols, size.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen() -> (Screen, OutputLog) {
        (
            Screen::new(Size { cols: 20, rows: 5 }).0,
            OutputLog::new(1 << 20),
        )
    }

    fn text(snapshot: &ScreenSnapshot) -> String {
        let mut terminal = Terminal::new(webtty_terminal::Size::new(20, 5), Limits::default());
        terminal.feed(&snapshot.bytes);
        terminal.describe().join("\n")
    }

    #[test]
    fn a_snapshot_and_what_follows_are_the_whole() {
        let output =
            "\x1b]0;title\x07one\r\n\x1b[31mtwo é\x1b[5;3Hend\x1b[?1049h\x1b[2;2Hhi".as_bytes();
        let (whole, whole_log) = screen();
        whole_log.append(output);
        let expected = text(&whole.snapshot(&whole_log, None));
        for cut in 0..output.len() {
            let (screen, log) = screen();
            log.append(&output[..cut]);
            let mut snapshot = screen.snapshot(&log, None);
            assert_eq!(snapshot.offset, cut as u64);
            log.append(&output[cut..]);
            let Read::Bytes(rest) = log.read(snapshot.offset, 1 << 20) else {
                panic!("there is more");
            };
            snapshot.bytes.extend_from_slice(&rest);
            assert_eq!(text(&snapshot), expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_a_snapshot_reads_first_is_still_news() {
        let (screen, log) = screen();
        log.append(b"\x1b]2;a\x07\x1b[c");
        screen.snapshot(&log, None);
        let (offset, news) = screen.read_on(&log).expect("news");
        assert_eq!((offset, news.title.as_deref()), (9, Some("a")));
        assert!(news.replies.starts_with(b"\x1b[?"), "{:?}", news.replies);
        assert!(screen.read_on(&log).is_none(), "told once");
    }

    #[test]
    fn a_size_counts_from_where_the_output_was() {
        let (screen, log) = screen();
        log.append(b"0123456789");
        let window = Window {
            size: Size { cols: 5, rows: 5 },
            metrics: None,
        };
        screen.resize(window, &log);
        log.append(b"abc");
        let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), Limits::default());
        expected.feed(b"0123456789");
        expected.resize(webtty_terminal::Size::new(5, 5));
        expected.feed(b"abc");
        let snapshot = screen.snapshot(&log, None);
        assert_eq!(snapshot.bytes, expected.snapshot(History::All));
    }
}
