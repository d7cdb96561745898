//! `webtty events`: print a session's events as they come.

use std::io::{self, IsTerminal};

use futures_util::FutureExt;
use webtty_client::{Closed, EventMessage, Events, EventsOptions};
use webtty_protocol::{Close, SessionId};

use crate::choice;
use crate::cli::EventsArgs;
use crate::context::Context;
use crate::failure::{Failure, NO_DAEMON, NOT_RUNNING_HINT};
use crate::limits::MAX_PRINT_BYTES;
use crate::output::{harmless, print_bytes, say};

pub(crate) async fn run(context: &Context, args: EventsArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.session, "-s ID").await?;
    let options = EventsOptions {
        since: args.since,
        envelope: args.envelope,
        no_follow: args.no_follow,
    };
    let mut events = client
        .events_with(&id, options)
        .await
        .map_err(|error| Failure::from(error).of_session(&id))?;
    let closed = print_all(&mut events).await?;
    end(&id, closed)
}

/// Prints events until there are no more. Those that are there at once are printed at once, and
/// nothing that has come is held back.
async fn print_all(events: &mut Events) -> Result<Closed, Failure> {
    // A program may read what it likes; a terminal could be steered by it.
    let terminal = io::stdout().is_terminal();
    let mut lines = Vec::new();
    let mut next = events.next().await;
    loop {
        let ended = match next {
            Ok(EventMessage::Event(event)) => {
                let event = if terminal { harmless(&event) } else { event };
                lines.extend_from_slice(event.as_bytes());
                lines.push(b'\n');
                None
            }
            Ok(EventMessage::Closed(closed)) => Some(Ok(closed)),
            Err(error) => Some(Err(error)),
        };
        let more = match (&ended, lines.len() < MAX_PRINT_BYTES) {
            (None, true) => events.next().now_or_never(),
            _ => None,
        };
        if more.is_none() && !lines.is_empty() {
            print_bytes(&lines)?;
            lines.clear();
        }
        if let Some(ended) = ended {
            return Ok(ended?);
        }
        next = match more {
            Some(more) => more,
            None => events.next().await,
        };
    }
}

/// What the close of the subscription means.
fn end(id: &SessionId, closed: Closed) -> Result<u8, Failure> {
    if closed.is(Close::ShellExited) || closed.is(Close::SessionDeleted) {
        say(&format!("[{id} ended: {}]", closed.reason));
        return Ok(0);
    }
    if closed.is(Close::Normal) {
        return Ok(0);
    }
    if closed.is(Close::NotRunning) {
        return Err(Failure::plain(format!("{id} does not run")).hint(NOT_RUNNING_HINT));
    }
    if closed.is(Close::Stopping) {
        return Err(Failure::new(NO_DAEMON, "the daemon stopped"));
    }
    if closed.is(Close::Lagged) {
        return Err(Failure::plain("events were lost: they are no longer kept")
            .hint("--envelope goes on after a loss and says how many were lost"));
    }
    Err(Failure::from(closed.into_error()).of_session(id))
}
