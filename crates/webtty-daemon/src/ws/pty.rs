//! A viewer: output from its own offset, input into the shell.
//!
//! The two directions are two futures of one task. Output that cannot be written never stops
//! the reading of input, and input that the shell does not take never stops the output.

mod input;
mod output;
mod viewer;

use std::convert::Infallible;
use std::sync::Arc;

use webtty_core::Session;
use webtty_core::session::Controller;
use webtty_protocol::Role;
use webtty_protocol::presence::{Presence, Via};

use super::connection::Connection;
use super::end::End;
use super::heartbeat::Heartbeat;
use crate::app::App;
use crate::keys::Grant;
use crate::lifetime;
use crate::query::PtyQuery;
use crate::router::Needs;
use input::Input;
use output::Output;
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
            watcher: session.watchers().enter(presence),
        };
        let control = role
            .may_control()
            .then(|| session.join_control(client, query.window));
        let shared = Shared::new(role);
        let heartbeat = Heartbeat::new(connection.pulse.clone(), &connection.app.limits);
        let mut output = Output::new(&session, &identity, &shared, query.history);
        let output = output.run(&query.resume, heartbeat, &mut connection.outbound);
        let mut input = Input::new(&session, &identity, &shared, &connection.pulse);
        let input = input.run(&mut connection.inbound);
        tokio::select! {
            biased;
            close = lifetime::over(&connection.app, &connection.grant, Needs::View) => {
                End::Close(close)
            }
            never = follow_role(
                &connection.app,
                &connection.grant,
                (&session, query),
                (&identity, &shared),
                control,
            ) => match never {},
            end = input => end,
            end = output => end,
        }
    };
    connection.end(end).await;
}

/// What a viewer may do: what its key allows, unless it only wants to look or nobody may type.
fn role_here(granted: Role, session: &Session, query: &PtyQuery) -> Role {
    if query.view_only || session.is_read_only() {
        Role::View
    } else {
        granted
    }
}

/// Keeps to what the key allows, which may change at any moment. As long as it allows to type,
/// the viewer takes part in the choice of the size.
async fn follow_role(
    app: &App,
    grant: &Grant,
    (session, query): (&Arc<Session>, &PtyQuery),
    (identity, shared): (&Identity, &Shared),
    mut control: Option<Controller>,
) -> Infallible {
    let mut changed = app.keys.changed();
    loop {
        // One that is no longer good ends the socket, which is not for here.
        if let Some(now) = app.keys.current(grant) {
            let role = role_here(now.role, session, query);
            if role != shared.role() {
                shared.set_role(role);
                identity.watcher.change(|who| who.role = role);
            }
            if !role.may_control() {
                control = None;
            } else if control.is_none() {
                control = Some(session.join_control(identity.client, query.window));
            }
        }
        if changed.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
