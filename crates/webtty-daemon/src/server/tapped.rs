//! A connection's stream as hyper gets it: it keeps time, and comes back when hyper is done.
//!
//! hyper closes a connection that is too slow without a word, and knows one time for a head and
//! for the silence between requests. So the time is kept here.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::heads::{Heads, Verdict};
use crate::link::{Stream, Wrapped};
use crate::settings::Limits;
use crate::timer::until;

/// Why a connection's time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    /// A head was begun and not finished.
    Head,
    /// Nothing was asked.
    Idle,
    /// It takes nothing of its answer.
    Write,
}

/// What is known of a connection from the outside.
pub(super) struct Tap<S> {
    state: Mutex<State<S>>,
    changed: Notify,
    head_timeout: Duration,
    keep_alive: Duration,
    write_timeout: Duration,
}

struct State<S> {
    heads: Heads,
    /// When the head under way began.
    head_since: Option<Instant>,
    /// Since when nothing has been asked; none before the first request.
    idle_since: Option<Instant>,
    began: Instant,
    /// How many requests are being answered.
    answering: usize,
    /// May it take nothing of its answer for as long as it likes?
    patient: bool,
    /// Since when it takes nothing.
    blocked_since: Option<Instant>,
    /// The stream, once hyper has dropped it.
    given_back: Option<S>,
}

impl<S> Tap<S> {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                heads: Heads::default(),
                head_since: None,
                idle_since: None,
                began: Instant::now(),
                answering: 0,
                patient: false,
                blocked_since: None,
                given_back: None,
            }),
            changed: Notify::new(),
            head_timeout: limits.head_timeout(),
            keep_alive: limits.keep_alive(),
            write_timeout: limits.write_timeout(),
        })
    }

    /// A request has come. It is being answered until the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> (Verdict, Answering<S>) {
        let mut state = self.state();
        state.answering += 1;
        let verdict = state.heads.next_verdict();
        (verdict, Answering(Arc::clone(self)))
    }

    /// Waits until the connection's time is over.
    pub(super) async fn overdue(&self) -> Overdue {
        loop {
            let next = self.next_deadline().map(|(at, _)| at);
            tokio::select! {
                () = until(next) => {
                    // It may have moved on meanwhile without a word, which is the usual case.
                    if let Some((at, why)) = self.next_deadline()
                        && at <= Instant::now()
                    {
                        return why;
                    }
                }
                () = self.changed.notified() => {}
            }
        }
    }

    /// The stream, after hyper has dropped it.
    pub(super) fn take_back(&self) -> Option<S> {
        self.state().given_back.take()
    }

    fn next_deadline(&self) -> Option<(Instant, Overdue)> {
        let state = self.state();
        if let Some(since) = state.blocked_since
            && !state.patient
        {
            return Some((since + self.write_timeout, Overdue::Write));
        }
        if state.answering > 0 {
            return None;
        }
        if let Some(since) = state.head_since {
            return Some((since + self.head_timeout, Overdue::Head));
        }
        Some(match state.idle_since {
            Some(since) => (since + self.keep_alive, Overdue::Idle),
            None => (state.began + self.head_timeout, Overdue::Idle),
        })
    }

    fn read(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.heads.is_lost() {
            return;
        }
        state.heads.feed(bytes);
        match (state.heads.in_head(), state.head_since) {
            (true, None) => {
                state.head_since = Some(Instant::now());
                self.changed.notify_one();
            }
            (false, Some(_)) => state.head_since = None,
            _ => {}
        }
    }

    fn wrote(&self, done: bool) {
        let mut state = self.state();
        match (done, state.blocked_since) {
            (false, None) => {
                state.blocked_since = Some(Instant::now());
                self.changed.notify_one();
            }
            (true, Some(_)) => state.blocked_since = None,
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered, until its body has been sent.
pub(super) struct Answering<S>(Arc<Tap<S>>);

impl<S> Answering<S> {
    /// Nothing is kept for the client while it takes nothing, so it may take its time.
    pub(super) fn be_patient(&self) {
        self.0.state().patient = true;
    }
}

impl<S> Drop for Answering<S> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.answering -= 1;
        state.patient = false;
        state.idle_since = Some(Instant::now());
        self.0.changed.notify_one();
    }
}

/// The stream that hyper gets.
pub(super) struct Tapped<S> {
    /// There until it is dropped.
    stream: Option<S>,
    tap: Arc<Tap<S>>,
}

impl<S> Tapped<S> {
    pub(super) fn new(stream: S, tap: &Arc<Tap<S>>) -> Self {
        Self {
            stream: Some(stream),
            tap: Arc::clone(tap),
        }
    }
}

impl<S> Drop for Tapped<S> {
    fn drop(&mut self) {
        self.tap.state().given_back = self.stream.take();
    }
}

impl<S: Stream> Wrapped for Tapped<S> {
    type Inner = S;

    fn into_inner(mut self) -> S {
        self.stream.take().expect("there until it is dropped")
    }
}

impl<S: Unpin> Tapped<S> {
    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(self.stream.as_mut().expect("there until it is dropped"))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = self.stream().poll_read(context, buffer);
        let bytes = &buffer.filled()[before..];
        if !bytes.is_empty() {
            self.tap.read(bytes);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = self.stream().poll_write(context, bytes);
        self.tap.wrote(polled.is_ready());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = self.stream().poll_write_vectored(context, slices);
        self.tap.wrote(polled.is_ready());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What TLS has taken is on its way only when it is flushed.
        let polled = self.stream().poll_flush(context);
        self.tap.wrote(polled.is_ready());
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}
