//! What goes to the session: keys, the window's size, and how much has been shown.
//!
//! A shell that reads nothing leaves the connection full, and a send then waits for as long. So
//! two futures share what is to be sent: one reads the keyboard and takes signals, and can always
//! end this; the other sends, the small messages before the keys.

use std::cell::RefCell;
use std::io;

use bytes::BytesMut;
use nix::sys::signal::Signal;
use tokio::io::AsyncReadExt;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;
use webtty_client::{AttachInput, Error};

use super::end::End;
use crate::limits::{GOODBYE_TIMEOUT, INPUT_BYTES, MAX_TYPED_BYTES};
use crate::terminal;
use crate::terminal::detach::DetachKeys;
use crate::terminal::signals::Signals;

/// What is typed, on its way to the session.
pub(super) struct Typing<'a> {
    pub(super) input: &'a mut AttachInput,
    /// Does the session take input from us at first? While it does not, only the keys that detach
    /// and those that ask mean anything.
    pub(super) allowed: bool,
}

impl Typing<'_> {
    /// Reads the keyboard and the window's size and writes the socket, with what has been shown.
    pub(super) async fn run(
        self,
        shown: watch::Receiver<u64>,
        may_type: watch::Receiver<bool>,
        signals: &mut Signals,
    ) -> io::Result<End> {
        let outbox = Outbox::default();
        let mut sending = std::pin::pin!(outbox.send(self.input));
        let end = tokio::select! {
            end = outbox.fill(shown, may_type, signals) => end?,
            end = &mut sending => return Ok(end),
        };
        if !matches!(end, End::Detached { .. }) {
            return Ok(end);
        }
        // What was typed before is sent, where the session takes it.
        tokio::select! {
            () = outbox.until_sent() => {}
            _broken = &mut sending => {}
            () = sleep(GOODBYE_TIMEOUT) => {}
        }
        let unsent = outbox.waiting.borrow().unsent();
        Ok(End::Detached { unsent })
    }
}

/// What is to be sent.
#[derive(Debug, Default)]
struct Outbox {
    waiting: RefCell<Waiting>,
    /// There is something to send.
    filled: Notify,
    /// Something has been sent.
    sent: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    shown: Option<u64>,
    size: Option<(u16, u16)>,
    asks: bool,
    typed: BytesMut,
    /// How many bytes of keys the connection is taking just now.
    in_hand: usize,
}

/// The next thing to send.
enum Message {
    Shown(u64),
    Size(u16, u16),
    Request,
    Typed(BytesMut),
}

impl Outbox {
    /// Reads the keyboard, the window's size, and how much has been shown, until a key or a signal
    /// ends this.
    async fn fill(
        &self,
        mut shown: watch::Receiver<u64>,
        mut may_type: watch::Receiver<bool>,
        signals: &mut Signals,
    ) -> io::Result<End> {
        let mut stdin = tokio::io::stdin();
        let mut keys = DetachKeys::default();
        let mut buffer = vec![0; INPUT_BYTES];
        loop {
            let allowed = *may_type.borrow();
            let has_room = self.waiting.borrow().typed.len() < MAX_TYPED_BYTES;
            tokio::select! {
                read = stdin.read(&mut buffer), if has_room => {
                    let read = read?;
                    let typed = keys.feed(&buffer[..read]);
                    self.put(|waiting| {
                        if allowed {
                            waiting.typed.extend_from_slice(&typed.input);
                        } else {
                            waiting.asks |= typed.asks;
                        }
                    });
                    // Nothing to read: the terminal has gone, the session has not.
                    if typed.detach || read == 0 {
                        return Ok(End::Detached { unsent: 0 });
                    }
                }
                () = self.sent.notified(), if !has_room => {}
                Ok(()) = shown.changed() => {
                    let bytes = *shown.borrow_and_update();
                    self.put(|waiting| waiting.shown = Some(bytes));
                }
                // Who may type now takes part in the choice of the size; who no longer may is
                // sent away for trying.
                Ok(()) = may_type.changed() => {
                    let allowed = *may_type.borrow_and_update();
                    self.put(|waiting| if allowed {
                        waiting.size = terminal::size();
                    } else {
                        waiting.typed.clear();
                    });
                }
                signal = signals.recv() => match signal {
                    Signal::SIGWINCH if allowed => {
                        self.put(|waiting| waiting.size = terminal::size());
                    }
                    Signal::SIGWINCH => {}
                    signal => return Ok(End::Signalled(signal)),
                },
            }
        }
    }

    fn put(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.waiting.borrow_mut());
        self.filled.notify_one();
    }

    /// Sends what there is, until the connection breaks.
    async fn send(&self, input: &mut AttachInput) -> End {
        loop {
            let Some(message) = self.waiting.borrow_mut().next() else {
                self.filled.notified().await;
                continue;
            };
            let sent = match message {
                Message::Shown(bytes) => input.ack(bytes).await,
                Message::Size(cols, rows) => input.resize(cols, rows).await,
                Message::Request => input.request_control().await,
                Message::Typed(bytes) => input.send(bytes).await,
            };
            match sent {
                Ok(()) => {
                    self.waiting.borrow_mut().in_hand = 0;
                    self.sent.notify_one();
                }
                // Who reads the socket knows why: there may be an exit to tell.
                Err(Error::Io(_)) => return std::future::pending().await,
                Err(error) => return End::Broken(error),
            }
        }
    }

    /// Waits until all keys are sent.
    async fn until_sent(&self) {
        while self.waiting.borrow().unsent() > 0 {
            self.sent.notified().await;
        }
    }
}

impl Waiting {
    /// Takes the next message, the small ones first: keys may have to wait for the shell.
    fn next(&mut self) -> Option<Message> {
        if let Some(bytes) = self.shown.take() {
            return Some(Message::Shown(bytes));
        }
        if let Some((cols, rows)) = self.size.take() {
            return Some(Message::Size(cols, rows));
        }
        if std::mem::take(&mut self.asks) {
            return Some(Message::Request);
        }
        let piece = self.typed.len().min(INPUT_BYTES);
        self.in_hand = piece;
        (piece > 0).then(|| Message::Typed(self.typed.split_to(piece)))
    }

    /// How many bytes of keys the session may not have got.
    fn unsent(&self) -> usize {
        self.typed.len() + self.in_hand
    }
}
