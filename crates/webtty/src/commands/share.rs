//! `webtty share`: links to a session, who has one, and their end.

use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime};

use serde_json::json;
use webtty_client::Client;
use webtty_protocol::Role;
use webtty_protocol::rest::{ChangeKey, KeyInfo};

use crate::choice;
use crate::cli::share::{ShareArgs, ShareCommand, ShareLinkArgs};
use crate::context::Context;
use crate::failure::{Failure, Said, USAGE};
use crate::link::{self, KeyTerms};
use crate::output::{Colours, harmless, print, say, say_failure};
use crate::table;
use crate::terminal;
use crate::times::lasting;

const LS_HINT: &str = "`webtty share ls` lists them";

const HEADINGS: [&str; 6] = ["KEY", "ROLE", "SESSION", "ENDS IN", "LOGINS LEFT", "LABEL"];

const SHORTENED: [bool; 6] = [false, false, false, false, false, true];

pub(crate) async fn run(context: &Context, args: ShareArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    match args.command {
        None => make(context, &client, args.link).await,
        Some(ShareCommand::Ls { json }) => list(&client, json).await,
        Some(ShareCommand::Set { key, role }) => set(&client, &key, role.role()).await,
        Some(ShareCommand::Revoke { keys }) => revoke(&client, &keys).await,
    }
}

async fn make(context: &Context, client: &Client, args: ShareLinkArgs) -> Result<u8, Failure> {
    let role = args.role();
    let id = choice::here_or_only(client, args.id, "`webtty share ID`").await?;
    let session = client
        .session(&id)
        .await
        .map_err(|error| Failure::from(error).of_session(&id))?;
    if session.read_only && role == Role::Control {
        return Err(Failure::plain(format!("nobody can type into {id}"))
            .hint("it was made with --read-only; a link to look is all there can be"));
    }
    let health = client.health().await?;
    if !health.auth {
        print(&format!("{}\n", link::plain(context, &health, &id)))?;
        say("Authentication is off: whoever reaches this port has your shell.");
        return Ok(0);
    }
    let key = KeyTerms {
        role,
        seconds: args.ttl,
        uses: args.uses,
        label: args.label,
    };
    let made = link::with_key(context, client, &health, &id, key).await?;
    if args.json {
        let object = json!({ "id": made.id, "url": made.url, "role": role, "session": id });
        print(&format!("{object:#}\n"))?;
        return Ok(0);
    }
    print(&format!("{}\n", made.url))?;
    link::show_code(&made.url);
    say(&format!(
        "Whoever opens this link {}, until the session ends or {} are over.",
        link::allows(role),
        lasting(Duration::from_secs(args.ttl)),
    ));
    if let Some(id) = made.id {
        say(&format!("`webtty share revoke {id}` ends it at once"));
    }
    Ok(0)
}

async fn list(client: &Client, as_json: bool) -> Result<u8, Failure> {
    let keys = client.keys().await?;
    if as_json {
        let json = serde_json::to_string_pretty(&keys)
            .map_err(|error| Failure::plain(format!("writing JSON: {error}")))?;
        print(&format!("{json}\n"))?;
    } else if keys.is_empty() {
        say("No keys.");
    } else {
        print(&keys_table(&keys))?;
    }
    Ok(0)
}

fn keys_table(keys: &[KeyInfo]) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let rows: Vec<[String; 6]> = keys.iter().map(|key| row(key, now)).collect();
    let terminal = io::stdout().is_terminal();
    let width = terminal::size()
        .filter(|_| terminal)
        .map(|(cols, _)| cols.into());
    table::layout(HEADINGS, SHORTENED, &rows, width, Colours::of(terminal))
}

fn row(key: &KeyInfo, now: Duration) -> [String; 6] {
    let ends = key.expires.map_or("never".to_owned(), |at| {
        lasting(Duration::from_millis(at).saturating_sub(now))
    });
    let session = key.session.as_ref();
    [
        harmless(&key.id),
        link::name(key.role).to_owned(),
        session.map_or("all".to_owned(), ToString::to_string),
        ends,
        key.uses_left
            .map_or("any".to_owned(), |left| left.to_string()),
        harmless(key.label.as_deref().unwrap_or_default()),
    ]
}

async fn set(client: &Client, key: &str, role: Option<Role>) -> Result<u8, Failure> {
    let role = role.ok_or_else(|| {
        let message = "say what the key is to allow: --view, --control or --publish";
        Failure::new(USAGE, message)
    })?;
    let changed = client.change_key(key, ChangeKey { role }).await;
    let key = changed.map_err(|error| Failure::from(error).hint(LS_HINT))?;
    let (id, allows) = (harmless(&key.id), link::allows(key.role));
    say(&format!("whoever came in by {id} {allows}"));
    Ok(0)
}

async fn revoke(client: &Client, keys: &[String]) -> Result<u8, Failure> {
    let mut last: Option<Box<Said>> = None;
    for key in keys {
        match client.revoke_key(key).await {
            Ok(()) => say(&format!("revoked {}", harmless(key))),
            Err(error) => {
                let failure = Failure::from(error).hint(LS_HINT);
                if let Failure::Said(said) = failure
                    && let Some(earlier) = last.replace(said)
                {
                    say_failure(&earlier);
                }
            }
        }
    }
    last.map_or(Ok(0), |said| Err(Failure::Said(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_line_that_steers_no_terminal() {
        let key = KeyInfo {
            id: "4f2a91c0".to_owned(),
            role: Role::Control,
            session: "review".parse().ok(),
            created_at: 0,
            expires: Some(7_200_000),
            uses_left: Some(3),
            label: Some("Ada\x1b[2J".to_owned()),
        };
        let expected = ["4f2a91c0", "control", "review", "2h", "3", "Ada\u{fffd}[2J"];
        assert_eq!(row(&key, Duration::ZERO), expected);
        let key = KeyInfo {
            session: None,
            expires: None,
            uses_left: None,
            label: None,
            ..key
        };
        let expected = ["4f2a91c0", "control", "all", "never", "any", ""];
        assert_eq!(row(&key, Duration::ZERO), expected);
    }
}
