//! Before the upgrade: every bad request has its exact answer, over real sockets.

use std::net::SocketAddr;

use webtty_client::EventMessage;
use webtty_protocol::rest::CreateSession;
use webtty_testkit::{Answer, RawConnection, TestDaemon, request, within};

/// What follows `Host: …` in a request that is fine up to there.
const POST_SESSION: &str =
    "POST /api/sessions HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n";

/// Sends bytes, in which HOST stands for the daemon's own, and gives the answer after which the
/// daemon has closed.
async fn closed_after(address: SocketAddr, bytes: &[u8]) -> Answer {
    let host = address.to_string();
    let text = bytes.split(|byte| *byte == b'H').enumerate().fold(
        Vec::new(),
        |mut all, (index, piece)| {
            match (index, piece.strip_prefix(b"OST")) {
                (0, _) => all.extend_from_slice(piece),
                (_, Some(rest)) => {
                    all.extend_from_slice(host.as_bytes());
                    all.extend_from_slice(rest);
                }
                (_, None) => {
                    all.push(b'H');
                    all.extend_from_slice(piece);
                }
            }
            all
        },
    );
    let mut connection = RawConnection::open(address).await;
    connection.send(&text).await;
    let answer = connection.head().await;
    connection.rest().await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_is_answered_with_400_and_closed() {
    let daemon = TestDaemon::start_open().await;
    let address = daemon.address();
    let get = |rest: &str| format!("GET /api/health HTTP/1.1\r\n{rest}\r\n\r\n").into_bytes();
    let post = |rest: &str| format!("{POST_SESSION}{rest}").into_bytes();
    for (what, bytes) in [
        ("no Host", get("Accept: */*")),
        ("two Hosts", get("Host: HOST\r\nHost: HOST")),
        ("a Host that is no text", get("Host: \u{fc}")),
        ("no colon", get("Host: HOST\r\nnonsense")),
        ("a space before the colon", get("Host: HOST\r\nAccept : x")),
        ("an empty name", get("Host: HOST\r\n: x")),
        ("a folded line", get("Host: HOST\r\nAccept: a\r\n b")),
        ("NUL in a value", get("Host: HOST\r\nAccept: a\0b")),
        ("NUL in a name", get("Host: HOST\r\nAcc\0ept: a")),
        ("a lone CR", get("Host: HOST\r\nAccept: a\rb")),
        ("no version", b"GET /\r\nHost: HOST\r\n\r\n".to_vec()),
        (
            "another protocol",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_vec(),
        ),
        (
            "a method that is none",
            b"G@T / HTTP/1.1\r\nHost: HOST\r\n\r\n".to_vec(),
        ),
        (
            "a space in the target",
            b"GET /a b HTTP/1.1\r\nHost: HOST\r\n\r\n".to_vec(),
        ),
        (
            "two lengths",
            post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        ),
        (
            "one length twice",
            post("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
        ),
        ("a list of lengths", post("Content-Length: 2, 2\r\n\r\n{}")),
        ("a length with a sign", post("Content-Length: +2\r\n\r\n{}")),
        (
            "a length below nothing",
            post("Content-Length: -1\r\n\r\n{}"),
        ),
        (
            "a length beyond 64 bits",
            post("Content-Length: 99999999999999999999\r\n\r\n{}"),
        ),
        (
            "length, then chunks",
            post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        (
            "chunks, then length",
            post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
        ),
        (
            "an encoding that is not chunked",
            post("Transfer-Encoding: gzip\r\n\r\n{}"),
        ),
        (
            "chunks that are not the last encoding",
            post("Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        ),
        (
            "a chunk without a size",
            post("Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
        ),
        (
            "a chunk longer than its size",
            post("Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"),
        ),
        (
            "a chunk size beyond 64 bits",
            post("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
        ),
    ] {
        let answer = closed_after(address, &bytes).await;
        assert_eq!(answer.status, 400, "{what}");
        assert_eq!(answer.header("connection"), Some("close"), "{what}");
    }
    let left = daemon.unix().sessions().await.expect("it goes on");
    assert_eq!(left.len(), 0, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_have_their_limits() {
    let daemon = TestDaemon::start_open().await;
    let address = daemon.address();
    let targeted = |length: usize| {
        let target = format!("/{}", "a".repeat(length - 1));
        format!("GET {target} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
    };
    let many = |count: usize| {
        let more: String = (2..count).map(|n| format!("x-{n}: y\r\n")).collect();
        format!("GET /api/health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{more}\r\n")
    };
    let long = |length: usize| {
        let start = "GET /api/health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nx: ";
        let host = address.to_string().len() - "HOST".len();
        let rest = length - start.len() - host - "\r\n\r\n".len();
        format!("{start}{}\r\n\r\n", "y".repeat(rest))
    };
    for (what, head, status) in [
        ("a target of 4 KiB", targeted(4096), 404),
        ("a longer one", targeted(4097), 414),
        ("a target longer than any head", targeted(70_000), 431),
        ("64 headers", many(64), 200),
        ("65 headers", many(65), 431),
        ("a head of 16 KiB", long(16 * 1024), 200),
        ("a longer head", long(16 * 1024 + 1), 431),
        (
            "a head without end",
            "GET / HTTP/1.1\r\nx: ".to_owned() + &"y".repeat(100_000),
            431,
        ),
    ] {
        let answer = closed_after(address, head.as_bytes()).await;
        assert_eq!(answer.status, status, "{what}");
    }
}

async fn json(address: SocketAddr, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
    let mut connection = RawConnection::open(address).await;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(&[head.as_bytes(), body].concat()).await;
    connection.head().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_objects_a_path_takes_are_taken() {
    const JSON: &str = "Content-Type: application/json\r\n";
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let address = daemon.address();
    let paths = [
        ("POST", "/api/sessions"),
        ("PATCH", "/api/sessions/main"),
        ("POST", "/api/login"),
        ("POST", "/api/keys"),
        ("POST", "/s/main/execute"),
        ("POST", "/s/main/input"),
        ("POST", "/s/main/wait"),
    ];
    let deep = [vec![b'['; 33], vec![b']'; 33]].concat();
    let deeper = b"{\"id\":".repeat(10_000);
    let bodies: [&[u8]; 20] = [
        b"null",
        b"[]",
        b"123",
        b"\"text\"",
        b"true",
        b"{",
        b"{}}",
        b"{} {}",
        b"{'id':'a'}",
        b"\xff\xfe",
        b"{\"id\":\"\xff\"}",
        &deep,
        &deeper,
        br#"{"id":"a","id":"b"}"#,
        br#"{"role":"view","role":"admin"}"#,
        br#"{"unknown":1}"#,
        br#"{"id":7}"#,
        br#"{"id":["a"]}"#,
        br#"{"id":{"a":1}}"#,
        br#"{"id":"../etc"}"#,
    ];
    for (method, path) in paths {
        for body in bodies {
            let answer = json(address, method, path, JSON, body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(answer.status, 400, "{method} {path} with {shown}");
        }
        for kind in [
            "",
            "Content-Type: text/plain\r\n",
            "Content-Type: application/x-www-form-urlencoded\r\n",
            "Content-Type: multipart/form-data; boundary=x\r\n",
            "Content-Type: application/jsonp\r\n",
        ] {
            let answer = json(address, method, path, kind, b"{}").await;
            assert_eq!(answer.status, 415, "{method} {path} as {kind:?}");
        }
        let padded =
            |length: usize| [b"{".to_vec(), vec![b' '; length - 2], b"]".to_vec()].concat();
        let at_limit = json(address, method, path, JSON, &padded(64 * 1024)).await;
        assert_eq!(at_limit.status, 400, "read, and found to be no JSON");
        let beyond = json(address, method, path, JSON, &padded(64 * 1024 + 1)).await;
        assert_eq!(beyond.status, 413, "{method} {path}");
    }
    let left = daemon.unix().sessions().await.expect("a list");
    assert_eq!(left.len(), 1, "nothing was made");
    assert_eq!(daemon.unix().keys().await.expect("a list"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_where_they_say_or_nowhere() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let address = daemon.address();
    for (path, status) in [
        ("/assets/../x", 404),
        ("/assets/../../etc/passwd", 404),
        ("/assets/%2e%2e", 404),
        ("/assets/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/assets/..%2fx", 404),
        ("/assets/..%5cx", 404),
        ("/assets//etc/passwd", 404),
        ("//etc/passwd", 404),
        ("/s/../api/health", 404),
        ("/s/%2e%2e/publish", 405),
        ("/s/main%2fpublish", 404),
        ("/%00", 400),
        ("/s/main%00", 400),
        ("/assets/%00", 400),
        ("/s/%ff", 400),
        ("/s/%c3%28", 400),
        ("/s/Main", 404),
        ("/p/0", 404),
        ("/p/-1", 404),
        ("/p/99999999999999999999", 404),
        ("/api/sessions/unknown", 404),
        ("/s/unknown/events", 404),
        ("/ws/main/pty", 426),
        ("/ws/main/events", 426),
        ("/api/health?token=x", 400),
        ("/api/health?a=b&TOKEN=x", 400),
        ("/?k=wk_x", 400),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        assert_eq!(request(address, &head).await.status, status, "{path}");
    }
    for (method, path, allow) in [
        ("GET", "/s/main/publish", "POST"),
        ("GET", "/api/login", "POST"),
        ("GET", "/api/server/stop", "POST"),
        ("POST", "/s/main", "GET"),
        ("POST", "/", "GET"),
        ("DELETE", "/api/health", "GET"),
    ] {
        let answer = json(address, method, path, "", b"").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allow)),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_badly_is_said_line_by_line() {
    const NDJSON: &str = "application/x-ndjson";
    let daemon = TestDaemon::start_open().await;
    let idle = CreateSession {
        id: Some("idle".parse().expect("an id")),
        ..CreateSession::default()
    };
    daemon.create(idle).await;
    let main = daemon.shell("main").await;
    let address = daemon.address();
    let publish = async |id: &str, kind: &str, body: &str| {
        let head = format!(
            "POST /s/{id}/publish HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        request(address, &head).await
    };
    let mut subscriber = daemon.http().events(&main).await.expect("subscribed");
    assert_eq!(publish("idle", NDJSON, "1").await.status, 409);
    assert_eq!(publish("unknown", NDJSON, "1").await.status, 404);
    assert_eq!(publish("main", "text/plain", "1").await.status, 400);
    assert_eq!(
        publish("main", NDJSON, "{\"no\":\"final newline\"}")
            .await
            .status,
        204
    );
    assert_eq!(publish("main", NDJSON, "\n\r\n\n").await.status, 204);
    let answer = publish("main", NDJSON, "1\n{bad\n\n2\r\n\u{1}\n3").await;
    assert_eq!(answer.status, 200);
    let report: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(report["accepted"], 3);
    assert_eq!(report["rejected"][0]["line"], 2);
    assert_eq!(report["rejected"][1]["line"], 5);
    for expected in ["{\"no\":\"final newline\"}", "1", "2", "3"] {
        let message = within("an event", subscriber.next())
            .await
            .expect("a frame");
        let EventMessage::Event(event) = message else {
            panic!("{message:?} instead of {expected}");
        };
        assert_eq!(event, expected);
    }
}
