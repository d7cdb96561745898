//! Waiting for facts.

use std::future::Future;
use std::time::Duration;

/// How long a test waits for something that should come at once. Machines under load are slow;
/// a wait that is over in time costs nothing.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The outcome of a future, or a panic that says what never came.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not come within {} s", LIMIT.as_secs()),
    }
}
