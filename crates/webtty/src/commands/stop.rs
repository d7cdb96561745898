//! `webtty stop`: end all sessions and the daemon, and wait until it is gone.

use tokio::time::{Instant, sleep};
use webtty_client::Client;
use webtty_protocol::rest::{SessionInfo, SessionState};

use crate::cli::StopArgs;
use crate::context::{Context, is_no_daemon};
use crate::failure::Failure;
use crate::limits::{LOOK_AGAIN, STOP_TIMEOUT};
use crate::output::say;

pub(crate) async fn run(context: &Context, StopArgs {}: StopArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    let sessions = client.sessions().await?;
    client.stop_server().await?;
    wait_until_gone(&client, context).await?;
    let ended_by_us = |session: &&SessionInfo| session.state != SessionState::Exited;
    let sessions = match sessions.iter().filter(ended_by_us).count() {
        0 => "no sessions".to_owned(),
        1 => "1 session".to_owned(),
        many => format!("{many} sessions"),
    };
    say(&format!("the daemon has stopped; {sessions} ended"));
    Ok(0)
}

/// A stopped daemon takes no connections, and has removed its socket as the last thing it did.
async fn wait_until_gone(client: &Client, context: &Context) -> Result<(), Failure> {
    let deadline = Instant::now() + STOP_TIMEOUT;
    while Instant::now() < deadline {
        let socket_is_gone = match context {
            Context::Local { socket } => !socket.exists(),
            Context::Remote { .. } => true,
        };
        if socket_is_gone
            && let Err(error) = client.health().await
            && is_no_daemon(&error)
        {
            return Ok(());
        }
        sleep(LOOK_AGAIN).await;
    }
    let seconds = STOP_TIMEOUT.as_secs();
    Err(Failure::plain(format!(
        "the daemon was asked to stop and still runs after {seconds} s"
    )))
}
