//! The hub: one socket for everything live.
//!
//! As with a viewer, the two directions are two futures of one task. What is asked for is checked
//! and done where it is read; what is to be told goes, in order, to where it is written, which
//! also keeps the rooms. A room is a position in a log or a state last told, never a queue.

mod access;
mod delivery;
mod events_feed;
mod feed;
mod frames;
mod order;
mod place;
mod presence_feed;
mod publishing;
mod requests;
mod state_feed;
mod watching;

use std::sync::Arc;

use tokio::sync::mpsc;
use webtty_protocol::Close;

use super::connection::Connection;
use super::end::End;
use super::heartbeat::Heartbeat;
use crate::lifetime;
use crate::limits::HUB_REQUESTS;
use crate::router::Needs;
use access::Caller;
use delivery::Delivery;
use requests::Requests;
#[cfg(feature = "fuzzing")]
pub(super) use requests::{raw_event, read};

/// Serves a connection until it ends.
pub(super) async fn serve(mut connection: Connection) {
    let app = Arc::clone(&connection.app);
    let Some(caller) = Caller::new(&app, &connection.grant) else {
        return connection.close(Close::Forbidden).await;
    };
    let mailbox = app.hub.join(caller.connection, caller.scope);
    let left = LeaveOnDrop(&caller);
    let (orders, ordered) = mpsc::channel(HUB_REQUESTS);
    let end = {
        let heartbeat = Heartbeat::new(connection.pulse.clone(), &app.limits);
        let mut delivery = Delivery::new(&caller, ordered, mailbox);
        let mut requests = Requests::new(&caller, orders, &connection.pulse);
        tokio::select! {
            biased;
            close = lifetime::over(&app, &connection.grant, Needs::Credential) => End::Close(close),
            end = requests.run(&mut connection.inbound) => end,
            end = delivery.run(heartbeat, &mut connection.outbound) => end,
        }
    };
    drop(left);
    connection.end(end).await;
}

/// However a connection ends, nobody reaches it any more.
struct LeaveOnDrop<'a>(&'a Caller);

impl Drop for LeaveOnDrop<'_> {
    fn drop(&mut self) {
        self.0.app.hub.leave(self.0.connection);
    }
}
