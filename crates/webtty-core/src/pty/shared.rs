//! What others want of a PTY's thread: input to write, and an end.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf, Bytes};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use nix::unistd::pipe2;
use tokio::sync::Notify;
use webtty_protocol::rest::ExitInfo;

use super::input::{Input, InputQueue};
use crate::limits::{FLOOD_PAUSE, KEY_BYTES};

/// What the pump shares with those who give it work.
#[derive(Debug)]
pub(super) struct Shared {
    work: Mutex<Work>,
    key_typed: Notify,
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
            key_typed: Notify::new(),
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
        let is_key = input.permit.is_some() && input.bytes.len() <= KEY_BYTES;
        write_some(master, &mut input.bytes);
        if is_key {
            self.key_typed.notify_one();
        }
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

    /// Waits for a key to be written, whose echo may be near. One may have been before.
    pub(super) async fn key_typed(&self) {
        self.key_typed.notified().await;
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

    /// How the shell ended, if it has, and whether it is to end.
    pub(super) fn end(&self) -> (Option<ExitInfo>, bool) {
        let work = self.lock();
        (work.exit.clone(), work.end_requested)
    }

    /// Nobody reads input any more.
    pub(super) fn close_input(&self) {
        let mut work = self.lock();
        work.input_closed = true;
        work.input.clear();
    }

    /// So many bytes of the front have been written.
    pub(super) fn wrote(&self, count: usize) {
        self.lock().input.advance(count);
    }

    /// What the thread is to write next.
    pub(super) fn input_front(&self) -> Option<Bytes> {
        let work = self.lock();
        work.input.front().filter(|_| !work.writing)
    }

    pub(super) fn has_input(&self) -> bool {
        let work = self.lock();
        !work.writing && !work.input.is_empty()
    }

    /// Is there anything that only the thread does?
    pub(super) fn has_work(&self) -> bool {
        let work = self.lock();
        work.exit.is_some() || work.end_requested || !work.input.is_empty()
    }

    /// Waits a moment whether a program in the middle of much output writes on, unless there is
    /// something else to do.
    pub(super) fn more_comes(&self, master: &File) -> bool {
        let wake = PollFd::new(self.wake_fd(), PollFlags::POLLIN);
        let pty = PollFd::new(master.as_fd(), PollFlags::POLLIN);
        let mut both = [wake, pty];
        let pause = TimeSpec::from_duration(FLOOD_PAUSE);
        let ready = ppoll(&mut both, Some(pause), None).unwrap_or(0) > 0;
        ready && !both[0].any().unwrap_or(true)
    }

    /// A full pipe means that the thread is about to wake anyway.
    pub(super) fn wake(&self) {
        let _ = (&self.wake_write).write(&[1]);
    }

    /// Readable when there is something new.
    pub(super) fn wake_fd(&self) -> BorrowedFd<'_> {
        self.wake_read.as_fd()
    }

    pub(super) fn clear_wake(&self) {
        let mut sink = [0; 64];
        while matches!((&self.wake_read).read(&mut sink), Ok(count) if count == sink.len()) {}
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes until all is written or the PTY takes no more.
pub(super) fn write_some(mut master: &File, bytes: &mut Bytes) {
    while !bytes.is_empty() {
        match master.write(bytes) {
            Ok(count) => bytes.advance(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}
