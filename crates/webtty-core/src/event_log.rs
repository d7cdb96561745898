//! What was published beside a terminal, numbered, in a bounded log that subscribers read from
//! positions of their own.
//!
//! An event that a live subscriber has not taken is not dropped to make room: the publisher
//! waits instead ([`Full`]). It waits for who keeps up a decent pace and no longer; a subscriber
//! that was too slow finds, on its next look, that it has [`Lagged`].

mod kept;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;

use crate::activity::Activity;
use crate::clock::now_ms;
use crate::holders::Holders;
use crate::limits::{SUBSCRIBER_LEAST_EVENTS, SUBSCRIBER_WINDOW};
use kept::Kept;
pub use kept::{Event, Full, Lagged};

/// A bounded log of events.
#[derive(Debug)]
pub struct EventLog {
    kept: Mutex<Kept>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
    /// Changes whenever a subscriber has taken something or left.
    progress: watch::Sender<u64>,
    /// Is told when a subscriber comes or goes.
    activity: Activity,
}

impl Default for EventLog {
    fn default() -> Self {
        Self {
            kept: Mutex::new(Kept::new(Holders::new(
                SUBSCRIBER_WINDOW,
                SUBSCRIBER_LEAST_EVENTS,
            ))),
            newest: watch::Sender::default(),
            progress: watch::Sender::default(),
            activity: Activity::default(),
        }
    }
}

impl EventLog {
    /// An empty log that says here when subscribers come and go.
    /// A subscriber that is behind is waited for while it takes enough in each `window`.
    pub(crate) fn telling(activity: Activity, window: Duration) -> Self {
        let subscribers = Holders::new(window, SUBSCRIBER_LEAST_EVENTS);
        Self {
            activity,
            kept: Mutex::new(Kept::new(subscribers)),
            ..Self::default()
        }
    }

    /// Appends an event, published when the terminal's output ended `at`. Gives its number.
    ///
    /// # Errors
    /// [`Full`] when this would drop an event that a live subscriber still needs. Wait for
    /// [`progress`](Self::progress), and no longer than `PUBLISHER_POLL`, then try again.
    pub fn publish(&self, payload: Bytes, at: u64) -> Result<u64, Full> {
        self.publish_at(payload, at, Instant::now())
    }

    /// Appends as many events as there is room for, takes them off the front of `payloads`, and
    /// wakes the subscribers once for all of them. Gives how many they were. When some are left,
    /// the log is [`Full`] for them.
    pub fn publish_all(&self, payloads: &mut VecDeque<Bytes>, at: u64) -> u64 {
        let (now, ts) = (Instant::now(), now_ms());
        let mut inner = self.lock();
        let before = inner.newest;
        while let Some(payload) = payloads.front() {
            if inner.make_room(payload.len(), now).is_err() {
                break;
            }
            let payload = payloads.pop_front().expect("just looked at");
            inner.push(payload, ts, at);
        }
        let newest = inner.newest;
        drop(inner);
        if newest > before {
            self.newest.send_replace(newest);
        }
        newest - before
    }

    fn publish_at(&self, payload: Bytes, at: u64, now: Instant) -> Result<u64, Full> {
        let mut inner = self.lock();
        inner.make_room(payload.len(), now)?;
        inner.push(payload, now_ms(), at);
        let seq = inner.newest;
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
        self.activity.tell();
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

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// The number of the last event before those that it will take.
    pub fn position(&self) -> u64 {
        self.position
    }

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
        inner.catch_up(&mut self.position)?;
        let mut bytes = 0;
        for event in inner.events_from(self.position + 1) {
            bytes += event.payload.len();
            if bytes > most_bytes && !into.is_empty() {
                break;
            }
            into.push(event.clone());
            self.position += 1;
        }
        Ok(())
    }

    /// Takes events as [`take`](Self::take) does, and gives them as bytes that `write` makes of
    /// each; empty when there are none. What was written down for one subscriber serves all that
    /// come to the same event and ask for the same `form`.
    ///
    /// # Errors
    /// As for [`take`](Self::take).
    pub fn take_written(
        &mut self,
        form: u64,
        most_bytes: usize,
        write: impl Fn(&Event, &mut Vec<u8>),
    ) -> Result<Bytes, Lagged> {
        let mut inner = self.log.lock();
        inner.catch_up(&mut self.position)?;
        let (bytes, count) = inner.written(form, self.position + 1, most_bytes, write);
        self.position += count;
        Ok(bytes)
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
        self.log.activity.tell();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{EVENT_LOG_BYTES, EVENT_LOG_EVENTS};

    const LINE: Bytes = Bytes::from_static(b"{}");

    fn take_all(subscriber: &mut Subscriber, most_bytes: usize) -> Vec<u64> {
        let mut events = Vec::new();
        subscriber
            .take(most_bytes, &mut events)
            .expect("nothing missed");
        subscriber.done();
        events.iter().map(|event| event.seq).collect()
    }

    fn taken_as_written(subscriber: &mut Subscriber, most: usize) -> Result<Vec<u64>, Lagged> {
        let write = |event: &Event, out: &mut Vec<u8>| out.extend(event.seq.to_le_bytes());
        let bytes = subscriber.take_written(0, most, write)?;
        let seqs = bytes
            .chunks(8)
            .map(|seq| seq.try_into().map(u64::from_le_bytes));
        Ok(seqs.map(|seq| seq.expect("eight bytes")).collect())
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

    #[test]
    fn what_was_written_down_once_serves_all_who_come_to_the_same_event() {
        let log = Arc::new(EventLog::default());
        let subscribe = || log.subscribe(Some(0));
        let (mut first, mut second, mut third) = (subscribe(), subscribe(), subscribe());
        let mut lines: VecDeque<_> = ["1", "22", "333"].map(Bytes::from).into();
        assert_eq!(log.publish_all(&mut lines, 5), 3);
        let write = |event: &Event, out: &mut Vec<u8>| out.extend_from_slice(&event.payload);
        let one = first.take_written(0, 100, write).expect("kept");
        assert_eq!(one, "122333");
        let two = second
            .take_written(0, 100, |_, _| panic!("written already"))
            .expect("kept");
        assert_eq!(one.as_ptr(), two.as_ptr());
        assert_eq!(third.take_written(1, 3, write).expect("kept"), "122");
        assert_eq!(third.take_written(1, 3, write).expect("kept"), "333");
        assert!(third.take_written(1, 3, write).expect("kept").is_empty());
        log.publish("4444".into(), 6).expect("there is room");
        assert_eq!(first.take_written(0, 100, write).expect("kept"), "4444");
        assert_eq!(
            subscribe().take_written(0, 100, write).expect("kept"),
            "1223334444",
            "a short piece is not sent while there is more"
        );
    }

    #[test]
    fn of_many_events_those_are_published_for_which_there_is_room() {
        let log = Arc::new(EventLog::default());
        let mut slow = log.subscribe(None);
        let mut lines = VecDeque::from(vec![LINE; EVENT_LOG_EVENTS + 3]);
        assert_eq!(log.publish_all(&mut lines, 0), EVENT_LOG_EVENTS as u64);
        assert_eq!(lines.len(), 3);
        assert_eq!(log.publish_all(&mut lines, 0), 0);
        assert_eq!(take_all(&mut slow, 4).len(), 2);
        assert_eq!(log.publish_all(&mut lines, 0), 2);
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
                        let taken = if who == 0 {
                            let mut events = Vec::new();
                            let taken = subscribers[who].take(amount, &mut events);
                            taken.map(|()| events.iter().map(|event| event.seq).collect())
                        } else {
                            taken_as_written(&mut subscribers[who], amount)
                        };
                        match taken {
                            Ok(seqs) => {
                                for seq in seqs {
                                    prop_assert_eq!(seq, reached[who] + 1);
                                    reached[who] = seq;
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
