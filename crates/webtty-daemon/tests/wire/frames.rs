//! Frames as they lie on the wire: whole ones, one after the other, whatever happens between.

use std::net::SocketAddr;

use webtty_protocol::{Role, SessionId};
use webtty_testkit::{RawConnection, TestDaemon, TestViewer, within};

const PING: &[u8] = b"\x89\x84\0\0\0\0ping";
const CLOSE: &[u8] = b"\x88\x82\0\0\0\0\x03\xe8";
const MANY_PINGS: usize = 2000;

/// One frame of the daemon.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    opcode: u8,
    payload: Vec<u8>,
}

async fn socket(address: SocketAddr, path: &str, token: &str) -> RawConnection {
    let mut connection = RawConnection::open(address).await;
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: webtty.token.{token}\r\n\r\n"
    );
    connection.send(head.as_bytes()).await;
    assert_eq!(connection.head().await.status, 101);
    connection
}

/// Parts what was read into frames; all of them must be whole and not masked.
fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let [first, second, rest @ ..] = bytes {
        assert_eq!(first & 0x70, 0, "reserved bits");
        let (len, rest) = match second {
            126 => (
                usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                &rest[2..],
            ),
            127 => {
                let len = u64::from_be_bytes(rest[..8].try_into().expect("eight bytes"));
                (usize::try_from(len).expect("small"), &rest[8..])
            }
            short => (usize::from(*short), rest),
        };
        let (payload, rest) = rest.split_at(len);
        frames.push(Frame {
            opcode: first & 0xf,
            payload: payload.to_vec(),
        });
        bytes = rest;
    }
    frames
}

async fn daemon_with(script: &str) -> (TestDaemon, SessionId, String) {
    // More pings are sent here than a client may.
    let settings = r#"{"shell": "/bin/sh", "limits": {"controlFramesAtOnce": 1000000}}"#;
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::Keys, settings).await;
    let session = daemon.run("job", script).await;
    let token = daemon.token(Role::Control, None).await;
    (daemon, session, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_answered_while_nothing_else_is_sent() {
    let (daemon, session, token) = daemon_with("sleep 1000").await;
    for path in [
        format!("/ws/{session}/pty"),
        format!("/ws/{session}/events"),
    ] {
        let mut socket = socket(daemon.address(), &path, &token).await;
        socket.send(PING).await;
        socket.sees("\u{fffd}\x04ping").await;
        socket.send(CLOSE).await;
        let rest = frames(&socket.rest().await);
        assert_eq!(
            rest.last().map(|last| last.opcode),
            Some(8),
            "{path}: {rest:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_never_cut_into_output() {
    let (daemon, session, token) =
        daemon_with("read go; i=0; while [ $i -lt 40000 ]; do echo 123456789; i=$((i+1)); done")
            .await;
    let mut socket = socket(daemon.address(), &format!("/ws/{session}/pty"), &token).await;
    socket.send(b"\x82\x83\0\0\0\0go\r").await;
    socket.send(&PING.repeat(3)).await;
    let mut seen = Vec::new();
    loop {
        // Pings go on while output comes.
        socket.send(PING).await;
        let before = seen.len();
        socket.read_some(&mut seen).await;
        if seen.len() == before {
            break;
        }
        if seen.windows(12).any(|window| window == b"shell exited") {
            break;
        }
    }
    let frames = frames(&seen);
    let output: Vec<u8> = frames
        .iter()
        .filter(|frame| frame.opcode == 1)
        .flat_map(|frame| frame.payload.clone())
        .collect();
    let output = String::from_utf8(output).expect("text");
    assert_eq!(output.matches("123456789\r\n").count(), 40_000);
    assert!(
        frames
            .iter()
            .any(|frame| frame.opcode == 10 && frame.payload == b"ping")
    );
    assert_eq!(frames.last().map(|last| last.opcode), Some(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_in_the_middle_of_a_frame_still_gets_it_whole_before_the_close() {
    let (daemon, session, token) = daemon_with("read go; yes 123456789").await;
    let mut socket = socket(daemon.address(), &format!("/ws/{session}/pty"), &token).await;
    socket.send(b"\x82\x83\0\0\0\0go\r").await;
    // More than the kernel keeps for a socket has been written, so the daemon is in the middle
    // of a frame to the one that does not read.
    let mut fast = TestViewer::v1(&daemon.unix(), &session, "").await;
    within("20 MB of output", async {
        while fast.offset < 20_000_000 {
            assert!(fast.step().await);
        }
    })
    .await;
    let client = daemon.unix();
    let (deleted, rest) = tokio::join!(client.delete_session(&session), socket.rest());
    deleted.expect("deleted");
    let frames = frames(&rest);
    assert!(frames.len() > 10, "{} frames", frames.len());
    let last = frames.last().expect("some");
    assert_eq!(last.opcode, 8);
    assert_eq!(last.payload, b"\x0f\xa1session deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pings_and_reads_nothing_costs_nothing() {
    let (daemon, session, token) = daemon_with("sleep 1000").await;
    let path = format!("/ws/{session}/events");
    let mut socket = socket(daemon.address(), &path, &token).await;
    for _ in 0..MANY_PINGS / 100 {
        socket.send(&PING.repeat(100)).await;
    }
    socket.send(CLOSE).await;
    let frames = frames(&socket.rest().await);
    assert!(frames.len() <= MANY_PINGS + 1);
    assert!(
        frames
            .iter()
            .all(|frame| frame.payload == b"ping" || frame.opcode == 8)
    );
}
