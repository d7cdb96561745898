//! A connection of the hub that comes back by itself, in the rooms and at the places where it was.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use webtty_protocol::hub::{Change, HubMessage, RoomSnapshot, UnsubscribedReason};
use webtty_protocol::{Close, ErrorCode, Room};

use crate::client::Client;
use crate::error::{Closed, Error};
use crate::hub::{Hub, HubReceived};
use crate::limits::{HUB_RETRY_FIRST, HUB_RETRY_LAST};

/// A connection of the hub that is made anew whenever it breaks.
pub struct LastingHub {
    client: Client,
    hub: Option<Hub>,
    rooms: BTreeMap<Room, Position>,
    name: Option<String>,
    retry: Retry,
}

/// How far a room of events has been read.
#[derive(Clone, Debug, Default)]
struct Position {
    since: Option<u64>,
    epoch: Option<String>,
    /// The number of the request for it on the present connection.
    asked: Option<u64>,
}

/// When to try again.
struct Retry {
    failures: u32,
    at: Instant,
}

/// What came over a lasting connection.
#[derive(Debug)]
pub enum HubNews {
    /// A message of the daemon.
    Message(Box<HubMessage>),
    /// The connection broke, and why. It is tried again until it is back.
    Broken(Error),
    /// It is there, for the first time or again. The states of all rooms follow; that of a room
    /// of events says whether it goes on from where it was.
    Connected {
        /// The number of the connection, another one each time.
        connection: u64,
    },
}

impl Client {
    /// A connection of the hub that comes back by itself. Nothing is connected before it is
    /// waited for.
    pub fn lasting_hub(&self) -> LastingHub {
        LastingHub {
            client: self.clone(),
            hub: None,
            rooms: BTreeMap::new(),
            name: None,
            retry: Retry {
                failures: 0,
                at: Instant::now(),
            },
        }
    }
}

impl LastingHub {
    /// Is told of a room from now on, also after each break.
    pub async fn subscribe(&mut self, room: Room) {
        self.subscribe_since(room, None, None).await;
    }

    /// Is told of a session's events after the one of number `since` of this epoch.
    pub async fn subscribe_since(&mut self, room: Room, since: Option<u64>, epoch: Option<String>) {
        let mut position = Position {
            since,
            epoch,
            asked: None,
        };
        if let Some(hub) = &mut self.hub {
            // What was not asked for because the connection broke is asked for when it is back.
            position.asked = ask(hub, &room, &position).await.ok();
        }
        self.rooms.insert(room, position);
    }

    /// Is told no more of a room.
    pub async fn unsubscribe(&mut self, room: Room) {
        self.rooms.remove(&room);
        if let Some(hub) = &mut self.hub {
            let _ = hub.unsubscribe(room).await;
        }
    }

    /// Is known by this name where presence is told.
    pub async fn name(&mut self, name: &str) {
        self.name = Some(name.to_owned());
        if let Some(hub) = &mut self.hub {
            let _ = hub.name(name).await;
        }
    }

    /// The connection as it is, for what is not repeated after a break: to publish and to send.
    pub fn connection(&mut self) -> Option<&mut Hub> {
        self.hub.as_mut()
    }

    /// The next of what comes. May be dropped and called again.
    ///
    /// # Errors
    /// What trying again does not mend: the credential is not or no longer good, or what answers
    /// is not understood.
    pub async fn next(&mut self) -> Result<HubNews, Error> {
        let Some(hub) = &mut self.hub else {
            return self.connect().await;
        };
        let broken = match hub.next().await {
            Ok(HubReceived::Message(message)) => {
                self.retry.failures = 0;
                self.note(&message);
                return Ok(HubNews::Message(message));
            }
            Ok(HubReceived::Closed(closed)) => refused_for_good(closed)?,
            Err(error) => passing(error)?,
        };
        self.hub = None;
        self.retry.later();
        Ok(HubNews::Broken(broken))
    }

    async fn connect(&mut self) -> Result<HubNews, Error> {
        sleep_until(self.retry.at).await;
        // Set before the attempt, which may be dropped half-way.
        self.retry.later();
        let connected = async {
            let mut hub = self.client.hub().await?;
            if let Some(name) = &self.name {
                hub.name(name).await?;
            }
            for (room, position) in &mut self.rooms {
                position.asked = Some(ask(&mut hub, room, position).await?);
            }
            Ok(hub)
        };
        match connected.await {
            Ok(hub) => {
                let connection = hub.welcome().connection;
                self.hub = Some(hub);
                Ok(HubNews::Connected { connection })
            }
            Err(error) => Ok(HubNews::Broken(passing(error)?)),
        }
    }

    /// Remembers where it is, for when it has to come back.
    fn note(&mut self, message: &HubMessage) {
        match message {
            HubMessage::Subscribed(it) => {
                if let (Some(position), RoomSnapshot::Events { epoch, .. }) =
                    (self.rooms.get_mut(&it.room), &it.snapshot)
                {
                    position.since = Some(it.seq);
                    position.epoch = Some(epoch.clone());
                }
            }
            HubMessage::Event(it) if matches!(it.event, Change::Published { .. }) => {
                if let Some(position) = self.rooms.get_mut(&it.room) {
                    position.since = Some(it.seq);
                }
            }
            HubMessage::Lagged(it) => {
                if let Some(position) = self.rooms.get_mut(&it.room) {
                    position.since = position.since.map(|since| since + it.skipped);
                }
            }
            HubMessage::Renamed(it) => {
                if let Some(position) = self.rooms.remove(&it.from) {
                    self.rooms.insert(it.to.clone(), position);
                }
            }
            HubMessage::Unsubscribed(it) if it.reason != UnsubscribedReason::Asked => {
                self.rooms.remove(&it.room);
            }
            // What was refused may be something else than to be told of the room.
            HubMessage::Error(it) if is_lasting(it.code) => {
                let refused = |asked: &Option<u64>| asked.is_some() && *asked == it.id;
                self.rooms.retain(|_, position| !refused(&position.asked));
            }
            _ => {}
        }
    }
}

impl Retry {
    /// Waits twice as long as the last time, up to a limit, and a random part less: clients that
    /// lost the same daemon do not all come back in the same moment.
    fn later(&mut self) {
        let doubled = HUB_RETRY_FIRST.saturating_mul(1 << self.failures.min(16));
        let most = doubled.min(HUB_RETRY_LAST);
        self.failures = self.failures.saturating_add(1);
        self.at = Instant::now() + most - jitter(most / 2);
    }
}

/// Some time up to this, another one each time: the standard library seeds its hash maps with
/// randomness of the operating system.
fn jitter(most: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8);
    most.mul_f64(f64::from((random >> 32) as u32) / f64::from(u32::MAX))
}

async fn ask(hub: &mut Hub, room: &Room, position: &Position) -> Result<u64, Error> {
    let Position { since, epoch, .. } = position.clone();
    hub.subscribe_since(room.clone(), since, epoch).await
}

/// A close after which it makes sense to come back, as an error.
fn refused_for_good(closed: Closed) -> Result<Error, Error> {
    let comes_back = [
        Close::Stopping,
        Close::Lagged,
        Close::Deadline,
        Close::TooMany,
    ];
    if [1006, 1011, 1012].contains(&closed.code) || comes_back.iter().any(|one| closed.is(*one)) {
        Ok(closed.into_error())
    } else {
        Err(closed.into_error())
    }
}

/// An error that may pass by itself.
fn passing(error: Error) -> Result<Error, Error> {
    match error {
        Error::NoDaemon { .. } | Error::Io(_) | Error::Timeout { .. } | Error::Closed(_) => {
            Ok(error)
        }
        Error::Refused {
            status: 429 | 503, ..
        } => Ok(error),
        _ => Err(error),
    }
}

/// Does an error say that a room is not to be had, now or later?
fn is_lasting(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoSuchSession | ErrorCode::Forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_up_to_a_limit_and_none_is_quite_the_same() {
        let mut retry = Retry {
            failures: 0,
            at: Instant::now(),
        };
        for failures in 0..40 {
            let now = Instant::now();
            retry.later();
            let most = (HUB_RETRY_FIRST * 2_u32.pow(failures.min(10))).min(HUB_RETRY_LAST);
            let wait = retry.at - now;
            assert!(wait >= most / 2, "{failures}: {wait:?}");
            assert!(
                wait <= most + Duration::from_secs(1),
                "{failures}: {wait:?}"
            );
        }
        let some: Vec<_> = (0..8).map(|_| jitter(HUB_RETRY_LAST)).collect();
        assert!(some.iter().any(|one| *one != some[0]));
    }

    #[test]
    fn what_may_pass_is_waited_out() {
        let closed = |close: Close| Closed {
            code: close.code(),
            reason: close.reason().to_owned(),
        };
        for close in [Close::Stopping, Close::Lagged, Close::Deadline] {
            assert!(refused_for_good(closed(close)).is_ok(), "{close}");
        }
        for close in [Close::Forbidden, Close::Policy, Close::TooBig] {
            assert!(refused_for_good(closed(close)).is_err(), "{close}");
        }
        assert!(passing(Error::Io(std::io::ErrorKind::BrokenPipe.into())).is_ok());
        let message = "no".to_owned();
        assert!(passing(Error::Denied { message }).is_err());
    }
}
