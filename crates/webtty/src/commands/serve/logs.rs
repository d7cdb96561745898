//! What the daemon logs: to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::cli::LogFormat;
use crate::failure::{Failure, USAGE};
use crate::output::Colours;

/// Begins to log.
pub(super) fn begin(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level)
        .map_err(|error| Failure::new(USAGE, format!("--log or WEBTTY_LOG: {error}")))?;
    let logs = fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // Nobody reading the log is no reason to fail.
        .log_internal_errors(false);
    match format {
        LogFormat::Json => logs.json().flatten_event(true).init(),
        LogFormat::Human => {
            let colours = Colours::of(io::stderr().is_terminal());
            logs.with_ansi(colours.are_wanted())
                .with_target(false)
                .init();
        }
    }
    Ok(())
}
