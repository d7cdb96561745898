//! The thread of a PTY: output to the sink, input to the shell, and the end of both.

use std::fs::File;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use webtty_protocol::rest::ExitInfo;

use super::reader::{Gather, SharedReader, Turn};
use super::shared::{Shared, write_some};
use super::sink::Sink;
use crate::limits::{END_POLL, HOLD_POLL, PTY_HOLDS_BYTES, PTY_READ_BYTES};
use crate::processes::{Ladder, Left, left_behind};

/// An end of which nothing is known.
const UNKNOWN_EXIT: ExitInfo = ExitInfo {
    code: None,
    signal: None,
};

/// The least that poll(2) waits for.
const SHORTEST_POLL: Duration = Duration::from_millis(1);

/// The state of the thread.
pub(super) struct Pump {
    master: Arc<File>,
    pid: u32,
    shared: Arc<Shared>,
    sink: Arc<dyn Sink>,
    reader: Arc<SharedReader>,
    exit_told: bool,
    ladder: Option<Ladder>,
}

impl Pump {
    pub(super) fn new(
        pid: u32,
        shared: Arc<Shared>,
        sink: Arc<dyn Sink>,
        reader: Arc<SharedReader>,
    ) -> Self {
        Self {
            master: Arc::clone(reader.master()),
            pid,
            shared,
            sink,
            reader,
            exit_told: false,
            ladder: None,
        }
    }

    pub(super) fn run(mut self) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.serve()));
        if ran.is_err() && !self.exit_told {
            // The panic has been logged. Nobody is to wait for an end that never comes.
            self.sink.exited(UNKNOWN_EXIT);
        }
        let Self {
            master,
            reader,
            sink,
            ..
        } = self;
        reader.lock().end();
        drop((master, reader));
        sink.gone();
    }

    fn serve(&mut self) {
        while !self.is_over() {
            let next = self.settle();
            let ready = self.wait(&next);
            if ready.woken {
                self.shared.clear_wake();
            }
            if ready.readable {
                self.reader.lock().read(Gather::Floods(&self.shared));
            }
            if ready.writable {
                self.write();
            }
            self.reader.lock().tell_when_due();
        }
    }

    /// Takes the reading over from who follows when there is more to do than that, and leaves it to
    /// him when nothing has come for a while.
    fn settle(&self) -> Next {
        let mut reader = self.reader.lock();
        let held = !reader.hung_up() && self.sink.is_held(PTY_READ_BYTES);
        let busy = held || self.ladder.is_some() || self.shared.has_work();
        let turn = reader.settle(busy);
        Next {
            reads: turn == Turn::Thread && !reader.hung_up(),
            held,
            due: reader.due(busy),
        }
    }

    /// Takes note of an exit and of a wish to end, and says whether nothing is left to do.
    fn is_over(&mut self) -> bool {
        let (exit, end_requested) = self.shared.end();
        let reaped = exit.is_some();
        if let Some(exit) = exit
            && !self.exit_told
        {
            self.tell_exit(exit);
        }
        if self.ladder.is_none() && (end_requested || self.exit_told) {
            if self.exit_told && !left_behind(self.pid) {
                return true;
            }
            self.ladder = Some(Ladder::start(self.pid));
        }
        match self.ladder.as_mut().map(|ladder| ladder.step(reaped)) {
            None | Some(Left::Some) => false,
            Some(Left::Nothing) => self.exit_told,
            Some(Left::Unkillable) => {
                tracing::warn!(pid = self.pid, "processes of a session survived SIGKILL");
                if !self.exit_told {
                    self.tell_exit(UNKNOWN_EXIT);
                }
                true
            }
        }
    }

    /// The shell has been reaped: all it wrote is in the PTY by now, so reading as much as a PTY
    /// holds gives every byte of it, even while a background process writes on.
    fn tell_exit(&mut self, exit: ExitInfo) {
        self.reader.lock().settle(true);
        let mut left = PTY_HOLDS_BYTES;
        while left > 0 && !self.reader.lock().hung_up() {
            // Who is waited for is waited for to the end.
            while self.sink.is_held(PTY_READ_BYTES) {
                thread::sleep(HOLD_POLL);
            }
            let found = self.reader.lock().read(Gather::AllThereIs);
            left = left.saturating_sub(found.bytes);
            if found.drained {
                break;
            }
        }
        self.shared.close_input();
        self.exit_told = true;
        self.sink.exited(exit);
    }

    fn wait(&self, next: &Next) -> Ready {
        let &Next { reads, held, due } = next;
        let mut interest = PollFlags::empty();
        if reads && !held {
            interest |= PollFlags::POLLIN;
        }
        if self.shared.has_input() {
            interest |= PollFlags::POLLOUT;
        }
        let wake = PollFd::new(self.shared.wake_fd(), PollFlags::POLLIN);
        let pty = PollFd::new(self.master.as_fd(), interest);
        let mut both = [wake, pty];
        // A hung-up PTY is always ready, and has nothing more to say; nor has one that is held, or
        // read by who follows.
        let silent = !reads || interest.is_empty();
        let polled = if silent {
            &mut both[..1]
        } else {
            &mut both[..]
        };
        if let Err(error) = poll(polled, self.timeout(held, due)) {
            // EINTR: look again. Nothing else can happen to two open descriptors.
            tracing::trace!(%error, "poll was interrupted");
            return Ready {
                woken: true,
                readable: false,
                writable: false,
            };
        }
        let flags = |fd: &PollFd<'_>| fd.revents().unwrap_or(PollFlags::empty());
        let pty_flags = if silent {
            PollFlags::empty()
        } else {
            flags(&both[1])
        };
        if held && pty_flags.contains(PollFlags::POLLHUP) {
            // Asked only whether it takes input, it says at once that it has hung up.
            thread::sleep(HOLD_POLL);
        }
        let hang_up = PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR;
        Ready {
            woken: !flags(&both[0]).is_empty(),
            readable: reads && !held && pty_flags.intersects(hang_up),
            writable: pty_flags.contains(PollFlags::POLLOUT),
        }
    }

    fn timeout(&self, held: bool, due: Option<Instant>) -> PollTimeout {
        // Of a whole millisecond: poll knows no less, and would look again and again instead.
        let due = due.map(|at| at.saturating_duration_since(Instant::now()) + SHORTEST_POLL);
        let limits = [
            held.then_some(HOLD_POLL),
            self.ladder.is_some().then_some(END_POLL),
            due,
        ];
        match limits.into_iter().flatten().min() {
            None => PollTimeout::NONE,
            Some(limit) => PollTimeout::try_from(limit).expect("a few milliseconds"),
        }
    }

    /// Writes what waits until the PTY takes no more. The lock is not held while writing, so
    /// that clients can queue meanwhile; only this thread takes from the queue.
    fn write(&mut self) {
        while let Some(mut bytes) = self.shared.input_front() {
            let before = bytes.len();
            write_some(&self.master, &mut bytes);
            self.shared.wrote(before - bytes.len());
            if !bytes.is_empty() {
                break;
            }
        }
    }
}

/// What the thread is to do next.
struct Next {
    /// Is it the one who reads, and is there still somebody who writes?
    reads: bool,
    /// Must the shell wait?
    held: bool,
    /// When to look again if nothing happens.
    due: Option<Instant>,
}

struct Ready {
    woken: bool,
    readable: bool,
    writable: bool,
}

#[cfg(test)]
mod tests;
