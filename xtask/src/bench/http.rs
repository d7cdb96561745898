//! As much HTTP as a bench needs: a request with an answer, and the upgrade to a WebSocket.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Nothing here takes this long; a bench that hangs ends with an error instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where a daemon listens.
#[derive(Clone)]
pub(crate) enum Place {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl Place {
    fn host(&self) -> String {
        match self {
            Self::Unix(_) => "localhost".to_owned(),
            Self::Tcp(address) => address.to_string(),
        }
    }
}

/// A connection, as something that is read and written and knows no more.
pub(crate) fn connect(place: &Place) -> Result<File> {
    match place {
        Place::Unix(path) => {
            let stream = UnixStream::connect(path).context("connecting to the Unix socket")?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(File::from(OwnedFd::from(stream)))
        }
        Place::Tcp(address) => {
            let stream = TcpStream::connect(address).context("connecting over TCP")?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(File::from(OwnedFd::from(stream)))
        }
    }
}

/// A request with a JSON body, if any, and the JSON of its answer.
pub(crate) fn call(place: &Place, method: &str, path: &str, body: Option<&str>) -> Result<Value> {
    let mut stream = connect(place)?;
    let body = body.unwrap_or_default();
    let head = [
        format!("{method} {path} HTTP/1.1"),
        format!("Host: {}", place.host()),
        "Connection: close".to_owned(),
        "Content-Type: application/json".to_owned(),
        format!("Content-Length: {}", body.len()),
    ];
    let request = format!("{}\r\n\r\n{body}", head.join("\r\n"));
    stream.write_all(request.as_bytes())?;
    let (head, mut rest) = read_head(&mut stream)?;
    stream.read_to_end(&mut rest)?;
    let status = status(&head);
    let text = String::from_utf8_lossy(&rest);
    ensure!(
        status / 100 == 2,
        "{method} {path} was answered {status}: {text}"
    );
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("reading the answer to {method} {path}"))
}

/// Begins a request whose body is streamed: what is written next is its chunks.
pub(crate) fn begin_chunked(place: &Place, path: &str) -> Result<File> {
    let mut stream = connect(place)?;
    let host = place.host();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-ndjson\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    Ok(stream)
}

/// Ends such a request; anything but "all taken" is an error.
pub(crate) fn end_chunked(mut stream: File) -> Result<()> {
    stream.write_all(b"0\r\n\r\n")?;
    let (head, rest) = read_head(&mut stream)?;
    let status = status(&head);
    if status != 204 {
        bail!(
            "the publish was answered {status}: {}",
            String::from_utf8_lossy(&rest)
        );
    }
    Ok(())
}

/// A WebSocket, with what came right behind the answer.
pub(crate) fn upgrade(
    place: &Place,
    path: &str,
    subprotocol: Option<&str>,
) -> Result<(File, Vec<u8>)> {
    let mut stream = connect(place)?;
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d2VidHR5LWJlbmNoLWtleQ==\r\n",
        place.host()
    );
    if let Some(name) = subprotocol {
        request.push_str("Sec-WebSocket-Protocol: ");
        request.push_str(name);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    let (head, rest) = read_head(&mut stream)?;
    ensure!(status(&head) == 101, "{path} was not upgraded: {head}");
    Ok((stream, rest))
}

fn read_head(stream: &mut File) -> Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).context("reading an answer")?;
        ensure!(count > 0, "the daemon hung up before it answered");
        read.extend_from_slice(&buffer[..count]);
        if let Some(end) = memchr::memmem::find(&read, b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&read).into_owned(), rest));
        }
    }
}

fn status(head: &str) -> u16 {
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_from_a_head() {
        assert_eq!(status("HTTP/1.1 204 No Content\r\n\r\n"), 204);
        assert_eq!(status("nonsense"), 0);
    }
}
