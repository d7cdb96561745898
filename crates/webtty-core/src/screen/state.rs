//! The terminal itself, and how it is brought to where the output is.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use webtty_terminal::{Limits, Skim, Terminal};

use crate::limits::{
    LOOK_ON_BYTES, RESTART_BYTES, SCREEN_BUSY_BYTES, SCREEN_UNFED_BYTES, SCROLLBACK_BYTES,
    SCROLLBACK_LINES, UNKNOWN_CELL,
};
use crate::output_log::{OutputLog, Read};
use crate::size::{Size, Window};
use crate::title;

/// Resets a terminal to what it was when it was new (RIS).
const RESET: &[u8] = b"\x1bc";

/// What happens to the terminal beside its output.
#[derive(Default)]
pub(super) struct Changes(Mutex<Made>);

#[derive(Default)]
struct Made {
    /// Sizes it is to take once it has come so far, at most one for each offset.
    resizes: VecDeque<Resize>,
    /// How many changes there have been.
    count: u64,
}

/// The next change of a terminal's size.
enum Next {
    /// It is due.
    Now(Window),
    /// It is due after so many more bytes.
    After(u64),
    /// There is none; so many changes have been made.
    None { count: u64 },
}

struct Resize {
    /// The output offset at which it happens.
    at: u64,
    window: Window,
}

impl Changes {
    /// Another size, from an output offset on.
    pub(super) fn resize(&self, at: u64, window: Window) {
        let mut made = self.lock();
        made.count += 1;
        // Nothing was written in between: nobody has seen the size before.
        if made.resizes.back().is_some_and(|last| last.at == at) {
            made.resizes.pop_back();
        }
        made.resizes.push_back(Resize { at, window });
    }

    /// A change that has been made already.
    pub(super) fn count(&self) {
        self.lock().count += 1;
    }

    /// What is next for a terminal that has come to `offset`; a size that is due is given out.
    /// Nobody who resizes waits until it has been taken: all lines may have to be wrapped anew.
    fn next(&self, offset: u64) -> Next {
        let mut made = self.lock();
        match made.resizes.front() {
            None => Next::None { count: made.count },
            Some(next) if next.at > offset => Next::After(next.at - offset),
            Some(&Resize { window, .. }) => {
                made.resizes.pop_front();
                Next::Now(window)
            }
        }
    }

    /// How many bytes there are from `offset` to where the next size is to be taken.
    fn bytes_to_next(&self, offset: u64) -> u64 {
        let made = self.lock();
        let next = made.resizes.front();
        next.map_or(u64::MAX, |next| next.at.saturating_sub(offset))
    }

    /// How many there have been.
    pub(super) fn made(&self) -> u64 {
        self.lock().count
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A terminal at some offset of its session's output.
pub(super) struct State {
    pub(super) terminal: Terminal,
    /// How far into the output it has come.
    pub(super) offset: u64,
    /// What is known of the output that follows, while that may wait.
    skim: Option<Skim>,
    /// How many changes there had been when it had seen all of them.
    pub(super) changes: u64,
}

/// What reading some output has brought to light.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// What the terminal answers to the program in it.
    pub(crate) replies: Vec<u8>,
    /// The window title, when it has changed.
    pub(crate) title: Option<String>,
}

/// How far the terminal is to be brought.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// To the end of the log.
    All,
    /// Lines may wait until more of them come and they need not be fed at all.
    MayWait,
}

/// What a step of reading came to.
pub(super) enum Step {
    /// The terminal has come to this offset; there may be more.
    Fed { to: u64 },
    /// All there is may wait, and what is before this offset will never be needed.
    Waiting { needed_from: u64 },
    /// There is nothing to read.
    AtEnd,
}

impl State {
    /// An empty terminal.
    pub(super) fn new(size: Size) -> Self {
        let limits = Limits {
            scrollback_lines: SCROLLBACK_LINES,
            scrollback_bytes: SCROLLBACK_BYTES,
        };
        let mut terminal = Terminal::new(terminal_size(size), limits);
        terminal.set_metrics(Some(UNKNOWN_CELL));
        // No effect but one: what a program prints is never taken for a snapshot.
        terminal.feed(b"\r");
        Self {
            terminal,
            offset: 0,
            skim: None,
            changes: 0,
        }
    }

    /// Takes in some of the log, if there is any, and tells what has come to light.
    pub(super) fn read_on(
        &mut self,
        log: &OutputLog,
        changes: &Changes,
        need: Need,
    ) -> (Step, Option<News>) {
        let step = self.feed(log, changes, need);
        let mut news = News::default();
        for reply in self.terminal.take_replies() {
            news.replies.extend_from_slice(&reply.to_bytes());
        }
        news.title = self.terminal.take_title_change().map(title::clean);
        let any = !news.replies.is_empty() || news.title.is_some();
        (step, any.then_some(news))
    }

    /// Comes to the end of the log as it is now, or somewhat further. Who asks holds the state, so
    /// it does not run after a program that writes faster than this takes it in.
    pub(super) fn feed_all(&mut self, log: &OutputLog, changes: &Changes) {
        let end = log.end().offset;
        while self.offset < end && matches!(self.feed(log, changes, Need::All), Step::Fed { .. }) {}
        self.change_when_due(changes);
    }

    /// Takes in some of the log, if there is any.
    fn feed(&mut self, log: &OutputLog, changes: &Changes, need: Need) -> Step {
        let most = self.change_when_due(changes);
        // What is there may be beyond the end that was told: that is told afterwards.
        let unfed = (log.end().offset - self.offset).min(most);
        let skim = match unfed > SCREEN_BUSY_BYTES {
            true => self.skim.take().or_else(|| self.terminal.skim()),
            false => self.skim.take(),
        };
        let Some(mut skim) = skim else {
            return match unfed > SCREEN_BUSY_BYTES && !self.terminal.is_between_sequences() {
                true => self.feed_sequence(log, most),
                false => self.feed_block(log, most),
            };
        };
        // Whoever writes, or passes on what was written, comes first: without this all of them
        // would stand still until everything has been looked at.
        let between = match need {
            Need::All => || (),
            Need::MayWait => thread::yield_now,
        };
        let is_all = look(&mut skim, self.offset, log, most, between);
        let needed = skim.looked() - skim.needless();
        if is_all && need == Need::MayWait && needed < unfed_bytes(log) {
            let needed_from = self.offset + skim.needless();
            self.skim = Some(skim);
            return Step::Waiting { needed_from };
        }
        self.feed_skimmed(skim, log);
        // What was looked at in vain is carried out at least.
        let most = self.change_when_due(changes);
        self.feed_block(log, most);
        Step::Fed { to: self.offset }
    }

    /// How many bytes of what waits have been looked at.
    #[cfg(test)]
    pub(super) fn looked(&self) -> Option<u64> {
        self.skim.as_ref().map(Skim::looked)
    }

    /// Looks at some of what has just been written if what came before it waits. Takes nothing in.
    pub(super) fn look_on(&mut self, log: &OutputLog, changes: &Changes) {
        if let Some(skim) = &mut self.skim {
            let most = changes.bytes_to_next(self.offset);
            let most = most.min(skim.looked() + LOOK_ON_BYTES);
            look(skim, self.offset, log, most, || ());
        }
    }

    /// Feeds what was looked at, or what need be of it.
    fn feed_skimmed(&mut self, skim: Skim, log: &OutputLog) {
        let to = self.offset + skim.looked();
        self.offset += self.terminal.leave_out(skim);
        while self.offset < to {
            self.feed_block(log, to - self.offset);
        }
    }

    /// Feeds what is left of a sequence, from the end of which on a flood can be looked at; or a
    /// block, if it is longer than those in a line of text.
    fn feed_sequence(&mut self, log: &OutputLog, most: u64) -> Step {
        for left in (1..=most).rev().take(Skim::ENOUGH_TO_TELL) {
            let step = self.feed_block(log, 1);
            if self.terminal.is_between_sequences() || left == 1 {
                return step;
            }
        }
        self.feed_block(log, most - Skim::ENOUGH_TO_TELL as u64)
    }

    /// Feeds what lies together in the log, at most `most` bytes.
    fn feed_block(&mut self, log: &OutputLog, most: u64) -> Step {
        match log.read(self.offset, saturated(most)) {
            Read::Bytes(bytes) => {
                self.terminal.feed(&bytes);
                self.offset += bytes.len() as u64;
            }
            Read::Pending => return Step::AtEnd,
            Read::Lagged { skipped } => {
                // The log waits for this reader, but not for ever.
                tracing::warn!(skipped, "a screen was too slow and begins anew");
                self.terminal.feed(RESET);
                self.offset = log.restart_offset(RESTART_BYTES);
            }
        }
        Step::Fed { to: self.offset }
    }

    /// Takes the sizes whose offset has come. Gives how many bytes there are before the next.
    fn change_when_due(&mut self, changes: &Changes) -> u64 {
        loop {
            let window = match changes.next(self.offset) {
                Next::Now(window) => window,
                Next::After(bytes) => return bytes,
                Next::None { count } => {
                    self.changes = count;
                    return u64::MAX;
                }
            };
            // Lines of the old size were counted.
            self.skim = None;
            self.terminal.resize(terminal_size(window.size));
            self.terminal
                .set_metrics(Some(window.metrics.unwrap_or(UNKNOWN_CELL)));
        }
    }
}

/// Looks on in the log, no further than `most` bytes from `offset`, where `skim` began. Says
/// whether it has come to the end: nothing stood in the way, unless more is needed to tell.
/// `between` is called after each block.
fn look(skim: &mut Skim, offset: u64, log: &OutputLog, most: u64, between: fn()) -> bool {
    loop {
        let at = offset + skim.looked();
        // A new size may be told a moment after it was looked past.
        let left = saturated(most.saturating_sub(skim.looked()));
        if left == 0 {
            return false;
        }
        let Read::Bytes(bytes) = log.read(at, left) else {
            return true;
        };
        if skim.look(&bytes) > 0 {
            between();
            continue;
        }
        // What begins in one block may go on in the next.
        let enough = left.min(Skim::ENOUGH_TO_TELL);
        let joined = log.read_joined(at, enough);
        if skim.look(&joined) == 0 {
            return joined.len() < enough;
        }
    }
}

/// What may wait at most, in bytes. The PTY is not to wait for it.
fn unfed_bytes(log: &OutputLog) -> u64 {
    SCREEN_UNFED_BYTES.min(log.capacity() as u64 / 2)
}

fn saturated(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn terminal_size(size: Size) -> webtty_terminal::Size {
    webtty_terminal::Size::new(size.cols, size.rows)
}
