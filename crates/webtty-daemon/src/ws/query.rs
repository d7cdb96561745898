//! The query of `ws /ws/ID/pty`. What it does not know it ignores, and sizes are clamped, so
//! that a client of another version still gets its terminal.

use webtty_core::size::Size;
use webtty_protocol::limits::clamp_size;

/// What a PTY socket was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PtyQuery {
    /// The client's window, when it said so.
    pub(super) size: Option<Size>,
    /// It only wants to look, whatever its credential allows.
    pub(super) view_only: bool,
    /// It wants every byte, and the shell to wait for it within limits.
    pub(super) lossless: bool,
    /// Where to go on.
    pub(super) resume: Resume,
}

/// Where a client that was here before wants to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Resume {
    /// It was not here before.
    #[default]
    No,
    /// At this offset of this epoch's output (of any, when it does not say).
    At {
        /// The offset of the first byte it has not processed.
        offset: u64,
        /// The epoch it was told.
        epoch: Option<String>,
    },
    /// `from` is no number.
    Malformed,
}

impl PtyQuery {
    pub(super) fn parse(query: &str) -> Self {
        let value = |wanted: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find_map(|(name, value)| (name == wanted).then_some(value))
        };
        let number = |name: &str| value(name).and_then(|text| text.parse::<f64>().ok());
        let (cols, rows) = (number("cols"), number("rows"));
        let size = (cols.is_some() || rows.is_some()).then(|| {
            let (cols, rows) = clamp_size(cols.unwrap_or(80.0), rows.unwrap_or(24.0));
            Size { cols, rows }
        });
        let resume = match value("from").map(str::parse) {
            None => Resume::No,
            Some(Ok(offset)) => Resume::At {
                offset,
                epoch: value("epoch").map(str::to_owned),
            },
            Some(Err(_)) => Resume::Malformed,
        };
        Self {
            size,
            view_only: value("role") == Some("view"),
            lossless: value("lossless") == Some("1"),
            resume,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_clamped_and_the_rest_is_read() {
        let query = PtyQuery::parse("cols=0&rows=9999&role=view&from=12&epoch=a-1&lossless=1&x");
        assert_eq!(query.size, Some(Size { cols: 1, rows: 500 }));
        assert!(query.view_only && query.lossless);
        assert_eq!(
            query.resume,
            Resume::At {
                offset: 12,
                epoch: Some("a-1".into())
            }
        );
        assert_eq!(PtyQuery::parse(""), PtyQuery::default());
        assert_eq!(PtyQuery::parse("cols=abc").size, None);
        assert_eq!(PtyQuery::parse("from=-1").resume, Resume::Malformed);
    }
}
