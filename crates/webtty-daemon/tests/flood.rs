//! A flood beside stalled viewers, in a process of its own: what it measures is the memory of all
//! that runs in it.

use tokio::io::AsyncReadExt;
use webtty_testkit::{LIMIT, RawConnection, TestDaemon, TestViewer, within};

/// Resident memory of this process, which the daemon under test is part of, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("proc");
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok())
        .expect("pages")
        * 4096
}

/// What the flooding script says before it floods.
const MARK: &str = "<<<";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_reach_the_reader_whatever_the_stalled_one_does() {
    const BYTES: u64 = 100_000_000;
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; printf ready; read go; printf '<<<'; yes 123456789 | head -c 100000000; sleep 1000";
    let session = daemon.run("flood", script).await;
    let address = daemon.address();
    let upgrade = |protocol: &str| {
        format!(
            "GET /ws/flood/pty HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{protocol}\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    };
    let mut stalled = Vec::new();
    for protocol in ["", "Sec-WebSocket-Protocol: webtty.v1\r\n"] {
        let mut connection = RawConnection::open(address).await;
        connection.send(upgrade(protocol).as_bytes()).await;
        assert_eq!(connection.head().await.status, 101);
        stalled.push(connection);
    }
    let mut reader = RawConnection::open(address).await;
    reader.send(upgrade("").as_bytes()).await;
    assert_eq!(reader.head().await.status, 101);
    let mut typist = TestViewer::plain(&daemon.http(), &session, "?role=control").await;
    typist.sees("ready").await;
    let before = resident();
    typist.types("go\n").await;
    drop(typist);
    let read = async {
        let mut flood = Flood::new();
        let mut buffer = vec![0; 256 * 1024];
        while flood.payload < BYTES {
            let count = reader.stream.read(&mut buffer).await.expect("read");
            assert!(count > 0, "closed after {} bytes", flood.payload);
            flood.take(&buffer[..count]);
        }
        flood.payload
    };
    let payload = tokio::time::timeout(LIMIT * 3, read)
        .await
        .expect("all bytes in time");
    assert_eq!(payload, BYTES);
    let grown = resident().saturating_sub(before);
    assert!(grown < 48 * 1024 * 1024, "the daemon grew by {grown} bytes");
    drop(stalled);
    within("the delete", daemon.unix().delete_session(&session))
        .await
        .expect("deleted");
}

/// Checks a WebSocket stream of unmasked text frames against `123456789\n` repeated.
struct Flood {
    /// What came before the mark, until it has come.
    before: Option<Vec<u8>>,
    pattern: Vec<u8>,
    pending: Vec<u8>,
    left_in_frame: usize,
    payload: u64,
}

impl Flood {
    fn new() -> Self {
        let pattern = b"123456789\n".repeat(30_000);
        Self {
            before: Some(Vec::new()),
            pattern,
            pending: Vec::new(),
            left_in_frame: 0,
            payload: 0,
        }
    }

    /// Checks what follows the mark; what stands before it is the screen as it was.
    fn check(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        let all;
        if let Some(before) = &mut self.before {
            before.extend_from_slice(bytes);
            let mark = MARK.as_bytes();
            let Some(at) = before.windows(mark.len()).position(|window| window == mark) else {
                return;
            };
            all = before.split_off(at + mark.len());
            self.before = None;
            bytes = &all;
        }
        let phase = usize::try_from(self.payload).expect("small") % 10;
        let same = bytes == &self.pattern[phase..phase + bytes.len()];
        assert!(same, "after byte {}", self.payload);
        self.payload += bytes.len() as u64;
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left_in_frame > 0 {
                let count = self.left_in_frame.min(bytes.len());
                self.check(&bytes[..count]);
                self.left_in_frame -= count;
                bytes = &bytes[count..];
                continue;
            }
            self.pending.push(bytes[0]);
            bytes = &bytes[1..];
            if let Some(len) = frame_length(&self.pending) {
                self.left_in_frame = len;
                self.pending.clear();
            }
        }
    }
}

/// The payload length of a frame, once its head is whole (RFC 6455 section 5.2).
fn frame_length(head: &[u8]) -> Option<usize> {
    let short = usize::from(*head.get(1)?);
    assert_eq!(head[0], 0x81, "only whole text frames are expected");
    match short {
        126 => Some(usize::from(u16::from_be_bytes(
            head.get(2..4)?.try_into().ok()?,
        ))),
        127 => usize::try_from(u64::from_be_bytes(head.get(2..10)?.try_into().ok()?)).ok(),
        short => Some(short),
    }
}
