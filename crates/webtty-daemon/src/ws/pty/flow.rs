//! How much may be on its way to a viewer, so that it soon sees what comes next.
//!
//! What a line carries waits somewhere on it when more was sent: in buffers of routers, proxies and
//! browsers, which nobody sees, before whatever the viewer wants to see now. How long what it is sent
//! takes until it has been processed tells how much that is. So a viewer is sent what its line carries
//! in the time that it takes there and back, and in [`LINE_QUEUE`] beyond. Of a viewer that is near,
//! where all waiting is for processors and not for a line, at least [`FIRST_IN_FLIGHT_BYTES`] are on the
//! way.

use std::time::Duration;

use tokio::time::Instant;
use webtty_protocol::limits::WINDOW_BYTES;

use crate::limits::{
    FIRST_IN_FLIGHT_BYTES, FLOW_PATIENCE, FRAME_BYTES, LEAST_IN_FLIGHT_BYTES, LINE_QUEUE, NEAR,
};

/// So many sends are timed at once.
const MARKS: usize = 8;

/// What a viewer was sent and has processed, in binary payload bytes since its connection began, and
/// how fast it goes.
#[derive(Debug)]
pub(super) struct Flow {
    sent: u64,
    acknowledged: u64,
    /// Sends that have not been acknowledged, the oldest first.
    marks: [Option<Mark>; MARKS],
    /// The shortest time from a send to its acknowledgement: there and back.
    shortest: Option<Duration>,
    /// What may be on its way.
    limit: u64,
    /// What had been sent when last there was more to send than could be.
    full_at: u64,
    /// The least that it has acknowledged at a time while more was on its way.
    grain: Option<u64>,
    /// Since when something is on its way of which nothing more was acknowledged.
    waits: Option<Instant>,
}

/// The end of one send.
#[derive(Clone, Copy, Debug)]
struct Mark {
    end: u64,
    at: Instant,
    /// What was on its way with it.
    in_flight: u64,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            sent: 0,
            acknowledged: 0,
            marks: [None; MARKS],
            shortest: None,
            limit: FIRST_IN_FLIGHT_BYTES,
            full_at: 0,
            grain: None,
            waits: None,
        }
    }
}

impl Flow {
    /// How many bytes are processed.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// How many bytes are sent and not processed.
    pub(super) fn in_flight(&self) -> u64 {
        self.sent - self.acknowledged
    }

    /// So many more bytes are about to be sent.
    pub(super) fn sends(&mut self, bytes: u64, now: Instant) {
        self.sent += bytes;
        self.waits.get_or_insert(now);
        let mark = Mark {
            end: self.sent,
            at: now,
            in_flight: self.in_flight(),
        };
        if let Some(free) = self.marks.iter_mut().find(|mark| mark.is_none()) {
            *free = Some(mark);
        }
    }

    /// There is more to send than may be on its way.
    pub(super) fn is_full(&mut self) {
        self.full_at = self.sent;
    }

    /// So many bytes are processed in all. Says whether that can be: nobody processes what was not
    /// sent, and nothing is processed backwards.
    pub(super) fn acknowledges(&mut self, total: u64, now: Instant) -> bool {
        if !(self.acknowledged..=self.sent).contains(&total) {
            return false;
        }
        let step = total - self.acknowledged;
        self.acknowledged = total;
        self.waits = (self.in_flight() > 0).then_some(now);
        if step > 0 && self.in_flight() > 0 {
            self.grain = Some(self.grain.map_or(step, |grain| grain.min(step)));
        }
        if let Some(mark) = self.take_mark() {
            self.learn(mark, now.saturating_duration_since(mark.at));
        }
        self.limit = self.limit.clamp(self.floor(), WINDOW_BYTES);
        true
    }

    /// The last send that is processed, which is not remembered any longer, nor are those before it.
    fn take_mark(&mut self) -> Option<Mark> {
        let acknowledged = self.acknowledged;
        let is_done = |mark: &Option<Mark>| mark.is_some_and(|mark| mark.end <= acknowledged);
        let done = self.marks.iter().take_while(|mark| is_done(mark)).count();
        let last = self.marks[..done].last().copied().flatten();
        self.marks[..done].fill(None);
        self.marks.rotate_left(done);
        last
    }

    /// A send was processed after so long.
    fn learn(&mut self, mark: Mark, took: Duration) {
        let shortest = self.shortest.map_or(took, |known| known.min(took));
        self.shortest = Some(shortest);
        let most = shortest + LINE_QUEUE;
        let fits = mark.in_flight as f64 * most.as_secs_f64() / took.as_secs_f64().max(1e-6);
        let fits = fits as u64;
        if took <= most {
            // That little goes fast tells nothing of how much would.
            if mark.in_flight >= self.limit / 2 {
                self.limit = fits.clamp(self.limit, self.limit * 2);
            }
        } else if self.in_flight() > 0 && mark.end <= self.full_at {
            // What is acknowledged when nothing more is on its way may have been so only after a
            // pause, and what was all that there was waited for no other: a page that is hidden
            // processes only once a second, and its line is none the slower.
            self.limit = self.limit.min(fits);
        }
    }

    /// What may be on its way at least: twice what it acknowledges at a time, or it would be waited
    /// for in vain.
    fn floor(&self) -> u64 {
        let is_near = self.shortest.is_none_or(|shortest| shortest < NEAR);
        let least = if is_near {
            FIRST_IN_FLIGHT_BYTES
        } else {
            LEAST_IN_FLIGHT_BYTES
        };
        let grain = self.grain.unwrap_or(0);
        least.max(2 * grain).min(WINDOW_BYTES)
    }

    /// How many bytes may be on their way now. One that has acknowledged nothing for long may do so
    /// only when it has more: as much as its window takes, unless it is known to need less.
    pub(super) fn limit(&self, now: Instant) -> u64 {
        match self.lifted_at() {
            Some(at) if at > now => self.limit,
            None => self.limit,
            Some(_) if self.grain.is_none() => WINDOW_BYTES,
            Some(_) => self.limit.max(FIRST_IN_FLIGHT_BYTES / 2),
        }
    }

    /// When it will have acknowledged nothing for so long.
    pub(super) fn lifted_at(&self) -> Option<Instant> {
        let usual = self
            .shortest
            .map_or(Duration::ZERO, |shortest| 2 * (shortest + LINE_QUEUE));
        self.waits.map(|since| since + usual.max(FLOW_PATIENCE))
    }

    /// How much may be on the way, if that is little: then the line is slow, and not the viewer.
    pub(super) fn slow(&self) -> Option<u64> {
        (self.limit < FIRST_IN_FLIGHT_BYTES).then_some(self.limit)
    }

    /// The most to send at a time. A frame is processed only when it is there as a whole, so over a
    /// slow line, or one that may be, it is a part of what may be on the way.
    pub(super) fn piece(&self) -> usize {
        if self.shortest.is_some() && self.slow().is_none() {
            return FRAME_BYTES;
        }
        (self.limit as usize / 8).min(FRAME_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A line that carries so many bytes a millisecond, so many milliseconds long, to a viewer that
    /// acknowledges whenever so many bytes have come, or nothing more will.
    struct Line {
        rate: u64,
        there_and_back: u32,
        step: u64,
    }

    impl Line {
        fn of(rate: u64, there_and_back: u32, step: u64) -> Self {
            Self {
                rate,
                there_and_back,
                step,
            }
        }

        /// Sends as much as it may for so long, and gives the most that was on its way in the last
        /// fifth of that time, and how much was processed in all.
        fn carries(&self, flow: &mut Flow, start: Instant, ms: u32) -> (u64, u64) {
            let (mut arrived, mut acks, mut most) = (flow.sent, Vec::new(), 0);
            let mut told = arrived;
            for now in 0..ms {
                let at = start + now * MS;
                acks.retain(|&(due, total): &(u32, u64)| {
                    let is_due = due <= now;
                    assert!(!is_due || flow.acknowledges(total, at));
                    !is_due
                });
                loop {
                    let room = flow.limit(at).saturating_sub(flow.in_flight());
                    let piece = room.min(flow.piece() as u64);
                    if piece == 0 {
                        flow.is_full();
                        break;
                    }
                    flow.sends(piece, at);
                }
                arrived = (arrived + self.rate).min(flow.sent);
                if arrived - told >= self.step || arrived == flow.sent && arrived > told {
                    told = arrived;
                    acks.push((now + self.there_and_back, arrived));
                }
                if now >= ms / 5 * 4 {
                    most = most.max(flow.in_flight());
                }
            }
            (most, flow.acknowledged())
        }
    }

    #[test]
    fn a_slow_line_has_little_on_it_and_is_never_idle() {
        for (rate, there_and_back) in [(250, 100), (60, 50), (1000, 30)] {
            let mut flow = Flow::default();
            let line = Line::of(rate, there_and_back, 4096);
            let start = Instant::now();
            // A key, and then the flood.
            flow.sends(1, start);
            assert!(flow.acknowledges(1, start + there_and_back * MS));
            let (most, done) = line.carries(&mut flow, start + there_and_back * MS, 20_000);
            let carried = rate * u64::from(there_and_back);
            let queued = rate * LINE_QUEUE.as_millis() as u64;
            assert!(
                most <= carried + 3 * queued + LEAST_IN_FLIGHT_BYTES,
                "{most} at {rate}"
            );
            assert!(done > rate * 18_000, "{done} at {rate}");
        }
    }

    #[test]
    fn a_slow_line_is_found_out_by_the_first_that_is_sent() {
        let mut flow = Flow::default();
        let line = Line::of(100, 50, 4096);
        let (most, done) = line.carries(&mut flow, Instant::now(), 5000);
        assert!(most < 50_000, "{most}");
        assert!(done > 400_000, "{done}");
    }

    #[test]
    fn a_fast_line_soon_has_a_whole_window_on_it() {
        for (rate, there_and_back) in [(50_000, 1), (20_000, 40)] {
            let mut flow = Flow::default();
            let line = Line::of(rate, there_and_back, 32 * 1024);
            let (most, _) = line.carries(&mut flow, Instant::now(), 2000);
            assert_eq!(most, WINDOW_BYTES, "{rate}");
            assert_eq!((flow.slow(), flow.piece()), (None, FRAME_BYTES));
        }
    }

    #[test]
    fn who_is_near_and_busy_is_not_taken_for_far() {
        let mut flow = Flow::default();
        let start = Instant::now();
        flow.sends(10, start);
        assert!(flow.acknowledges(10, start + MS));
        let mut now = start + MS;
        for _ in 0..50 {
            flow.sends(FRAME_BYTES as u64, now);
            flow.sends(FRAME_BYTES as u64, now);
            flow.is_full();
            now += 900 * MS;
            assert!(flow.acknowledges(flow.sent - FRAME_BYTES as u64, now));
        }
        assert_eq!(
            (flow.limit(now), flow.slow()),
            (FIRST_IN_FLIGHT_BYTES, None)
        );
    }

    #[test]
    fn who_processes_late_what_is_all_there_is_is_not_taken_for_slow() {
        let mut flow = Flow::default();
        let mut now = Instant::now();
        flow.sends(10, now);
        now += 60 * MS;
        assert!(flow.acknowledges(10, now));
        for _ in 0..100 {
            // A few lines in each second, all of them processed at its end.
            for _ in 0..10 {
                flow.sends(2000, now);
                now += 100 * MS;
            }
            assert!(flow.acknowledges(flow.sent - 18_000, now));
            assert!(flow.acknowledges(flow.sent, now));
        }
        assert_eq!(
            (flow.limit(now), flow.slow()),
            (FIRST_IN_FLIGHT_BYTES, None)
        );
    }

    #[test]
    fn a_line_that_becomes_fast_is_used_again() {
        let mut flow = Flow::default();
        let start = Instant::now();
        let slow = Line::of(100, 20, 2048);
        slow.carries(&mut flow, start, 5000);
        assert!(flow.slow().is_some());
        let fast = Line {
            rate: 20_000,
            ..slow
        };
        assert!(flow.acknowledges(flow.sent, start + 6000 * MS));
        let (most, _) = fast.carries(&mut flow, start + 6000 * MS, 2000);
        assert_eq!(most, WINDOW_BYTES);
    }

    #[test]
    fn who_acknowledges_only_now_and_then_is_waited_for_once() {
        let mut flow = Flow::default();
        let start = Instant::now();
        flow.sends(FIRST_IN_FLIGHT_BYTES, start);
        assert_eq!(flow.limit(start), FIRST_IN_FLIGHT_BYTES);
        let later = start + FLOW_PATIENCE;
        assert_eq!(flow.lifted_at(), Some(later));
        assert_eq!(flow.limit(later), WINDOW_BYTES);
        flow.sends(WINDOW_BYTES - FIRST_IN_FLIGHT_BYTES, later);
        assert!(flow.acknowledges(200_000, later + 50 * MS));
        assert_eq!(flow.limit(later + 50 * MS), 400_000);
    }

    #[test]
    fn a_line_that_is_dead_for_a_while_is_not_filled() {
        let mut flow = Flow::default();
        let start = Instant::now();
        let line = Line::of(100, 50, 4096);
        line.carries(&mut flow, start, 5000);
        let limit = flow.slow().expect("it is slow");
        let later = start + 60_000 * MS;
        assert_eq!(flow.limit(later), FIRST_IN_FLIGHT_BYTES / 2);
        // All at once, when it is there again.
        assert!(flow.acknowledges(flow.sent, later));
        line.carries(&mut flow, later, 5000);
        assert!(flow.limit < 2 * limit, "{} after {limit}", flow.limit);
    }

    #[test]
    fn who_acknowledges_only_so_much_at_a_time_may_have_twice_that_on_its_way() {
        let mut flow = Flow::default();
        let line = Line::of(50, 50, 40_000);
        let (_, done) = line.carries(&mut flow, Instant::now(), 10_000);
        assert!(flow.limit >= 80_000, "{}", flow.limit);
        assert!(done > 300_000, "{done}");
    }

    #[test]
    fn what_cannot_be_is_not_taken() {
        let mut flow = Flow::default();
        let now = Instant::now();
        flow.sends(10, now);
        assert!(!flow.acknowledges(11, now));
        assert!(flow.acknowledges(7, now));
        assert!(!flow.acknowledges(6, now));
        assert_eq!((flow.acknowledged(), flow.in_flight()), (7, 3));
    }
}
