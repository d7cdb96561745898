//! Reading a PTY, by one of two in turn: its thread while much comes or anything else is to be
//! done, and whoever follows it while little does.
//!
//! A key's echo is little. Each hand-over from thread to thread costs it some 20 µs where
//! processors sleep between two keys, which is as much as all the rest; so it is read by the one
//! who writes to the viewers.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::shared::Shared;
use super::sink::Sink;
use crate::limits::{
    FLOOD_BYTES, FLOOD_TELL_BYTES, PTY_PIECE_BYTES, PTY_READ_BYTES, QUIET_TIME, TELL_LATEST,
    TELL_PAUSE,
};

/// Who reads a PTY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Its thread.
    Thread,
    /// Who follows it.
    Follower,
    /// Nobody any more.
    Over,
}

/// Whether a read looks or waits for more of what a program is in the middle of.
#[derive(Clone, Copy)]
pub(super) enum Gather<'a> {
    /// It takes what one system call gives. Whatever comes later makes the PTY ready anew.
    OneRead,
    /// It takes all that is there.
    AllThereIs,
    /// A moment, and again for as long as more comes and nothing else is to be done.
    Floods(&'a Shared),
}

/// What a read of the PTY came to.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// How many bytes.
    pub(super) bytes: usize,
    /// Was there nothing more at that moment?
    pub(super) drained: bool,
}

/// Output that was read and that those who can wait have not been told of: when, and how much.
#[derive(Clone, Copy)]
struct Untold {
    first: Instant,
    last: Instant,
    bytes: usize,
}

/// The state of reading, and the PTY, which can be waited for without it.
pub(super) struct SharedReader {
    master: Arc<File>,
    reader: Mutex<Reader>,
}

impl SharedReader {
    pub(super) fn new(master: File, sink: Arc<dyn Sink>) -> Self {
        let master = Arc::new(master);
        let reader = Reader {
            master: Arc::clone(&master),
            sink,
            buffer: vec![0; PTY_READ_BYTES].into_boxed_slice(),
            hung_up: false,
            untold: None,
            turn: watch::Sender::new(Turn::Follower),
            followed: true,
            last_read: Instant::now(),
        };
        Self {
            master,
            reader: Mutex::new(reader),
        }
    }

    pub(super) fn master(&self) -> &Arc<File> {
        &self.master
    }

    /// Held while reading, and while the thread gathers what comes in a flood; never while waiting
    /// for something to read.
    pub(super) fn lock(&self) -> MutexGuard<'_, Reader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Reader {
    master: Arc<File>,
    sink: Arc<dyn Sink>,
    buffer: Box<[u8]>,
    hung_up: bool,
    untold: Option<Untold>,
    turn: watch::Sender<Turn>,
    /// Is there anybody who reads it while little comes?
    followed: bool,
    last_read: Instant,
}

impl Reader {
    /// Has the other side been closed for good?
    pub(super) fn hung_up(&self) -> bool {
        self.hung_up
    }

    /// Gives the turn to the thread while it is busy, and else to who follows once nothing has
    /// come for a while.
    pub(super) fn settle(&mut self, busy: bool) -> Turn {
        if busy {
            // What is to be read may have had to wait, and there may be much of it.
            self.last_read = Instant::now();
        }
        // Who follows tells of what he has read himself, and of nothing before it.
        let told = self.untold.is_none() && !self.hung_up;
        let quiet = || self.followed && told && self.last_read.elapsed() >= QUIET_TIME;
        match self.turn() {
            Turn::Follower if busy => self.give(Turn::Thread),
            Turn::Thread if !busy && quiet() => self.give(Turn::Follower),
            turn => turn,
        }
    }

    /// When the thread has something to do if nothing comes.
    pub(super) fn due(&self, busy: bool) -> Option<Instant> {
        if self.turn() != Turn::Thread {
            return None;
        }
        let rests =
            || (self.followed && !self.hung_up && !busy).then(|| self.last_read + QUIET_TIME);
        self.tell_at().or_else(rests)
    }

    /// Nobody reads any more.
    pub(super) fn end(&mut self) {
        if self.untold.is_some() {
            self.tell();
        }
        self.give(Turn::Over);
    }

    /// Reads up to a buffer full, of which Linux gives some 4 KB at a time, and tells of it once; or,
    /// where a flood goes on, of some of them once: each telling wakes every viewer.
    pub(super) fn read(&mut self, gather: Gather<'_>) -> Found {
        let found = self.fill(gather);
        if found.bytes > 0 {
            self.sink.output(&self.buffer[..found.bytes]);
            let untold = self.note(found.bytes);
            let pauses = found.drained || untold >= FLOOD_TELL_BYTES;
            if found.bytes >= FLOOD_BYTES && pauses {
                self.tell();
            } else {
                self.tell_when_due();
            }
        }
        found
    }

    /// So many bytes have just been read. Gives how many there are that not all have been told of.
    fn note(&mut self, bytes: usize) -> usize {
        let last = Instant::now();
        let (first, before) = self
            .untold
            .map_or((last, 0), |untold| (untold.first, untold.bytes));
        let bytes = before + bytes;
        self.untold = Some(Untold { first, last, bytes });
        self.last_read = last;
        bytes
    }

    /// Tells everybody of what was read if it is time.
    pub(super) fn tell_when_due(&mut self) {
        if self.tell_at().is_some_and(|due| due <= Instant::now()) {
            self.tell();
        }
    }

    /// When those who can wait are to be told.
    fn tell_at(&self) -> Option<Instant> {
        let Untold { first, last, .. } = self.untold?;
        Some((last + TELL_PAUSE).min(first + TELL_LATEST))
    }

    fn tell(&mut self) {
        self.untold = None;
        self.sink.tell();
    }

    /// Fills the buffer. Nobody hears of what is gathered meanwhile, nor of what was read before
    /// it.
    fn fill(&mut self, gather: Gather<'_>) -> Found {
        let until = Instant::now() + TELL_PAUSE;
        let mut bytes = 0;
        while !self.hung_up && bytes < self.buffer.len() {
            let room = &mut self.buffer[bytes..];
            let most = match gather {
                Gather::Floods(_) => room.len().min(PTY_PIECE_BYTES),
                Gather::OneRead | Gather::AllThereIs => room.len(),
            };
            match (&*self.master).read(&mut room[..most]) {
                Ok(count @ 1..) => {
                    bytes += count;
                    if matches!(gather, Gather::OneRead) {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let more = match gather {
                        Gather::OneRead | Gather::AllThereIs => false,
                        Gather::Floods(shared) => {
                            bytes >= FLOOD_BYTES
                                && Instant::now() < until
                                && shared.more_comes(&self.master)
                        }
                    };
                    if !more {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Linux says EIO once the last process has closed the terminal.
                Ok(0) | Err(_) => self.hung_up = true,
            }
        }
        Found {
            bytes,
            drained: bytes < self.buffer.len(),
        }
    }

    /// Who reads at the moment.
    pub(super) fn turn(&self) -> Turn {
        *self.turn.borrow()
    }

    fn give(&mut self, turn: Turn) -> Turn {
        self.turn.send_replace(turn);
        turn
    }
}

/// The reading of a PTY while little comes, for who writes to its viewers. Whoever has it waits
/// for [`Turn::Follower`] and until the descriptor is readable, and calls [`read`](Self::read).
/// Dropping it leaves all reading to the PTY's own thread.
pub struct Trickle {
    reader: Arc<SharedReader>,
    shared: Arc<Shared>,
}

impl Trickle {
    pub(super) fn new(reader: Arc<SharedReader>, shared: Arc<Shared>) -> Self {
        Self { reader, shared }
    }

    /// Whose turn it is.
    pub fn turn(&self) -> watch::Receiver<Turn> {
        self.reader.lock().turn.subscribe()
    }

    /// What to wait on.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor(Arc::clone(self.reader.master()))
    }

    /// Waits for a key to be typed, of which a program may return an echo within a moment.
    pub async fn key_typed(&self) {
        self.shared.key_typed().await;
    }

    /// Reads what is there, if it is the follower's turn, and leaves the turn to the thread if that
    /// is much, or anything else is to be done. Waits for nothing but the thread, if that has just
    /// taken the turn. Gives the time to call [`tell`](Self::tell) at, if any.
    pub fn read(&self) -> Option<Instant> {
        let mut reader = self.reader.lock();
        if reader.turn() != Turn::Follower {
            return None;
        }
        let held = reader.sink.is_held(PTY_READ_BYTES);
        if held || reader.read(Gather::OneRead).bytes >= FLOOD_BYTES || reader.hung_up {
            self.leave(&mut reader);
            return None;
        }
        reader.tell_at()
    }

    /// Tells all viewers of what has been read, if it is time. Gives the time to look again, if
    /// any.
    pub fn tell(&self) -> Option<Instant> {
        let mut reader = self.reader.lock();
        if reader.turn() != Turn::Follower {
            return None;
        }
        reader.tell_when_due();
        reader.tell_at()
    }

    fn leave(&self, reader: &mut Reader) {
        reader.give(Turn::Thread);
        self.shared.wake();
    }
}

impl Drop for Trickle {
    fn drop(&mut self) {
        let mut reader = self.reader.lock();
        reader.followed = false;
        if reader.turn() == Turn::Follower {
            self.leave(&mut reader);
        }
    }
}

/// A share of a PTY, to wait on until it is readable.
pub struct Descriptor(Arc<File>);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
