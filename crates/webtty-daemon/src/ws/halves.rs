//! An upgraded connection in two: what the WebSocket library reads from, and what we write to.
//!
//! The library checks what the peer sends and answers its pings and its close. It would also
//! copy every byte we send into a buffer of each connection, so what goes out is written by
//! [`Outbound`](super::outbound::Outbound), and the library's answers are handed over to it
//! here, since a frame must never be written into the middle of another.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::limits::SOCKET_ANSWERS_BYTES;
use crate::link::{Link, Reader, Writer};

/// The library's answers to the peer that are still to be written.
#[derive(Debug, Default)]
pub(super) struct Answer {
    frames: Mutex<Vec<u8>>,
    there: Notify,
}

impl Answer {
    /// Waits until there may be some.
    pub(super) async fn wait(&self) {
        self.there.notified().await;
    }

    /// Moves them to the end of `into`.
    pub(super) fn take(&self, into: &mut Vec<u8>) {
        into.append(&mut std::mem::take(&mut *self.lock()));
    }

    /// One more. Who pings and takes no answer has the last ones in the end: of several pings only
    /// the last must be answered (RFC 6455 section 5.5.3), and nothing follows a close.
    fn put(&self, frame: &[u8]) {
        let mut waiting = self.lock();
        if waiting.len() + frame.len() > SOCKET_ANSWERS_BYTES {
            waiting.clear();
        }
        waiting.extend_from_slice(frame);
        drop(waiting);
        self.there.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the library reads from, and answers into.
pub(super) struct Reading {
    half: Reader,
    answer: Arc<Answer>,
}

/// Parts a connection.
pub(super) fn part(link: Link) -> (Reading, Writer, Arc<Answer>) {
    let (half, write) = link.split();
    let answer = Arc::new(Answer::default());
    let reading = Reading {
        half,
        answer: Arc::clone(&answer),
    };
    (reading, write, answer)
}

impl AsyncRead for Reading {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.half).poll_read(context, buffer)
    }
}

/// The library writes one frame at a time, whole.
impl AsyncWrite for Reading {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        frame: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.answer.put(frame);
        Poll::Ready(Ok(frame.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_wait_in_order_and_who_takes_none_has_the_last() {
        let answer = Answer::default();
        let taken = |answer: &Answer| {
            let mut taken = Vec::new();
            answer.take(&mut taken);
            taken
        };
        answer.put(b"one");
        answer.put(b"two");
        assert_eq!(taken(&answer), b"onetwo");
        assert!(taken(&answer).is_empty());
        let frame = [7; 100];
        for _ in 0..1000 {
            answer.put(&frame);
        }
        answer.put(b"last");
        let taken = taken(&answer);
        assert!(taken.len() <= SOCKET_ANSWERS_BYTES && taken.ends_with(b"last"));
    }
}
