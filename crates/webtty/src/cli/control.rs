//! What `webtty control` takes.

use clap::{Args, Subcommand};
use webtty_protocol::SessionId;
use webtty_protocol::limits::MAX_LOAN_SECONDS;

use super::share::parse_seconds;

/// Say who is in a session, and let those who watch type for a time.
///
/// A viewer who may not type asks for it, on the page or in an attached terminal. It is lent to that
/// one connection and ends with it; what is to last is a link: `webtty share --control`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
        webtty control                    who is here, who types, who asks to\n  \
        webtty control grant 7 --for 10m  client 7 may type, for ten minutes\n  \
        webtty control grant Ada          until it is taken back\n  \
        webtty control take Ada           now\n  \
        webtty control deny 7             not now"
)]
pub(crate) struct ControlArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ControlCommand>,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SessionArg {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(short, long, value_name = "ID")]
    pub(crate) session: Option<SessionId>,
}

/// A viewer, and where.
#[derive(Debug, Args)]
pub(crate) struct ViewerArgs {
    /// Its number in `webtty control`, or the name it says it has, or the label of its link.
    #[arg(value_name = "VIEWER")]
    pub(crate) viewer: String,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ControlCommand {
    /// List who is here, who types and who asks to.
    #[command(visible_alias = "list")]
    Ls(ListArgs),
    /// Let a viewer type, whether it has asked or not.
    Grant {
        #[command(flatten)]
        viewer: ViewerArgs,
        /// For how long, a day at most: 90s, 10m, 2h [default: until it is taken back].
        #[arg(long = "for", value_name = "TIME", value_parser = parse_loan)]
        seconds: Option<u64>,
    },
    /// Answer a viewer that asks: not now.
    Deny(ViewerArgs),
    /// Let a viewer type no longer.
    #[command(visible_alias = "take-back")]
    Take(ViewerArgs),
}

fn parse_loan(text: &str) -> Result<u64, String> {
    let seconds = parse_seconds(text)?;
    if seconds > MAX_LOAN_SECONDS {
        return Err("a day is the most; for longer, make a link with `webtty share`".to_owned());
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_is_lent_for_a_day_and_no_longer() {
        assert_eq!(parse_loan("24h"), Ok(86_400));
        assert_eq!(parse_loan("10m"), Ok(600));
        assert!(parse_loan("86401s").is_err());
        assert!(parse_loan("10").is_err());
    }
}
