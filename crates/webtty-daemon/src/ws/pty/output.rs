//! From a session's output log to a viewer's socket.

use bytes::Bytes;
use hyper_tungstenite::tungstenite::Message;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::Instant;
use webtty_core::Session;
use webtty_core::output_log::{Hold, LogEnd, Read};
use webtty_core::session::Phase;
use webtty_protocol::Close;
use webtty_protocol::pty::{ServerMessage, Snapshot, SnapshotReason};

use super::lag::Lag;
use super::message::say;
use super::packed::packed;
use super::standstill::Standstill;
use super::telling::Telling;
use super::viewer::{Identity, Shared};
use crate::limits::{FRAME_BYTES, ROOM_PATIENCE};
use crate::query::Resume;
use crate::timer::until;
use crate::ws::end::End;
use crate::ws::heartbeat::Heartbeat;
use crate::ws::outbound::Outbound;
use crate::ws::text::Utf8Joiner;

/// Resets a terminal (RIS, ECMA-48 and VT100), for viewers that know no snapshots.
const RESET: &str = "\x1bc";

/// The outbound half of a viewer: an offset, and what it was last told.
pub(super) struct Output<'a> {
    session: &'a Session,
    identity: &'a Identity,
    shared: &'a Shared,
    /// The next byte of the output to send, once what is pending has been sent.
    offset: u64,
    /// What is left of a snapshot on its way.
    pending: Bytes,
    lag: Lag,
    /// When to look again though nothing happens.
    look_again: Option<Instant>,
    /// Its window has no room for a whole piece.
    full: Standstill,
    /// Its window was full after the end.
    stuck: Standstill,
    log_end: watch::Receiver<LogEnd>,
    telling: Telling<'a>,
    joiner: Utf8Joiner,
    hold: Option<Hold<'a>>,
    /// How many lines of scrollback a snapshot is to have; all when none.
    history: Option<usize>,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        session: &'a Session,
        identity: &'a Identity,
        shared: &'a Shared,
        history: Option<usize>,
    ) -> Self {
        Self {
            session,
            identity,
            shared,
            offset: 0,
            pending: Bytes::new(),
            lag: Lag::new(history != Some(0)),
            look_again: None,
            full: Standstill::default(),
            stuck: Standstill::default(),
            log_end: session.output().watch(),
            telling: Telling::new(session, identity, shared),
            joiner: Utf8Joiner::default(),
            hold: None,
            history,
        }
    }

    /// Sends until the session ends or the socket does.
    pub(super) async fn run(
        &mut self,
        resume: &Resume,
        heartbeat: Heartbeat,
        outbound: &mut Outbound,
    ) -> End {
        match self.serve(resume, heartbeat, outbound).await {
            Ok(close) => End::Close(close),
            Err(end) => end,
        }
    }

    async fn serve(
        &mut self,
        resume: &Resume,
        mut heartbeat: Heartbeat,
        outbound: &mut Outbound,
    ) -> Result<Close, End> {
        self.join(resume, outbound).await?;
        self.hold = self
            .identity
            .lossless
            .then(|| self.session.output().hold(self.offset));
        let mut told_first = false;
        loop {
            // Marked as seen before they are looked at, so that no change is slept through.
            let end = *self.log_end.borrow_and_update();
            if let Some(close) = self.tell(end, outbound).await? {
                return Ok(close);
            }
            self.telling.tell_people(outbound).await?;
            let patience = self.patience(end);
            if self.send_output(outbound).await? {
                continue;
            }
            tokio::select! {
                biased;
                _ = self.log_end.changed() => {}
                () = self.telling.changed() => {}
                () = until(patience.into_iter().chain(self.look_again).min()) => {
                    if patience.is_some_and(|at| at <= Instant::now()) {
                        return Ok(Close::Deadline);
                    }
                }
                () = self.shared.hears() => {
                    // Whoever types is shown first what comes of it.
                    if !told_first && self.shared.last_typed().is_some() {
                        told_first = true;
                        self.log_end = self.session.output().watch_first();
                    }
                }
                end = outbound.tend(&mut heartbeat) => match end? {},
            }
        }
    }

    /// Says who is here, and finds the offset to begin at.
    async fn join(&mut self, resume: &Resume, outbound: &mut Outbound) -> Result<(), End> {
        let output = self.session.output();
        let (start, end) = (output.start(), output.end().offset);
        if !self.identity.v1 {
            self.take_snapshot(SnapshotReason::Join);
            return Ok(());
        }
        let same = |epoch: &Option<String>| {
            epoch
                .as_ref()
                .is_none_or(|epoch| epoch == self.session.epoch())
        };
        let (from, reason) = match resume {
            Resume::No => (None, SnapshotReason::Join),
            Resume::At { offset, epoch } if same(epoch) => match *offset {
                offset if offset > end => return Err(End::Close(Close::Policy)),
                offset if offset < start => (None, SnapshotReason::ResumeMiss),
                offset => (Some(offset), SnapshotReason::Join),
            },
            Resume::At { .. } => (None, SnapshotReason::ResumeMiss),
            Resume::Malformed => return Err(End::Close(Close::Policy)),
        };
        say(
            outbound,
            &ServerMessage::Hello(self.telling.hello(end, from.is_some())),
        )
        .await?;
        match from {
            Some(offset) => self.offset = offset,
            None => self.snapshot(reason, outbound).await?,
        }
        Ok(())
    }

    /// Goes on from the state at the end of the output. Says how large it is unpacked, if it is
    /// compressed.
    fn take_snapshot(&mut self, reason: SnapshotReason) -> Option<u64> {
        let (session, from, history) = (self.session, self.offset, self.history);
        let packs = self.identity.v1 && self.identity.deflate;
        // It may have to wait for a screen that a hostile program keeps busy, and other tasks
        // must not wait with it.
        let (snapshot, packed) = block_in_place(|| {
            let snapshot = match reason {
                SnapshotReason::Lagged => session.picture(from),
                SnapshotReason::Join | SnapshotReason::ResumeMiss | SnapshotReason::CaughtUp => {
                    session.snapshot(history)
                }
            };
            let packed = packs.then(|| packed(&snapshot.bytes)).flatten();
            (snapshot, packed)
        });
        self.offset = snapshot.offset;
        let unpacked = packed.is_some().then_some(snapshot.bytes.len() as u64);
        self.pending = packed.unwrap_or(snapshot.bytes);
        unpacked
    }

    /// Begins anew with the state at the end of the output.
    async fn snapshot(
        &mut self,
        reason: SnapshotReason,
        outbound: &mut Outbound,
    ) -> Result<(), End> {
        let unpacked = self.take_snapshot(reason);
        if !self.identity.v1 {
            self.joiner.reset();
            return outbound.send(Message::text(RESET)).await;
        }
        let snapshot = Snapshot {
            offset: self.offset,
            bytes: self.pending.len() as u64,
            unpacked,
            reason,
        };
        say(outbound, &ServerMessage::Snapshot(snapshot)).await
    }

    /// Tells what has changed since it was last told, and says whether this is the end.
    async fn tell(&mut self, end: LogEnd, outbound: &mut Outbound) -> Result<Option<Close>, End> {
        self.telling.tell_status(outbound).await?;
        let all_sent = end.finished
            && self.pending.is_empty()
            && self.offset >= end.offset
            && !self.lag.lacks_history();
        match &self.telling.told().phase {
            Phase::Deleted => Ok(Some(Close::SessionDeleted)),
            Phase::Exited(exit) if all_sent => {
                self.telling.tell_exit(exit, outbound).await?;
                Ok(Some(Close::ShellExited))
            }
            _ => Ok(None),
        }
    }

    /// When a viewer that acknowledges nothing of what is left after the shell's end is given up:
    /// it would keep all that the shell wrote for as long as it stays.
    fn patience(&mut self, end: LogEnd) -> Option<Instant> {
        if !end.finished || self.room() > 0 {
            self.stuck.is_over();
            return None;
        }
        let since = self.stuck.since(self.shared.flow().acknowledged());
        Some(since + self.identity.patience)
    }

    /// Sends one frame of what waits, if any does and the window has room for it. Says whether there
    /// may be more to send at once.
    async fn send_output(&mut self, outbound: &mut Outbound) -> Result<bool, End> {
        self.look_again = None;
        let most = self.room();
        if most == 0 {
            self.has_no_room();
            return Ok(false);
        }
        if !self.pending.is_empty() {
            let piece = self.pending.split_to(most.min(self.pending.len()));
            if self.pending.is_empty() {
                // An empty rest would keep the whole snapshot in memory.
                self.pending = Bytes::new();
            }
            self.send_bytes(piece, outbound).await?;
            return Ok(true);
        }
        match self.session.output().read(self.offset, FRAME_BYTES) {
            Read::Pending => self.send_history(outbound).await,
            Read::Bytes(mut bytes) if !self.is_behind() => {
                if bytes.len() > most && self.waits_for_room() {
                    return Ok(false);
                }
                bytes.truncate(most);
                let len = bytes.len() as u64;
                self.send_bytes(bytes, outbound).await?;
                self.offset += len;
                if let Some(hold) = &self.hold {
                    hold.advance(self.offset);
                }
                Ok(true)
            }
            Read::Bytes(_) | Read::Lagged { .. } => self.send_picture(outbound).await,
        }
    }

    /// Nothing may be sent before something is acknowledged, or has not been for too long.
    fn has_no_room(&mut self) {
        let waits = !self.pending.is_empty() || self.log_end.borrow().offset > self.offset;
        let mut flow = self.shared.flow();
        if waits {
            flow.is_full();
        }
        self.look_again = flow.lifted_at().filter(|at| *at > Instant::now());
    }

    /// Is it too soon to send a part of what lies together in the log? Who is sent whole pieces
    /// shares them with the others; but some clients acknowledge only what fills their window, and
    /// over a slow line nothing is sent whole.
    fn waits_for_room(&mut self) -> bool {
        let acknowledged = {
            let mut flow = self.shared.flow();
            if flow.piece() < FRAME_BYTES {
                return false;
            }
            flow.is_full();
            flow.acknowledged()
        };
        let until = self.full.since(acknowledged) + ROOM_PATIENCE;
        self.look_again = Some(until);
        Instant::now() < until
    }

    /// Brings a viewer that is too far behind to the present, if it is time.
    async fn send_picture(&mut self, outbound: &mut Outbound) -> Result<bool, End> {
        let now = Instant::now();
        let due = self.lag.picture_due(self.shared.flow().in_flight());
        if due.is_some_and(|due| due > now) {
            self.look_again = due;
            return Ok(false);
        }
        tracing::debug!(session = %self.telling.told().id, "a viewer fell behind");
        self.snapshot(SnapshotReason::Lagged, outbound).await?;
        self.lag.is_brought_up(Instant::now());
        Ok(true)
    }

    /// There is nothing to send: gives a viewer that has caught up the scrollback, if it is time.
    async fn send_history(&mut self, outbound: &mut Outbound) -> Result<bool, End> {
        let now = Instant::now();
        let (acknowledged, in_flight) = {
            let flow = self.shared.flow();
            (flow.acknowledged(), flow.in_flight())
        };
        let sent = acknowledged + in_flight;
        self.lag.has_been_sent_all(sent, acknowledged, now);
        let due = self.lag.history_due(self.shared.last_typed());
        let is_last = self.log_end.borrow().finished && self.lag.lacks_history();
        if is_last || due.is_some_and(|due| due <= now) {
            if self.lag.keeps_up(now) {
                self.snapshot(SnapshotReason::CaughtUp, outbound).await?;
            }
            return Ok(true);
        }
        self.look_again = due;
        Ok(false)
    }

    /// Is there so much to send that the state at the end says it sooner? The scrollback comes
    /// afterwards: over a slow line that is too much, unless it is compressed.
    fn is_behind(&self) -> bool {
        let slow = self.shared.flow().slow();
        let line = slow.filter(|_| self.identity.deflate);
        let limit = self.lag.limit(Instant::now(), line);
        let end = self.log_end.borrow().offset;
        !self.identity.lossless && end.saturating_sub(self.offset) > limit
    }

    async fn send_bytes(&mut self, bytes: Bytes, outbound: &mut Outbound) -> Result<(), End> {
        if self.identity.v1 {
            // Counted first: the peer may acknowledge before the write returns.
            self.shared.sends(bytes.len() as u64);
            return outbound.send(Message::Binary(bytes)).await;
        }
        let text = self.joiner.push(&bytes);
        if text.as_str().is_empty() {
            return Ok(());
        }
        outbound.send(Message::Text(text)).await
    }

    /// How many bytes may go now.
    fn room(&self) -> usize {
        if !self.identity.v1 {
            return FRAME_BYTES;
        }
        let now = Instant::now();
        let flow = self.shared.flow();
        let window = self.lag.window(now).min(flow.limit(now));
        let left = window.saturating_sub(flow.in_flight());
        usize::try_from(left).map_or(FRAME_BYTES, |left| left.min(flow.piece()))
    }
}
