//! What can stand on the command line. Only here is clap known, so that help, completions and
//! manual pages come from one description.

pub(crate) mod config;
pub(crate) mod control;
pub(crate) mod programs;
pub(crate) mod share;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use config::{ConfigArgs, KeyArgs};
use control::ControlArgs;
use programs::{ExecArgs, SendArgs, WaitArgs};
use share::ShareArgs;
use webtty_protocol::SessionId;

use crate::places::parse_host;
use crate::size_setting::{SizeSetting, parse_setting};

/// A terminal you can hand to anyone, with a channel beside it.
#[derive(Debug, Parser)]
#[command(
    name = "webtty",
    version,
    after_help = "Without a command, webtty opens the session `main` in the browser.\n\n\
        Examples:\n  \
        webtty run                      share a shell and work in it here\n  \
        webtty run -d -n build -- make  run a command in the background, print its link\n  \
        webtty attach build             look at it from this terminal\n  \
        mytool | webtty publish         send JSON lines to the pages beside the terminal"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Which daemon is meant.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Talk to the daemon at this URL instead of the Unix socket.
    #[arg(long, global = true, value_name = "URL", help_heading = "Which daemon")]
    pub(crate) url: Option<String>,
    /// A file with the token or key for --url; `-` reads it from standard input.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Which daemon"
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// Trust the certificate of this SHA-256 fingerprint behind an https:// --url, and no other
    /// [default: $WEBTTY_FINGERPRINT].
    // The variables are read where they are of use: clap would take them for flags given, which
    // exclude each other.
    #[arg(
        long,
        global = true,
        value_name = "SHA256",
        conflicts_with = "ca_file",
        help_heading = "Which daemon"
    )]
    pub(crate) fingerprint: Option<String>,
    /// A PEM file of the authorities to trust behind an https:// --url [default:
    /// $WEBTTY_CA_FILE].
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Which daemon"
    )]
    pub(crate) ca_file: Option<PathBuf>,
    /// The daemon's Unix socket [default: $WEBTTY_SOCKET, else in the runtime directory].
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Which daemon"
    )]
    pub(crate) socket: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArgs),
    Run(RunArgs),
    #[command(visible_alias = "a")]
    Attach(AttachArgs),
    #[command(visible_alias = "go")]
    Open(OpenArgs),
    #[command(visible_alias = "list")]
    Ls(LsArgs),
    #[command(visible_alias = "kill")]
    Rm(RmArgs),
    Mv(MvArgs),
    Size(SizeArgs),
    Screen(ScreenArgs),
    Exec(ExecArgs),
    Send(SendArgs),
    Wait(WaitArgs),
    Share(ShareArgs),
    Control(ControlArgs),
    Publish(PublishArgs),
    Events(EventsArgs),
    Config(ConfigArgs),
    Key(KeyArgs),
    Start(StartArgs),
    Stop(StopArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
}

/// Run the daemon in the foreground.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  \
    webtty serve --port 0 --log-format json   any free port, logs for a machine\n  \
    webtty serve --host 0.0.0.0 --tls         for the network, by a certificate of its own")]
pub(crate) struct ServeArgs {
    /// The TCP port; 0 takes any free one [default: $WEBTTY_PORT, else $PORT, else 2346].
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The address to listen on [default: 127.0.0.1].
    #[arg(long, value_name = "ADDRESS", value_parser = parse_host)]
    pub(crate) host: Option<IpAddr>,
    /// Who is let in over TCP [default: keys].
    #[arg(long, value_enum)]
    pub(crate) auth: Option<AuthArg>,
    /// Speak TLS, with a certificate of the daemon's own making; its fingerprint is printed.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Speak TLS with this certificate, a PEM file of the whole chain.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// What people call this daemon, as term.example.org or term.example.org:8443; may be given
    /// several times. Links begin with the first.
    #[arg(long = "name", value_name = "HOST")]
    pub(crate) names: Vec<String>,
    /// The path below which a proxy shows the daemon, as /tty.
    #[arg(long, value_name = "PATH")]
    pub(crate) base_path: Option<String>,
    /// Listen beyond loopback without TLS, for a proxy that does the TLS.
    #[arg(long)]
    pub(crate) insecure_plain_http: bool,
    /// The configuration file [default: config.json in the configuration directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How log lines look.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace, or a filter of tracing-subscriber.
    #[arg(long, value_name = "LEVEL", env = "WEBTTY_LOG", default_value = "info")]
    pub(crate) log: String,
    /// Started by another command: leave its terminal, and tell on standard output how it went.
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AuthArg {
    /// Who has a key.
    Keys,
    /// Everybody on this machine who can reach the port.
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Create a session, print its links and, on a terminal, attach to it.
///
/// Starts the daemon if none runs. Whoever has a printed link can look, or type, as it says.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty run                         a shell in this directory\n  \
    webtty run -n docs -C ~/docs       with a name, in another directory\n  \
    webtty run -d -- npm run dev       a command, in the background\n\n\
    Detach with Ctrl-\\ then d; the session goes on. Its exit code becomes that of `run`.")]
pub(crate) struct RunArgs {
    /// The session's id [default: eight random digits].
    #[arg(short, long, value_name = "NAME")]
    pub(crate) name: Option<SessionId>,
    /// The directory to start in [default: this one].
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Print the links and return.
    #[arg(short, long)]
    pub(crate) detach: bool,
    /// Let nobody type into it, not even you: others can look, and it cannot be changed later.
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Let programs in it write the clipboard of who works with them, or with `=no` do not [default:
    /// by the settings, no].
    #[arg(long, value_name = "YES", num_args = 0..=1, require_equals = true,
        default_missing_value = "yes", value_parser = BoolishValueParser::new())]
    pub(crate) clipboard: Option<bool>,
    /// Print the links as a JSON object.
    #[arg(long, requires = "detach")]
    pub(crate) json: bool,
    /// Open the session in the browser too.
    #[arg(long)]
    pub(crate) open: bool,
    /// Whose window the terminal has the size of: driver, smallest, latest, fixed, or a size as
    /// 100x30 [default: by the settings, driver].
    #[arg(long, value_name = "POLICY", value_parser = parse_setting)]
    pub(crate) size_policy: Option<SizeSetting>,
    /// The command and its arguments [default: your shell].
    #[arg(last = true, value_name = "CMD")]
    pub(crate) cmd: Vec<String>,
}

/// Attach this terminal to a session.
#[derive(Debug, Args)]
#[command(
    after_help = "Detach with Ctrl-\\ then d. Ctrl-\\ twice sends one Ctrl-\\.\n\
        Where you may only look, Ctrl-\\ then a asks those who type to let you."
)]
pub(crate) struct AttachArgs {
    /// The session [default: the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    /// Only look.
    #[arg(long)]
    pub(crate) view: bool,
}

/// Open a session in the browser.
#[derive(Debug, Args)]
#[command(after_help = "Without a browser it prints a link that lets one browser in, once.")]
pub(crate) struct OpenArgs {
    /// The session [default: main, which is made if need be].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
}

/// List sessions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  webtty ls\n  webtty ls make\n  \
    webtty ls --json | jq -r '.[].id'")]
pub(crate) struct LsArgs {
    /// Only those whose id, title or command contains this.
    pub(crate) filter: Option<String>,
    /// Print a JSON array.
    #[arg(long)]
    pub(crate) json: bool,
    /// Stay, and print the list anew whenever it changes; with --json an array a line.
    #[arg(long)]
    pub(crate) watch: bool,
}

/// End sessions.
#[derive(Debug, Args)]
pub(crate) struct RmArgs {
    /// The sessions to end.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<SessionId>,
}

/// Rename a session. Who is attached stays attached.
#[derive(Debug, Args)]
pub(crate) struct MvArgs {
    /// The session.
    #[arg(value_name = "OLD")]
    pub(crate) old: SessionId,
    /// Its new id.
    #[arg(value_name = "NEW")]
    pub(crate) new: SessionId,
}

/// Say, or change, whose window a session has the size of.
///
/// driver: who typed last. smallest: what fits all windows. latest: who attached, resized or typed
/// last. fixed: as it is, whatever windows do.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty size build             how large it is, and why\n  \
    webtty size build smallest    as large as fits every window\n  \
    webtty size build 100x30      this size, until another policy is set")]
pub(crate) struct SizeArgs {
    /// The session [default: the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    /// driver, smallest, latest, fixed, or a size as 100x30, which is fixed.
    #[arg(value_name = "POLICY", value_parser = parse_setting)]
    pub(crate) setting: Option<SizeSetting>,
    /// Print the session as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print what a session's terminal shows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty screen build                  as text, wrapped lines joined\n  \
    webtty screen build --history 1000   with up to 1000 lines above the screen\n  \
    webtty screen build --html > screen.html")]
pub(crate) struct ScreenArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    /// With colours, as sequences for a terminal.
    #[arg(long, group = "form")]
    pub(crate) ansi: bool,
    /// With colours, as HTML.
    #[arg(long, group = "form")]
    pub(crate) html: bool,
    /// As JSON, with cursor, modes and styles.
    #[arg(long, group = "form")]
    pub(crate) json: bool,
    /// Also this many lines above the screen, as far as they are kept.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) history: u32,
}

/// Send JSON lines to the pages and programs that listen to a session's events.
///
/// Each line is sent as soon as it is written. Lines that are no JSON are reported with their
/// numbers; the others are sent all the same.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    mytool --json | webtty publish         into the session this runs in\n  \
    webtty publish -s build events.ndjson  a file, into another one")]
pub(crate) struct PublishArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(short, long, value_name = "ID")]
    pub(crate) session: Option<SessionId>,
    /// The file to send; `-` or nothing for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Succeed even when lines were rejected.
    #[arg(long)]
    pub(crate) lax: bool,
}

/// Print a session's events as they are published, one a line, until its shell exits.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty events -s build | jq .status    what comes from now on\n  \
    webtty events --since 0 --no-follow    all that is kept, and no more")]
pub(crate) struct EventsArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(short, long, value_name = "ID")]
    pub(crate) session: Option<SessionId>,
    /// Begin after the event of this number; 0 for all that are kept [default: from now on].
    #[arg(long, value_name = "N")]
    pub(crate) since: Option<u64>,
    /// Print {"seq", "ts", "at", "data"} around each event, and losses as {"lagged"}.
    #[arg(long)]
    pub(crate) envelope: bool,
    /// Wait for more; the default.
    #[arg(long, overrides_with = "no_follow")]
    pub(crate) follow: bool,
    /// End with what is there.
    #[arg(long, overrides_with = "follow")]
    pub(crate) no_follow: bool,
}

/// Start the daemon in the background, if none runs, and print the URL of its page.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {}

/// End all sessions and stop the daemon.
#[derive(Debug, Args)]
pub(crate) struct StopArgs {}

/// Say what is wrong here, what to do about it, and who can reach what.
///
/// Looks at files, settings, the system's limits and the daemon that runs. Ends with 1 when it
/// found something.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The configuration file [default: config.json in the configuration directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    webtty completions bash > ~/.local/share/bash-completion/completions/webtty")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// The description of the whole command line, for the generators.
pub(crate) fn description() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// What the process was called with. Help, the version and mistakes end it here.
pub(crate) fn parse() -> Cli {
    Cli::parse()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_description_holds_together() {
        super::description().debug_assert();
    }
}
