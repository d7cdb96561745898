//! `webtty open`: a session in the browser.

use webtty_client::{Client, Error};
use webtty_protocol::Role;
use webtty_protocol::rest::CreateSession;
use webtty_protocol::{ErrorCode, SessionId};

use crate::browser;
use crate::cli::OpenArgs;
use crate::context::Context;
use crate::daemon;
use crate::failure::Failure;
use crate::limits::OPEN_KEY_SECONDS;
use crate::link::{self, KeyTerms};
use crate::output::{print, say};

pub(crate) async fn run(context: &Context, args: OpenArgs) -> Result<u8, Failure> {
    let running = daemon::ensure(context).await?;
    let client = &running.client;
    let id = match args.id {
        Some(id) => {
            let there = client.session(&id).await;
            there.map_err(|error| Failure::from(error).of_session(&id))?;
            id
        }
        None => main_session(client).await?,
    };
    let key = KeyTerms {
        role: Role::Admin,
        seconds: OPEN_KEY_SECONDS,
        uses: Some(1),
        label: Some(format!("open {id}")),
    };
    let link = link::with_key(context, client, &running.health, &id, key)
        .await?
        .url;
    if browser::open_for(context, &link)? {
        // The key in the link is used up by that browser.
        print(&format!("{}\n", link::plain(context, &running.health, &id)))?;
        return Ok(0);
    }
    print(&format!("{link}\n"))?;
    say("There is no browser here; open the link in one.");
    if running.health.auth {
        say("It lets one browser in, once, within five minutes.");
    }
    Ok(0)
}

/// The session `main`, made if need be.
async fn main_session(client: &Client) -> Result<SessionId, Failure> {
    let id = SessionId::main();
    let wish = CreateSession {
        id: Some(id.clone()),
        ..CreateSession::default()
    };
    match client.create_session(&wish).await {
        Ok(_)
        | Err(Error::Refused {
            code: Some(ErrorCode::SessionExists),
            ..
        }) => Ok(id),
        Err(error) => Err(error.into()),
    }
}
