//! How many pings and pongs a peer may send. Each costs an answer or a wake-up and carries
//! nothing.

use std::time::Instant;

use crate::settings::Limits;

/// What is left of a peer's allowance.
#[derive(Debug)]
pub(super) struct ControlFrames {
    left: f64,
    at: Instant,
    at_once: f64,
    a_second: f64,
}

impl ControlFrames {
    /// All of it.
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        let at_once = f64::from(limits.control_frames_at_once);
        Self {
            left: at_once,
            at: now,
            at_once,
            a_second: f64::from(limits.control_frames_a_second),
        }
    }

    /// Takes one frame. Gives whether it was still allowed.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + since * self.a_second).min(self.at_once);
        self.left -= 1.0;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn twenty_at_once_and_ten_a_second() {
        let start = Instant::now();
        let mut frames = ControlFrames::new(&Limits::default(), start);
        assert!((0..20).all(|_| frames.take(start)));
        assert!(!ControlFrames { ..frames }.take(start), "the 21st");
        let later = start + Duration::from_secs(1);
        assert!((0..10).all(|_| frames.take(later)));
        assert!(!ControlFrames { ..frames }.take(later), "the 11th");
        let much_later = later + Duration::from_secs(3600);
        assert!((0..20).all(|_| frames.take(much_later)));
        assert!(!frames.take(much_later), "no more than that is saved up");
    }
}
