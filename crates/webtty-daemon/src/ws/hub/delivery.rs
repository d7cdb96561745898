//! The writing half of a connection of the hub: it keeps the rooms and tells of them.

use futures_util::future::select_all;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use webtty_protocol::hub::{
    HubError, HubMessage, Subscribed, Unsubscribed, UnsubscribedReason, User, Welcome,
};
use webtty_protocol::limits::MAX_HUB_ROOMS;
use webtty_protocol::presence::{Presence, Via};
use webtty_protocol::{Close, ErrorCode, Room};

use super::access::{Caller, may_enter};
use super::feed::Feed;
use super::frames::Frames;
use super::order::Order;
use super::place::Stop;
use crate::keys::Grant;
use crate::limits::LAST_WORDS_TIMEOUT;
use crate::ws::end::End;
use crate::ws::heartbeat::Heartbeat;
use crate::ws::outbound::Outbound;

/// The writing half.
pub(super) struct Delivery<'a> {
    caller: &'a Caller,
    orders: mpsc::Receiver<Order>,
    /// What other connections have sent.
    mailbox: mpsc::Receiver<String>,
    keys: watch::Receiver<u64>,
    feeds: Vec<Feed>,
    name: Option<String>,
    /// What was last told of who is behind the connection.
    user: Option<User>,
    /// What the credential allowed when it was last looked at.
    last: Option<Grant>,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(
        caller: &'a Caller,
        orders: mpsc::Receiver<Order>,
        mailbox: mpsc::Receiver<String>,
    ) -> Self {
        Self {
            caller,
            orders,
            mailbox,
            keys: caller.app.keys.changed(),
            feeds: Vec::new(),
            name: None,
            user: None,
            last: None,
        }
    }

    /// Tells what there is to tell, until the socket ends.
    pub(super) async fn run(&mut self, mut heartbeat: Heartbeat, outbound: &mut Outbound) -> End {
        let mut frames = Frames::default();
        loop {
            let grant = match self.look_at_grant(&mut frames) {
                Ok(grant) => grant,
                Err(close) => return self.last_words(close, frames, outbound).await,
            };
            while let Ok(order) = self.orders.try_recv() {
                self.obey(order, &grant, &mut frames);
            }
            while let Ok(message) = self.mailbox.try_recv() {
                frames.say_text(&message);
            }
            if let Err(close) = self.tell_rooms(&grant, &mut frames) {
                return End::Close(close);
            }
            let wrote = !frames.is_empty();
            if wrote && let Err(end) = outbound.send_frames(frames.take()).await {
                return end;
            }
            if wrote {
                self.feeds.iter_mut().for_each(Feed::written);
                continue;
            }
            let news = wait(&mut self.feeds);
            tokio::select! {
                Some(order) = self.orders.recv() => self.obey(order, &grant, &mut frames),
                Some(message) = self.mailbox.recv() => frames.say_text(&message),
                _ = self.keys.changed() => self.keys.mark_changed(),
                () = news => {}
                end = outbound.tend(&mut heartbeat) => match end {
                    Ok(never) => match never {},
                    Err(end) => return end,
                },
            }
        }
    }

    /// What the credential allows now. Tells of a change, and leaves the rooms it has closed.
    fn look_at_grant(&mut self, frames: &mut Frames) -> Result<Grant, Close> {
        self.keys.mark_unchanged();
        let grant = self.caller.grant().ok_or(Close::Forbidden)?;
        let user = self.caller.user(&grant);
        if self.last.as_ref() != Some(&grant) {
            self.last = Some(grant.clone());
        }
        if self.user.as_ref() == Some(&user) {
            return Ok(grant);
        }
        frames.say(&match self.user {
            None => HubMessage::Welcome(Welcome {
                connection: self.caller.connection,
                user: user.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            Some(_) => HubMessage::User(user.clone()),
        });
        self.user = Some(user);
        let (open, closed) = std::mem::take(&mut self.feeds)
            .into_iter()
            .partition(|feed: &Feed| may_enter(grant.role, &feed.room()));
        self.feeds = open;
        for feed in closed {
            frames.say(&unsubscribed(
                None,
                feed.room(),
                UnsubscribedReason::Forbidden,
            ));
        }
        self.tell_who(&grant);
        self.tell_where();
        Ok(grant)
    }

    /// A key of one session ends with it. Who came by such a key is told to the end what was
    /// published there, and that this is the end.
    async fn last_words(
        &mut self,
        close: Close,
        mut frames: Frames,
        outbound: &mut Outbound,
    ) -> End {
        let Some(grant) = self.last.take() else {
            return End::Close(close);
        };
        let registry = &self.caller.app.registry;
        let is_over = |id| registry.get(id).is_none();
        if !grant.session.as_ref().is_some_and(is_over) {
            return End::Close(close);
        }
        self.feeds.retain(|feed| feed.session().is_some());
        while !self.feeds.is_empty() {
            if let Err(close) = self.tell_rooms(&grant, &mut frames) {
                return End::Close(close);
            }
            if frames.is_empty() {
                if timeout(LAST_WORDS_TIMEOUT, wait(&mut self.feeds))
                    .await
                    .is_err()
                {
                    break;
                }
                continue;
            }
            if let Err(end) = outbound.send_frames(frames.take()).await {
                return end;
            }
            self.feeds.iter_mut().for_each(Feed::written);
        }
        if !frames.is_empty()
            && let Err(end) = outbound.send_frames(frames.take()).await
        {
            return end;
        }
        End::Close(Close::ShellExited)
    }

    fn obey(&mut self, order: Order, grant: &Grant, frames: &mut Frames) {
        match order {
            Order::Say(message) => frames.say(&message),
            Order::Open { id, feed } => self.open(id, *feed, grant, frames),
            Order::Close { id, room } => {
                self.feeds.retain(|feed| feed.room() != room);
                frames.say(&unsubscribed(id, room, UnsubscribedReason::Asked));
                self.tell_where();
            }
            Order::Name(name) => {
                self.name = name;
                self.tell_who(grant);
            }
        }
    }

    fn open(&mut self, id: Option<u64>, mut feed: Feed, grant: &Grant, frames: &mut Frames) {
        let room = feed.room();
        // It was asked for some time ago.
        if !may_enter(grant.role, &room) {
            return frames.say(&unsubscribed(id, room, UnsubscribedReason::Forbidden));
        }
        // It is left before it is entered again: nobody is there twice.
        self.feeds.retain(|other| other.room() != room);
        if self.feeds.len() >= MAX_HUB_ROOMS {
            let room = Some(room);
            let message = format!(
                "a connection is subscribed to at most {MAX_HUB_ROOMS} rooms; leave one first"
            );
            let code = ErrorCode::TooMany;
            return frames.say(&HubMessage::Error(HubError {
                id,
                room,
                code,
                message,
            }));
        }
        feed.known_as(&self.presence(grant));
        let (seq, snapshot) = feed.open(self.caller, grant);
        frames.say(&HubMessage::Subscribed(Subscribed {
            id,
            room,
            seq,
            snapshot,
        }));
        self.feeds.push(feed);
        self.tell_where();
    }

    fn tell_rooms(&mut self, grant: &Grant, frames: &mut Frames) -> Result<(), Close> {
        let mut over = Vec::new();
        let mut looked_at = 0;
        for (at, feed) in self.feeds.iter_mut().enumerate() {
            if frames.is_full() {
                break;
            }
            looked_at = at + 1;
            match feed.tell(self.caller, grant, frames) {
                Ok(()) => {}
                Err(Stop::Room(reason)) => {
                    frames.say(&unsubscribed(None, feed.room(), reason));
                    over.push(at);
                }
                Err(Stop::Connection(close)) => return Err(close),
            }
        }
        for at in over.iter().rev() {
            self.feeds.remove(*at);
        }
        if !over.is_empty() {
            self.tell_where();
        }
        // Who had to wait is first the next time.
        let next = looked_at - over.len();
        self.feeds.rotate_left(next);
        Ok(())
    }

    /// How this connection is shown to others.
    fn presence(&self, grant: &Grant) -> Presence {
        Presence {
            client: self.caller.connection,
            via: Via::Hub,
            role: grant.role,
            label: self.user.as_ref().and_then(|user| user.label.clone()),
            name: self.name.clone(),
        }
    }

    fn tell_who(&mut self, grant: &Grant) {
        let who = self.presence(grant);
        for feed in &mut self.feeds {
            feed.known_as(&who);
        }
    }

    /// Lets others find this connection in the rooms it is in.
    fn tell_where(&self) {
        let sessions = self.feeds.iter().filter_map(Feed::session).collect();
        self.caller.app.hub.is_in(self.caller.connection, sessions);
    }
}

/// Waits until one of the rooms may have something to tell.
async fn wait(feeds: &mut [Feed]) {
    if feeds.is_empty() {
        return std::future::pending().await;
    }
    let all = feeds.iter_mut().map(|feed| Box::pin(feed.wait()));
    select_all(all).await;
}

fn unsubscribed(id: Option<u64>, room: Room, reason: UnsubscribedReason) -> HubMessage {
    HubMessage::Unsubscribed(Unsubscribed { id, room, reason })
}
