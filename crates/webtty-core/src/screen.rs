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
use memchr::memchr;
use webtty_protocol::screen::ScreenModes;
use webtty_terminal::{History, Theme};

use crate::limits::{FLOOD_BYTES, PICTURE_TIME, SCREEN_BUSY_BYTES, SCREEN_REST};
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

    /// These bytes have just been written. Waits for nobody.
    pub(crate) fn written(&self, bytes: &[u8], log: &OutputLog) {
        // Where there is so much that what came before waits, whoever brings it looks at it, while
        // it is at hand: for another thread to do so, all others would have to make room.
        if bytes.len() >= FLOOD_BYTES
            && let Ok(mut state) = self.state.try_lock()
        {
            state.look_on(log, &self.changes);
        }
        // It may ask its terminal something, and wait for the answer.
        if memchr(b'\x1b', bytes).is_some() {
            self.wake();
        }
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
        let mut rested_at = None;
        loop {
            // Looked at before reading, so that what was finished then has been read.
            let end = log.end();
            // Where nothing has come in a whole rest, nothing more is gained by waiting.
            let need = match end.finished || rested_at.take() == Some(end.offset) {
                true => Need::All,
                false => Need::MayWait,
            };
            let rest = || {
                thread::sleep(SCREEN_REST);
                Some(end.offset)
            };
            let (step, news) = self.lock().read_on(log, &self.changes, need);
            if let Some(news) = news {
                tell(news);
            }
            match step {
                Step::Fed { to } => {
                    hold.advance(to);
                    if pace.is_flood(to) && !end.finished {
                        rested_at = rest();
                    }
                }
                Step::Waiting { needed_from } => {
                    hold.advance(needed_from);
                    rested_at = rest();
                }
                Step::AtEnd if end.finished => return,
                Step::AtEnd => {
                    // Somebody who looked may have brought it here.
                    hold.advance(end.offset);
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
mod tests;
