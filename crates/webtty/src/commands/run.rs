//! `webtty run`: create a session, print its links, attach.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use webtty_client::{Client, Error};
use webtty_protocol::rest::{CreateSession, SessionInfo, SessionState};
use webtty_protocol::{ErrorCode, Role, SessionId};

use crate::attached;
use crate::browser;
use crate::cli::RunArgs;
use crate::context::Context;
use crate::daemon::{self, Running};
use crate::failure::Failure;
use crate::limits::RUN_KEY_SECONDS;
use crate::link::{self, KeyTerms};
use crate::output::{print, say};
use crate::terminal;

pub(crate) async fn run(context: &Context, args: RunArgs) -> Result<u8, Failure> {
    let attaches = !args.detach && terminal::is_interactive();
    if attaches {
        attached::refuse_nested("`webtty run -d` makes a session without attaching to it")?;
    }
    let wish = wish(context, &args)?;
    let running = daemon::ensure(context).await?;
    let session = create(&running.client, &wish).await?;
    let links = links(context, &running, &session.id, args.read_only).await?;
    if args.json {
        print(&links.json(&session.id))?;
        return Ok(0);
    }
    links.print(running.health.auth)?;
    if args.open && !browser::open_for(context, links.best())? {
        say("There is no browser here; open a link elsewhere.");
    }
    if attaches {
        return attached::attach(&running.client, &session.id, attached::How::Fresh).await;
    }
    say(&format!(
        "`webtty attach {id}` shows it here, `webtty rm {id}` ends it",
        id = session.id
    ));
    Ok(0)
}

fn wish(context: &Context, args: &RunArgs) -> Result<CreateSession, Failure> {
    let sizing = args.size_policy;
    let fixed = sizing.and_then(|setting| setting.size);
    let (cols, rows) = fixed.or_else(terminal::size).unzip();
    Ok(CreateSession {
        id: args.name.clone(),
        base_dir: directory(context, args.directory.as_deref())?,
        cmd: (!args.cmd.is_empty()).then(|| args.cmd.clone()),
        cols,
        rows,
        size_policy: sizing.map(|setting| setting.policy),
        read_only: args.read_only,
        clipboard: args.clipboard,
        start: Some(true),
        ..CreateSession::default()
    })
}

/// Where the session starts: in our own directory, unless another was named. A daemon elsewhere
/// has directories of its own, so there only one that was named is sent, as it is.
fn directory(context: &Context, named: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match (context, named) {
        (Context::Remote { .. }, named) => Ok(named.map(Path::to_owned)),
        (Context::Local { .. }, Some(named)) => {
            let directory = named
                .canonicalize()
                .map_err(|error| Failure::io(named.display(), &error))?;
            Ok(Some(directory))
        }
        (Context::Local { .. }, None) => env::current_dir()
            .map(Some)
            .map_err(|error| Failure::io("finding this directory", &error)),
    }
}

/// Creates the session. One of that name whose command has ended makes room.
async fn create(client: &Client, wish: &CreateSession) -> Result<SessionInfo, Failure> {
    match (client.create_session(wish).await, &wish.id) {
        (Ok(session), _) => Ok(session),
        (Err(error), Some(id)) if is_taken(&error) => {
            let there = client.session(id).await;
            if there.is_ok_and(|there| there.state == SessionState::Exited) {
                client.delete_session(id).await?;
                return Ok(client.create_session(wish).await?);
            }
            Err(
                Failure::plain(format!("there is a session {id} already")).hint(format!(
                    "`webtty attach {id}` shows it, `webtty rm {id}` ends it"
                )),
            )
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused {
            code: Some(ErrorCode::SessionExists),
            ..
        }
    )
}

/// The links of a session just made: to look, and to type where anybody can.
struct Links(Vec<(Role, String)>);

async fn links(
    context: &Context,
    running: &Running,
    id: &SessionId,
    read_only: bool,
) -> Result<Links, Failure> {
    let roles: &[Role] = match (running.health.auth, read_only) {
        // Without authentication there is one link, and it needs no key.
        (false, _) => &[Role::Control],
        (true, true) => &[Role::View],
        (true, false) => &[Role::View, Role::Control],
    };
    let mut links = Vec::new();
    for &role in roles {
        let key = KeyTerms {
            role,
            seconds: RUN_KEY_SECONDS,
            uses: None,
            label: Some(format!("run {id}")),
        };
        let link = link::with_key(context, &running.client, &running.health, id, key).await?;
        links.push((role, link.url));
    }
    Ok(Links(links))
}

impl Links {
    /// As JSON, for programs.
    fn json(&self, id: &SessionId) -> String {
        let links: Vec<Value> = self
            .0
            .iter()
            .map(|(role, url)| json!({ "role": role, "url": url }))
            .collect();
        format!("{:#}\n", json!({ "session": id, "links": links }))
    }

    /// The one that allows most.
    fn best(&self) -> &str {
        self.0.last().map_or("", |(_, url)| url)
    }

    fn print(&self, auth: bool) -> Result<(), Failure> {
        if !auth {
            print(&format!("{}\n", self.best()))?;
            say("Authentication is off: whoever reaches this port has your shell.");
            return Ok(());
        }
        for (role, url) in &self.0 {
            print(&format!("{:<8} {url}\n", link::name(*role)))?;
        }
        for (role, _) in &self.0 {
            let (name, allows) = (link::name(*role), link::allows(*role));
            say(&format!("Whoever opens the {name} link {allows}."));
        }
        say("They end with the session, or when seven days are over; `webtty share` makes others.");
        Ok(())
    }
}
