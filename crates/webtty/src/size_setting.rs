//! What a command line may say about a terminal's size.

use webtty_protocol::SizePolicy;
use webtty_protocol::limits::{MAX_COLS, MAX_ROWS};

/// A policy, with the size that the fixed one may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SizeSetting {
    pub(crate) policy: SizePolicy,
    /// Columns and rows.
    pub(crate) size: Option<(u16, u16)>,
}

/// A policy by its name, or `COLSxROWS` for a fixed size.
pub(crate) fn parse_setting(text: &str) -> Result<SizeSetting, String> {
    if let Some(policy) = SizePolicy::ALL
        .into_iter()
        .find(|policy| policy.name() == text)
    {
        return Ok(SizeSetting { policy, size: None });
    }
    let size = text.split_once('x').and_then(|(cols, rows)| {
        let (cols, rows) = (cols.parse().ok()?, rows.parse().ok()?);
        ((1..=MAX_COLS).contains(&cols) && (1..=MAX_ROWS).contains(&rows)).then_some((cols, rows))
    });
    match size {
        Some(size) => Ok(SizeSetting {
            policy: SizePolicy::Fixed,
            size: Some(size),
        }),
        None => Err(format!(
            "driver, smallest, latest, fixed, or a size as 100x30 \
             (at most {MAX_COLS}x{MAX_ROWS})"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_or_a_size_is_taken() {
        let fixed = SizeSetting {
            policy: SizePolicy::Fixed,
            size: Some((100, 30)),
        };
        assert_eq!(parse_setting("100x30"), Ok(fixed));
        let smallest = SizeSetting {
            policy: SizePolicy::Smallest,
            size: None,
        };
        assert_eq!(parse_setting("smallest"), Ok(smallest));
        for wrong in ["", "largest", "100", "0x30", "1001x30", "100x501", "x"] {
            assert!(parse_setting(wrong).is_err(), "{wrong}");
        }
    }
}
