//! A room as one connection is told of it: what it was told last, and what there is to tell.

use webtty_protocol::Room;
use webtty_protocol::hub::RoomSnapshot;
use webtty_protocol::presence::Presence;

use super::access::Caller;
use super::events_feed::EventsFeed;
use super::frames::Frames;
use super::place::Stop;
use super::presence_feed::PresenceFeed;
use super::state_feed::{DaemonFeed, SessionsFeed};
use crate::keys::Grant;

/// A room that a connection is subscribed to.
pub(super) enum Feed {
    Sessions(SessionsFeed),
    Daemon(DaemonFeed),
    Events(EventsFeed),
    Presence(PresenceFeed),
}

impl Feed {
    /// The room, by the name it was told under last.
    pub(super) fn room(&self) -> Room {
        match self {
            Self::Sessions(_) => Room::Sessions,
            Self::Daemon(_) => Room::Daemon,
            Self::Events(feed) => feed.place.room().clone(),
            Self::Presence(feed) => feed.place.room().clone(),
        }
    }

    /// The incarnation of the session whose room it is.
    pub(super) fn session(&self) -> Option<u64> {
        match self {
            Self::Sessions(_) | Self::Daemon(_) => None,
            Self::Events(feed) => Some(feed.place.incarnation()),
            Self::Presence(feed) => Some(feed.place.incarnation()),
        }
    }

    /// The connection is known here as this from now on.
    pub(super) fn known_as(&mut self, who: &Presence) {
        if let Self::Presence(feed) = self {
            feed.known_as(who);
        }
    }

    /// The room as it is, and its number.
    pub(super) fn open(&mut self, caller: &Caller, grant: &Grant) -> (u64, RoomSnapshot) {
        match self {
            Self::Sessions(feed) => feed.open(),
            Self::Daemon(feed) => feed.open(caller, grant),
            Self::Events(feed) => feed.open(),
            Self::Presence(feed) => feed.open(),
        }
    }

    /// Adds what there is to tell, without waiting for more.
    pub(super) fn tell(
        &mut self,
        caller: &Caller,
        grant: &Grant,
        into: &mut Frames,
    ) -> Result<(), Stop> {
        match self {
            Self::Sessions(feed) => feed.tell(caller.scope, into),
            Self::Daemon(feed) => feed.tell(caller, grant, into),
            Self::Events(feed) => return feed.tell(into),
            Self::Presence(feed) => return feed.tell(into),
        }
        Ok(())
    }

    /// What was added has been written.
    pub(super) fn written(&mut self) {
        if let Self::Events(feed) = self {
            feed.written();
        }
    }

    /// Waits until there may be something to tell. May be dropped and called again.
    pub(super) async fn wait(&mut self) {
        match self {
            Self::Sessions(feed) => feed.wait().await,
            Self::Daemon(feed) => feed.wait().await,
            Self::Events(feed) => feed.wait().await,
            Self::Presence(feed) => feed.wait().await,
        }
    }
}
