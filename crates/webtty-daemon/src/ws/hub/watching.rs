//! Waiting for a watched value.

use tokio::sync::watch;

/// Waits until a watched value changes, and leaves it to be looked at.
pub(super) async fn changed<T>(watch: &mut watch::Receiver<T>) {
    match watch.changed().await {
        Ok(()) => watch.mark_changed(),
        // There will be no more.
        Err(_) => std::future::pending().await,
    }
}
