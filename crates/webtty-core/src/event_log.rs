//! What was published beside a terminal, numbered, in a bounded log that subscribers read from
//! positions of their own.
//!
//! An event that a live subscriber has not taken is not dropped to make room: the publisher
//! waits instead ([`Full`]). It waits for who keeps up a decent pace and no longer; a subscriber
//! that was too slow finds, on its next look, that it has [`Lagged`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::watch;

use crate::clock::now_ms;
use crate::holders::Holders;
use crate::limits::{
    EVENT_LOG_BYTES, EVENT_LOG_EVENTS, SUBSCRIBER_LEAST_EVENTS, SUBSCRIBER_WINDOW,
};

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

/// A bounded log of events.
#[derive(Debug)]
pub struct EventLog {
    inner: Mutex<Inner>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
    /// Changes whenever a subscriber has taken something or left.
    progress: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    /// Kept events; the last one has the number `newest`.
    events: VecDeque<Event>,
    bytes: usize,
    newest: u64,
    /// By the number of the next event each live subscriber wants.
    subscribers: Holders,
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

impl Default for EventLog {
    fn default() -> Self {
        let inner = Inner {
            events: VecDeque::new(),
            bytes: 0,
            newest: 0,
            subscribers: Holders::new(SUBSCRIBER_WINDOW, SUBSCRIBER_LEAST_EVENTS),
        };
        Self {
            inner: Mutex::new(inner),
            newest: watch::Sender::default(),
            progress: watch::Sender::default(),
        }
    }
}

impl EventLog {
    /// Appends an event, published when the terminal's output ended `at`. Gives its number.
    ///
    /// # Errors
    /// [`Full`] when this would drop an event that a live subscriber still needs. Wait for
    /// [`progress`](Self::progress), and no longer than `PUBLISHER_POLL`, then try again.
    pub fn publish(&self, payload: Bytes, at: u64) -> Result<u64, Full> {
        self.publish_at(payload, at, Instant::now())
    }

    fn publish_at(&self, payload: Bytes, at: u64, now: Instant) -> Result<u64, Full> {
        let mut inner = self.lock();
        inner.make_room(payload.len(), now)?;
        inner.bytes += payload.len();
        inner.newest += 1;
        let seq = inner.newest;
        inner.events.push_back(Event {
            seq,
            ts: now_ms(),
            at,
            payload,
        });
        drop(inner);
        self.newest.send_replace(seq);
        Ok(seq)
    }

    /// Changes whenever there may be room again. Subscribe before the attempt that fails, so
    /// that no change is missed.
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }

    /// Subscribes to what comes after the event of number `since`, or to what is published from
    /// now on. A number that is beyond the end comes from another incarnation of the session:
    /// then all that is kept of this one is new.
    pub fn subscribe(self: &Arc<Self>, since: Option<u64>) -> Subscriber {
        let newest = self.newest.subscribe();
        let mut inner = self.lock();
        let position = match since {
            None => inner.newest,
            Some(since) if since > inner.newest => inner.oldest() - 1,
            Some(since) => since,
        };
        let id = inner.subscribers.add(position + 1);
        drop(inner);
        Subscriber {
            log: Arc::clone(self),
            id,
            position,
            newest,
        }
    }

    /// How many subscribers there are.
    pub fn subscribers(&self) -> usize {
        self.lock().subscribers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The number of the oldest event kept, or of the next one when none is.
    fn oldest(&self) -> u64 {
        self.newest + 1 - self.events.len() as u64
    }

    fn make_room(&mut self, len: usize, now: Instant) -> Result<(), Full> {
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
}

/// A live subscriber's position. Dropping it gives up its claim on what it has not taken.
#[derive(Debug)]
pub struct Subscriber {
    log: Arc<EventLog>,
    id: u64,
    /// The number of the last event taken.
    position: u64,
    newest: watch::Receiver<u64>,
}

impl Subscriber {
    /// Waits until there may be something to take.
    pub async fn wait(&mut self) {
        // The log outlives its subscribers, so the sender cannot be gone.
        let _ = self.newest.changed().await;
    }

    /// Adds the events that wait to `into`, in order, up to `most_bytes` of them, but at least
    /// one when there is any. They stay claimed until [`done`](Self::done).
    ///
    /// # Errors
    /// [`Lagged`] when the next event is no longer kept. The position has moved to the oldest
    /// that is, so taking again goes on from there.
    pub fn take(&mut self, most_bytes: usize, into: &mut Vec<Event>) -> Result<(), Lagged> {
        let inner = self.log.lock();
        let skipped = inner.oldest().saturating_sub(self.position + 1);
        if skipped > 0 {
            self.position += skipped;
            return Err(Lagged { skipped });
        }
        let skip = usize::try_from(self.position + 1 - inner.oldest()).unwrap_or(usize::MAX);
        let mut bytes = 0;
        for event in inner.events.iter().skip(skip) {
            bytes += event.payload.len();
            if bytes > most_bytes && !into.is_empty() {
                break;
            }
            into.push(event.clone());
            self.position += 1;
        }
        Ok(())
    }

    /// Says that all events taken have been written, and need not be kept for this subscriber.
    pub fn done(&self) {
        self.log
            .lock()
            .subscribers
            .advance(self.id, self.position + 1);
        self.log.progress.send_modify(|count| *count += 1);
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.log.lock().subscribers.remove(self.id);
        self.log.progress.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: Bytes = Bytes::from_static(b"{}");

    fn take_all(subscriber: &mut Subscriber, most_bytes: usize) -> Vec<u64> {
        let mut events = Vec::new();
        subscriber
            .take(most_bytes, &mut events)
            .expect("nothing missed");
        subscriber.done();
        events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_subscriber_sees_what_comes_after_it_or_after_what_it_knows() {
        let log = Arc::new(EventLog::default());
        assert_eq!(log.publish(LINE, 7), Ok(1));
        let mut subscriber = log.subscribe(None);
        assert!(take_all(&mut subscriber, 100).is_empty());
        assert_eq!(log.publish(LINE, 8), Ok(2));
        assert_eq!(log.publish(LINE, 9), Ok(3));
        assert_eq!(take_all(&mut subscriber, 1), [2]);
        assert_eq!(take_all(&mut subscriber, 1), [3]);
        assert_eq!(take_all(&mut log.subscribe(Some(0)), 100), [1, 2, 3]);
        assert_eq!(take_all(&mut log.subscribe(Some(2)), 100), [3]);
        assert_eq!(
            take_all(&mut log.subscribe(Some(99)), 100),
            [1, 2, 3],
            "of another life"
        );
        let mut events = Vec::new();
        log.subscribe(Some(2)).take(100, &mut events).expect("kept");
        assert_eq!((events[0].at, &events[0].payload), (9, &LINE));
        assert!(events[0].ts > 1_700_000_000_000);
    }

    #[test]
    fn without_subscribers_the_oldest_go_and_who_wants_them_is_told() {
        let log = Arc::new(EventLog::default());
        for number in 0..(EVENT_LOG_EVENTS as u64 + 10) {
            assert_eq!(log.publish(LINE, 0), Ok(number + 1));
        }
        assert_eq!(log.lock().events.len(), EVENT_LOG_EVENTS);
        let mut late = log.subscribe(Some(3));
        assert_eq!(late.take(100, &mut Vec::new()), Err(Lagged { skipped: 7 }));
        assert_eq!(take_all(&mut late, 1), [11]);
        drop(late);
        let big = Bytes::from(vec![b' '; EVENT_LOG_BYTES]);
        assert!(log.publish(big, 0).is_ok());
        assert_eq!(log.lock().events.len(), 1);
        assert_eq!(log.lock().bytes, EVENT_LOG_BYTES);
    }

    #[test]
    fn a_publisher_waits_for_a_live_subscriber_of_decent_pace_only() {
        let log = Arc::new(EventLog::default());
        let mut slow = log.subscribe(None);
        let start = Instant::now();
        for _ in 0..EVENT_LOG_EVENTS {
            log.publish_at(LINE, 0, start).expect("there is room");
        }
        assert_eq!(log.publish_at(LINE, 0, start), Err(Full));
        let progress = log.progress();
        assert_eq!(take_all(&mut slow, 2).len(), 1);
        assert!(progress.has_changed().expect("the log lives"));
        assert!(log.publish_at(LINE, 0, start).is_ok());
        assert_eq!(log.publish_at(LINE, 0, start), Err(Full));
        let late = start + SUBSCRIBER_WINDOW * 2;
        assert!(
            log.publish_at(LINE, 0, late).is_ok(),
            "it took one event in twenty seconds"
        );
        assert_eq!(slow.take(1, &mut Vec::new()), Err(Lagged { skipped: 1 }));
        drop(slow);
        assert_eq!(log.subscribers(), 0);
    }

    proptest! {
        #[test]
        fn whatever_the_pace_each_sequence_is_contiguous_or_lagged(
            steps in prop::collection::vec((0usize..5, 1usize..3000, any::<bool>()), 1..40),
        ) {
            let log = Arc::new(EventLog::default());
            let mut now = Instant::now();
            let mut subscribers: Vec<_> = (0..3).map(|_| log.subscribe(None)).collect();
            let mut reached = [0u64; 3];
            let mut published = 0u64;
            for (who, amount, pause) in steps {
                if pause {
                    now += SUBSCRIBER_WINDOW;
                }
                match who {
                    0..3 => {
                        let mut events = Vec::new();
                        match subscribers[who].take(amount, &mut events) {
                            Ok(()) => {
                                for event in events {
                                    prop_assert_eq!(event.seq, reached[who] + 1);
                                    reached[who] = event.seq;
                                }
                                subscribers[who].done();
                            }
                            Err(Lagged { skipped }) => reached[who] += skipped,
                        }
                    }
                    3 => {
                        for _ in 0..amount {
                            published += u64::from(log.publish_at(LINE, 0, now).is_ok());
                        }
                    }
                    _ => {
                        let since = amount as u64;
                        subscribers[amount % 3] = log.subscribe(Some(since));
                        reached[amount % 3] =
                            if since > published { log.lock().oldest() - 1 } else { since };
                    }
                }
                prop_assert!(log.lock().events.len() <= EVENT_LOG_EVENTS);
            }
            prop_assert_eq!(*log.newest.borrow(), published);
        }
    }
}
