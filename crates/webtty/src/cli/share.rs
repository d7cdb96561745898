//! What `webtty share` takes.

use clap::{Args, Subcommand};
use webtty_protocol::{Role, SessionId};

/// Make a link to a session, for others to look, to type, or to publish.
///
/// Without a role, who has the link may only look. It ends with the session, or sooner.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  \
        webtty share review --ttl 2h --label Ada   for one to look, until two hours are over\n  \
        webtty share review --control --uses 1     for one browser to type in\n  \
        webtty share ls                            who could come in\n  \
        webtty share set 4f2a91c0 --control        who looks by that link may type, now\n  \
        webtty share revoke 4f2a91c0               nobody by that link any more, at once"
)]
pub(crate) struct ShareArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ShareCommand>,
    #[command(flatten)]
    pub(crate) link: ShareLinkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShareLinkArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    #[command(flatten)]
    role: RoleArgs,
    /// How long it lets people in: 90s, 30m, 2h, 7d.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, default_value = "7d")]
    pub(crate) ttl: u64,
    /// How often it lets somebody in [default: any number of times].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) uses: Option<u32>,
    /// A note on whom it is for, shown in lists and to who else watches.
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

impl ShareLinkArgs {
    /// What the link allows.
    pub(crate) fn role(&self) -> Role {
        self.role.role().unwrap_or(Role::View)
    }
}

/// One of the roles that a link to one session may have.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct RoleArgs {
    /// To look; the default.
    #[arg(long)]
    view: bool,
    /// To look and to type: whoever has it has your shell.
    #[arg(long)]
    control: bool,
    /// To publish and read events, for a program; nothing of the terminal.
    #[arg(long)]
    publish: bool,
}

impl RoleArgs {
    /// The one that was named.
    pub(crate) fn role(&self) -> Option<Role> {
        match (self.view, self.control, self.publish) {
            (true, ..) => Some(Role::View),
            (_, true, _) => Some(Role::Control),
            (.., true) => Some(Role::Publish),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ShareCommand {
    /// List the keys there are, without the keys themselves.
    #[command(visible_alias = "list")]
    Ls {
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Let a key allow something else. Who came in by it stays, and is told.
    Set {
        /// The key, by its id in `webtty share ls`.
        #[arg(value_name = "KEY")]
        key: String,
        #[command(flatten)]
        role: RoleArgs,
    },
    /// End keys. Who came in by them is out within a second.
    Revoke {
        /// The keys, by their ids in `webtty share ls`.
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
}

/// A time as people write it, in seconds.
pub(super) fn parse_seconds(text: &str) -> Result<u64, String> {
    let split = text.find(|one: char| !one.is_ascii_digit());
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("write it as 90s, 30m, 2h or 7d".to_owned()),
    };
    let number: Option<u64> = number.parse().ok().filter(|&number| number > 0);
    number
        .and_then(|number| number.checked_mul(seconds))
        // The daemon counts milliseconds.
        .filter(|seconds| seconds.checked_mul(1000).is_some())
        .ok_or_else(|| "that is no time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800)] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "2",
            "h",
            "0s",
            "-1h",
            "2h30m",
            "1.5h",
            "99999999999999999999d",
        ] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
