//! What the programs of one session may have at one time of something, by the session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Semaphore;
use webtty_core::Session;

/// So much for each session. What nobody has a part of takes no memory.
#[derive(Debug)]
pub(crate) struct Shares {
    each: usize,
    used: Mutex<HashMap<u64, Weak<Semaphore>>>,
}

impl Shares {
    /// So much for each.
    pub(crate) fn new(each: usize) -> Self {
        Self {
            each: each.min(Semaphore::MAX_PERMITS),
            used: Mutex::default(),
        }
    }

    /// The share of a session; kept for as long as somebody holds it, or a part of it.
    pub(crate) fn of(&self, session: &Session) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = used.get(&session.incarnation()).and_then(Weak::upgrade) {
            return share;
        }
        used.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(self.each));
        used.insert(session.incarnation(), Arc::downgrade(&share));
        share
    }
}
