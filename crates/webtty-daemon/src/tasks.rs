//! The one place that spawns tasks, so that shutdown can wait for all of them.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// All tasks of a daemon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Runs a future beside the others. It must end soon after [`stopping`](Self::stopping).
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(future);
    }

    /// Tells all tasks to end.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
        self.tracker.close();
    }

    /// Have the tasks been told to end?
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Waits for [`stop`](Self::stop).
    pub(crate) async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits until all tasks have ended; only after [`stop`](Self::stop).
    pub(crate) async fn ended(&self) {
        self.tracker.wait().await;
    }
}
