//! The queries of a session's sockets. What they do not know they ignore, and sizes are clamped,
//! so that a client of another version still gets its terminal.

use percent_encoding::percent_decode_str;
use webtty_core::size::{Metrics, Size, Window};
use webtty_protocol::limits::{clamp_cell, clamp_size};
use webtty_protocol::screen::ScreenFormat;

/// What a PTY socket was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PtyQuery {
    /// The client's window, when it said so.
    pub(crate) window: Option<Window>,
    /// It only wants to look, whatever its credential allows.
    pub(crate) view_only: bool,
    /// How many lines of scrollback it wants to begin with; all when it does not say.
    pub(crate) history: Option<usize>,
    /// It wants every byte, and the shell to wait for it within limits.
    pub(crate) lossless: bool,
    /// It can unpack compressed snapshots, and is rather sent those.
    pub(crate) deflate: bool,
    /// Where to go on.
    pub(crate) resume: Resume,
}

/// Where a client that was here before wants to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Resume {
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
    pub(crate) fn parse(query: &str) -> Self {
        let value = |wanted: &str| value(query, wanted);
        let number = |name: &str| value(name).and_then(|text| text.parse::<f64>().ok());
        let (cols, rows) = (number("cols"), number("rows"));
        let metrics = value("cell").and_then(cell);
        let window = (cols.is_some() || rows.is_some()).then(|| {
            let (cols, rows) = clamp_size(cols.unwrap_or(80.0), rows.unwrap_or(24.0));
            let size = Size { cols, rows };
            Window { size, metrics }
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
            window,
            view_only: value("role") == Some("view"),
            history: value("history").and_then(|lines| lines.parse().ok()),
            lossless: value("lossless") == Some("1"),
            deflate: value("deflate") == Some("1"),
            resume,
        }
    }
}

/// What of a screen was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScreenQuery {
    /// In what form, when it said so.
    pub(crate) format: Option<ScreenFormat>,
    /// How many lines above the screen it wants.
    pub(crate) history: usize,
    /// Does it want the empty lines at the end left out?
    pub(crate) trimmed: bool,
}

impl ScreenQuery {
    /// # Errors
    /// What was not understood, for people.
    pub(crate) fn parse(query: &str) -> Result<Self, &'static str> {
        let named = |name: &str| {
            let mut formats = ScreenFormat::ALL.into_iter();
            formats
                .find(|format| format.name() == name)
                .ok_or("format is text, ansi, html or json")
        };
        let format = value(query, "format").map(named).transpose()?;
        let history = match value(query, "history") {
            None => 0,
            Some("all") => usize::MAX,
            Some(lines) => lines
                .parse()
                .map_err(|_| "history is a number of lines, or all")?,
        };
        let trimmed = match value(query, "trim") {
            None | Some("0") => false,
            Some("1") => true,
            Some(_) => return Err("trim is 1 or 0"),
        };
        Ok(Self {
            format,
            history,
            trimmed,
        })
    }
}

/// What a subscription to events was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventsQuery {
    /// The number of the last event the client has; without it, it wants what comes from now on.
    pub(crate) since: Option<u64>,
    /// Does it want each event's number and time?
    pub(crate) envelope: bool,
    /// Does it stay for what comes, or go with what is there?
    pub(crate) follow: bool,
}

impl EventsQuery {
    /// Gives none when `since` is no number.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let since = value(query, "since").map(str::parse).transpose().ok()?;
        let envelope = value(query, "envelope") == Some("1");
        let follow = value(query, "follow") != Some("0");
        Some(Self {
            since,
            envelope,
            follow,
        })
    }
}

/// `WIDTHxHEIGHT`, in pixels.
fn cell(text: &str) -> Option<Metrics> {
    let (width, height) = text.split_once('x')?;
    Some(metrics(width.parse().ok()?, height.parse().ok()?))
}

/// A cell's size within its bounds.
pub(crate) fn metrics(width: f64, height: f64) -> Metrics {
    let (cell_width, cell_height) = clamp_cell(width, height);
    Metrics {
        cell_width,
        cell_height,
    }
}

/// Where in a session's log of events a subscriber begins, and whether it wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogStart {
    /// The number that the log is asked for; one beyond any end asks for all that is kept.
    pub(crate) since: Option<u64>,
    /// Told to who gave an epoch: is it this log's, or none yet?
    pub(crate) resumed: Option<bool>,
}

impl LogStart {
    /// A number counts only in the log of the epoch that it came with.
    pub(crate) fn parse(query: &str, since: Option<u64>, epoch: &str) -> Self {
        let resumed = value(query, "epoch").map(|known| known.is_empty() || known == epoch);
        let since = match resumed {
            Some(false) => since.map(|_| u64::MAX),
            _ => since,
        };
        Self { since, resumed }
    }
}

fn value<'a>(query: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(name, value)| (name == wanted).then_some(value))
}

/// What a file is to be called.
pub(crate) fn file_name_wish(query: &str) -> Result<String, &'static str> {
    let name =
        value(query, "name").ok_or("the file has no name: give it as `name` in the query")?;
    let decoded = percent_decode_str(name).decode_utf8();
    decoded
        .map(Into::into)
        .map_err(|_| "the file's name is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_clamped_and_the_rest_is_read() {
        let query = PtyQuery::parse(
            "cols=0&rows=9999&cell=8.4x17&role=view&from=12&epoch=a-1&lossless=1&history=9&x",
        );
        let window = Window {
            size: Size { cols: 1, rows: 500 },
            metrics: Some(metrics(8.0, 17.0)),
        };
        assert_eq!(query.window, Some(window));
        assert!(query.view_only && query.lossless);
        assert_eq!(query.history, Some(9));
        assert_eq!(
            query.resume,
            Resume::At {
                offset: 12,
                epoch: Some("a-1".into())
            }
        );
        assert_eq!(PtyQuery::parse(""), PtyQuery::default());
        assert_eq!(PtyQuery::parse("cols=abc").window, None);
        let odd = PtyQuery::parse("cols=80&cell=x9").window;
        assert_eq!(odd.and_then(|window| window.metrics), None);
        assert_eq!(PtyQuery::parse("from=-1").resume, Resume::Malformed);
    }

    #[test]
    fn a_number_counts_in_its_own_log_only() {
        let start = |query| {
            let LogStart { since, resumed } = LogStart::parse(query, Some(7), "b-1");
            (since, resumed)
        };
        assert_eq!(start("since=7"), (Some(7), None));
        assert_eq!(start("since=7&epoch="), (Some(7), Some(true)));
        assert_eq!(start("since=7&epoch=b-1"), (Some(7), Some(true)));
        assert_eq!(start("since=7&epoch=a-1"), (Some(u64::MAX), Some(false)));
        let from_now_on = LogStart::parse("epoch=a-1", None, "b-1");
        assert_eq!(from_now_on.since, None);
    }

    #[test]
    fn events_are_asked_for_from_a_number_on() {
        let query = EventsQuery::parse("since=7&envelope=1&follow=0");
        let wanted = EventsQuery {
            since: Some(7),
            envelope: true,
            follow: false,
        };
        assert_eq!(query, Some(wanted));
        let plain = EventsQuery {
            since: None,
            envelope: false,
            follow: true,
        };
        assert_eq!(EventsQuery::parse(""), Some(plain));
        assert_eq!(EventsQuery::parse("since=x"), None);
    }
}
