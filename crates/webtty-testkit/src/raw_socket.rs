//! WebSockets below any library, for frames no client would send (RFC 6455 section 5.2).

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;

use crate::raw::{Answer, RawConnection};
use crate::wait::within;

/// A frame as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// 1 text, 2 binary, 8 close, 9 ping, 10 pong.
    pub opcode: u8,
    /// What it carried.
    pub payload: Vec<u8>,
}

/// A WebSocket of which the test writes every byte.
pub struct RawSocket {
    /// The connection below it.
    pub connection: RawConnection,
}

impl RawSocket {
    /// Opens a socket; `headers` are further lines, each with its line end.
    pub async fn open(address: SocketAddr, path: &str, headers: &str) -> Self {
        let (socket, answer) = Self::try_open(address, path, headers).await;
        assert_eq!(answer.status, 101, "{path}");
        socket
    }

    /// Asks for a socket, and gives the answer too, which may be a refusal.
    pub async fn try_open(address: SocketAddr, path: &str, headers: &str) -> (Self, Answer) {
        let mut connection = RawConnection::open(address).await;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{headers}\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        connection.send(head.as_bytes()).await;
        let answer = connection.head().await;
        (Self { connection }, answer)
    }

    /// Sends these bytes as they are. A socket that is closed already takes them in silence.
    pub async fn send(&mut self, bytes: &[u8]) {
        use tokio::io::AsyncWriteExt;
        let _closed = self.connection.stream.write_all(bytes).await;
    }

    /// The next frame, or none when the connection has ended.
    pub async fn next(&mut self) -> Option<RawFrame> {
        within("a frame", self.read_frame()).await
    }

    /// The code that the daemon closes with; what comes before is passed over.
    pub async fn close_code(&mut self) -> Option<u16> {
        within("the close", async {
            while let Some(frame) = self.read_frame().await {
                if frame.opcode == 8 {
                    let code = frame.payload.get(..2)?;
                    return Some(u16::from_be_bytes([code[0], code[1]]));
                }
            }
            None
        })
        .await
    }

    async fn read_frame(&mut self) -> Option<RawFrame> {
        let stream = &mut self.connection.stream;
        let first = stream.read_u8().await.ok()?;
        let length = match stream.read_u8().await.ok()? {
            126 => u64::from(stream.read_u16().await.ok()?),
            127 => stream.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).ok()?];
        stream.read_exact(&mut payload).await.ok()?;
        Some(RawFrame {
            opcode: first & 0x0f,
            payload,
        })
    }
}

/// A masked frame as a client sends it, whole; `first` is the byte of flags and opcode.
pub fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = client_frame_header(first, payload.len() as u64);
    frame.extend_from_slice(&MASK);
    frame.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

/// The beginning of a masked frame, up to its mask, of any length a client may claim.
pub fn client_frame_header(first: u8, length: u64) -> Vec<u8> {
    const MASKED: u8 = 0x80;
    let mut header = vec![first];
    if let Ok(short @ ..=125) = u8::try_from(length) {
        header.push(MASKED | short);
    } else if let Ok(medium) = u16::try_from(length) {
        header.push(MASKED | 126);
        header.extend_from_slice(&medium.to_be_bytes());
    } else {
        header.push(MASKED | 127);
        header.extend_from_slice(&length.to_be_bytes());
    }
    header
}
