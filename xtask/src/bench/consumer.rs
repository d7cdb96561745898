//! What becomes of what comes over a socket: a terminal's bytes, or events.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use webtty_protocol::pty::{ClientMessage, ServerMessage, Snapshot};

use super::finder::Finder;
use super::frames::{TEXT, from_client};

/// How much is processed before it is acknowledged, as a page does.
const ACK_EVERY: u64 = 32 * 1024;

/// How long after an acknowledgement less is too, as a page does.
const ACK_PAUSE: Duration = Duration::from_millis(100);

/// Takes messages in pieces.
pub(crate) trait Consumer {
    /// Part of a text message; `last` ends it.
    fn text(&mut self, piece: &[u8], last: bool) -> Result<()>;

    /// Part of a binary message.
    fn binary(&mut self, piece: &[u8]);

    /// What to answer to all that has come, as frames.
    fn answer(&mut self) -> Option<Vec<u8>> {
        None
    }
}

/// A viewer's terminal: counts, and looks for one text.
#[derive(Default)]
pub(crate) struct Screen {
    pub(crate) bytes: u64,
    pub(crate) finder: Finder,
    pub(crate) snapshot: Option<Snapshot>,
    /// How many bytes of it are still to come.
    snapshot_left: u64,
    /// The last of them has come, and has not been acknowledged.
    has_snapshot: bool,
    pub(crate) greeted: bool,
    v1: bool,
    acked: u64,
    acked_at: Option<Instant>,
    message: Vec<u8>,
}

impl Screen {
    /// With `webtty.v1`: bytes are binary, and acknowledged.
    pub(crate) fn v1() -> Self {
        Self {
            v1: true,
            ..Self::default()
        }
    }

    /// Without a subprotocol: bytes are text.
    pub(crate) fn plain() -> Self {
        Self::default()
    }

    /// Looks for a text from its very first byte on.
    pub(crate) fn looking_for(mut self, text: &str) -> Self {
        self.finder.look_for(text);
        self
    }

    fn obey(&mut self) -> Result<()> {
        let message = serde_json::from_slice(&self.message).context("reading a message");
        self.message.clear();
        match message? {
            ServerMessage::Hello(_) => self.greeted = true,
            ServerMessage::Snapshot(snapshot) => {
                self.snapshot_left = snapshot.bytes;
                self.snapshot = Some(snapshot);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Consumer for Screen {
    fn text(&mut self, piece: &[u8], last: bool) -> Result<()> {
        if !self.v1 {
            self.binary(piece);
            return Ok(());
        }
        self.message.extend_from_slice(piece);
        if last { self.obey() } else { Ok(()) }
    }

    fn binary(&mut self, piece: &[u8]) {
        let count = piece.len() as u64;
        self.bytes += count;
        self.has_snapshot |= (1..=count).contains(&self.snapshot_left);
        self.snapshot_left = self.snapshot_left.saturating_sub(count);
        self.finder.feed(piece);
    }

    fn answer(&mut self) -> Option<Vec<u8>> {
        let ended = std::mem::take(&mut self.has_snapshot);
        let paused = self.acked_at.is_none_or(|at| at.elapsed() >= ACK_PAUSE);
        let is_due = self.bytes - self.acked >= ACK_EVERY || ended || paused;
        if !self.v1 || !is_due || self.bytes == self.acked {
            return None;
        }
        self.acked = self.bytes;
        self.acked_at = Some(Instant::now());
        let ack = ClientMessage::Ack { bytes: self.bytes };
        let text = serde_json::to_vec(&ack).expect("the protocol's messages are JSON");
        Some(from_client(TEXT, &text))
    }
}

/// A subscriber that counts its events.
#[derive(Default)]
pub(crate) struct EventCount {
    pub(crate) events: usize,
}

impl Consumer for EventCount {
    fn text(&mut self, _: &[u8], last: bool) -> Result<()> {
        self.events += usize::from(last);
        Ok(())
    }

    fn binary(&mut self, _: &[u8]) {}
}

/// A subscriber whose events are the moments they were published at.
pub(crate) struct Stopwatch {
    pub(crate) began: Instant,
    pub(crate) microseconds: Vec<f64>,
    digits: Vec<u8>,
}

impl Stopwatch {
    pub(crate) fn new(began: Instant) -> Self {
        Self {
            began,
            microseconds: Vec::new(),
            digits: Vec::new(),
        }
    }

    /// An event that says when it was published.
    pub(crate) fn event(began: Instant) -> String {
        began.elapsed().as_nanos().to_string()
    }
}

impl Consumer for Stopwatch {
    fn text(&mut self, piece: &[u8], last: bool) -> Result<()> {
        self.digits.extend_from_slice(piece);
        if last {
            let text = String::from_utf8_lossy(&self.digits).into_owned();
            self.digits.clear();
            let Ok(published) = text.trim().parse::<u128>() else {
                bail!("an event is not what was published: {text:?}");
            };
            let late = self.began.elapsed().as_nanos().saturating_sub(published);
            self.microseconds.push(late as f64 / 1e3);
        }
        Ok(())
    }

    fn binary(&mut self, _: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_acknowledges_what_it_has_taken_but_not_each_byte() {
        let mut screen = Screen::v1();
        assert!(screen.answer().is_none());
        screen.binary(&[0; 1000]);
        let ack = screen.answer().expect("an ack, the first");
        assert!(ack.ends_with(br#"{"type":"ack","bytes":1000}"#));
        screen.acked_at = Some(Instant::now() + ACK_PAUSE);
        screen.binary(&[0; 1000]);
        assert!(screen.answer().is_none());
        screen.binary(&[0; ACK_EVERY as usize]);
        let ack = screen.answer().expect("an ack");
        assert!(ack.ends_with(br#"{"type":"ack","bytes":34768}"#));
        assert!(screen.answer().is_none());
    }

    #[test]
    fn text_is_a_message_with_the_protocol_and_output_without() {
        let mut screen = Screen::v1();
        screen.text(br#"{"type":"title","#, false).unwrap();
        screen.text(br#""title":"x"}"#, true).unwrap();
        assert_eq!(screen.bytes, 0);
        let mut plain = Screen::plain();
        plain.text(b"x", true).unwrap();
        assert_eq!(plain.bytes, 1);
    }
}
