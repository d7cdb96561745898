//! What a bench found: a figure, the limit measured beside it, and whether the aim is reached.

use super::stats::median;

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    MegabytesPerSecond,
    PerSecond,
    NanosecondsPerByte,
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Kilobytes,
}

/// What a figure is to reach.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    /// At least this share of the limit.
    Share(f64),
    /// At most so many times the limit.
    Times(f64),
    /// The limit and at most so much on top.
    Plus(f64),
    /// At most this, whatever the limit.
    Most(f64),
    /// A share of the limit, or so much in itself.
    ShareOr(f64, f64),
    /// None was set: it is here for comparison.
    None,
}

/// One line of the table.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// What it was measured against, in the same run.
    pub(crate) against: &'static str,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
    pub(crate) limit: f64,
    pub(crate) ratio: f64,
    pub(crate) aim: Aim,
    /// What it says to a person.
    pub(crate) meaning: &'static str,
}

impl Figure {
    /// From runs made in turn with those of the limit. The ratio is the median of the pairs':
    /// what disturbs a machine for a while disturbs both of a pair.
    pub(crate) fn of_pairs(unit: Unit, values: &[f64], limits: &[f64]) -> Self {
        let ratios: Vec<f64> = values.iter().zip(limits).map(|(v, l)| v / l).collect();
        let mut figure = Self::of(unit, median(values), median(limits));
        figure.ratio = median(&ratios);
        figure
    }

    /// From one value and one limit.
    pub(crate) fn of(unit: Unit, value: f64, limit: f64) -> Self {
        Self {
            what: String::new(),
            against: "",
            unit,
            value,
            limit,
            ratio: value / limit,
            aim: Aim::None,
            meaning: "",
        }
    }

    /// From a value that has no other limit than its aim.
    pub(crate) fn of_aim(unit: Unit, value: f64, most: f64) -> Self {
        let figure = Self::of(unit, value, most);
        figure.against("the most it may be").aim(Aim::Most(most))
    }

    pub(crate) fn what(mut self, what: impl Into<String>) -> Self {
        self.what = what.into();
        self
    }

    pub(crate) fn against(mut self, against: &'static str) -> Self {
        self.against = against;
        self
    }

    pub(crate) fn aim(mut self, aim: Aim) -> Self {
        self.aim = aim;
        self
    }

    pub(crate) fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    fn is_reached(&self) -> Option<bool> {
        Some(match self.aim {
            Aim::Share(least) => self.ratio >= least,
            Aim::Times(most) => self.ratio <= most,
            Aim::Plus(more) => self.value <= self.limit + more,
            Aim::Most(most) => self.value <= most,
            Aim::ShareOr(least, enough) => self.ratio >= least || self.value >= enough,
            Aim::None => return None,
        })
    }

    fn aim_in_words(&self) -> String {
        match self.aim {
            Aim::Share(least) => format!("≥ {least}"),
            Aim::Times(most) => format!("≤ {most}"),
            Aim::Plus(more) => format!("limit + {}", self.unit.show(more)),
            Aim::Most(most) => format!("≤ {}", self.unit.show(most)),
            Aim::ShareOr(least, enough) => format!("≥ {least} or {}", self.unit.show(enough)),
            Aim::None => "–".to_owned(),
        }
    }

    fn verdict(&self) -> &'static str {
        match self.is_reached() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "–",
        }
    }

    /// For a person who runs the bench.
    pub(crate) fn print(&self) {
        let Self {
            what,
            against,
            meaning,
            ..
        } = self;
        let (value, limit) = (self.unit.show(self.value), self.unit.show(self.limit));
        println!("{what}");
        println!(
            "    {value}; {against}: {limit}; ratio {}; aim {}, reached: {}",
            show_ratio(self.ratio),
            self.aim_in_words(),
            self.verdict().trim_matches('*')
        );
        println!("    {meaning}");
    }

    /// For docs/performance.md. No absolute figure: those are this machine's.
    pub(crate) fn row(&self, bench: &str) -> String {
        format!(
            "| `{bench}` | {} | {} | {} | {} | {} |",
            self.what,
            show_ratio(self.ratio),
            self.against,
            self.aim_in_words(),
            self.verdict()
        )
    }
}

/// What stands above the rows.
pub(crate) const TABLE_HEAD: &str = "| bench | what | ratio | to | aim | reached |\n\
                                     |---|---|---|---|---|---|";

fn show_ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio >= 20.0 => format!("{ratio:.0}"),
        ratio if ratio >= 0.05 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.4}"),
    }
}

impl Unit {
    fn show(self, amount: f64) -> String {
        let name = match self {
            Self::MegabytesPerSecond => "MB/s",
            Self::PerSecond => "a second",
            Self::NanosecondsPerByte => "ns a byte",
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Kilobytes => "KB",
        };
        let number = match amount.abs() {
            amount_abs if amount_abs >= 100.0 => format!("{amount:.0}"),
            amount_abs if amount_abs >= 10.0 || amount.fract() == 0.0 => format!("{amount:.1}"),
            _ => format!("{amount:.2}"),
        };
        let number = number.strip_suffix(".0").unwrap_or(&number);
        format!("{number} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_reached_or_not() {
        let figure = |value, aim| Figure::of(Unit::Microseconds, value, 100.0).aim(aim);
        assert_eq!(figure(95.0, Aim::Share(0.9)).is_reached(), Some(true));
        assert_eq!(figure(85.0, Aim::Share(0.9)).is_reached(), Some(false));
        assert_eq!(figure(131.0, Aim::Times(1.3)).is_reached(), Some(false));
        assert_eq!(figure(140.0, Aim::Plus(40.0)).is_reached(), Some(true));
        assert_eq!(figure(30.0, Aim::Most(20.0)).is_reached(), Some(false));
        assert_eq!(
            figure(30.0, Aim::ShareOr(0.5, 25.0)).is_reached(),
            Some(true)
        );
        assert_eq!(figure(30.0, Aim::None).is_reached(), None);
    }

    #[test]
    fn a_row_holds_the_ratio_and_the_aim() {
        let figure = Figure::of_pairs(Unit::MegabytesPerSecond, &[9.0, 1.0, 8.0], &[10.0; 3])
            .what("reading")
            .against("the limit")
            .aim(Aim::Share(0.9));
        let row = "| `drain` | reading | 0.80 | the limit | ≥ 0.9 | **no** |";
        assert_eq!(figure.row("drain"), row);
        assert_eq!(Unit::Kilobytes.show(16.0), "16 KB");
        assert_eq!(Unit::Milliseconds.show(1.234), "1.23 ms");
    }
}
