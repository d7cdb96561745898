//! Waiting for a time that may never come.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use webtty_core::clock::now_ms;

/// Waits until a time; for ever when there is none.
pub(crate) async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Waits until a time, in milliseconds since 1970; for ever when there is none.
pub(crate) async fn until_ms(at: Option<u64>) {
    match at {
        Some(at) => sleep(Duration::from_millis(at.saturating_sub(now_ms()))).await,
        None => pending().await,
    }
}
