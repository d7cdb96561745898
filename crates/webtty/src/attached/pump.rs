//! Both directions of an attached session, as two futures of one task: what is typed never waits
//! for what is shown, nor the other way round.

use std::io;
use std::time::{Duration, SystemTime};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncWriteExt, Stdout};
use tokio::sync::watch;
use webtty_client::{AttachOutput, Received};
use webtty_protocol::SessionId;
use webtty_protocol::pty::{ServerMessage, SnapshotReason};

use super::end::End;
use super::notices::{self, Notices};
use super::typing::Typing;
use crate::failure::Failure;
use crate::limits::MAX_WAITING_BYTES;
use crate::terminal;
use crate::terminal::modes::Modes;
use crate::terminal::queries::QueryFilter;
use crate::terminal::signals::Signals;

/// Shows and types until either ends.
pub(super) async fn both_ways(
    output: &mut AttachOutput,
    typing: Typing<'_>,
    screen: &mut Screen,
    signals: &mut Signals,
) -> Result<End, Failure> {
    let (shown, shown_bytes) = watch::channel(0);
    let (allowed, may_type) = watch::channel(typing.allowed);
    tokio::select! {
        end = show(output, screen, &shown, &allowed) => {
            end.map_err(|error| Failure::io("writing to the terminal", &error))
        }
        end = typing.run(shown_bytes, may_type, signals) => {
            end.map_err(|error| Failure::io("reading the terminal", &error))
        }
    }
}

/// Our terminal's screen, and the session's output on its way there.
pub(super) struct Screen {
    /// The session that is shown, by its newest id.
    pub(super) session: SessionId,
    stdout: Stdout,
    modes: Modes,
    queries: QueryFilter,
    /// Not given to standard output yet.
    waiting: BytesMut,
    /// How many bytes standard output has been given and not yet written.
    in_hand: usize,
    /// The session was made just now, so that its first snapshot needs no empty screen.
    fresh: bool,
    /// What is to be said over its first line, once no sequence and no character is cut by it.
    notice: Option<String>,
    notices: Notices,
    /// Bytes that are missing of the last character.
    utf8_left: usize,
    /// How many bytes of what waits are not the session's, and so not to be acknowledged.
    ours: usize,
}

impl Screen {
    pub(super) fn new(session: SessionId, fresh: bool) -> Self {
        Self {
            session,
            stdout: tokio::io::stdout(),
            modes: Modes::default(),
            queries: QueryFilter::default(),
            waiting: BytesMut::new(),
            in_hand: 0,
            fresh,
            notice: None,
            notices: Notices::default(),
            utf8_left: 0,
            ours: 0,
        }
    }

    /// Lets programs set the clipboard of the terminal around this, or not.
    pub(super) fn let_clipboard(&mut self, may: bool) {
        self.queries.let_clipboard(may);
    }

    /// Says something over the first line.
    fn say(&mut self, text: String) {
        self.notice = Some(text);
        self.put_notice();
    }

    fn put_notice(&mut self) {
        if !self.queries.is_between() || self.utf8_left > 0 {
            return;
        }
        if let Some(text) = self.notice.take() {
            let (cols, _) = terminal::size().unwrap_or((80, 24));
            let line = notices::line(&text, cols.into());
            self.waiting.extend_from_slice(line.as_bytes());
            self.ours += line.len();
        }
    }

    /// Leaves the terminal as it was found, the cursor on a line of its own.
    pub(super) async fn leave(&mut self) -> io::Result<()> {
        self.write_all().await?;
        let back = self.modes.take_back();
        self.stdout.write_all(back.as_bytes()).await?;
        self.stdout.write_all(b"\r\n").await?;
        self.stdout.flush().await
    }

    /// Takes output to be shown. Gives how many bytes of it will not be.
    fn add(&mut self, bytes: &[u8]) -> usize {
        let before = self.waiting.len();
        let taken_out = self.queries.feed(bytes, &mut self.waiting);
        let added = &self.waiting[before..];
        self.modes.feed(added);
        if !added.is_empty() {
            self.utf8_left = notices::utf8_left(added);
        }
        self.put_notice();
        taken_out
    }

    /// The same of output that came as so many bytes. What it has more of them is not to be
    /// acknowledged.
    fn add_unpacked(&mut self, bytes: &[u8], packed: u64) -> usize {
        let packed = usize::try_from(packed).unwrap_or(usize::MAX);
        // More may be taken out than these are: the rest of it came with the piece before.
        let owed = packed.saturating_add(self.add(bytes));
        self.ours += bytes.len().saturating_sub(owed);
        let surplus = owed.saturating_sub(bytes.len());
        // Never more is acknowledged than came, also for a moment.
        let kept = surplus.min(self.ours);
        self.ours -= kept;
        surplus - kept
    }

    /// Makes room for a snapshot: what the terminal shows goes into its scrollback, and the
    /// session starts in the corner of an empty screen, where it believes to be. A session made
    /// just now goes on below its link, which is there to be read. One of many pictures of a screen
    /// that changes too fast takes the place of the last.
    async fn clear(&mut self, reason: SnapshotReason) -> io::Result<()> {
        if std::mem::take(&mut self.fresh) {
            return Ok(());
        }
        let back = self.modes.take_back();
        let (_, rows) = terminal::size().unwrap_or((80, 24));
        let scroll = "\n".repeat(rows.into());
        let clear = match reason {
            SnapshotReason::Lagged => format!("{back}\x1b[H\x1b[J"),
            SnapshotReason::Join | SnapshotReason::ResumeMiss | SnapshotReason::CaughtUp => {
                format!("{back}\x1b[{rows};1H{scroll}\x1b[H")
            }
        };
        self.stdout.write_all(clear.as_bytes()).await?;
        self.stdout.flush().await
    }

    /// Hands waiting output over, or waits until what was handed over is written. Returns how
    /// many bytes of the session's have been written, or fewer while some of ours wait. Dropping the future loses nothing.
    async fn write_some(&mut self) -> io::Result<usize> {
        if self.in_hand > 0 {
            self.stdout.flush().await?;
            let written = std::mem::take(&mut self.in_hand);
            let ours = self.ours.min(written);
            self.ours -= ours;
            return Ok(written - ours);
        }
        let taken = self.stdout.write(&self.waiting).await?;
        self.waiting.advance(taken);
        self.in_hand = taken;
        Ok(0)
    }

    async fn write_all(&mut self) -> io::Result<usize> {
        let mut written = 0;
        while !self.is_idle() {
            written += self.write_some().await?;
        }
        Ok(written)
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.in_hand == 0
    }
}

/// Reads the socket and writes the terminal. The socket is read while the terminal takes
/// nothing, so that the daemon's pings are answered; its window bounds what then waits here.
async fn show(
    output: &mut AttachOutput,
    screen: &mut Screen,
    shown: &watch::Sender<u64>,
    allowed: &watch::Sender<bool>,
) -> io::Result<End> {
    let count = |written: usize| shown.send_modify(|total| *total += written as u64);
    let mut exit = None;
    let end = loop {
        tokio::select! {
            received = output.next(), if screen.waiting.len() < MAX_WAITING_BYTES => match received {
                Ok(Received::Bytes(bytes)) => count(screen.add(&bytes)),
                Ok(Received::Unpacked { bytes, packed }) => {
                    count(screen.add_unpacked(&bytes, packed));
                }
                Ok(Received::Message(ServerMessage::Exit(info))) => exit = Some(info),
                Ok(Received::Message(ServerMessage::Snapshot(snapshot))) => {
                    count(screen.write_all().await?);
                    screen.clear(snapshot.reason).await?;
                }
                Ok(Received::Message(ServerMessage::Renamed { session })) => {
                    screen.session = session;
                }
                Ok(Received::Message(ServerMessage::Clipboard { allowed })) => {
                    screen.let_clipboard(allowed);
                }
                Ok(Received::Message(ServerMessage::Role { role, until, .. })) => {
                    allowed.send_replace(role.may_control());
                    screen.say(notices::of_role(role, until.map(left)));
                }
                Ok(Received::Message(ServerMessage::Control(state))) => {
                    let session = screen.session.to_string();
                    if let Some(text) = screen.notices.of_requests(&state, &session) {
                        screen.say(text);
                    }
                }
                Ok(Received::Message(ServerMessage::Request { state })) => {
                    screen.say(notices::of_request(state).to_owned());
                }
                Ok(Received::Message(_)) => {}
                Ok(Received::Closed(closed)) => break End::Closed(closed),
                Err(error) => break End::Broken(error),
            },
            written = screen.write_some(), if !screen.is_idle() => count(written?),
        }
    };
    Ok(exit.map_or(end, End::Exited))
}

/// How long it is until then, a time in milliseconds since 1970.
fn left(until: u64) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Duration::from_millis(until).saturating_sub(now.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_compressed_is_acknowledged_as_what_came() {
        let mut screen = Screen::new("main".parse().expect("an id"), false);
        // A question to the terminal, which is not shown, cut in two.
        let first = screen.add_unpacked(b"text\x1b[", 2);
        assert_eq!((first, screen.ours), (0, 4));
        let second = screen.add_unpacked(b"c", 3);
        let shown = screen.waiting.len();
        assert_eq!(&screen.waiting[..], b"text");
        assert_eq!(second + shown - screen.ours, 5);
        assert!(second <= 5 && screen.ours <= shown);
    }
}
