//! A connection that has become a socket, without what hyper got it in, and its two halves.
//!
//! To a plain socket of this machine's kernel a file can be sent, which copies nothing; see
//! [`frame_files`](crate::frame_files).

use std::any::Any;
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use nix::sys::sendfile::sendfile64;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};

/// Any connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// What hyper gets a connection in.
pub(crate) trait Wrapped: Stream {
    /// What is inside.
    type Inner: Stream;

    /// Takes it out.
    fn into_inner(self) -> Self::Inner;
}

/// How a connection is taken out of what hyper got it in. Travels with each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unwrap(fn(Upgraded) -> Link);

impl Unwrap {
    /// Of connections that hyper gets as `W`.
    pub(crate) fn of<W: Wrapped>() -> Self {
        Self(|upgraded| match upgraded.downcast::<TokioIo<W>>() {
            Ok(parts) => Link {
                kind: Kind::of(parts.io.into_inner().into_inner()),
                // Copied: the few bytes there may be would keep all of hyper's buffer in memory.
                read_before: Bytes::copy_from_slice(&parts.read_buf),
            },
            Err(upgraded) => {
                tracing::error!("a connection was not of the type it was served as");
                Link {
                    kind: Kind::Other(Box::new(TokioIo::new(upgraded))),
                    read_before: Bytes::new(),
                }
            }
        })
    }

    /// Takes it out.
    pub(crate) fn take_out(self, upgraded: Upgraded) -> Link {
        (self.0)(upgraded)
    }
}

/// A connection after its upgrade.
pub(crate) struct Link {
    kind: Kind,
    /// What hyper has read of it beyond the request.
    read_before: Bytes,
}

enum Kind {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// TLS, or one in memory.
    Other(Box<dyn Stream>),
}

impl Kind {
    fn of<S: Stream>(stream: S) -> Self {
        let any: Box<dyn Any + Send> = Box::new(stream);
        let any = match any.downcast::<TcpStream>() {
            Ok(tcp) => return Self::Tcp(*tcp),
            Err(any) => any,
        };
        let any = match any.downcast::<UnixStream>() {
            Ok(unix) => return Self::Unix(*unix),
            Err(any) => any,
        };
        Self::Other(any.downcast::<S>().expect("of the type it was made with"))
    }
}

impl Link {
    /// Parts it, so that one future reads and another writes.
    pub(crate) fn split(self) -> (Reader, Writer) {
        let (from, to) = match self.kind {
            Kind::Tcp(stream) => {
                let (from, to) = stream.into_split();
                (Source::Tcp(from), Writer::Tcp(to))
            }
            Kind::Unix(stream) => {
                let (from, to) = stream.into_split();
                (Source::Unix(from), Writer::Unix(to))
            }
            Kind::Other(stream) => {
                let (from, to) = tokio::io::split(stream);
                (Source::Other(from), Writer::Other(to))
            }
        };
        let read_before = self.read_before;
        (Reader { read_before, from }, to)
    }
}

/// The half of a connection that is read.
pub(crate) struct Reader {
    read_before: Bytes,
    from: Source,
}

enum Source {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
    Other(ReadHalf<Box<dyn Stream>>),
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.read_before.is_empty() {
            let count = self.read_before.len().min(buffer.remaining());
            buffer.put_slice(&self.read_before[..count]);
            self.read_before.advance(count);
            if self.read_before.is_empty() {
                // An empty rest would keep all of it in memory.
                self.read_before = Bytes::new();
            }
            return Poll::Ready(Ok(()));
        }
        match &mut self.from {
            Source::Tcp(half) => Pin::new(half).poll_read(context, buffer),
            Source::Unix(half) => Pin::new(half).poll_read(context, buffer),
            Source::Other(half) => Pin::new(half).poll_read(context, buffer),
        }
    }
}

/// The half of a connection that is written to.
pub(crate) enum Writer {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
    Other(WriteHalf<Box<dyn Stream>>),
}

/// What a socket's frames are written to.
pub(crate) trait SendFile: AsyncWrite + Unpin {
    /// May files be sent to it?
    fn takes_files(&self) -> bool {
        false
    }

    /// Sends up to `count` bytes of a file, from `offset` on, and says how many. The file must
    /// never change: the kernel sends its memory, and may do so later.
    fn poll_send_file(
        &mut self,
        _: &mut Context<'_>,
        _: &File,
        _offset: usize,
        _count: usize,
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(ErrorKind::Unsupported.into()))
    }
}

impl SendFile for Writer {
    fn takes_files(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    fn poll_send_file(
        &mut self,
        context: &mut Context<'_>,
        file: &File,
        offset: usize,
        count: usize,
    ) -> Poll<io::Result<usize>> {
        loop {
            let sent = match self {
                Self::Tcp(half) => {
                    let stream: &TcpStream = half.as_ref();
                    ready!(stream.poll_write_ready(context))?;
                    stream.try_io(Interest::WRITABLE, || send(stream, file, offset, count))
                }
                Self::Unix(half) => {
                    let stream: &UnixStream = half.as_ref();
                    ready!(stream.poll_write_ready(context))?;
                    stream.try_io(Interest::WRITABLE, || send(stream, file, offset, count))
                }
                Self::Other(_) => Err(ErrorKind::Unsupported.into()),
            };
            match sent {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

fn send(socket: impl AsFd, file: &File, offset: usize, count: usize) -> io::Result<usize> {
    let mut offset = i64::try_from(offset).expect("inside a small file");
    Ok(sendfile64(socket, file, Some(&mut offset), count)?)
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_write(context, bytes),
            Self::Unix(half) => Pin::new(half).poll_write(context, bytes),
            Self::Other(half) => Pin::new(half).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_write_vectored(context, pieces),
            Self::Unix(half) => Pin::new(half).poll_write_vectored(context, pieces),
            Self::Other(half) => Pin::new(half).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(half) => half.is_write_vectored(),
            Self::Unix(half) => half.is_write_vectored(),
            Self::Other(half) => half.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_flush(context),
            Self::Unix(half) => Pin::new(half).poll_flush(context),
            Self::Other(half) => Pin::new(half).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_shutdown(context),
            Self::Unix(half) => Pin::new(half).poll_shutdown(context),
            Self::Other(half) => Pin::new(half).poll_shutdown(context),
        }
    }
}
