//! Is the peer still there?

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};
use webtty_protocol::Close;

use super::end::End;
use crate::settings::Limits;

/// When the peer was last heard.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    /// Milliseconds after `began`; all ones while we ourselves do not read.
    heard: AtomicU64,
}

const NOT_READING: u64 = u64::MAX;

impl Default for Pulse {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            heard: AtomicU64::new(0),
        }
    }
}

impl Pulse {
    /// The peer was heard, or we read again.
    pub(super) fn beat(&self) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(NOT_READING - 1);
        self.heard.store(ms, Ordering::Relaxed);
    }

    /// While we do not read, because the shell takes no input, silence proves nothing.
    pub(super) fn not_reading(&self) {
        self.heard.store(NOT_READING, Ordering::Relaxed);
    }

    fn heard_since(&self, since: Instant) -> bool {
        let heard = self.heard.load(Ordering::Relaxed);
        heard == NOT_READING || self.began + Duration::from_millis(heard + 1) >= since
    }
}

/// Says when to ping the peer, and when it is dead.
pub(super) struct Heartbeat {
    pulse: Arc<Pulse>,
    interval: Duration,
    timeout: Duration,
    /// Kept, since a timer costs more to set than to look at.
    next: Pin<Box<Sleep>>,
    asked: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn new(pulse: Arc<Pulse>, limits: &Limits) -> Self {
        Self {
            pulse,
            interval: limits.ping_interval(),
            timeout: limits.pong_timeout(),
            next: Box::pin(sleep(limits.ping_interval())),
            asked: None,
        }
    }

    /// Waits until a ping is to be sent. May be dropped and called again: it remembers.
    ///
    /// # Errors
    /// The end of a peer that has not been heard since the last ping.
    pub(super) async fn ping_due(&mut self) -> Result<(), End> {
        loop {
            self.next.as_mut().await;
            match self.asked.take() {
                None => {
                    let now = Instant::now();
                    self.asked = Some(now);
                    self.next.as_mut().reset(now + self.timeout);
                    return Ok(());
                }
                Some(asked) if self.pulse.heard_since(asked) => {
                    self.next.as_mut().reset(asked + self.interval);
                }
                Some(_) => return Err(End::Close(Close::Deadline)),
            }
        }
    }
}
