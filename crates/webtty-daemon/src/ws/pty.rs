//! A viewer: output from its own offset, input into the shell.
//!
//! The two directions are two futures of one task. Output that cannot be written never stops
//! the reading of input, and input that the shell does not take never stops the output.

mod asking;
mod flow;
mod input;
mod lag;
mod message;
mod output;
mod packed;
mod rights;
mod standstill;
mod telling;
mod viewer;

use std::sync::Arc;

use webtty_core::Session;
use webtty_protocol::presence::{Presence, Via};

use super::connection::Connection;
use super::end::End;
use super::heartbeat::Heartbeat;
use crate::lifetime;
use crate::limits::LAST_ACKS_WRITE_TIMEOUTS;
use crate::query::PtyQuery;
use crate::router::Needs;
use input::Input;
#[cfg(feature = "fuzzing")]
pub(super) use input::{plain_resize, read};
use output::Output;
use rights::{Rights, role_here};
use viewer::{Identity, Shared};

/// Serves a viewer until the session ends or its socket does.
pub(super) async fn serve(
    mut connection: Connection,
    session: Arc<Session>,
    v1: bool,
    query: &PtyQuery,
) {
    let client = connection.app.next_client();
    connection.app.registry.used(&session);
    // Without the protocol there are no snapshots, so nothing must be skipped lightly.
    let lossless = query.lossless || !v1;
    let role = role_here(connection.grant.role, &session, query);
    let presence = Presence {
        client,
        via: Via::Terminal,
        role,
        label: connection.app.keys.label(&connection.grant),
        name: None,
    };
    let end = {
        let identity = Identity {
            client,
            v1,
            lossless,
            deflate: query.deflate,
            patience: connection.app.limits.write_timeout() * LAST_ACKS_WRITE_TIMEOUTS,
            watcher: session.watchers().enter(presence),
        };
        let control = role
            .may_control()
            .then(|| session.join_control(client, query.window));
        let shared = Shared::new(role);
        let heartbeat = Heartbeat::new(connection.pulse.clone(), &connection.app.limits);
        let mut output = Output::new(&session, &identity, &shared, query.history);
        let output = output.run(&query.resume, heartbeat, &mut connection.outbound);
        let rights = Rights {
            app: &connection.app,
            grant: &connection.grant,
            session: &session,
            query,
            identity: &identity,
            shared: &shared,
        };
        let mut input = Input::new(&rights, &connection.pulse);
        let input = input.run(&mut connection.inbound);
        tokio::select! {
            biased;
            close = lifetime::over(&connection.app, &connection.grant, Needs::View) => {
                End::Close(close)
            }
            never = rights.follow(control) => match never {},
            end = input => end,
            end = output => end,
        }
    };
    connection.end(end).await;
}
