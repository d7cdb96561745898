//! What a session's terminal shows, kept up to date from its output log.
//!
//! A thread of its own reads the log by offset, as a viewer does, so the PTY is not slowed by
//! it; it answers what programs ask their terminal, and it finds the title. A snapshot is taken
//! together with the offset it stands for, so that no byte falls between it and what follows.

mod state;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use webtty_protocol::screen::ScreenModes;
use webtty_terminal::{History, Theme};

use crate::limits::{PICTURE_TIME, SCREEN_BUSY_BYTES, SCREEN_REST};
use crate::output_log::OutputLog;
use crate::rendering::{View, render, switches};
use crate::size::{Size, Window};
pub(crate) use state::News;
use state::{Changes, Need, State, Step};

/// The state of a session's terminal at some offset of its output.
pub(crate) struct Screen {
    state: Mutex<State>,
    /// Beside the state, so that who resizes does not wait for the terminal.
    changes: Changes,
    /// The last picture, for others who want one at the same moment.
    picture: Mutex<Option<Picture>>,
    wake: SyncSender<()>,
    /// What its thread waits on, until it has begun.
    woken: Mutex<Option<Receiver<()>>>,
}

/// What the screen showed a moment ago.
struct Picture {
    taken: Instant,
    /// How many changes had been made by then that the output does not tell of.
    changes: u64,
    snapshot: ScreenSnapshot,
}

/// A stream of bytes that rebuilds a terminal, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenSnapshot {
    /// The output offset it shows.
    pub offset: u64,
    /// What to feed to a terminal that has just been reset.
    pub bytes: Bytes,
}

/// A screen in a form for people or programs, and the version it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Equal for two renderings of one session exactly when nothing has changed between them.
    pub version: String,
    /// The screen.
    pub bytes: Vec<u8>,
}

impl Screen {
    /// An empty terminal.
    pub(crate) fn new(size: Size) -> Self {
        // One wake-up that is not yet taken stands for any number of them.
        let (wake, woken) = sync_channel(1);
        Self {
            state: Mutex::new(State::new(size)),
            changes: Changes::default(),
            picture: Mutex::default(),
            wake,
            woken: Mutex::new(Some(woken)),
        }
    }

    /// What the thread that is to [`keep`](Self::keep) it waits on, if none was begun before.
    pub(crate) fn begin(&self) -> Option<Receiver<()>> {
        self.woken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// There is more output.
    pub(crate) fn wake(&self) {
        // Full means that it will look anyway; closed, that it has seen all.
        let _ = self.wake.try_send(());
    }

    /// The terminal takes another size after what has been written so far.
    pub(crate) fn resize(&self, window: Window, log: &OutputLog) {
        self.changes.resize(log.end().offset, window);
        self.wake();
    }

    /// Programs that ask for colours are told these from now on.
    pub(crate) fn set_theme(&self, theme: Theme) {
        let mut state = self.lock();
        state.terminal.set_theme(theme);
        self.changes.count();
    }

    /// Reads the log as it grows, until it will grow no more, and tells what is new in it.
    pub(crate) fn keep(&self, log: &OutputLog, woken: &Receiver<()>, tell: impl Fn(News)) {
        let hold = log.hold(0);
        let mut pace = Pace::new();
        let mut seen = 0;
        loop {
            // Looked at before reading, so that what was finished then has been read.
            let end = log.end();
            let need = match end.finished || end.offset == seen {
                true => Need::All,
                false => Need::MayWait,
            };
            seen = end.offset;
            let (step, news) = self.lock().read_on(log, &self.changes, need);
            if let Some(news) = news {
                tell(news);
            }
            match step {
                Step::Fed { to } => {
                    hold.advance(to);
                    if pace.is_flood(to) && !end.finished {
                        thread::sleep(SCREEN_REST);
                    }
                }
                Step::Waiting { needed_from } => {
                    hold.advance(needed_from);
                    thread::sleep(SCREEN_REST);
                }
                Step::AtEnd if end.finished => return,
                Step::AtEnd => {
                    // Somebody who looked may have brought it here.
                    hold.advance(seen);
                    if woken.recv().is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// The state at the end of the log as it is now.
    pub(crate) fn snapshot(&self, log: &OutputLog, lines: Option<usize>) -> ScreenSnapshot {
        let mut state = self.lock();
        // What the thread would find is not lost: the terminal keeps its replies and its title
        // until they are asked for.
        state.feed_all(log, &self.changes);
        let history = lines.map_or(History::All, History::Lines);
        ScreenSnapshot {
            offset: state.offset,
            bytes: state.terminal.snapshot(history).into(),
        }
    }

    /// The state without the lines above the screen, at `from` or later, as of a moment ago: any
    /// number of viewers who do not keep up want it again and again.
    pub(crate) fn picture(&self, log: &OutputLog, from: u64) -> ScreenSnapshot {
        let mut last = self.picture.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = self.changes.made();
        let fits = |last: &&Picture| {
            last.changes == changes
                && last.snapshot.offset >= from
                && last.taken.elapsed() < PICTURE_TIME
        };
        if let Some(last) = last.as_ref().filter(fits) {
            return last.snapshot.clone();
        }
        let snapshot = self.snapshot(log, Some(0));
        *last = Some(Picture {
            taken: Instant::now(),
            changes,
            snapshot: snapshot.clone(),
        });
        snapshot
    }

    /// The screen at the end of the log as it is now, for people and programs.
    pub(crate) fn render(&self, log: &OutputLog, view: &View, epoch: &str) -> Rendered {
        let mut state = self.lock();
        state.feed_all(log, &self.changes);
        let (offset, version) = (state.offset, version(state.offset, state.changes));
        let bytes = if view.history == 0 {
            render(&state.terminal, view, epoch, offset)
        } else {
            // Writing down ten thousand lines takes longer than copying them, and nobody else
            // gets at the terminal meanwhile.
            let terminal = state.terminal.clone();
            drop(state);
            render(&terminal, view, epoch, offset)
        };
        Rendered { version, bytes }
    }

    /// What the program has switched on, by the end of the log as it is now.
    pub(crate) fn switches(&self, log: &OutputLog) -> ScreenModes {
        let mut state = self.lock();
        state.feed_all(log, &self.changes);
        switches(&state.terminal)
    }

    /// The version that a rendering has when it is made now. Costs nothing.
    pub(crate) fn version(&self, log: &OutputLog) -> String {
        version(log.end().offset, self.changes.made())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn version(offset: u64, changes: u64) -> String {
    format!("{offset:x}.{changes:x}")
}

/// How fast output comes.
struct Pace {
    since: Instant,
    from: u64,
}

impl Pace {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            from: 0,
        }
    }

    /// Is so much coming that it is better let gather? `offset` is how far it has come.
    fn is_flood(&mut self, offset: u64) -> bool {
        let flood = offset - self.from > SCREEN_BUSY_BYTES;
        if flood || self.since.elapsed() > SCREEN_REST {
            *self = Self {
                since: Instant::now(),
                from: offset,
            };
        }
        flood
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use webtty_terminal::{Limits, Terminal};

    use super::*;
    use crate::limits::{SCROLLBACK_BYTES, SCROLLBACK_LINES};
    use crate::output_log::Read;

    fn screen() -> (Screen, OutputLog) {
        (
            Screen::new(Size { cols: 20, rows: 5 }),
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
            let ScreenSnapshot { offset, bytes } = screen.snapshot(&log, None);
            assert_eq!(offset, cut as u64);
            log.append(&output[cut..]);
            let Read::Bytes(rest) = log.read(offset, 1 << 20) else {
                panic!("there is more");
            };
            let bytes = [bytes, rest].concat().into();
            let both = ScreenSnapshot { offset, bytes };
            assert_eq!(text(&both), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_picture_is_shared_by_those_who_want_one_at_the_same_moment_and_no_more() {
        let (screen, log) = screen();
        log.append(b"one");
        let first = screen.picture(&log, 0);
        assert_eq!(first.offset, 3);
        log.append(b"two");
        let later = screen.picture(&log, 4);
        assert_eq!(later.offset, 6, "the first would take who asks back");
        assert_eq!(screen.picture(&log, 0), later);
        let window = Window {
            size: Size { cols: 40, rows: 10 },
            metrics: None,
        };
        screen.resize(window, &log);
        assert_ne!(screen.picture(&log, 0), later, "of another size");
        log.append(b"three");
        std::thread::sleep(PICTURE_TIME);
        assert_eq!(screen.picture(&log, 0).offset, 11);
    }

    #[test]
    fn what_a_snapshot_reads_first_is_still_news() {
        let (screen, log) = screen();
        log.append(b"\x1b]2;a\x07\x1b[c");
        screen.snapshot(&log, None);
        let read_on = || {
            screen
                .lock()
                .read_on(&log, &screen.changes, Need::MayWait)
                .1
        };
        let news = read_on().expect("news");
        assert_eq!(news.title.as_deref(), Some("a"));
        assert!(news.replies.starts_with(b"\x1b[?"), "{:?}", news.replies);
        assert!(read_on().is_none(), "told once");
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

    #[test]
    fn a_flood_is_looked_at_and_ends_as_if_all_had_been_taken_in() {
        let log = OutputLog::new(8 << 20);
        let screen = Screen::new(Size { cols: 20, rows: 5 });
        let limits = Limits {
            scrollback_lines: SCROLLBACK_LINES,
            scrollback_bytes: SCROLLBACK_BYTES,
        };
        let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), limits);
        let write = |expected: &mut Terminal, text: &str| {
            log.append(text.as_bytes());
            expected.feed(text.as_bytes());
        };
        let read_on = || screen.lock().read_on(&log, &screen.changes, Need::MayWait);
        let mut waited = 0;
        for number in 0..40_000 {
            write(&mut expected, "\x1b[38;2;1;2;3mcolours\x1b[m and ");
            write(
                &mut expected,
                &format!("number {number}, and so on, and so on\r\n"),
            );
            if number == 30_000 {
                write(
                    &mut expected,
                    "\x1b]2;half\x07\x1b[c\x1b[3A\x1b[1;4r\x1b[r\x1b[99H",
                );
            }
            if number == 33_000 {
                let size = Size { cols: 30, rows: 5 };
                screen.resize(
                    Window {
                        size,
                        metrics: None,
                    },
                    &log,
                );
                expected.resize(webtty_terminal::Size::new(30, 5));
            }
            // Seldom enough that much has gathered.
            if number % 10_000 == 9_999 {
                let mut step = read_on().0;
                while matches!(step, Step::Fed { .. }) {
                    step = read_on().0;
                }
                if let Step::Waiting { needed_from } = step {
                    waited = waited.max(needed_from);
                }
            }
        }
        assert!(waited > 0, "some of it was not even needed");
        let snapshot = screen.snapshot(&log, None);
        assert_eq!(snapshot.offset, log.end().offset);
        assert!(snapshot.bytes == expected.snapshot(History::All));
    }

    #[test]
    fn who_looks_does_not_wait_for_a_program_that_writes_on() {
        let size = Size {
            cols: 1000,
            rows: 5,
        };
        let screen = Arc::new(Screen::new(size));
        let log = Arc::new(OutputLog::new(1 << 20));
        // Takes far longer to take in than to write.
        let dear = "e\u{301}".repeat(1000) + &"\r\x1b[@".repeat(4000);
        log.append(dear.as_bytes());
        let (say, hear) = mpsc::sync_channel(1);
        let looking = thread::Builder::new().spawn({
            let (screen, log) = (Arc::clone(&screen), Arc::clone(&log));
            move || say.send(screen.snapshot(&log, None).offset)
        });
        let began = Instant::now();
        let offset = loop {
            log.append(dear.as_bytes());
            if let Ok(offset) = hear.try_recv() {
                break offset;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "never came");
        };
        assert!(offset >= dear.len() as u64, "all that was there: {offset}");
        let looked = looking.expect("a thread").join();
        looked.expect("no panic").expect("heard");
    }

    #[test]
    fn a_size_told_late_is_not_the_size_of_what_was_looked_at() {
        let limits = Limits {
            scrollback_lines: SCROLLBACK_LINES,
            scrollback_bytes: SCROLLBACK_BYTES,
        };
        let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), limits);
        let log = OutputLog::new(8 << 20);
        let screen = Screen::new(Size { cols: 20, rows: 5 });
        let read_on = || {
            screen
                .lock()
                .read_on(&log, &screen.changes, Need::MayWait)
                .0
        };
        // Rows of the narrow screen are eight times those of the wide one.
        let lines = format!("{}\r\n", "words ".repeat(25)).repeat(16_000);
        let window = Window {
            size: Size { cols: 160, rows: 5 },
            metrics: None,
        };
        expected.resize(webtty_terminal::Size::new(160, 5));
        expected.feed(lines.as_bytes());
        log.append(lines.as_bytes());
        assert!(matches!(read_on(), Step::Waiting { .. }));
        screen.changes.resize(0, window);
        log.append(b"more\r\n");
        expected.feed(b"more\r\n");
        let snapshot = screen.snapshot(&log, None);
        assert!(snapshot.bytes == expected.snapshot(History::All));
    }

    #[test]
    fn a_size_that_was_looked_past_is_taken_all_the_same() {
        let log = OutputLog::new(8 << 20);
        let screen = Screen::new(Size { cols: 20, rows: 5 });
        log.append("words\r\n".repeat(200_000).as_bytes());
        let read_on = || {
            screen
                .lock()
                .read_on(&log, &screen.changes, Need::MayWait)
                .0
        };
        assert!(matches!(read_on(), Step::Waiting { .. }));
        // Who resized has seen an end of the log that is no longer its end.
        let size = Size { cols: 30, rows: 5 };
        let window = Window {
            size,
            metrics: None,
        };
        screen.changes.resize(7_000, window);
        let snapshot = screen.snapshot(&log, None);
        assert_eq!(snapshot.offset, log.end().offset);
        assert_eq!(
            screen.lock().terminal.size(),
            webtty_terminal::Size::new(30, 5)
        );
    }
}
