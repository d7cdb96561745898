//! How long a connection may live that has no end of its own.

use webtty_core::Session;
use webtty_core::session::Phase;
use webtty_protocol::Close;

use crate::app::App;
use crate::keys::Grant;
use crate::router::Needs;
use crate::timer::until_ms;

/// Waits until a connection must end whatever it is doing, and gives the reason: the daemon
/// stops, or the credential it came with has been revoked, has expired, or no longer allows it.
pub(crate) async fn over(app: &App, grant: &Grant, needs: Needs) -> Close {
    let mut changed = app.keys.changed();
    loop {
        let now = app.keys.current(grant);
        if now.is_none_or(|now| !needs.met_by(now.role)) {
            return Close::Forbidden;
        }
        tokio::select! {
            biased;
            () = app.tasks.stopping() => return Close::Stopping,
            _ = changed.changed() => {}
            () = until_ms(app.keys.expiry(grant)) => {}
        }
    }
}

/// Waits until a shell that is being started has been, or could not be: nothing is typed into it
/// before.
pub(crate) async fn begun(session: &Session) {
    let mut status = session.watch();
    let _ = status
        .wait_for(|status| status.phase != Phase::Starting)
        .await;
}

/// Why a session's event channel is closed in this phase, if it is.
pub(crate) fn channel_end(phase: &Phase) -> Option<Close> {
    match phase {
        Phase::Exited(_) => Some(Close::ShellExited),
        Phase::Deleted => Some(Close::SessionDeleted),
        Phase::Idle => Some(Close::NotRunning),
        Phase::Starting | Phase::Running { .. } => None,
    }
}
