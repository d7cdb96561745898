//! A viewer: output from its own offset, input into the shell.
//!
//! The two directions are two futures of one task. Output that cannot be written never stops
//! the reading of input, and input that the shell does not take never stops the output.

mod input;
mod output;

use std::sync::Arc;

use tokio::sync::watch;
use webtty_core::Session;
use webtty_core::size::Size;
use webtty_protocol::Role;
use webtty_protocol::limits::{DEFAULT_COLS, DEFAULT_ROWS};

use super::connection::{Connection, Heartbeat, must_end};
use super::query::PtyQuery;
use input::Input;
use output::Output;

/// What the two directions of a viewer know of each other.
#[derive(Debug, Default)]
struct Shared {
    /// How many binary payload bytes its terminal has processed.
    acked: watch::Sender<u64>,
    /// How many have been sent.
    sent: watch::Sender<u64>,
    /// The last ping that is to be answered.
    ping: watch::Sender<Option<f64>>,
}

/// Who a viewer is.
struct Identity {
    /// The number of its connection.
    client: u64,
    /// What it may do here.
    role: Role,
    /// Does it speak `webtty.v1`?
    v1: bool,
}

/// Serves a viewer until the session ends or its socket does.
pub(super) async fn serve(
    mut connection: Connection,
    session: Arc<Session>,
    role: Role,
    v1: bool,
    query: &PtyQuery,
) {
    let client = connection.app.next_client();
    connection.app.registry.used(&session);
    let identity = Identity { client, role, v1 };
    let window = query.size.unwrap_or(Size {
        cols: DEFAULT_COLS,
        rows: DEFAULT_ROWS,
    });
    let end = {
        let _viewer = session.join(client, role.may_control().then_some(window));
        let shared = Shared::default();
        let heartbeat = Heartbeat::new(connection.pulse.clone());
        let mut output = Output::new(&session, &identity, &shared);
        let output = output.run(&query.resume, heartbeat, &mut connection.outbound);
        let mut input = Input::new(&session, &identity, &shared, &connection.pulse);
        let input = input.run(&mut connection.inbound);
        tokio::select! {
            biased;
            end = must_end(&connection.app, &connection.grant) => end,
            end = input => end,
            end = output => end,
        }
    };
    connection.end(end).await;
}
