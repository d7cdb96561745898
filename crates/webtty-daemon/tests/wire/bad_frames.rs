//! After the upgrade: every bad frame and message has its close code, and harms nobody else.

use webtty_protocol::pty::ServerMessage;
use webtty_protocol::{Role, SessionId};
use webtty_testkit::{
    RawSocket, TestDaemon, TestViewer, client_frame, client_frame_header, within,
};

/// Final frames.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
/// A first piece, and a last one.
const TEXT_BEGUN: u8 = 0x01;
const CONTINUED: u8 = 0x80;

const V1: &str = "Sec-WebSocket-Protocol: webtty.v1\r\n";

/// Sends these bytes on a new socket and expects this close code, while a viewer beside it goes
/// on as if nothing had been.
async fn check(path: &str, headers: &str, cases: &[(&str, Vec<u8>, u16)]) {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let mut beside = TestViewer::v1(&daemon.http(), &session, "").await;
    for (what, bytes, code) in cases {
        let mut socket = RawSocket::open(daemon.address(), path, headers).await;
        socket.send(bytes).await;
        assert_eq!(socket.close_code().await, Some(*code), "{what} on {path}");
    }
    beside.types("echo fine$((0))\r").await;
    beside.sees("fine0").await;
    assert!(!beside.text().contains("hacked"), "{}", beside.text());
}

/// What no WebSocket of ours takes: the frame itself is wrong.
fn broken_frames() -> Vec<(&'static str, Vec<u8>, u16)> {
    let mut unmasked = vec![TEXT, 6];
    unmasked.extend_from_slice(b"hacked");
    let begun = client_frame(TEXT_BEGUN, b"a");
    vec![
        ("unmasked", unmasked, 1002),
        ("RSV1", client_frame(TEXT | 0x40, b"x"), 1002),
        ("RSV2", client_frame(TEXT | 0x20, b"x"), 1002),
        ("RSV3", client_frame(TEXT | 0x10, b"x"), 1002),
        ("reserved data opcode", client_frame(0x83, b"x"), 1002),
        ("reserved control opcode", client_frame(0x8b, b"x"), 1002),
        ("fragmented ping", client_frame(0x09, b"x"), 1002),
        ("ping of 126 bytes", client_frame(PING, &[b'x'; 126]), 1002),
        (
            "continuation of nothing",
            client_frame(CONTINUED, b"x"),
            1002,
        ),
        (
            "a message inside another",
            [begun.clone(), client_frame(TEXT, b"b")].concat(),
            1002,
        ),
        ("close of one byte", client_frame(CLOSE, b"x"), 1002),
        ("bad UTF-8", client_frame(TEXT, b"\xc3\x28"), 1007),
        ("half a character", client_frame(TEXT, b"\xe2\x82"), 1007),
        (
            "bad UTF-8 across frames",
            [begun, client_frame(CONTINUED, b"\xff")].concat(),
            1007,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_close_a_terminal() {
    check("/ws/main/pty", V1, &broken_frames()).await;
    check("/ws/main/pty", "", &broken_frames()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_close_a_subscriber() {
    check("/ws/main/events", "", &broken_frames()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_is_sent() {
    let claim = |first, length| [client_frame_header(first, length), vec![0; 4]].concat();
    let kib = 1024;
    let tebibyte = 1 << 40;
    check(
        "/ws/main/pty",
        V1,
        &[
            ("one past 64 KiB", claim(BINARY, 64 * kib + 1), 1009),
            ("a tebibyte", claim(BINARY, tebibyte), 1009),
            (
                "pieces of more than 64 KiB",
                [
                    client_frame(0x02, &vec![b'\n'; 64 * 1024]),
                    client_frame(CONTINUED, b"x"),
                ]
                .concat(),
                1009,
            ),
        ],
    )
    .await;
    check(
        "/ws/main/pty",
        "",
        &[("one past 1 MiB", claim(TEXT, kib * kib + 1), 1009)],
    )
    .await;
    check(
        "/ws/main/events",
        "",
        &[("one past 1 KiB", claim(TEXT, kib + 1), 1009)],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_at_their_limit_are_taken() {
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; echo ready; head -c 65536 >/dev/null; echo all; sleep 1000";
    let session = daemon.run("main", script).await;
    let mut typist = TestViewer::v1(&daemon.http(), &session, "").await;
    typist.sees("ready").await;
    typist.types(&"x".repeat(64 * 1024)).await;
    typist.sees("all").await;
    // A subscriber may send nothing, so the code is that of what it sent and not of its size.
    let mut socket = RawSocket::open(daemon.address(), "/ws/main/events", "").await;
    socket.send(&client_frame(TEXT, &[b'x'; 1024])).await;
    assert_eq!(socket.close_code().await, Some(1003));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_mean_nothing_close_with_1008() {
    let says = |text: &str| client_frame(TEXT, text.as_bytes());
    check(
        "/ws/main/pty",
        V1,
        &[
            ("no JSON", says("echo hacked"), 1008),
            ("an array", says("[]"), 1008),
            ("no type", says("{}"), 1008),
            ("an unknown type", says(r#"{"type":"unheard-of"}"#), 1008),
            ("a type that is a number", says(r#"{"type":1}"#), 1008),
            (
                "an unknown field",
                says(r#"{"type":"ping","t":1,"u":2}"#),
                1008,
            ),
            (
                "columns that are text",
                says(r#"{"type":"resize","cols":"80","rows":24}"#),
                1008,
            ),
            ("no rows", says(r#"{"type":"resize","cols":80}"#), 1008),
            (
                "rows null",
                says(r#"{"type":"resize","cols":80,"rows":null}"#),
                1008,
            ),
            (
                "an ack of what was not sent",
                says(r#"{"type":"ack","bytes":999999999}"#),
                1008,
            ),
            (
                "a fraction of a byte",
                says(r#"{"type":"ack","bytes":1.5}"#),
                1008,
            ),
            ("too deep", says(&"[".repeat(1000)), 1008),
        ],
    )
    .await;
    check(
        "/ws/main/events",
        "",
        &[
            ("text", says("echo hacked"), 1003),
            ("bytes", client_frame(BINARY, b"x"), 1003),
            ("nothing at all", says(""), 1003),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_are_clamped() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let mut viewer = TestViewer::v1(&daemon.http(), &session, "").await;
    for (cols, rows, clamped) in [
        ("0", "0", (1, 1)),
        ("90", "-1", (90, 1)),
        ("-1", "30", (1, 30)),
        ("1e9", "1e9", (1000, 500)),
        ("132.9", "43", (132, 43)),
    ] {
        viewer
            .says(&format!(
                r#"{{"type":"resize","cols":{cols},"rows":{rows}}}"#
            ))
            .await;
        let told = viewer.hears("the size", |message| match message {
            ServerMessage::Resize(size) if (size.cols, size.rows) == clamped => Some(()),
            _ => None,
        });
        told.await;
        viewer.messages.clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offset_is_one_of_the_output_or_refused() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    for from in ["99999999", "x", "-1", "1.5", "", "18446744073709551616"] {
        let path = format!("/ws/main/pty?from={from}");
        let mut socket = RawSocket::open(daemon.address(), &path, V1).await;
        assert_eq!(socket.close_code().await, Some(1008), "from={from}");
    }
    for since in ["x", "-1", "1.5"] {
        let path = format!("/ws/main/events?since={since}");
        let mut socket = RawSocket::open(daemon.address(), &path, "").await;
        assert_eq!(socket.close_code().await, Some(1008), "since={since}");
    }
    let mut unknown = RawSocket::open(daemon.address(), "/ws/unknown/pty", V1).await;
    assert_eq!(unknown.close_code().await, Some(4001));
    let mut unknown = RawSocket::open(daemon.address(), "/ws/unknown/events", "").await;
    assert_eq!(unknown.close_code().await, Some(4001));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_viewer_sends_reaches_the_shell() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let token = daemon.token(Role::View, Some(&session)).await;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let resize = br#"{"type":"resize","cols":7,"rows":7}"#;
    for (what, v1, frame) in [
        ("bytes on v1", true, client_frame(BINARY, b"echo hacked\r")),
        ("a resize on v1", true, client_frame(TEXT, resize)),
        (
            "text without it",
            false,
            client_frame(TEXT, b"echo hacked\r"),
        ),
        (
            "bytes without it",
            false,
            client_frame(BINARY, b"echo hacked\r"),
        ),
        ("a resize without it", false, client_frame(TEXT, resize)),
        ("no byte at all", true, client_frame(BINARY, b"")),
    ] {
        let headers = format!("{bearer}{}", if v1 { V1 } else { "" });
        let mut socket = RawSocket::open(daemon.address(), "/ws/main/pty", &headers).await;
        socket.send(&frame).await;
        assert_eq!(socket.close_code().await, Some(4003), "{what}");
    }
    let mut owner = TestViewer::v1(&daemon.admin().await, &session, "").await;
    owner.joined().await;
    owner.types("echo fine$((0)); stty size\r").await;
    owner.sees("fine0\r\n24 80").await;
    assert!(!owner.text().contains("hacked"));
}

/// Waits until the daemon counts no viewer of this session any more.
async fn nobody_looks_at(daemon: &TestDaemon, session: &SessionId) {
    within("the end of the viewers", async {
        while daemon.unix().session(session).await.expect("there").viewers > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_without_a_word_is_forgotten() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    for reset in [false, true] {
        for partial in [&b""[..], &b"\x82"[..], &b"\x82\xfe\x00"[..]] {
            let mut socket = RawSocket::open(daemon.address(), "/ws/main/pty", V1).await;
            assert!(socket.next().await.is_some(), "it is served");
            socket.send(partial).await;
            if reset {
                // Closing with nothing waited for sends a RST instead of a FIN.
                let stream = &socket.connection.stream;
                stream.set_zero_linger().expect("set");
            }
            drop(socket);
            nobody_looks_at(&daemon, &session).await;
        }
    }
}
