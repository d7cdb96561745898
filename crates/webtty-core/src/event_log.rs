//! What was published beside a terminal, numbered, in a bounded log that subscribers read from
//! positions of their own.
//!
//! An event that a live subscriber has not taken is never dropped to make room: the publisher
//! waits instead ([`Full`]). A subscriber that takes nothing is dropped by its socket's write
//! deadline, and with it goes its claim, so nobody waits for the dead.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::limits::{EVENT_LOG_BYTES, EVENT_LOG_EVENTS};

/// A bounded log of events, numbered from 1.
#[derive(Debug, Default)]
pub struct EventLog {
    inner: Mutex<Inner>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
    /// Changes whenever a subscriber has taken something or left.
    progress: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Kept events; the last one has the number `newest`.
    events: VecDeque<Bytes>,
    bytes: usize,
    newest: u64,
    next_subscriber: u64,
    /// The number of the last event each live subscriber has taken.
    taken: HashMap<u64, u64>,
}

/// There is no room for the event until a live subscriber has taken older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl EventLog {
    /// Appends an event: one line of JSON, the publisher's own bytes. Gives its number.
    ///
    /// # Errors
    /// [`Full`] when this would drop an event that a live subscriber still needs. Wait for
    /// [`progress`](Self::progress), then try again.
    pub fn publish(&self, event: Bytes) -> Result<u64, Full> {
        let mut inner = self.lock();
        inner.make_room(event.len())?;
        inner.bytes += event.len();
        inner.events.push_back(event);
        inner.newest += 1;
        let newest = inner.newest;
        drop(inner);
        self.newest.send_replace(newest);
        Ok(newest)
    }

    /// Changes whenever there may be room again. Subscribe before the attempt that fails, so
    /// that no change is missed.
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }

    /// Subscribes to what is published from now on.
    pub fn subscribe(self: &Arc<Self>) -> Subscriber {
        let newest = self.newest.subscribe();
        let mut inner = self.lock();
        let id = inner.next_subscriber;
        inner.next_subscriber += 1;
        let position = inner.newest;
        inner.taken.insert(id, position);
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
        self.lock().taken.len()
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

    fn make_room(&mut self, len: usize) -> Result<(), Full> {
        let fits = |inner: &Self| {
            inner.events.len() < EVENT_LOG_EVENTS && inner.bytes + len <= EVENT_LOG_BYTES
        };
        if fits(self) {
            return Ok(());
        }
        let needed = self
            .taken
            .values()
            .min()
            .map_or(u64::MAX, |taken| taken + 1);
        while !fits(self) && !self.events.is_empty() {
            if self.oldest() >= needed {
                return Err(Full);
            }
            let event = self.events.pop_front().expect("not empty");
            self.bytes -= event.len();
        }
        Ok(())
    }
}

/// A live subscriber's position. Dropping it gives up its claim on what it has not taken.
#[derive(Debug)]
pub struct Subscriber {
    log: Arc<EventLog>,
    id: u64,
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
    pub fn take(&mut self, most_bytes: usize, into: &mut Vec<Bytes>) {
        let inner = self.log.lock();
        let skip = usize::try_from(self.position + 1 - inner.oldest()).unwrap_or(usize::MAX);
        let mut bytes = 0;
        for event in inner.events.iter().skip(skip) {
            bytes += event.len();
            if bytes > most_bytes && !into.is_empty() {
                break;
            }
            into.push(event.clone());
            self.position += 1;
        }
    }

    /// Says that all events taken have been written, and need not be kept for this subscriber.
    pub fn done(&self) {
        self.log.lock().taken.insert(self.id, self.position);
        self.log.progress.send_modify(|count| *count += 1);
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.log.lock().taken.remove(&self.id);
        self.log.progress.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take_all(subscriber: &mut Subscriber, most_bytes: usize) -> Vec<Bytes> {
        let mut events = Vec::new();
        subscriber.take(most_bytes, &mut events);
        subscriber.done();
        events
    }

    #[test]
    fn a_subscriber_sees_what_comes_after_it() {
        let log = Arc::new(EventLog::default());
        assert_eq!(log.publish(Bytes::from_static(b"1")), Ok(1));
        let mut subscriber = log.subscribe();
        assert!(take_all(&mut subscriber, 100).is_empty());
        assert_eq!(log.publish(Bytes::from_static(b"2")), Ok(2));
        assert_eq!(log.publish(Bytes::from_static(b"3")), Ok(3));
        assert_eq!(take_all(&mut subscriber, 1), ["2"]);
        assert_eq!(take_all(&mut subscriber, 1), ["3"]);
    }

    #[test]
    fn without_subscribers_the_oldest_go() {
        let log = EventLog::default();
        for number in 0..(EVENT_LOG_EVENTS as u64 + 10) {
            assert_eq!(log.publish(Bytes::from_static(b"{}")), Ok(number + 1));
        }
        assert_eq!(log.lock().events.len(), EVENT_LOG_EVENTS);
        let big = Bytes::from(vec![b' '; EVENT_LOG_BYTES]);
        assert!(log.publish(big).is_ok());
        assert_eq!(log.lock().events.len(), 1);
    }

    #[test]
    fn a_publisher_waits_for_a_live_subscriber_only() {
        let log = Arc::new(EventLog::default());
        let mut slow = log.subscribe();
        for _ in 0..EVENT_LOG_EVENTS {
            log.publish(Bytes::from_static(b"{}"))
                .expect("there is room");
        }
        assert_eq!(log.publish(Bytes::from_static(b"{}")), Err(Full));
        let progress = log.progress();
        assert_eq!(take_all(&mut slow, 2).len(), 1);
        assert!(progress.has_changed().expect("the log lives"));
        assert!(log.publish(Bytes::from_static(b"{}")).is_ok());
        assert_eq!(log.publish(Bytes::from_static(b"{}")), Err(Full));
        drop(slow);
        assert!(log.publish(Bytes::from_static(b"{}")).is_ok());
        assert_eq!(log.subscribers(), 0);
    }

    proptest! {
        #[test]
        fn whatever_the_pace_each_subscriber_gets_each_event_once_in_order(
            steps in prop::collection::vec((0usize..4, 1usize..3000), 1..40),
        ) {
            let log = Arc::new(EventLog::default());
            let mut subscribers: Vec<_> = (0..3).map(|_| log.subscribe()).collect();
            let mut seen = vec![Vec::new(); 3];
            let mut published = 0u64;
            for (who, amount) in steps {
                if who == 3 {
                    for _ in 0..amount {
                        let event = Bytes::from((published + 1).to_string());
                        if log.publish(event).is_ok() {
                            published += 1;
                        }
                    }
                } else {
                    seen[who].extend(take_all(&mut subscribers[who], amount));
                }
            }
            for (subscriber, seen) in subscribers.iter_mut().zip(&mut seen) {
                seen.extend(take_all(subscriber, usize::MAX));
                let wanted: Vec<String> = (1..=published).map(|n| n.to_string()).collect();
                prop_assert_eq!(&*seen, &*wanted);
            }
        }
    }
}
