//! How fast a publisher from elsewhere may be. It is slowed down, and loses nothing: what it has
//! sent waits in its connection.

use std::time::{Duration, Instant};

/// Lines that are let go together once there is no more credit, so that a publisher at its limit is
/// not woken for each.
const TOGETHER: u32 = 64;

/// A publisher's credit, in time: each line costs its share of a second, and a second's worth can
/// be saved up.
#[derive(Debug)]
pub(crate) struct Pace {
    line: Duration,
    credit: Duration,
    at: Instant,
}

/// The most that is saved up.
const MOST: Duration = Duration::from_secs(1);

impl Pace {
    /// So many lines a second, at least one; as many at once after a rest.
    pub(crate) fn new(lines_a_second: u32, now: Instant) -> Self {
        Self {
            line: MOST / lines_a_second.max(1),
            credit: MOST,
            at: now,
        }
    }

    /// How many of so many lines may go now, at least one.
    ///
    /// # Errors
    /// How long to wait until some may.
    pub(crate) fn take(&mut self, lines: usize, now: Instant) -> Result<usize, Duration> {
        let passed = now.saturating_duration_since(self.at);
        self.at = now;
        self.credit = self.credit.saturating_add(passed).min(MOST);
        let wanted = u32::try_from(lines).unwrap_or(u32::MAX).max(1);
        // What costs more than can be saved up is never waited for.
        let least = wanted.min(TOGETHER).min(self.affordable(MOST));
        let affordable = self.affordable(self.credit);
        if affordable < least {
            return Err(self.line * least - self.credit);
        }
        let taken = affordable.min(wanted);
        self.credit -= self.line * taken;
        Ok(taken as usize)
    }

    fn affordable(&self, credit: Duration) -> u32 {
        let lines = credit.as_nanos() / self.line.as_nanos().max(1);
        u32::try_from(lines).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_lines_in_a_second_and_not_one_more() {
        let start = Instant::now();
        let mut pace = Pace::new(10_000, start);
        assert_eq!(pace.take(10_000, start), Ok(10_000));
        assert_eq!(pace.take(1, start), Err(Duration::from_micros(100)));
        let soon = start + Duration::from_micros(100);
        assert_eq!(pace.take(1, soon), Ok(1));
        assert_eq!(pace.take(1, soon), Err(Duration::from_micros(100)));
        // Who has many waits for some of them.
        let wait = pace.take(500, soon).expect_err("to wait");
        assert_eq!(wait, Duration::from_micros(6_400));
        assert_eq!(pace.take(500, soon + wait), Ok(64));
        let much_later = soon + Duration::from_secs(3600);
        assert_eq!(pace.take(usize::MAX, much_later), Ok(10_000));
    }

    #[test]
    fn over_any_time_no_more_go_than_its_rate_and_what_was_saved() {
        let start = Instant::now();
        for rate in [1, 7, 63, 1_000, 10_000, u32::MAX] {
            let mut pace = Pace::new(rate, start);
            let (mut now, mut gone) = (start, 0_u64);
            for step in 0..2_000_u64 {
                match pace.take(1 + usize::try_from(step % 97).expect("small"), now) {
                    Ok(taken) => gone += taken as u64,
                    Err(wait) => now += wait,
                }
                let passed = now.duration_since(start).as_secs_f64();
                let most = f64::from(rate) * (1.0 + passed) * 1.001 + 1.0;
                assert!(gone as f64 <= most, "{gone} of {most} at {rate} a second");
            }
            assert!(gone > 0);
        }
    }
}
