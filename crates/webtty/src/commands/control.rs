//! `webtty control`: who is in a session, who types, who asks to, and who is let.

use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime};

use webtty_client::Client;
use webtty_protocol::SessionId;
use webtty_protocol::control::{ControlAction, ControlInfo, HandOver};
use webtty_protocol::presence::Presence;

use crate::choice;
use crate::cli::control::{ControlArgs, ControlCommand, ListArgs, SessionArg, ViewerArgs};
use crate::context::Context;
use crate::failure::{Failure, USAGE};
use crate::link;
use crate::output::{Colours, harmless, print, say};
use crate::table;
use crate::terminal;
use crate::times::lasting;

const HEADINGS: [&str; 5] = ["CLIENT", "NAME", "LINK", "ROLE", "STANDING"];

const SHORTENED: [bool; 5] = [false, true, true, false, true];

pub(crate) async fn run(context: &Context, args: ControlArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    match args.command {
        None => list(&client, args.list).await,
        Some(ControlCommand::Ls(args)) => list(&client, args).await,
        Some(ControlCommand::Grant { viewer, seconds }) => {
            act(&client, viewer, ControlAction::Grant, seconds).await
        }
        Some(ControlCommand::Deny(viewer)) => act(&client, viewer, ControlAction::Deny, None).await,
        Some(ControlCommand::Take(viewer)) => {
            act(&client, viewer, ControlAction::TakeBack, None).await
        }
    }
}

async fn list(client: &Client, args: ListArgs) -> Result<u8, Failure> {
    let (_, info) = look(client, args.session).await?;
    if args.json {
        let json = serde_json::to_string_pretty(&info)
            .map_err(|error| Failure::plain(format!("writing JSON: {error}")))?;
        print(&format!("{json}\n"))?;
    } else if info.clients.is_empty() {
        say("Nobody is here.");
    } else {
        print(&layout(&info))?;
    }
    Ok(0)
}

/// The session that is meant, and how its control is shared.
async fn look(client: &Client, which: SessionArg) -> Result<(SessionId, ControlInfo), Failure> {
    let id = choice::here_or_only(client, which.session, "-s ID").await?;
    let info = client.control(&id).await;
    let info = info.map_err(|error| Failure::from(error).of_session(&id))?;
    Ok((id, info))
}

fn layout(info: &ControlInfo) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let rows: Vec<[String; 5]> = info.clients.iter().map(|who| row(who, info, now)).collect();
    let terminal = io::stdout().is_terminal();
    let width = terminal::size()
        .filter(|_| terminal)
        .map(|(cols, _)| cols.into());
    table::layout(HEADINGS, SHORTENED, &rows, width, Colours::of(terminal))
}

fn row(who: &Presence, info: &ControlInfo, now: Duration) -> [String; 5] {
    let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    let left = |until: u64| lasting(Duration::from_millis(until).saturating_sub(now));
    let state = &info.state;
    let mut standing = Vec::new();
    if info.driver == Some(who.client) {
        standing.push("drives".to_owned());
    }
    if state.requests.iter().any(|one| one.client == who.client) {
        standing.push("asks to type".to_owned());
    }
    if let Some(loan) = state.loans.iter().find(|one| one.client == who.client) {
        standing.push(match loan.until {
            Some(until) => format!("let type, {} left", left(until)),
            None => "let type until taken back".to_owned(),
        });
    }
    [
        who.client.to_string(),
        text(&who.name),
        text(&who.label),
        link::name(who.role).to_owned(),
        standing.join(", "),
    ]
}

async fn act(
    client: &Client,
    viewer: ViewerArgs,
    action: ControlAction,
    seconds: Option<u64>,
) -> Result<u8, Failure> {
    let (id, info) = look(client, viewer.session).await?;
    let who = find(&info.clients, &viewer.viewer)?;
    let wish = HandOver {
        client: who.client,
        action,
        seconds,
    };
    let done = client.hand_over(&id, &wish).await;
    done.map_err(|error| Failure::from(error).of_session(&id))?;
    let called = who.name.as_deref().or(who.label.as_deref());
    let name = match called {
        Some(name) => format!("{} ({})", who.client, harmless(name)),
        None => who.client.to_string(),
    };
    say(&match (action, seconds) {
        (ControlAction::Grant, Some(seconds)) => {
            let time = lasting(Duration::from_secs(seconds));
            format!(
                "{name} may type for {time}; `webtty control take {}` ends it",
                who.client
            )
        }
        (ControlAction::Grant, None) => {
            format!("{name} may type until `webtty control take {}`", who.client)
        }
        (ControlAction::Deny, _) => format!("{name} may not type"),
        (ControlAction::TakeBack, _) => format!("{name} is let type no longer"),
    });
    Ok(0)
}

/// The one of this number, or else of this name or label, when only one has it.
fn find<'a>(clients: &'a [Presence], viewer: &str) -> Result<&'a Presence, Failure> {
    let number: Option<u64> = viewer.parse().ok();
    if let Some(who) = clients.iter().find(|who| Some(who.client) == number) {
        return Ok(who);
    }
    let is = |text: &Option<String>| text.as_deref() == Some(viewer);
    let mut called = clients.iter().filter(|who| is(&who.name) || is(&who.label));
    let hint = "`webtty control` lists them by their numbers";
    match (called.next(), called.next()) {
        (Some(who), None) => Ok(who),
        (Some(_), Some(_)) => {
            Err(Failure::new(USAGE, "several viewers are called like that").hint(hint))
        }
        _ => Err(Failure::plain("no such viewer is here").hint(hint)),
    }
}

#[cfg(test)]
mod tests {
    use webtty_protocol::Role;
    use webtty_protocol::control::{ControlLoan, ControlRequest, ControlState};
    use webtty_protocol::presence::Via;

    use super::*;

    fn who(client: u64, name: Option<&str>) -> Presence {
        Presence {
            client,
            via: Via::Terminal,
            role: Role::View,
            label: None,
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn a_viewer_is_a_line_that_says_how_it_stands_and_steers_no_terminal() {
        let info = ControlInfo {
            clients: vec![who(7, Some("Ada\x1b[2J")), who(8, None)],
            driver: Some(7),
            state: ControlState {
                requests: vec![ControlRequest {
                    client: 8,
                    label: None,
                    name: None,
                    until: 9,
                }],
                loans: vec![ControlLoan {
                    client: 7,
                    label: None,
                    name: None,
                    until: Some(600_000),
                }],
            },
        };
        let first = row(&info.clients[0], &info, Duration::ZERO);
        let standing = "drives, let type, 10m left";
        assert_eq!(first, ["7", "Ada\u{fffd}[2J", "", "view", standing]);
        let second = row(&info.clients[1], &info, Duration::ZERO);
        assert_eq!(second, ["8", "", "", "view", "asks to type"]);
    }

    #[test]
    fn a_viewer_is_found_by_number_then_by_the_only_name() {
        let clients = [who(7, Some("Ada")), who(8, Some("7")), who(9, Some("Bob"))];
        let number = |viewer| find(&clients, viewer).map(|who| who.client).ok();
        assert_eq!(number("7"), Some(7), "not who calls itself so");
        assert_eq!(number("Bob"), Some(9));
        assert_eq!(number("Eve"), None);
        let twice = [who(1, Some("Ada")), who(2, Some("Ada"))];
        assert!(find(&twice, "Ada").is_err());
    }
}
