//! Times for people.

use std::time::Duration;

/// A time by its two largest units, to the nearest: for a promise of how long something lasts.
pub(crate) fn lasting(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_millis() >= 500);
    let in_units = |size: u64, unit: char, smaller: u64, smaller_unit: char| {
        let count = (seconds + smaller / 2) / smaller;
        let (whole, rest) = (count / (size / smaller), count % (size / smaller));
        let rest = if rest == 0 {
            String::new()
        } else {
            format!(" {rest}{smaller_unit}")
        };
        format!("{whole}{unit}{rest}")
    };
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => in_units(60, 'm', 1, 's'),
        3600..86_400 => in_units(3600, 'h', 60, 'm'),
        _ => in_units(86_400, 'd', 3600, 'h'),
    }
}

/// A time by its largest unit, as much of it as is over: for an age.
pub(crate) fn short_time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_as_long_as_it_says() {
        for (millis, text) in [
            (0, "0s"),
            (499, "0s"),
            // What is left of ten minutes when it is told.
            (599_993, "10m"),
            (59_600, "1m"),
            (90_000, "1m 30s"),
            (5_400_000, "1h 30m"),
            (3_599_999, "1h"),
            (86_399_000, "24h"),
            (86_400_000, "1d"),
            (604_799_990, "7d"),
            (129_600_000, "1d 12h"),
        ] {
            assert_eq!(lasting(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn times_are_short() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (7200, "2h"),
            (200_000, "2d"),
        ] {
            assert_eq!(short_time(Duration::from_secs(seconds)), text);
        }
    }
}
