//! A connection to a daemon, whichever way it leads.

use std::io;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::endpoint::{Endpoint, HttpUrl};
use crate::error::Error;
use crate::limits::CONNECT_TIMEOUT;

/// Bytes both ways.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// A connection, not yet used.
pub(crate) type Connection = Box<dyn Transport>;

/// Connects to the daemon.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Connection, Error> {
    match endpoint {
        Endpoint::Unix(path) => connect_unix(path).await,
        Endpoint::Http { url, .. } => connect_tcp(url).await,
    }
}

async fn connect_unix(path: &Path) -> Result<Connection, Error> {
    match UnixStream::connect(path).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(source) => Err(unix_error(path, source)),
    }
}

fn unix_error(path: &Path, source: io::Error) -> Error {
    use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound, PermissionDenied};
    match source.kind() {
        NotFound | NotADirectory | ConnectionRefused => Error::NoDaemon {
            place: path.display().to_string(),
            source,
        },
        PermissionDenied => Error::Denied {
            message: format!("{} belongs to another user", path.display()),
        },
        _ => Error::Io(source),
    }
}

async fn connect_tcp(url: &HttpUrl) -> Result<Connection, Error> {
    let connecting = TcpStream::connect((url.host(), url.port()));
    let connected = match timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(connected) => connected,
        Err(elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, elapsed)),
    };
    let stream = connected.map_err(|source| Error::NoDaemon {
        place: url.to_string(),
        source,
    })?;
    // Keys are small and should not wait for one another.
    stream.set_nodelay(true).map_err(Error::Io)?;
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

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
