//! `webtty ls`: the sessions, as a table or as JSON.

use std::env;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::{Duration, SystemTime};

use webtty_client::{Client, HubNews};
use webtty_protocol::Room;
use webtty_protocol::hub::{HubMessage, RoomSnapshot};
use webtty_protocol::live::LiveSessions;
use webtty_protocol::rest::{SessionInfo, SessionState};

use crate::cli::LsArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Colours, harmless, print, say};
use crate::table;
use crate::terminal;
use crate::times::short_time;

const HEADINGS: [&str; 7] = [
    "ID",
    "STATE",
    "SIZE",
    "VIEWERS",
    "AGE",
    "COMMAND/TITLE",
    "DIR",
];

/// What may be shortened so that a line fits: not what is needed to name a session.
const SHORTENED: [bool; 7] = [false, false, false, false, false, true, true];

pub(crate) async fn run(context: &Context, args: LsArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    // Asked for in any case: what cannot be listed cannot be watched.
    let mut sessions = client.sessions().await?;
    if args.watch {
        return watch(&client, &args).await;
    }
    if let Some(filter) = &args.filter {
        sessions.retain(|session| matches(session, filter));
    }
    if args.json {
        let json = serde_json::to_string_pretty(&sessions)
            .map_err(|error| Failure::plain(format!("writing JSON: {error}")))?;
        print(&format!("{json}\n"))?;
    } else if sessions.is_empty() {
        say("No sessions.");
    } else {
        print(&table(&sessions))?;
    }
    Ok(0)
}

/// Prints the list whenever it changes. While the daemon is away it waits for it.
async fn watch(client: &Client, args: &LsArgs) -> Result<u8, Failure> {
    let mut hub = client.lasting_hub();
    hub.subscribe(Room::Sessions).await;
    let mut live = LiveSessions::default();
    let mut away = false;
    loop {
        let message = match hub.next().await? {
            HubNews::Message(message) => *message,
            HubNews::Connected { .. } => {
                away = false;
                continue;
            }
            HubNews::Broken(error) => {
                if !away {
                    say(&format!("[{error}; trying again]"));
                }
                away = true;
                continue;
            }
        };
        match message {
            HubMessage::Subscribed(it) => match it.snapshot {
                RoomSnapshot::Sessions { sessions } => live = LiveSessions::new(sessions),
                _ => continue,
            },
            HubMessage::Event(it) if live.apply(&it.event) => {}
            // Told of another state than this: it is asked for anew.
            HubMessage::Event(_) => {
                hub.subscribe(Room::Sessions).await;
                continue;
            }
            _ => continue,
        }
        show(&live, args)?;
    }
}

fn show(live: &LiveSessions, args: &LsArgs) -> Result<(), Failure> {
    let wanted = |session: &&SessionInfo| {
        let filter = args.filter.as_ref();
        filter.is_none_or(|filter| matches(session, filter))
    };
    let sessions: Vec<SessionInfo> = live.all().values().filter(wanted).cloned().collect();
    if args.json {
        let json = serde_json::to_string(&sessions)
            .map_err(|error| Failure::plain(format!("writing JSON: {error}")))?;
        return print(&format!("{json}\n"));
    }
    let table = table(&sessions);
    if io::stdout().is_terminal() {
        // From the top, over what was there (ECMA-48: CUP, ED).
        return print(&format!("\x1b[H\x1b[2J{table}"));
    }
    print(&format!("{table}\n"))
}

fn matches(session: &SessionInfo, filter: &str) -> bool {
    session.id.as_str().contains(filter)
        || session
            .title
            .as_ref()
            .is_some_and(|title| title.contains(filter))
        || command(session).contains(filter)
}

fn table(sessions: &[SessionInfo]) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    let rows: Vec<[String; 7]> = sessions
        .iter()
        .map(|session| row(session, now, home.as_deref().map(Path::new)))
        .collect();
    let terminal = io::stdout().is_terminal();
    let width = terminal::size()
        .filter(|_| terminal)
        .map(|(cols, _)| cols.into());
    table::layout(HEADINGS, SHORTENED, &rows, width, Colours::of(terminal))
}

fn row(session: &SessionInfo, now: Duration, home: Option<&Path>) -> [String; 7] {
    let age = now.saturating_sub(Duration::from_millis(session.created_at));
    let what = match &session.title {
        Some(title) => title.clone(),
        None => command(session),
    };
    [
        session.id.to_string(),
        state(session),
        format!("{}x{}", session.cols, session.rows),
        session.viewers.to_string(),
        short_time(age),
        harmless(&what),
        harmless(&short_path(&session.base_dir, home)),
    ]
}

fn state(session: &SessionInfo) -> String {
    match (session.state, &session.exit) {
        (SessionState::Idle, _) => "idle".to_owned(),
        (SessionState::Running, _) => "running".to_owned(),
        (SessionState::Exited, None) => "exited".to_owned(),
        (SessionState::Exited, Some(exit)) => match (&exit.signal, exit.code) {
            (Some(signal), _) => format!("exited {}", harmless(signal)),
            (None, Some(code)) => format!("exited {code}"),
            (None, None) => "exited".to_owned(),
        },
    }
}

fn command(session: &SessionInfo) -> String {
    match &session.cmd {
        Some(cmd) => cmd.join(" "),
        None => "shell".to_owned(),
    }
}

fn short_path(path: &Path, home: Option<&Path>) -> String {
    let in_home = home.and_then(|home| path.strip_prefix(home).ok());
    match in_home {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_is_a_tilde() {
        let home = Some(Path::new("/people/a"));
        assert_eq!(short_path(Path::new("/people/a"), home), "~");
        assert_eq!(short_path(Path::new("/people/a/x"), home), "~/x");
        assert_eq!(short_path(Path::new("/people/ab"), home), "/people/ab");
        assert_eq!(short_path(Path::new("/people/a"), None), "/people/a");
    }
}
