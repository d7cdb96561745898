//! What a shell has written, by absolute offset, in a bounded log that any number of viewers
//! read from positions of their own.
//!
//! The log is a row of sealed blocks and one growing tail. A read of a sealed block shares its
//! bytes; a read of the tail copies the few bytes asked for, and the copy is kept for the next
//! viewer that stands at the same place, as all live viewers do.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::watch;

use crate::holders::Holders;
use crate::limits::{HOLD_CHECK, HOLD_MIN_BYTES, OUTPUT_BLOCK_BYTES};

/// How far back from the wanted place a safe cut is looked for, in bytes.
const CUT_SEARCH_BYTES: usize = 64 * 1024;

/// A bounded log of bytes with absolute offsets.
#[derive(Debug)]
pub struct OutputLog {
    inner: Mutex<Inner>,
    holders: Mutex<Holders>,
    end: watch::Sender<LogEnd>,
    /// The same, told first.
    end_first: watch::Sender<LogEnd>,
    capacity: usize,
}

/// How far a log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// The offset after the last byte.
    pub offset: u64,
    /// Is it the last byte there will ever be?
    pub finished: bool,
}

/// What a read gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The bytes at the offset asked for; never empty.
    Bytes(Bytes),
    /// Nothing yet: the offset is the end of the log.
    Pending,
    /// The bytes asked for are gone.
    Lagged {
        /// How many bytes, from the offset asked for, are no longer kept.
        skipped: u64,
    },
}

#[derive(Debug, Default)]
struct Inner {
    sealed: VecDeque<Block>,
    tail: Vec<u8>,
    tail_start: u64,
    /// The last copy made from the tail, shared by viewers that stand at the same offset.
    tail_copy: Option<Block>,
}

#[derive(Clone, Debug)]
struct Block {
    start: u64,
    bytes: Bytes,
}

impl OutputLog {
    /// An empty log that keeps at least the last `capacity` bytes, and at most one block more.
    pub fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::default(),
            holders: Mutex::new(Holders::new(HOLD_CHECK, HOLD_MIN_BYTES)),
            end: watch::Sender::default(),
            end_first: watch::Sender::default(),
            capacity,
        }
    }

    /// Appends bytes and lets go of the oldest beyond the capacity. Nobody is told.
    pub fn append(&self, mut bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut inner = self.lock();
        if bytes.len() >= OUTPUT_BLOCK_BYTES / 2 {
            // Blocks of their own: whoever is woken by them sends them whole, uncopied.
            inner.seal();
        }
        while !bytes.is_empty() {
            let room = OUTPUT_BLOCK_BYTES - inner.tail.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            inner.tail.extend_from_slice(now);
            bytes = later;
            if inner.tail.len() >= OUTPUT_BLOCK_BYTES / 2 && bytes.is_empty()
                || inner.tail.len() == OUTPUT_BLOCK_BYTES
            {
                inner.seal();
            }
        }
        inner.evict(self.capacity);
    }

    /// Wakes who is to be told first of what was appended, and gives what they are told. The others
    /// wait for [`tell`](Self::tell).
    pub fn tell_first(&self) -> LogEnd {
        let offset = self.lock().end();
        let mut finished = false;
        self.end_first.send_if_modified(|end| {
            finished = end.finished;
            std::mem::replace(&mut end.offset, offset) != offset
        });
        LogEnd { offset, finished }
    }

    /// Says that no byte will follow.
    pub fn finish(&self) {
        self.end_first.send_modify(|end| end.finished = true);
        self.tell();
    }

    /// Wakes everybody who has not been told yet.
    pub fn tell(&self) {
        let now = self.tell_first();
        self.end
            .send_if_modified(|end| std::mem::replace(end, now) != now);
    }

    /// Where the log ended when [`tell`](Self::tell) was last called, and a way to wait until it
    /// ends further on. A change is never missed: what is watched is the end itself.
    pub fn watch(&self) -> watch::Receiver<LogEnd> {
        self.end.subscribe()
    }

    /// Where the log ends now, for those who are to be told at once: who typed what this may be
    /// the echo of.
    pub fn watch_first(&self) -> watch::Receiver<LogEnd> {
        self.end_first.subscribe()
    }

    /// Where the log ends now, whoever has been told of it.
    pub fn end(&self) -> LogEnd {
        let finished = self.end_first.borrow().finished;
        let offset = self.lock().end();
        LogEnd { offset, finished }
    }

    /// How many bytes are kept at least, in the end.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The offset of the oldest byte still kept.
    pub fn start(&self) -> u64 {
        self.lock().start()
    }

    /// Up to `most` bytes at `offset`. Bytes of several blocks are not joined: a read gives at
    /// most one block.
    pub fn read(&self, offset: u64, most: usize) -> Read {
        let mut inner = self.lock();
        let start = inner.start();
        if offset < start {
            return Read::Lagged {
                skipped: start - offset,
            };
        }
        if offset >= inner.end() {
            return Read::Pending;
        }
        if offset >= inner.tail_start {
            return Read::Bytes(inner.read_tail(offset, most));
        }
        let index = inner.sealed.partition_point(|block| block.start <= offset) - 1;
        Read::Bytes(inner.sealed[index].slice_from(offset, most))
    }

    /// Up to `most` bytes at `offset`, joined across blocks; empty when they are gone.
    pub fn read_joined(&self, offset: u64, most: usize) -> Vec<u8> {
        let mut joined = Vec::new();
        while let left @ 1.. = most - joined.len() {
            match self.read(offset + joined.len() as u64, left) {
                Read::Bytes(bytes) => joined.extend_from_slice(&bytes),
                Read::Pending | Read::Lagged { .. } => break,
            }
        }
        joined
    }

    /// Asks that bytes from `offset` on are kept until they are taken. It is granted as long as
    /// the reader keeps up a decent pace; see [`is_held`](Self::is_held).
    pub fn hold(&self, offset: u64) -> Hold<'_> {
        Hold {
            log: self,
            id: self.holders().add(offset),
        }
    }

    /// Would appending `incoming` bytes now drop some that a reader with a [`Hold`] has not
    /// taken? A reader that takes too little meanwhile loses its hold, so that this is never
    /// true for long because of one who is stuck.
    pub fn is_held(&self, incoming: usize, now: Instant) -> bool {
        let kept_from = (self.end().offset + incoming as u64).saturating_sub(self.capacity as u64);
        if kept_from == 0 {
            return false;
        }
        self.holders().any_behind(kept_from, now)
    }

    /// Where to start for who knows nothing of the state before: the beginning when at most `most` bytes were ever written,
    /// else a place within the last `most` bytes that is not inside a character, and not inside
    /// an escape sequence as far as can be seen: after a line end, or before an escape.
    pub fn restart_offset(&self, most: u64) -> u64 {
        let inner = self.lock();
        let (start, end) = (inner.start(), inner.end());
        if start == 0 && end <= most {
            return 0;
        }
        let from = end.saturating_sub(most).max(start);
        let sample = inner.copy(from, CUT_SEARCH_BYTES);
        from + safe_cut(&sample) as u64
    }

    fn holders(&self) -> MutexGuard<'_, Holders> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader's wish that nothing is dropped before it has taken it. Dropping it ends the wish.
#[derive(Debug)]
pub struct Hold<'a> {
    log: &'a OutputLog,
    id: u64,
}

impl Hold<'_> {
    /// The reader has taken everything before `offset`.
    pub fn advance(&self, offset: u64) {
        self.log.holders().advance(self.id, offset);
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.log.holders().remove(self.id);
    }
}

impl Inner {
    fn start(&self) -> u64 {
        self.sealed
            .front()
            .map_or(self.tail_start, |block| block.start)
    }

    fn end(&self) -> u64 {
        self.tail_start + self.tail.len() as u64
    }

    fn seal(&mut self) {
        if self.tail.is_empty() {
            return;
        }
        let mut tail = std::mem::take(&mut self.tail);
        // It grew by doubling, and only what it holds is counted.
        if tail.capacity() - tail.len() > tail.len() / 8 {
            tail.shrink_to_fit();
        }
        let bytes = Bytes::from(tail);
        let start = self.tail_start;
        self.tail_start += bytes.len() as u64;
        self.tail_copy = None;
        self.sealed.push_back(Block { start, bytes });
    }

    fn evict(&mut self, capacity: usize) {
        let end = self.end();
        while let Some(second) = self.sealed.get(1).map(|block| block.start).or_else(|| {
            // The only sealed block may go once the tail alone fills the capacity.
            (self.sealed.len() == 1).then_some(self.tail_start)
        }) {
            if end - second < capacity as u64 {
                break;
            }
            self.sealed.pop_front();
        }
    }

    fn read_tail(&mut self, offset: u64, most: usize) -> Bytes {
        let from = usize::try_from(offset - self.tail_start).expect("inside the tail");
        let wanted = &self.tail[from..];
        let wanted = &wanted[..wanted.len().min(most)];
        if let Some(copy) = &self.tail_copy
            && copy.start == offset
            && copy.bytes.len() == wanted.len()
        {
            return copy.bytes.clone();
        }
        let bytes = Bytes::copy_from_slice(wanted);
        self.tail_copy = Some(Block {
            start: offset,
            bytes: bytes.clone(),
        });
        bytes
    }

    /// A copy of up to `most` bytes from `from` on, across blocks.
    fn copy(&self, from: u64, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for block in &self.sealed {
            let block_end = block.start + block.bytes.len() as u64;
            if block_end > from && out.len() < most {
                out.extend_from_slice(&block.slice_from(from.max(block.start), most - out.len()));
            }
        }
        if out.len() < most {
            let skip = usize::try_from(from.saturating_sub(self.tail_start)).unwrap_or(usize::MAX);
            let rest = self.tail.get(skip..).unwrap_or_default();
            out.extend_from_slice(&rest[..rest.len().min(most - out.len())]);
        }
        out
    }
}

impl Block {
    fn slice_from(&self, offset: u64, most: usize) -> Bytes {
        let from = usize::try_from(offset - self.start).expect("inside the block");
        self.bytes
            .slice(from..self.bytes.len().min(from.saturating_add(most)))
    }
}

/// How many bytes to skip so that what follows starts at a line, an escape or at least a
/// character.
fn safe_cut(bytes: &[u8]) -> usize {
    if let Some(line_end) = bytes.iter().position(|&byte| byte == b'\n') {
        return line_end + 1;
    }
    if let Some(escape) = bytes.iter().position(|&byte| byte == 0x1b) {
        return escape;
    }
    let continuation = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    bytes.iter().take(3).take_while(continuation).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(log: &OutputLog, mut offset: u64, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while let Read::Bytes(bytes) = log.read(offset, most) {
            assert!(!bytes.is_empty() && bytes.len() <= most);
            offset += bytes.len() as u64;
            out.extend_from_slice(&bytes);
        }
        out
    }

    #[test]
    fn who_typed_is_told_at_once_and_the_others_when_it_is_time() {
        let log = OutputLog::new(100);
        let (mut first, mut others) = (log.watch_first(), log.watch());
        let told = |watch: &mut watch::Receiver<LogEnd>| {
            let changed = watch.has_changed().expect("the log lives");
            changed.then(|| *watch.borrow_and_update())
        };
        let end = |offset, finished| Some(LogEnd { offset, finished });
        log.append(b"ab");
        assert_eq!((told(&mut first), told(&mut others)), (None, None));
        log.tell_first();
        assert_eq!((told(&mut first), told(&mut others)), (end(2, false), None));
        log.append(b"c");
        log.tell();
        log.tell();
        assert_eq!(told(&mut others), end(3, false));
        assert_eq!((told(&mut first), told(&mut others)), (end(3, false), None));
        log.append(b"d");
        log.finish();
        assert_eq!(told(&mut first), end(4, true));
        assert_eq!(
            told(&mut others),
            end(4, true),
            "nobody misses the last byte"
        );
    }

    #[test]
    fn a_reader_at_the_end_waits_and_is_woken() {
        let log = OutputLog::new(1024);
        assert_eq!(log.read(0, 10), Read::Pending);
        let watch = log.watch();
        log.append(b"hello");
        log.tell();
        assert!(watch.has_changed().expect("the log lives"));
        assert_eq!(log.read(0, 10), Read::Bytes(Bytes::from_static(b"hello")));
        assert_eq!(log.read(5, 10), Read::Pending);
        log.finish();
        assert_eq!(
            log.end(),
            LogEnd {
                offset: 5,
                finished: true
            }
        );
    }

    #[test]
    fn old_bytes_go_and_who_wants_them_is_told_how_many() {
        let log = OutputLog::new(2 * OUTPUT_BLOCK_BYTES);
        log.append(&vec![b'x'; 5 * OUTPUT_BLOCK_BYTES]);
        let start = log.start();
        assert_eq!(start, 3 * OUTPUT_BLOCK_BYTES as u64);
        assert_eq!(log.read(7, 10), Read::Lagged { skipped: start - 7 });
        assert_eq!(read_all(&log, start, 1000).len(), 2 * OUTPUT_BLOCK_BYTES);
    }

    #[test]
    fn viewers_at_one_place_share_one_copy() {
        let log = OutputLog::new(1024);
        log.append(b"abc");
        let (Read::Bytes(first), Read::Bytes(second)) = (log.read(1, 9), log.read(1, 9)) else {
            panic!("both find bytes");
        };
        assert_eq!(first.as_ptr(), second.as_ptr());
    }

    #[test]
    fn who_joins_late_starts_at_a_safe_place() {
        let log = OutputLog::new(1 << 20);
        log.append(b"one\ntwo\nthree\n");
        assert_eq!(log.restart_offset(100), 0);
        assert_eq!(
            log.restart_offset(9),
            8,
            "after the line end within the last nine bytes"
        );
        let log = OutputLog::new(1 << 20);
        log.append("aaaa\u{1b}[1mbbbb".as_bytes());
        assert_eq!(log.restart_offset(9), 4, "before the escape");
        let log = OutputLog::new(1 << 20);
        log.append("ééé".as_bytes());
        assert_eq!(log.restart_offset(3), 4, "not inside a character");
    }

    proptest! {
        #[test]
        fn every_read_is_a_slice_of_what_was_written(
            writes in prop::collection::vec((0usize..150_000, any::<u8>()), 1..12),
            capacity in 1usize..400_000,
            most in 1usize..100_000,
            from in any::<prop::sample::Index>(),
        ) {
            let log = OutputLog::new(capacity);
            let mut written = Vec::new();
            for (index, (len, seed)) in writes.iter().enumerate() {
                let piece: Vec<u8> =
                    (0..*len).map(|i| seed.wrapping_add((i * 7 + index) as u8)).collect();
                log.append(&piece);
                written.extend_from_slice(&piece);
            }
            let end = written.len() as u64;
            prop_assert_eq!(log.end().offset, end);
            let start = log.start();
            let kept = end - start;
            prop_assert!(kept >= (capacity as u64).min(end));
            prop_assert!(kept < (capacity + 2 * OUTPUT_BLOCK_BYTES) as u64);
            let from = start + from.index(kept as usize + 1) as u64;
            prop_assert_eq!(read_all(&log, from, most), &written[from as usize..]);
        }
    }
}
