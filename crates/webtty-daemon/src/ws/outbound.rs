//! The half of a socket that writes: headers of our own before payloads that many sockets share.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use hyper_tungstenite::tungstenite::Message;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};
use webtty_protocol::Close;

use super::end::End;
use super::frame::{Kind, close_payload, write_header};
use super::halves::Answer;
use super::heartbeat::Heartbeat;
use crate::frame_files::{FrameFiles, Place};
use crate::link::{SendFile, Writer};

/// Writes whole frames, one after the other. What it was given it remembers: a write that is
/// dropped half-way is gone on with by the next.
pub(super) struct Outbound<W = Writer> {
    half: W,
    answer: Arc<Answer>,
    /// Answers and headers, and how much of them is written. They come before the payload.
    head: Vec<u8>,
    head_written: usize,
    payload: Bytes,
    /// The whole of the frame under way, to be sent instead of head and payload.
    in_file: Option<Written>,
    files: Arc<FrameFiles>,
    /// Has something been written that may not have left yet? TLS keeps what the connection does
    /// not take at once.
    unflushed: bool,
    /// How long the peer may take nothing.
    deadline: Duration,
    /// Since when it has taken nothing of what waits: a write that is dropped and gone on with
    /// does not begin anew.
    blocked_since: Option<Instant>,
    /// A close was sent, after which nothing may be.
    closed: bool,
}

/// A frame that is written in a file.
struct Written {
    place: Place,
    len: usize,
}

impl<W: SendFile> Outbound<W> {
    pub(super) fn new(
        half: W,
        answer: Arc<Answer>,
        deadline: Duration,
        files: Arc<FrameFiles>,
    ) -> Self {
        Self {
            half,
            answer,
            head: Vec::new(),
            head_written: 0,
            payload: Bytes::new(),
            in_file: None,
            files,
            unflushed: false,
            deadline,
            blocked_since: None,
            closed: false,
        }
    }

    /// Writes a text or binary message, all of it. Its bytes are not copied.
    ///
    /// # Errors
    /// The end of the socket: it is gone, or has taken nothing for the write deadline.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), End> {
        let (kind, payload) = match message {
            Message::Text(text) => (Kind::Text, text.into()),
            message => (Kind::Binary, message.into_data()),
        };
        self.write_frame(kind, payload).await
    }

    /// Writes frames that are encoded already, with their headers.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub(super) async fn send_frames(&mut self, frames: Bytes) -> Result<(), End> {
        self.write_out().await?;
        self.begin(frames);
        self.write_out().await
    }

    /// Answers the peer and asks whether it is there, whenever that is due. To be waited on
    /// beside all that brings something to send.
    ///
    /// # Errors
    /// The end of the socket; it has no other end.
    pub(super) async fn tend(&mut self, heartbeat: &mut Heartbeat) -> Result<Infallible, End> {
        let answer = Arc::clone(&self.answer);
        loop {
            self.write_out().await?;
            tokio::select! {
                () = answer.wait() => {}
                due = heartbeat.ping_due() => {
                    due?;
                    self.write_frame(Kind::Ping, Bytes::new()).await?;
                }
            }
        }
    }

    /// Says goodbye. Nothing is written after it.
    pub(super) async fn close(&mut self, code: u16, reason: &str) -> Result<(), End> {
        let payload = close_payload(code, reason).into();
        let sent = self.write_frame(Kind::Close, payload).await;
        self.closed = true;
        sent
    }

    /// Writes what is left, and ends the stream.
    pub(super) async fn finish(&mut self) {
        if self.write_out().await.is_ok() {
            let _ = self.half.shutdown().await;
        }
    }

    async fn write_frame(&mut self, kind: Kind, payload: Bytes) -> Result<(), End> {
        self.write_out().await?;
        write_header(kind, payload.len(), &mut self.head);
        self.begin(payload);
        self.write_out().await
    }

    /// A frame is under way, whose header is the head.
    fn begin(&mut self, payload: Bytes) {
        self.payload = payload;
        self.in_file = None;
        if self.half.takes_files() {
            let len = self.head.len() + self.payload.len();
            let place = self.files.place_of(&self.head, &self.payload);
            self.in_file = place.map(|place| Written { place, len });
        }
    }

    /// Writes the frame under way, then the answer that waits, if there is one.
    async fn write_out(&mut self) -> Result<(), End> {
        loop {
            self.progress().await?;
            if self.head.is_empty() && self.payload.is_empty() {
                if !self.closed {
                    self.answer.take(&mut self.head);
                }
                if self.head.is_empty() {
                    return Ok(());
                }
            }
        }
    }

    /// Writes some of the frame under way, if there is one, within the write deadline.
    async fn progress(&mut self) -> Result<(), End> {
        // Mostly the connection takes it, and no timer is needed.
        let at_once = poll_fn(|context| Poll::Ready(self.poll_progress(context))).await;
        if let Poll::Ready(written) = at_once {
            return written.map_err(|_| End::Gone);
        }
        let until = self.blocked_since.unwrap_or_else(Instant::now) + self.deadline;
        under_deadline(until, poll_fn(|context| self.poll_progress(context))).await
    }

    /// Writes some of the frame under way, or sees to it that what was written leaves.
    fn poll_progress(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = self.poll_some(context);
        if progress.is_pending() {
            self.blocked_since.get_or_insert_with(Instant::now);
        } else {
            self.blocked_since = None;
        }
        progress
    }

    fn poll_some(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.head.is_empty() || !self.payload.is_empty() {
            ready!(self.poll_write(context))?;
        }
        if self.unflushed && self.head.is_empty() && self.payload.is_empty() {
            ready!(Pin::new(&mut self.half).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes some of the frame under way, in one system call.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let count = ready!(self.poll_count(context))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.unflushed = true;
        let of_head = count.min(self.head.len() - self.head_written);
        self.head_written += of_head;
        self.payload.advance(count - of_head);
        if self.payload.is_empty() {
            // An empty rest would keep all of it in memory until the next frame.
            self.payload = Bytes::new();
            self.in_file = None;
        }
        if self.head_written == self.head.len() {
            self.head.clear();
            self.head_written = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes some of it, and says how much.
    fn poll_count(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let head = &self.head[self.head_written..];
        if let Some(Written { place, len }) = &self.in_file {
            let left = head.len() + self.payload.len();
            let from = place.at + len - left;
            match ready!(self.half.poll_send_file(context, &place.file, from, left)) {
                Ok(count) => return Poll::Ready(Ok(count)),
                // If it is the socket's fault, writing to it fails too.
                Err(error) => tracing::debug!(%error, "a frame was not sent from a file"),
            }
            self.in_file = None;
        }
        let half = Pin::new(&mut self.half);
        if head.is_empty() {
            half.poll_write(context, &self.payload)
        } else {
            let pieces = [IoSlice::new(head), IoSlice::new(&self.payload)];
            half.poll_write_vectored(context, &pieces)
        }
    }
}

/// A peer has the write deadline to take anything at all.
async fn under_deadline(
    until: Instant,
    write: impl Future<Output = io::Result<()>>,
) -> Result<(), End> {
    match timeout_at(until, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Close(Close::Deadline)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
    use tokio::net::{TcpListener, TcpStream, UnixStream};
    use tokio::task::yield_now;

    use super::*;
    use crate::limits::{FRAME_BYTES, FRAME_FILE_SOCKETS};
    use crate::ws::frame::write_frame;

    /// Keeps what is written until it is flushed, as TLS may.
    #[derive(Default)]
    struct Keeping {
        kept: Vec<u8>,
        sent: Vec<u8>,
    }

    impl AsyncWrite for Keeping {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.kept.extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            let kept = std::mem::take(&mut self.kept);
            self.sent.extend(kept);
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Takes a bit of a file, and no more.
    impl SendFile for Keeping {
        fn takes_files(&self) -> bool {
            true
        }

        fn poll_send_file(
            &mut self,
            _: &mut Context<'_>,
            file: &File,
            offset: usize,
            _: usize,
        ) -> Poll<io::Result<usize>> {
            if !self.kept.is_empty() {
                return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
            }
            let mut bit = [0; 100];
            file.read_exact_at(&mut bit, offset as u64)?;
            self.kept.extend_from_slice(&bit);
            Poll::Ready(Ok(bit.len()))
        }
    }

    #[tokio::test]
    async fn what_is_sent_does_not_wait_for_what_comes_next() {
        let half = Keeping::default();
        let mut outbound = Outbound::new(
            half,
            Arc::default(),
            Duration::from_secs(60),
            Arc::default(),
        );
        outbound.send(Message::text("last")).await.expect("sent");
        assert_eq!(outbound.half.sent, b"\x81\x04last");
        assert!(outbound.half.kept.is_empty());
    }

    #[tokio::test]
    async fn what_is_not_sent_from_a_file_is_written() {
        let payload: Bytes = (0..FRAME_BYTES).map(|at| at as u8).collect();
        let mut frame = Vec::new();
        write_header(Kind::Binary, payload.len(), &mut frame);
        let files = Arc::new(FrameFiles::default());
        for _ in 1..FRAME_FILE_SOCKETS {
            files.place_of(&frame, &payload);
        }
        frame.extend_from_slice(&payload);
        let half = Keeping::default();
        let mut outbound = Outbound::new(half, Arc::default(), Duration::from_secs(60), files);
        let message = Message::Binary(payload.clone());
        outbound.send(message).await.expect("sent");
        assert!(outbound.half.sent == frame);
    }

    /// What one socket is sent, frame by frame, as its peer reads it who takes its time.
    async fn sent(
        writer: Writer,
        mut peer: impl AsyncRead + Unpin,
        files: Arc<FrameFiles>,
        payloads: &[Bytes],
    ) -> Vec<u8> {
        let mut outbound = Outbound::new(writer, Arc::default(), Duration::from_secs(60), files);
        let write = async {
            for payload in payloads {
                let message = Message::Binary(payload.clone());
                outbound.send(message).await.expect("sent");
            }
            outbound.finish().await;
        };
        let read = async {
            let (mut all, mut some) = (Vec::new(), [0; 10_000]);
            while let Ok(count @ 1..) = peer.read(&mut some).await {
                all.extend_from_slice(&some[..count]);
                yield_now().await;
            }
            all
        };
        tokio::join!(write, read).1
    }

    #[tokio::test]
    async fn many_sockets_are_sent_the_same_frames_and_each_gets_every_byte() {
        let payload = |number: u8| Bytes::from(vec![number; FRAME_BYTES - usize::from(number)]);
        let payloads: Vec<Bytes> = (0..40).map(payload).collect();
        let mut expected = Vec::new();
        for payload in &payloads {
            write_frame(Kind::Binary, payload, &mut expected);
        }
        let files = Arc::new(FrameFiles::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        for _ in 0..FRAME_FILE_SOCKETS {
            let (tcp, stream) = tokio::join!(TcpStream::connect(address), listener.accept());
            let (tcp, (stream, _)) = (tcp.expect("connected"), stream.expect("accepted"));
            let writer = Writer::Tcp(stream.into_split().1);
            let of_tcp = sent(writer, tcp, Arc::clone(&files), &payloads);
            let (unix, stream) = UnixStream::pair().expect("a pair");
            let writer = Writer::Unix(stream.into_split().1);
            let of_unix = sent(writer, unix, Arc::clone(&files), &payloads);
            let (of_tcp, of_unix) = tokio::join!(of_tcp, of_unix);
            assert!(of_tcp == expected && of_unix == expected);
        }
        let mut head = Vec::new();
        for payload in &payloads {
            head.clear();
            write_header(Kind::Binary, payload.len(), &mut head);
            let place = files.place_of(&head, payload);
            assert!(place.is_some(), "half of the sockets were sent the file");
        }
    }
}
