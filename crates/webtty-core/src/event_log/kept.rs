//! The bounded store behind an event log.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;

use crate::holders::Holders;
use crate::limits::{EVENT_LOG_BYTES, EVENT_LOG_EVENTS, SHARED_PIECE_BYTES, SHARED_PIECES};

/// One published event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1 for each incarnation of a session.
    pub seq: u64,
    /// When it was taken, in milliseconds since 1970.
    pub ts: u64,
    /// The end of the terminal's output at that moment: the clock that events and screen share.
    pub at: u64,
    /// The publisher's own bytes: one line of JSON in UTF-8.
    pub payload: Bytes,
}

/// There is no room for the event until a live subscriber has taken older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// A subscriber missed events, which are no longer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged {
    /// How many.
    pub skipped: u64,
}

/// The events that are kept, and who still needs them.
#[derive(Debug)]
pub(super) struct Kept {
    /// Kept events; the last one has the number `newest`.
    pub(super) events: VecDeque<Event>,
    pub(super) bytes: usize,
    pub(super) newest: u64,
    /// By the number of the next event each live subscriber wants.
    pub(super) subscribers: Holders,
    /// What was last written down, the newest last, for the next subscribers at the same event.
    pieces: VecDeque<Piece>,
}

/// Events as they were written down for a subscriber.
#[derive(Debug)]
struct Piece {
    form: u64,
    /// The number of the first event.
    first: u64,
    count: u64,
    bytes: Bytes,
}

impl Kept {
    pub(super) fn new(subscribers: Holders) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            newest: 0,
            subscribers,
            pieces: VecDeque::new(),
        }
    }

    /// The number of the oldest event kept, or of the next one when none is.
    pub(super) fn oldest(&self) -> u64 {
        self.newest + 1 - self.events.len() as u64
    }

    /// Appends an event for which room was made.
    pub(super) fn push(&mut self, payload: Bytes, ts: u64, at: u64) {
        self.bytes += payload.len();
        self.newest += 1;
        let seq = self.newest;
        self.events.push_back(Event {
            seq,
            ts,
            at,
            payload,
        });
    }

    /// The events from this number on; it is one of those kept, or the next to come.
    pub(super) fn events_from(&self, first: u64) -> impl Iterator<Item = &Event> {
        let skip = usize::try_from(first - self.oldest()).unwrap_or(usize::MAX);
        self.events.range(skip.min(self.events.len())..)
    }

    /// What has been written down already from this event on, if it is worth sending: a short
    /// piece is not when there are more events by now.
    fn piece(&self, form: u64, first: u64) -> Option<&Piece> {
        let same = |piece: &&Piece| (piece.form, piece.first) == (form, first);
        let piece = self.pieces.iter().rev().find(same)?;
        let is_long = piece.bytes.len() >= SHARED_PIECE_BYTES;
        (is_long || piece.first + piece.count > self.newest).then_some(piece)
    }

    /// Drops the oldest events, as far as an event of `len` bytes needs it.
    ///
    /// # Errors
    /// [`Full`] when a live subscriber has not taken them.
    pub(super) fn make_room(&mut self, len: usize, now: Instant) -> Result<(), Full> {
        let (mut events, mut bytes) = (self.events.len(), self.bytes);
        let mut dropped = 0;
        while events > 0 && (events >= EVENT_LOG_EVENTS || bytes + len > EVENT_LOG_BYTES) {
            bytes -= self.events[dropped].payload.len();
            dropped += 1;
            events -= 1;
        }
        if dropped == 0 {
            return Ok(());
        }
        let kept_from = self.oldest() + dropped as u64;
        if self.subscribers.any_behind(kept_from, now) {
            return Err(Full);
        }
        self.events.drain(..dropped);
        self.bytes = bytes;
        Ok(())
    }

    /// Moves a position that is too old to the oldest event kept.
    ///
    /// # Errors
    /// [`Lagged`] says how far that was.
    pub(super) fn catch_up(&self, position: &mut u64) -> Result<(), Lagged> {
        let skipped = self.oldest().saturating_sub(*position + 1);
        *position += skipped;
        if skipped > 0 {
            return Err(Lagged { skipped });
        }
        Ok(())
    }

    /// Writes down events from `first` on, up to `most_bytes` of them, or gives what was written
    /// down before; and how many they are.
    pub(super) fn written(
        &mut self,
        form: u64,
        first: u64,
        most_bytes: usize,
        write: impl Fn(&Event, &mut Vec<u8>),
    ) -> (Bytes, u64) {
        if let Some(piece) = self.piece(form, first) {
            return (piece.bytes.clone(), piece.count);
        }
        let (mut bytes, mut count) = (Vec::new(), 0);
        for event in self.events_from(first) {
            if count > 0 && bytes.len() + event.payload.len() > most_bytes {
                break;
            }
            write(event, &mut bytes);
            count += 1;
        }
        let bytes = Bytes::from(bytes);
        if count > 0 {
            self.pieces
                .retain(|piece| (piece.form, piece.first) != (form, first));
            if self.pieces.len() >= SHARED_PIECES {
                self.pieces.pop_front();
            }
            self.pieces.push_back(Piece {
                form,
                first,
                count,
                bytes: bytes.clone(),
            });
        }
        (bytes, count)
    }
}
