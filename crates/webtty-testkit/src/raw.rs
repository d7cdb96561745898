//! Connections below HTTP clients, for requests no client would send.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wait::within;

/// An HTTP answer, as text.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// All header lines, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// What followed the head.
    pub body: String,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A plain TCP connection.
pub struct RawConnection {
    /// The connection itself.
    pub stream: TcpStream,
}

impl RawConnection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(address).await.expect("connected"),
        }
    }

    /// Sends these bytes.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("sent");
    }

    /// Reads the head of an answer.
    pub async fn head(&mut self) -> Answer {
        let mut head = Vec::new();
        within("the head of an answer", async {
            while !head.ends_with(b"\r\n\r\n") {
                match self.stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
        })
        .await;
        parse(&String::from_utf8_lossy(&head))
    }

    /// Reads until this has come.
    pub async fn sees(&mut self, needle: &str) {
        let mut seen = Vec::new();
        within(needle, async {
            while !String::from_utf8_lossy(&seen).contains(needle) {
                seen.push(self.stream.read_u8().await.expect("more of the answer"));
            }
        })
        .await;
    }

    /// Reads what is there, at least a byte unless it is the end.
    pub async fn read_some(&mut self, into: &mut Vec<u8>) {
        let _ = within("some bytes", self.stream.read_buf(into)).await;
    }

    /// Reads until the daemon closes.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset ends it as well as a proper end.
        let _ = within("the end", self.stream.read_to_end(&mut rest)).await;
        rest
    }
}

/// Sends a request as given and reads the answer, whose length must be stated.
pub async fn request(address: SocketAddr, head_and_body: &str) -> Answer {
    let mut connection = RawConnection::open(address).await;
    connection.send(head_and_body.as_bytes()).await;
    let mut answer = connection.head().await;
    let length = answer
        .header("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    within("the body", connection.stream.read_exact(&mut body))
        .await
        .expect("a whole body");
    answer.body = String::from_utf8_lossy(&body).into_owned();
    answer
}

fn parse(head: &str) -> Answer {
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Answer {
        status: status.unwrap_or(0),
        headers,
        body: String::new(),
    }
}
