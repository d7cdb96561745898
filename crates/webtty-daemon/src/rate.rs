//! How often an address may be refused before it has to wait: the generic cell rate algorithm,
//! one instant an address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::MAX_RATED_ADDRESSES;

/// A rate for each address.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// The time one use takes up.
    interval: Duration,
    /// How far an address may be ahead of its rate.
    burst: Duration,
    /// When each address will have been idle long enough to have its whole burst again.
    free_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl RateLimiter {
    /// So many uses at once, and so many a minute after that; none is ever allowed when either
    /// is 0.
    pub(crate) fn new(at_once: u32, a_minute: u32) -> Self {
        let interval = Duration::from_secs(60) / a_minute.max(1);
        Self {
            interval,
            burst: interval * if a_minute == 0 { 0 } else { at_once },
            free_at: Mutex::default(),
        }
    }

    /// Uses it once.
    ///
    /// # Errors
    /// How long to wait until the next use, which this one then was not.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut all = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_RATED_ADDRESSES {
            all.retain(|_, free_at| *free_at > now);
            // Somebody has more addresses than we have room for: who is new waits with them.
            if all.len() >= MAX_RATED_ADDRESSES {
                return Err(self.interval);
            }
        }
        let free_at = all.entry(subscriber(address)).or_insert(now);
        let next = (*free_at).max(now) + self.interval;
        let wait = next.duration_since(now).saturating_sub(self.burst);
        if wait.is_zero() {
            *free_at = next;
            return Ok(());
        }
        Err(wait)
    }
}

/// Who has one IPv6 address mostly has the 2^64 of its network.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_burst_and_then_the_rate() {
        let limiter = RateLimiter::new(4, 12);
        let start = Instant::now();
        for _ in 0..4 {
            assert_eq!(limiter.take(ONE, start), Ok(()));
        }
        let wait = Duration::from_secs(5);
        assert_eq!(limiter.take(ONE, start), Err(wait), "one past the burst");
        assert_eq!(limiter.take(OTHER, start), Ok(()), "each has its own");
        let soon = start + wait - Duration::from_millis(1);
        assert_eq!(limiter.take(ONE, soon), Err(Duration::from_millis(1)));
        assert_eq!(limiter.take(ONE, start + wait), Ok(()));
        assert!(limiter.take(ONE, start + wait).is_err());
        let later = start + Duration::from_secs(60);
        for _ in 0..4 {
            assert_eq!(
                limiter.take(ONE, later),
                Ok(()),
                "rest gives the burst back"
            );
        }
        assert!(limiter.take(ONE, later).is_err());
    }

    #[test]
    fn a_network_is_one_subscriber() {
        let limiter = RateLimiter::new(1, 1);
        let now = Instant::now();
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(limiter.take(address("2001:db8::1"), now).is_ok());
        assert!(limiter.take(address("2001:db8::2"), now).is_err());
        assert!(limiter.take(address("2001:db8:0:1::1"), now).is_ok());
        assert!(limiter.take(ONE, now).is_ok());
        assert!(limiter.take(address("::ffff:192.0.2.1"), now).is_err());
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let limiter = RateLimiter::new(1, 1);
        let now = Instant::now();
        for n in 0..u32::try_from(MAX_RATED_ADDRESSES).expect("small") {
            assert!(limiter.take(IpAddr::V4(n.into()), now).is_ok());
        }
        assert!(limiter.take(IpAddr::V4(u32::MAX.into()), now).is_err());
        let later = now + Duration::from_secs(61);
        assert!(limiter.take(IpAddr::V4(u32::MAX.into()), later).is_ok());
        assert_eq!(limiter.free_at.lock().expect("whole").len(), 1);
    }

    #[test]
    fn nothing_is_allowed_at_a_rate_of_nothing() {
        assert!(RateLimiter::new(4, 0).take(ONE, Instant::now()).is_err());
        assert!(RateLimiter::new(0, 12).take(ONE, Instant::now()).is_err());
    }
}
