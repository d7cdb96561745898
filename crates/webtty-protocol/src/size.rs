//! Who decides on a terminal's size, and how large a cell is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose window a terminal has the size of. Only windows of who may type ever count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SizePolicy {
    /// Who typed last; before anyone has, who attached first. Who joins changes nothing.
    #[default]
    Driver,
    /// The fewest columns and the fewest rows of all windows, so that everybody sees all of it.
    Smallest,
    /// Who attached, resized or typed last.
    Latest,
    /// Nobody's: it stays as it was set.
    Fixed,
}

impl SizePolicy {
    /// Every policy.
    pub const ALL: [Self; 4] = [Self::Driver, Self::Smallest, Self::Latest, Self::Fixed];

    /// Its name, as it crosses the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Smallest => "smallest",
            Self::Latest => "latest",
            Self::Fixed => "fixed",
        }
    }
}

/// A cell's size in a window, in its own pixels; clamped to 1…512.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellPixels {
    /// Width of a cell.
    pub width: f64,
    /// Height of a cell.
    pub height: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_wire() {
        for policy in SizePolicy::ALL {
            let json = serde_json::to_value(policy).expect("JSON");
            assert_eq!(json, policy.name());
        }
    }
}
