//! What a viewer is told beside its output.

use std::hash::{DefaultHasher, Hash, Hasher};

use hyper_tungstenite::tungstenite::Message;
use tokio::sync::watch;
use webtty_core::Session;
use webtty_core::presence::Present;
use webtty_core::session::Status;
use webtty_core::size::Shape;
use webtty_protocol::limits::{MAX_TOLD_PRESENCE, WINDOW_BYTES};
use webtty_protocol::presence::Via;
use webtty_protocol::pty::{Hello, ServerMessage, SizeChanged};
use webtty_protocol::rest::ExitInfo;

use super::asking::Asking;
use super::message::{say, written};
use super::viewer::{Identity, Shared, Standing};
use crate::ws::end::End;
use crate::ws::outbound::Outbound;

/// What there is to tell, and what was last told of it.
pub(super) struct Telling<'a> {
    session: &'a Session,
    identity: &'a Identity,
    shared: &'a Shared,
    status: watch::Receiver<Status>,
    told: Status,
    present: watch::Receiver<Present>,
    /// A hash of what was last told of it.
    told_present: Option<u64>,
    told_standing: Standing,
    asking: Asking,
}

impl<'a> Telling<'a> {
    pub(super) fn new(session: &'a Session, identity: &'a Identity, shared: &'a Shared) -> Self {
        let status = session.watch();
        let told = status.borrow().clone();
        let mut present = session.watchers().watch();
        present.mark_changed();
        Self {
            session,
            identity,
            shared,
            status,
            told,
            present,
            told_present: None,
            told_standing: shared.standing(),
            asking: Asking::new(session),
        }
    }

    /// The session as the viewer knows it.
    pub(super) fn told(&self) -> &Status {
        &self.told
    }

    /// Waits until there may be something to tell; of what the viewer itself brings about, who
    /// shares it with it knows.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            biased;
            _ = self.status.changed() => self.status.mark_changed(),
            _ = self.present.changed(), if self.identity.v1 => self.present.mark_changed(),
            () = self.asking.changed(), if self.asking.answers() => {}
        }
    }

    /// The first of all messages. The output ends at `end`, and goes on from where it was, or not.
    pub(super) fn hello(&self, end: u64, resumed: bool) -> Hello {
        let Shape {
            window,
            by,
            policy,
            driver,
        } = self.told.shape;
        let size = window.size;
        Hello {
            client: self.identity.client,
            session: self.told.id.clone(),
            epoch: self.session.epoch().to_owned(),
            role: self.told_standing.role,
            cols: size.cols,
            rows: size.rows,
            by,
            policy,
            driver,
            offset: end,
            title: self.told.title.clone(),
            clipboard: self.told.clipboard,
            window: WINDOW_BYTES,
            resumed,
        }
    }

    /// Tells what has changed of the session itself since it was last told.
    pub(super) async fn tell_status(&mut self, outbound: &mut Outbound) -> Result<(), End> {
        if self.status.has_changed().unwrap_or(true) {
            let status = self.status.borrow_and_update().clone();
            if self.identity.v1 {
                self.tell_changes(&status, outbound).await?;
            }
            self.told = status;
        }
        Ok(())
    }

    async fn tell_changes(&self, now: &Status, outbound: &mut Outbound) -> Result<(), End> {
        let Shape {
            window,
            by,
            policy,
            driver,
        } = now.shape;
        if now.shape != self.told.shape {
            let changed = SizeChanged {
                cols: window.size.cols,
                rows: window.size.rows,
                by,
                policy,
                driver,
            };
            say(outbound, &ServerMessage::Resize(changed)).await?;
        }
        if now.title != self.told.title {
            let title = now.title.clone().unwrap_or_default();
            say(outbound, &ServerMessage::Title { title }).await?;
        }
        if now.clipboard != self.told.clipboard {
            let allowed = now.clipboard;
            say(outbound, &ServerMessage::Clipboard { allowed }).await?;
        }
        if now.id != self.told.id {
            say(
                outbound,
                &ServerMessage::Renamed {
                    session: now.id.clone(),
                },
            )
            .await?;
        }
        Ok(())
    }

    /// Tells what has changed of those who have the session, and answers a ping.
    pub(super) async fn tell_people(&mut self, outbound: &mut Outbound) -> Result<(), End> {
        self.tell_standing(outbound).await?;
        self.tell_presence(outbound).await?;
        self.answer_ping(outbound).await
    }

    /// Tells what the viewer may do and how its request to type stands, if that has changed, and
    /// who asks, if it may answer.
    async fn tell_standing(&mut self, outbound: &mut Outbound) -> Result<(), End> {
        let standing = self.shared.standing();
        let answer = self.shared.take_answer();
        if !self.identity.v1 {
            return Ok(());
        }
        if standing != self.told_standing {
            self.told_standing = standing;
            let Standing { role, lent, until } = standing;
            say(outbound, &ServerMessage::Role { role, lent, until }).await?;
        }
        if let Some(state) = answer {
            say(outbound, &ServerMessage::Request { state }).await?;
        }
        if let Some(message) = self.asking.news(self.session, standing.may_lend()) {
            say(outbound, &message).await?;
        }
        Ok(())
    }

    /// Tells who has the terminal, if that has changed since it was last told.
    async fn tell_presence(&mut self, outbound: &mut Outbound) -> Result<(), End> {
        if !self.identity.v1 || !self.present.has_changed().unwrap_or(false) {
            return Ok(());
        }
        let now = {
            let present = self.present.borrow_and_update();
            let watching = present.iter().filter(|who| who.via == Via::Terminal);
            ServerMessage::Presence {
                count: watching.clone().count(),
                clients: watching.take(MAX_TOLD_PRESENCE).cloned().collect(),
            }
        };
        // Each viewer remembers what it was told, in a few bytes.
        let text = written(&now);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        if self.told_present.replace(hasher.finish()) == Some(hasher.finish()) {
            return Ok(());
        }
        outbound.send(Message::text(text)).await
    }

    async fn answer_ping(&self, outbound: &mut Outbound) -> Result<(), End> {
        match self.shared.take_ping() {
            Some(t) => say(outbound, &ServerMessage::Pong { t }).await,
            None => Ok(()),
        }
    }

    /// Tells how the shell ended, after all that it wrote.
    pub(super) async fn tell_exit(
        &self,
        exit: &ExitInfo,
        outbound: &mut Outbound,
    ) -> Result<(), End> {
        if !self.identity.v1 {
            return Ok(());
        }
        say(outbound, &ServerMessage::Exit(exit.clone())).await
    }
}
