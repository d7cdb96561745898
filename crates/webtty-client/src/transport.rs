//! A connection to a daemon, whichever way it leads.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use nix::unistd::geteuid;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::endpoint::{Endpoint, HttpUrl};
use crate::error::Error;
use crate::limits::CONNECT_TIMEOUT;
use crate::trust::Trust;

/// Bytes both ways.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// A connection, not yet used.
pub(crate) type Connection = Box<dyn Transport>;

/// A connection that is read to its end although nothing more can be written to it.
///
/// A refusal may come, and the daemon hang up, before a request's body has been sent. What then
/// fails is the writing, and the answer that says why would never be read.
pub(crate) struct ReadToEnd<T> {
    inner: T,
    takes_no_more: bool,
}

impl<T> ReadToEnd<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self {
            inner,
            takes_no_more: false,
        }
    }

    /// Takes a failure to write for a write to nobody.
    fn forgive<V>(&mut self, written: Poll<io::Result<V>>, as_if: V) -> Poll<io::Result<V>> {
        use io::ErrorKind::{BrokenPipe, ConnectionReset};
        match written {
            Poll::Ready(Err(error)) if matches!(error.kind(), BrokenPipe | ConnectionReset) => {
                self.takes_no_more = true;
                Poll::Ready(Ok(as_if))
            }
            written => written,
        }
    }
}

impl<T: Transport> AsyncRead for ReadToEnd<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: Transport> AsyncWrite for ReadToEnd<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.takes_no_more {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.forgive(written, bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.takes_no_more {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        self.forgive(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.takes_no_more {
            return Poll::Ready(Ok(()));
        }
        let shut = Pin::new(&mut self.inner).poll_shutdown(context);
        self.forgive(shut, ())
    }
}

/// Connects to the daemon.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Connection, Error> {
    match endpoint {
        Endpoint::Unix(path) => connect_unix(path).await,
        Endpoint::Http { url, trust, .. } => {
            let connecting = connect_http(url, trust);
            match timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(connected) => connected,
                Err(elapsed) => Err(Error::NoDaemon {
                    place: url.to_string(),
                    source: io::Error::new(io::ErrorKind::TimedOut, elapsed),
                }),
            }
        }
    }
}

async fn connect_unix(path: &Path) -> Result<Connection, Error> {
    match UnixStream::connect(path).await {
        Ok(stream) if is_own(&stream) => Ok(Box::new(stream)),
        Ok(_) => Err(of_another_user(path)),
        Err(source) => Err(unix_error(path, source)),
    }
}

/// Is the daemon at the other end ours? Where the runtime directory is one that others can write
/// to, somebody else may have been there first, and waits for what is typed.
fn is_own(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == geteuid().as_raw())
}

fn of_another_user(path: &Path) -> Error {
    Error::Denied {
        message: format!("{} belongs to another user", path.display()),
    }
}

fn unix_error(path: &Path, source: io::Error) -> Error {
    use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound, PermissionDenied};
    match source.kind() {
        NotFound | NotADirectory | ConnectionRefused => Error::NoDaemon {
            place: path.display().to_string(),
            source,
        },
        PermissionDenied => of_another_user(path),
        _ => Error::Io(source),
    }
}

async fn connect_http(url: &HttpUrl, trust: &Trust) -> Result<Connection, Error> {
    let connected = TcpStream::connect((url.host(), url.port())).await;
    let stream = connected.map_err(|source| Error::NoDaemon {
        place: url.to_string(),
        source,
    })?;
    // Keys are small and should not wait for one another.
    stream.set_nodelay(true).map_err(Error::Io)?;
    if !url.is_secure() {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(url.host().to_owned())
        .map_err(|_| Error::BadUrl("its host is no name a certificate could be for"))?;
    let connector = TlsConnector::from(trust.config()?);
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(tls_error(url, error)),
    }
}

fn tls_error(url: &HttpUrl, source: io::Error) -> Error {
    let place = url.to_string();
    let inner = source.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::General(why)) => Error::Untrusted {
            place,
            why: why.clone(),
        },
        _ => Error::Tls { place, source },
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_although_the_other_side_has_hung_up() {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair");
        theirs.write_all(b"no").await.expect("written");
        drop(theirs);
        let mut ours = ReadToEnd::new(ours);
        let mut answer = String::new();
        ours.write_all(b"nobody reads this")
            .await
            .expect("forgiven");
        ours.flush().await.expect("forgiven");
        ours.read_to_string(&mut answer).await.expect("read");
        assert_eq!(answer, "no");
    }

    #[test]
    fn what_connecting_says_becomes_what_a_caller_can_do() {
        let error = |kind: io::ErrorKind| unix_error(Path::new("/x.sock"), kind.into());
        for kind in [
            io::ErrorKind::NotFound,
            io::ErrorKind::NotADirectory,
            io::ErrorKind::ConnectionRefused,
        ] {
            assert!(
                matches!(error(kind), Error::NoDaemon { ref place, .. } if place == "/x.sock"),
                "{kind:?}"
            );
        }
        assert!(matches!(
            error(io::ErrorKind::PermissionDenied),
            Error::Denied { .. }
        ));
        assert!(matches!(error(io::ErrorKind::Other), Error::Io(_)));
    }
}
