//! The numbers an operator can set, each at its limit and one past it. Times are shortened by the
//! same settings, and no test measures any: each waits for what must come.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use webtty_daemon::Auth;
use webtty_protocol::rest::{CreateKey, CreateSession};
use webtty_protocol::{ErrorCode, Role};
use webtty_testkit::{Answer, RawConnection, RawSocket, TestDaemon, client_frame, request, within};

const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const BINARY: u8 = 0x82;
const V1: &str = "Sec-WebSocket-Protocol: webtty.v1\r\n";

/// A daemon with these limits in its settings.
async fn daemon(auth: Auth, limits: &str) -> TestDaemon {
    let settings = format!(r#"{{"shell": "/bin/sh", "env": {{"PS1": "$ "}}, "limits": {limits}}}"#);
    TestDaemon::start_with(auth, &settings).await
}

fn health(address: SocketAddr) -> String {
    format!("GET /api/health HTTP/1.1\r\nHost: {address}\r\n\r\n")
}

/// Asks on a connection that stays open.
async fn ask(connection: &mut RawConnection, address: SocketAddr) -> Answer {
    connection.send(health(address).as_bytes()).await;
    let answer = connection.head().await;
    let length = answer.header("content-length").expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    within("the body", connection.stream.read_exact(&mut body))
        .await
        .expect("a whole body");
    answer
}

/// A connection from another of this machine's own addresses.
async fn from(own: &str, to: SocketAddr) -> RawConnection {
    let socket = TcpSocket::new_v4().expect("a socket");
    let own = format!("{own}:0").parse().expect("an address");
    socket.bind(own).expect("bound");
    let stream = socket.connect(to).await.expect("connected");
    RawConnection { stream }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_have_places_and_the_owner_has_his_own() {
    let daemon = daemon(Auth::None, r#"{"connections": 2}"#).await;
    let address = daemon.address();
    let mut first = RawConnection::open(address).await;
    assert_eq!(ask(&mut first, address).await.status, 200);
    let mut second = RawConnection::open(address).await;
    assert_eq!(ask(&mut second, address).await.status, 200);
    let mut third = RawConnection::open(address).await;
    third.send(health(address).as_bytes()).await;
    let refusal = third.head().await;
    assert_eq!(
        (refusal.status, refusal.header("connection")),
        (503, Some("close"))
    );
    assert!(refusal.header("content-security-policy").is_some());
    third.rest().await;
    daemon.unix().health().await.expect("the owner is let in");
    assert_eq!(
        ask(&mut first, address).await.status,
        200,
        "who is in stays in"
    );
    drop(first);
    within("a place", async {
        loop {
            let mut next = RawConnection::open(address).await;
            next.send(health(address).as_bytes()).await;
            if next.head().await.status == 200 {
                break;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_keeps_its_place() {
    let daemon = daemon(Auth::None, r#"{"connections": 1}"#).await;
    daemon.shell("main").await;
    let socket = RawSocket::open(daemon.address(), "/ws/main/pty", V1).await;
    let refusal = request(daemon.address(), &health(daemon.address())).await;
    assert_eq!(refusal.status, 503);
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_places() {
    let limits = r#"{"connectionsPerAddress": 2, "loopbackToo": true}"#;
    let daemon = daemon(Auth::None, limits).await;
    let address = daemon.address();
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut connection = from("127.0.0.2", address).await;
        assert_eq!(ask(&mut connection, address).await.status, 200);
        kept.push(connection);
    }
    let mut third = from("127.0.0.2", address).await;
    third.send(health(address).as_bytes()).await;
    assert_eq!(third.head().await.status, 503);
    let mut other = from("127.0.0.3", address).await;
    assert_eq!(ask(&mut other, address).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_has_any_number_of_places_unless_it_is_said() {
    let daemon = daemon(Auth::None, r#"{"connectionsPerAddress": 1}"#).await;
    let address = daemon.address();
    let mut first = RawConnection::open(address).await;
    let mut second = RawConnection::open(address).await;
    assert_eq!(ask(&mut first, address).await.status, 200);
    assert_eq!(ask(&mut second, address).await.status, 200);
}

/// Whether the kernel asks after the peer of the daemon's end of a connection (proc(5),
/// `/proc/net/tcp`): its timer is then the one numbered 2.
fn is_asked_after(daemons: SocketAddr, peers: SocketAddr) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's table");
    let port = |address: SocketAddr| format!(":{:04X}", address.port());
    let its = |line: &&str| {
        let mut ends = line.split_whitespace().skip(1);
        let mut is = |port: String| ends.next().is_some_and(|end| end.ends_with(&port));
        is(port(daemons)) && is(port(peers))
    };
    let line = table.lines().find(its).expect("the connection");
    line.split_whitespace()
        .nth(5)
        .expect("its timer")
        .starts_with("02:")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_looks_for_peers_that_are_gone_without_a_word() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let address = daemon.address();
    let mut publisher = RawConnection::open(address).await;
    let head = format!(
        "POST /s/main/publish HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: 4\r\n\r\n"
    );
    publisher.send(head.as_bytes()).await;
    let peer = publisher.stream.local_addr().expect("an address");
    within("the timer", async {
        while !is_asked_after(address, peer) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    publisher.send(b"1\n2\n").await;
    assert_eq!(publisher.head().await.status, 204);
}

async fn log_in(address: SocketAddr, key: &str) -> Answer {
    let body = format!(r#"{{"key":"{key}"}}"#);
    let head = format!(
        "POST /api/login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    request(address, &head).await
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_have_a_rate_and_a_valid_key_is_never_kept_out() {
    // One an hour is none while this test runs.
    let daemon = daemon(Auth::Keys, r#"{"refusalsAtOnce": 3, "refusalsAMinute": 1}"#).await;
    let address = daemon.address();
    for _ in 0..3 {
        assert_eq!(log_in(address, "wk_wrong").await.status, 401);
    }
    let refusal = log_in(address, "wk_wrong").await;
    assert_eq!(refusal.status, 429);
    let wait: u64 = refusal
        .header("retry-after")
        .and_then(|text| text.parse().ok())
        .expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let wanted = CreateKey {
        role: Role::View,
        session: None,
        ttl_seconds: None,
        uses: None,
        label: None,
    };
    let key = daemon.unix().create_key(&wanted).await.expect("a key");
    assert_eq!(log_in(address, &key.key).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_not_valid_have_a_rate_beyond_loopback() {
    let limits = r#"{"refusalsAtOnce": 2, "refusalsAMinute": 1, "loopbackToo": true}"#;
    let daemon = daemon(Auth::Keys, limits).await;
    daemon.shell("main").await;
    let address = daemon.address();
    let token = daemon.token(Role::Admin, None).await;
    let statuses = async |headers: &str| {
        let (_, answer) = RawSocket::try_open(address, "/ws/main/pty", headers).await;
        answer.status
    };
    let wrong = "Authorization: Bearer wt_wrong\r\n";
    assert_eq!(statuses(wrong).await, 401);
    assert_eq!(statuses("").await, 401, "none counts like a wrong one");
    assert_eq!(statuses(wrong).await, 429);
    assert_eq!(statuses("").await, 429);
    let right = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(statuses(&right).await, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback_only_logins_have_a_rate() {
    let daemon = daemon(Auth::Keys, r#"{"refusalsAtOnce": 1, "refusalsAMinute": 1}"#).await;
    for _ in 0..3 {
        let answer = request(daemon.address(), &health(daemon.address())).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_is_told_why() {
    let daemon = daemon(Auth::None, r#"{"headTimeoutMs": 1000}"#).await;
    let address = daemon.address();
    for begun in [
        "G",
        "GET / HTTP/1.1\r\nHost: ",
        "GET / HTTP/1.1\r\nHost: x\r\n",
    ] {
        let mut slow = RawConnection::open(address).await;
        slow.send(begun.as_bytes()).await;
        let answer = slow.head().await;
        assert_eq!(
            (answer.status, answer.header("connection")),
            (408, Some("close"))
        );
        slow.rest().await;
    }
    let mut silent = RawConnection::open(address).await;
    assert_eq!(
        silent.rest().await,
        b"",
        "who has not begun is not spoken to"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_head_has_its_own_time_and_silence_another() {
    let daemon = daemon(Auth::None, r#"{"headTimeoutMs": 5000, "keepAliveMs": 50}"#).await;
    let address = daemon.address();
    let mut idle = RawConnection::open(address).await;
    assert_eq!(ask(&mut idle, address).await.status, 200);
    assert_eq!(idle.rest().await, b"");
    let daemon = self::daemon(
        Auth::None,
        r#"{"headTimeoutMs": 1000, "keepAliveMs": 600000}"#,
    )
    .await;
    let address = daemon.address();
    let mut slow = RawConnection::open(address).await;
    assert_eq!(ask(&mut slow, address).await.status, 200);
    assert_eq!(ask(&mut slow, address).await.status, 200);
    slow.send(b"GET /api/hea").await;
    assert_eq!(slow.head().await.status, 408);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_end_is_told_why() {
    let daemon = daemon(Auth::None, r#"{"bodyTimeoutMs": 50}"#).await;
    let address = daemon.address();
    let mut slow = RawConnection::open(address).await;
    let head = format!(
        "POST /api/sessions HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{{"
    );
    slow.send(head.as_bytes()).await;
    assert_eq!(slow.head().await.status, 408);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_may_be_silent_for_as_long_as_it_likes() {
    let limits = r#"{"headTimeoutMs": 500, "keepAliveMs": 1, "bodyTimeoutMs": 1}"#;
    let daemon = daemon(Auth::None, limits).await;
    daemon.shell("main").await;
    let address = daemon.address();
    let mut publisher = RawConnection::open(address).await;
    let head = format!(
        "POST /s/main/publish HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: 4\r\n\r\n1\n"
    );
    publisher.send(head.as_bytes()).await;
    // Another connection's time passes meanwhile, and is as long as this one's would be.
    let mut idle = RawConnection::open(address).await;
    assert_eq!(idle.rest().await, b"");
    publisher.send(b"2\n").await;
    assert_eq!(publisher.head().await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_answers_no_ping_is_closed_and_one_that_does_is_not() {
    let limits = r#"{"pingIntervalMs": 20, "pongTimeoutMs": 1000}"#;
    let daemon = daemon(Auth::None, limits).await;
    daemon.shell("main").await;
    for path in ["/ws/main/pty", "/ws/main/events"] {
        let mut dead = RawSocket::open(daemon.address(), path, "").await;
        let mut alive = RawSocket::open(daemon.address(), path, "").await;
        let pings = async {
            let mut pings = 0;
            while pings < 3 {
                let frame = alive.next().await.expect("a frame");
                if frame.opcode == 9 {
                    pings += 1;
                    alive.send(&client_frame(PONG, &frame.payload)).await;
                }
            }
        };
        let (code, ()) = tokio::join!(dead.close_code(), pings);
        assert_eq!(code, Some(4009), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_frames_have_a_rate() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    for path in ["/ws/main/pty", "/ws/main/events"] {
        for kind in [PING, PONG] {
            let mut socket = RawSocket::open(daemon.address(), path, "").await;
            socket.send(&client_frame(kind, b"x").repeat(20)).await;
            socket.send(&client_frame(BINARY, b"")).await;
            if path.ends_with("events") {
                assert_eq!(socket.close_code().await, Some(1003), "twenty are fine");
            }
            let mut socket = RawSocket::open(daemon.address(), path, "").await;
            // So many that no machine is slow enough to take them one by one.
            socket.send(&client_frame(kind, b"x").repeat(10_000)).await;
            assert_eq!(socket.close_code().await, Some(1008), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_takes_nothing_is_closed() {
    let daemon = daemon(Auth::None, r#"{"writeTimeoutMs": 100}"#).await;
    let session = daemon
        .run("flood", "while :; do yes | head -c 1000000; done")
        .await;
    // Nothing is read of it, so that its buffers fill.
    let socket = RawSocket::open(daemon.address(), "/ws/flood/pty", "").await;
    within("the end of the viewer", async {
        while daemon
            .unix()
            .session(&session)
            .await
            .expect("there")
            .viewers
            > 0
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_keys_have_their_numbers() {
    let daemon = daemon(Auth::Keys, r#"{"sessions": 2, "keys": 3}"#).await;
    let client = daemon.unix();
    let is_too_many = |error: webtty_client::Error| {
        matches!(
            error,
            webtty_client::Error::Refused {
                status: 429,
                code: Some(ErrorCode::TooMany),
                ..
            }
        )
    };
    let plain = CreateSession::default();
    let first = client.create_session(&plain).await.expect("made").id;
    client.create_session(&plain).await.expect("made");
    let error = client
        .create_session(&plain)
        .await
        .expect_err("one too many");
    assert!(is_too_many(error));
    client.delete_session(&first).await.expect("ended");
    client.create_session(&plain).await.expect("made");

    let wanted = CreateKey {
        role: Role::View,
        session: None,
        ttl_seconds: None,
        uses: None,
        label: None,
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(client.create_key(&wanted).await.expect("made").id);
    }
    let error = client
        .create_key(&wanted)
        .await
        .err()
        .expect("one too many");
    assert!(is_too_many(error));
    client.revoke_key(&ids[0]).await.expect("revoked");
    client.create_key(&wanted).await.expect("made");
}
