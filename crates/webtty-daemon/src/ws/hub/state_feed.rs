//! The rooms of the whole daemon: its sessions, and how it is.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use webtty_core::directory::{Directory, Sessions};
use webtty_protocol::Room;
use webtty_protocol::hub::{Change, RoomSnapshot};

use super::access::Caller;
use super::frames::Frames;
use super::watching::changed;
use crate::health::health;
use crate::hub::Scope;
use crate::keys::Grant;
use crate::limits::HEALTH_INTERVAL;

/// `sessions`.
pub(super) struct SessionsFeed {
    directory: watch::Receiver<Arc<Directory>>,
    told: Sessions,
    seq: u64,
}

impl SessionsFeed {
    /// From the state of this moment on.
    pub(super) fn new(caller: &Caller) -> Self {
        let keeper = caller.app.hub.directory();
        keeper.refresh();
        let mut directory = keeper.watch();
        let told = visible(&directory.borrow_and_update(), caller.scope);
        Self {
            directory,
            told,
            seq: 0,
        }
    }

    pub(super) fn open(&self) -> (u64, RoomSnapshot) {
        let infos = self.told.values().map(|info| info.as_ref().clone());
        let mut sessions: Vec<_> = infos.collect();
        sessions.sort_by(|a, b| a.id.cmp(&b.id));
        (self.seq, RoomSnapshot::Sessions { sessions })
    }

    pub(super) fn tell(&mut self, scope: Scope, into: &mut Frames) {
        if !self.directory.has_changed().unwrap_or(false) {
            return;
        }
        let directory = Arc::clone(&self.directory.borrow_and_update());
        let now = visible(&directory, scope);
        for change in directory.changes(&self.told, &now) {
            self.seq += 1;
            into.tell(&Room::Sessions, self.seq, change);
        }
        self.told = now;
    }

    pub(super) async fn wait(&mut self) {
        changed(&mut self.directory).await;
    }
}

fn visible(directory: &Directory, scope: Scope) -> Sessions {
    let sessions = directory.sessions.iter();
    sessions
        .filter(|(incarnation, _)| scope.reaches(**incarnation))
        .map(|(incarnation, info)| (*incarnation, Arc::clone(info)))
        .collect()
}

/// `daemon`.
pub(super) struct DaemonFeed {
    due: Instant,
    seq: u64,
}

impl DaemonFeed {
    pub(super) fn new() -> Self {
        Self {
            due: Instant::now() + HEALTH_INTERVAL,
            seq: 0,
        }
    }

    pub(super) fn open(&self, caller: &Caller, grant: &Grant) -> (u64, RoomSnapshot) {
        let health = health(&caller.app, grant);
        (self.seq, RoomSnapshot::Daemon { health })
    }

    pub(super) fn tell(&mut self, caller: &Caller, grant: &Grant, into: &mut Frames) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        self.due = now + HEALTH_INTERVAL;
        self.seq += 1;
        let health = health(&caller.app, grant);
        into.tell(&Room::Daemon, self.seq, Change::Health { health });
    }

    pub(super) async fn wait(&self) {
        sleep_until(self.due).await;
    }
}
