//! That something may have changed, without saying what: who wants to know looks.
//!
//! Telling costs nobody a wait and needs no queue, however many changes there are and however
//! slow those are who look.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts changes of any of the things that share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<watch::Sender<u64>>);

impl Activity {
    /// Something may have changed.
    pub(crate) fn tell(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// A way to wait for the next change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// A value that can be watched by itself, and tells of its changes where others do too.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    value: watch::Sender<T>,
    activity: Activity,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T, activity: Activity) -> Self {
        Self {
            value: watch::Sender::new(value),
            activity,
        }
    }

    pub(crate) fn borrow(&self) -> watch::Ref<'_, T> {
        self.value.borrow()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<T> {
        self.value.subscribe()
    }

    /// Changes the value; `modify` says whether it has.
    pub(crate) fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let modified = self.value.send_if_modified(modify);
        if modified {
            self.activity.tell();
        }
        modified
    }

    /// Changes the value.
    pub(crate) fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.value.send_modify(modify);
        self.activity.tell();
    }
}
