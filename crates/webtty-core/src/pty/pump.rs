//! The thread of a PTY: output to the sink, input to the shell, and the end of both.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use bytes::{Buf, Bytes};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll, ppoll};
use nix::sys::time::TimeSpec;
use nix::unistd::pipe2;
use webtty_protocol::rest::ExitInfo;

use super::input::{Input, InputQueue};
use super::sink::Sink;
use crate::limits::{
    END_POLL, FLOOD_BYTES, FLOOD_PAUSE, HOLD_POLL, PTY_HOLDS_BYTES, PTY_READ_BYTES, TELL_PAUSE,
};
use crate::processes::{Ladder, Left, left_behind};

/// An end of which nothing is known.
const UNKNOWN_EXIT: ExitInfo = ExitInfo {
    code: None,
    signal: None,
};

/// What the pump shares with those who give it work.
#[derive(Debug)]
pub(super) struct Shared {
    work: Mutex<Work>,
    wake_read: File,
    wake_write: File,
}

#[derive(Debug, Default)]
struct Work {
    input: InputQueue,
    /// Who brought the input writes it himself just now, so nobody else may.
    writing: bool,
    /// Nobody reads input any more.
    input_closed: bool,
    end_requested: bool,
    exit: Option<ExitInfo>,
}

impl Shared {
    pub(super) fn new() -> io::Result<Self> {
        let (read, write): (OwnedFd, OwnedFd) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        Ok(Self {
            work: Mutex::default(),
            wake_read: read.into(),
            wake_write: write.into(),
        })
    }

    /// Writes input, or queues what cannot be written at once. A key is not worth waking another
    /// thread for, which is half of what its echo takes.
    pub(super) fn write_input(&self, mut input: Input, master: &File) {
        {
            let mut work = self.lock();
            if work.input_closed {
                return;
            }
            if work.writing || !work.input.is_empty() {
                work.input.push(input);
                drop(work);
                return self.wake();
            }
            work.writing = true;
        }
        write_some(master, &mut input.bytes);
        let mut work = self.lock();
        work.writing = false;
        if !work.input_closed {
            work.input.put_back(input);
        }
        if !work.input.is_empty() {
            drop(work);
            self.wake();
        }
    }

    pub(super) fn waiting_replies(&self) -> usize {
        self.lock().input.replies()
    }

    pub(super) fn request_end(&self) {
        self.lock().end_requested = true;
        self.wake();
    }

    pub(super) fn report_exit(&self, exit: ExitInfo) {
        self.lock().exit = Some(exit);
        self.wake();
    }

    /// What the thread is to write next.
    fn input_front(&self) -> Option<Bytes> {
        let work = self.lock();
        work.input.front().filter(|_| !work.writing)
    }

    fn has_input(&self) -> bool {
        let work = self.lock();
        !work.writing && !work.input.is_empty()
    }

    /// A full pipe means that the thread is about to wake anyway.
    fn wake(&self) {
        let _ = (&self.wake_write).write(&[1]);
    }

    fn clear_wake(&self) {
        let mut sink = [0; 64];
        while matches!((&self.wake_read).read(&mut sink), Ok(count) if count == sink.len()) {}
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of the thread.
pub(super) struct Pump {
    master: File,
    pid: u32,
    shared: Arc<Shared>,
    sink: Arc<dyn Sink>,
    buffer: Box<[u8]>,
    hung_up: bool,
    exit_told: bool,
    ladder: Option<Ladder>,
    /// When everybody is to hear of what was read.
    tell_at: Option<Instant>,
}

/// Whether a read waits for more of what a program is in the middle of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gather {
    /// It takes what is there.
    Nothing,
    /// A moment, and again for as long as more comes.
    Floods,
}

/// What a read of the PTY came to.
enum Drained {
    /// So many bytes; there may be more.
    Some(usize),
    /// Nothing at the moment.
    Nothing,
    /// The other side is closed for good.
    HungUp,
}

impl Pump {
    pub(super) fn new(master: File, pid: u32, shared: Arc<Shared>, sink: Arc<dyn Sink>) -> Self {
        let buffer = vec![0; PTY_READ_BYTES].into_boxed_slice();
        Self {
            master,
            pid,
            shared,
            sink,
            buffer,
            hung_up: false,
            exit_told: false,
            ladder: None,
            tell_at: None,
        }
    }

    pub(super) fn run(mut self) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.serve()));
        if ran.is_err() && !self.exit_told {
            // The panic has been logged. Nobody is to wait for an end that never comes.
            self.sink.exited(UNKNOWN_EXIT);
        }
        let Self { master, sink, .. } = self;
        drop(master);
        sink.gone();
    }

    fn serve(&mut self) {
        while !self.is_over() {
            let ready = self.wait();
            if ready.woken {
                self.shared.clear_wake();
            }
            if ready.readable && matches!(self.read(Gather::Floods), Drained::HungUp) {
                self.hung_up = true;
            }
            if ready.writable {
                self.write();
            }
            self.tell_when_due();
        }
    }

    /// Takes note of an exit and of a wish to end, and says whether nothing is left to do.
    fn is_over(&mut self) -> bool {
        let (exit, end_requested) = {
            let work = self.shared.lock();
            (work.exit.clone(), work.end_requested)
        };
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
        let mut left = PTY_HOLDS_BYTES;
        while !self.hung_up && left > 0 {
            // Who is waited for is waited for to the end.
            while self.sink.is_held(PTY_READ_BYTES) {
                thread::sleep(HOLD_POLL);
            }
            match self.read(Gather::Nothing) {
                Drained::Some(count) => left = left.saturating_sub(count),
                Drained::Nothing => break,
                Drained::HungUp => self.hung_up = true,
            }
        }
        {
            let mut work = self.shared.lock();
            work.input_closed = true;
            work.input.clear();
        }
        self.exit_told = true;
        self.sink.exited(exit);
    }

    fn wait(&self) -> Ready {
        let held = !self.hung_up && self.sink.is_held(PTY_READ_BYTES);
        let mut interest = PollFlags::empty();
        if !held {
            interest |= PollFlags::POLLIN;
        }
        if self.shared.has_input() {
            interest |= PollFlags::POLLOUT;
        }
        let wake = PollFd::new(self.shared.wake_read.as_fd(), PollFlags::POLLIN);
        let pty = PollFd::new(self.master.as_fd(), interest);
        let mut both = [wake, pty];
        // A hung-up PTY is always ready, and has nothing more to say; nor has a held one.
        let silent = self.hung_up || interest.is_empty();
        let polled = if silent {
            &mut both[..1]
        } else {
            &mut both[..]
        };
        if let Err(error) = poll(polled, self.timeout(held)) {
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
            readable: !held && pty_flags.intersects(hang_up),
            writable: pty_flags.contains(PollFlags::POLLOUT),
        }
    }

    fn timeout(&self, held: bool) -> PollTimeout {
        let limits = [
            held.then_some(HOLD_POLL),
            self.ladder.is_some().then_some(END_POLL),
            self.tell_at.is_some().then_some(TELL_PAUSE),
        ];
        match limits.into_iter().flatten().min() {
            None => PollTimeout::NONE,
            Some(limit) => PollTimeout::try_from(limit).expect("a few milliseconds"),
        }
    }

    /// Reads all that is there, up to a buffer full, and tells of it once: Linux gives some 4 KB
    /// at a time, and each telling wakes every viewer.
    fn read(&mut self, gather: Gather) -> Drained {
        let mut filled = 0;
        // Nobody hears of what is gathered, nor of what was read before it.
        let until = Instant::now() + TELL_PAUSE;
        let mut gathering = gather == Gather::Floods;
        let found = loop {
            match self.master.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    break if filled == self.buffer.len() {
                        Drained::Some(filled)
                    } else {
                        Drained::HungUp
                    };
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    gathering = gathering
                        && filled >= FLOOD_BYTES
                        && Instant::now() < until
                        && self.more_comes();
                    if !gathering {
                        break Drained::Nothing;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Linux says EIO once the last process has closed the terminal.
                Err(_) => break Drained::HungUp,
            }
        };
        if filled > 0 {
            self.sink.output(&self.buffer[..filled]);
            let due = self
                .tell_at
                .get_or_insert_with(|| Instant::now() + TELL_PAUSE);
            if filled >= FLOOD_BYTES {
                *due = Instant::now();
            }
            self.tell_when_due();
        }
        found
    }

    fn tell_when_due(&mut self) {
        if self.tell_at.is_some_and(|due| due <= Instant::now()) {
            self.tell_at = None;
            self.sink.tell();
        }
    }

    /// Waits a moment whether a program in the middle of much output writes on, unless there is
    /// something else to do.
    fn more_comes(&self) -> bool {
        let wake = PollFd::new(self.shared.wake_read.as_fd(), PollFlags::POLLIN);
        let pty = PollFd::new(self.master.as_fd(), PollFlags::POLLIN);
        let mut both = [wake, pty];
        let pause = TimeSpec::from_duration(FLOOD_PAUSE);
        let ready = ppoll(&mut both, Some(pause), None).unwrap_or(0) > 0;
        ready && !both[0].any().unwrap_or(true)
    }

    /// Writes what waits until the PTY takes no more. The lock is not held while writing, so
    /// that clients can queue meanwhile; only this thread takes from the queue.
    fn write(&mut self) {
        while let Some(mut bytes) = self.shared.input_front() {
            let before = bytes.len();
            write_some(&self.master, &mut bytes);
            self.shared.lock().input.advance(before - bytes.len());
            if !bytes.is_empty() {
                break;
            }
        }
    }
}

/// Writes until all is written or the PTY takes no more.
fn write_some(mut master: &File, bytes: &mut Bytes) {
    while !bytes.is_empty() {
        match master.write(bytes) {
            Ok(count) => bytes.advance(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

struct Ready {
    woken: bool,
    readable: bool,
    writable: bool,
}

#[cfg(test)]
mod tests;
