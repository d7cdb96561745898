//! `webtty run`: create a session, print its link, attach.

use std::env;
use std::path::{Path, PathBuf};

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
    print_link(context, &running, &session.id, args.open).await?;
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

async fn print_link(
    context: &Context,
    running: &Running,
    id: &SessionId,
    open: bool,
) -> Result<(), Failure> {
    let key = KeyTerms {
        role: Role::Control,
        seconds: RUN_KEY_SECONDS,
        uses: None,
        label: format!("run {id}"),
    };
    let link = link::with_key(context, &running.client, &running.health, id, key).await?;
    print(&format!("{link}\n"))?;
    if running.health.auth {
        say(
            "Whoever opens this link has your shell, until the session ends or seven days are over.",
        );
    } else {
        say("Authentication is off: whoever reaches this port has your shell.");
    }
    if open {
        let opened = browser::open_for(context, &link)?;
        if !opened {
            say("There is no browser here; open the link elsewhere.");
        }
    }
    Ok(())
}
