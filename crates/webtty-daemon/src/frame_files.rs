//! Frames that many sockets are sent, written once into a file in memory.
//!
//! Writing a frame to a socket copies it into the kernel, for each socket again; sent out of a
//! file, all sockets share the file's pages. That pays once some sockets have asked for
//! the same bytes, so the first ones write. Nobody says beforehand what will be shared: a frame
//! is known by where its payload lies in memory, which is kept as long as the frame is remembered.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use bytes::Bytes;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, getrlimit};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::limits::{
    FRAME_BYTES, FRAME_FILE_BYTES, FRAME_FILE_LEAST_BYTES, FRAME_FILE_SOCKETS, FRAME_FILES,
    FRAMES_KEPT, FRAMES_KEPT_FOR,
};

/// Where frames begin in a file: the kernel shares whole pages, and one that holds a bit of another
/// frame would be one more for each.
const PAGE_BYTES: usize = 4096;

/// The frames that were sent last.
#[derive(Debug, Default)]
pub(crate) struct FrameFiles {
    kept: Mutex<Kept>,
    used: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    frames: Vec<Frame>,
    /// The file that frames are written into at present, and how much of it is taken.
    file: Option<(Arc<File>, usize)>,
    /// All there are: sockets may keep some whose frames are forgotten.
    files: Vec<Weak<File>>,
}

#[derive(Debug)]
struct Frame {
    head: Box<[u8]>,
    payload: Bytes,
    /// How many sockets have been sent it.
    sockets: u32,
    last_sent: Instant,
    place: Option<Place>,
}

/// Where a frame is written, header and all. What is there never changes.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: Arc<File>,
    /// Where in it the frame begins, in bytes.
    pub(crate) at: usize,
}

impl FrameFiles {
    /// Where a frame that is about to be sent to one more socket is written, if that is worth it.
    pub(crate) fn place_of(&self, head: &[u8], payload: &Bytes) -> Option<Place> {
        // What nobody else has is sent to one socket; a single large event is not worth a file.
        let sizes = FRAME_FILE_LEAST_BYTES..=FRAME_BYTES;
        if !sizes.contains(&payload.len()) || payload.is_unique() {
            return None;
        }
        let place = {
            let mut kept = self.kept();
            let Some(frame) = kept.find(head, payload) else {
                let forgotten = kept.remember(head, payload);
                // It may be the last of its file.
                drop((kept, forgotten));
                self.used.notify_one();
                return None;
            };
            frame.sockets += 1;
            frame.last_sent = Instant::now();
            // Just one writes it into the file, and meanwhile the others write to their sockets.
            if frame.sockets != FRAME_FILE_SOCKETS {
                return frame.place.clone();
            }
            kept.reserve(head.len() + payload.len())
        };
        let written = place.and_then(|place| {
            place.file.write_all_at(head, place.at as u64)?;
            let after = place.at + head.len();
            place.file.write_all_at(payload, after as u64)?;
            Ok(place)
        });
        match written {
            Ok(place) => {
                if let Some(frame) = self.kept().find(head, payload) {
                    frame.place = Some(place.clone());
                }
                Some(place)
            }
            Err(error) => {
                tracing::debug!(%error, "a frame was not written into a file");
                None
            }
        }
    }

    /// Forgets what no socket has been sent for a while. It has no end.
    pub(crate) async fn forget(&self) {
        loop {
            self.used.notified().await;
            while !self.kept().frames.is_empty() {
                sleep(FRAMES_KEPT_FOR).await;
                let forgotten = self.kept().forget(Instant::now());
                drop(forgotten);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, head: &[u8], payload: &Bytes) -> Option<&mut Frame> {
        // The newest are at the end, and asked for most.
        self.frames.iter_mut().rev().find(|frame| {
            frame.payload.as_ptr() == payload.as_ptr()
                && frame.payload.len() == payload.len()
                && *frame.head == *head
        })
    }

    /// Remembers a frame, and gives the one that is forgotten for it, if any.
    fn remember(&mut self, head: &[u8], payload: &Bytes) -> Option<Frame> {
        let forgotten = (self.frames.len() >= FRAMES_KEPT).then(|| {
            let sent = |&place: &usize| self.frames[place].last_sent;
            let oldest = (0..self.frames.len()).min_by_key(sent);
            self.frames.remove(oldest.expect("there are some"))
        });
        self.frames.push(Frame {
            head: head.into(),
            payload: payload.clone(),
            sockets: 1,
            last_sent: Instant::now(),
            place: None,
        });
        forgotten
    }

    /// Room for one frame. Many share a file, so that they take few descriptors.
    fn reserve(&mut self, len: usize) -> io::Result<Place> {
        let (file, at) = match self.file.take() {
            Some((file, taken)) if taken + len <= FRAME_FILE_BYTES => (file, taken),
            _ => (self.new_file()?, 0),
        };
        let taken = (at + len).next_multiple_of(PAGE_BYTES);
        self.file = Some((Arc::clone(&file), taken));
        Ok(Place { file, at })
    }

    fn new_file(&mut self) -> io::Result<Arc<File>> {
        self.files.retain(|file| file.strong_count() > 0);
        // A process that writes beyond its limit on files' sizes is ended.
        let (largest, _) = getrlimit(Resource::RLIMIT_FSIZE)?;
        if self.files.len() >= FRAME_FILES || largest < FRAME_FILE_BYTES as u64 {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        let file = memfd_create("frames", MFdFlags::MFD_CLOEXEC)?;
        let file = Arc::new(File::from(file));
        self.files.push(Arc::downgrade(&file));
        Ok(file)
    }

    /// Forgets the frames that no socket was sent for a while. Gives what may be the last of files.
    fn forget(&mut self, now: Instant) -> (Vec<Frame>, Option<Arc<File>>) {
        let is_old =
            |frame: &mut Frame| now.saturating_duration_since(frame.last_sent) >= FRAMES_KEPT_FOR;
        let forgotten = self.frames.extract_if(.., is_old).collect();
        let file = self.file.take_if(|_| self.frames.is_empty());
        (forgotten, file.map(|(file, _)| file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload() -> Bytes {
        Bytes::from(vec![b'x'; FRAME_FILE_LEAST_BYTES])
    }

    #[test]
    fn a_frame_is_written_once_some_sockets_are_sent_it() {
        let files = FrameFiles::default();
        let (one, other) = (payload(), payload());
        let _log = (one.clone(), other.clone());
        for _ in 1..FRAME_FILE_SOCKETS {
            assert!(files.place_of(b"head", &one).is_none());
            assert!(files.place_of(b"head", &other).is_none(), "other bytes");
        }
        let place = files.place_of(b"head", &one).expect("written");
        let again = files.place_of(b"head", &one).expect("found");
        assert_eq!((place.at, again.at), (0, 0));
        assert!(files.place_of(b"daeh", &one).is_none(), "another frame");
        let mut bytes = vec![0; 4 + one.len()];
        place.file.read_exact_at(&mut bytes, 0).expect("all of it");
        assert!(bytes[..4] == *b"head" && bytes[4..] == one);
        let next = files.place_of(b"head", &other).expect("written beside it");
        assert!(next.at > one.len() && Arc::ptr_eq(&next.file, &place.file));
    }

    #[test]
    fn what_is_small_or_large_or_nobody_elses_is_not_worth_it() {
        let files = FrameFiles::default();
        let whole = Bytes::from(vec![b'x'; FRAME_BYTES + 1]);
        let small = whole.slice(..FRAME_FILE_LEAST_BYTES - 1);
        let own = payload();
        for _ in 0..2 * FRAME_FILE_SOCKETS {
            for payload in [&whole, &small, &own] {
                assert!(files.place_of(b"", payload).is_none());
            }
        }
    }

    #[test]
    fn only_so_many_are_kept_and_not_for_long() {
        let files = FrameFiles::default();
        let kept: Vec<Bytes> = (0..=FRAMES_KEPT).map(|_| payload()).collect();
        let log = kept.clone();
        for payload in &log {
            files.place_of(b"", payload);
        }
        let mut known = files.kept();
        assert_eq!(known.frames.len(), FRAMES_KEPT);
        assert!(known.find(b"", &kept[0]).is_none(), "the oldest has gone");
        assert!(known.find(b"", &kept[1]).is_some());
        let later = Instant::now() + FRAMES_KEPT_FOR;
        let (forgotten, _) = known.forget(later);
        assert_eq!((forgotten.len(), known.frames.len()), (FRAMES_KEPT, 0));
        assert!(known.file.is_none());
    }

    #[test]
    fn a_file_holds_a_few_frames() {
        let mut kept = Kept::default();
        let len = FRAME_FILE_BYTES / 2;
        let places: Vec<_> = (0..3)
            .map(|_| kept.reserve(len).expect("a place"))
            .collect();
        assert_eq!(
            places.iter().map(|place| place.at).collect::<Vec<_>>(),
            [0, len, 0]
        );
        assert!(!Arc::ptr_eq(&places[1].file, &places[2].file));
    }

    #[test]
    fn there_are_only_so_many_files_at_a_time() {
        let mut kept = Kept::default();
        let mut reserve = || kept.reserve(FRAME_FILE_BYTES);
        let mut sent: Vec<_> = (0..FRAME_FILES)
            .map(|_| reserve().expect("a file"))
            .collect();
        assert!(reserve().is_err(), "each is still being sent");
        sent.pop();
        assert!(reserve().is_ok());
    }
}
