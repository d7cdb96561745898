//! Behind a proxy: who is believed, and what of it; and everything below a path of its.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use webtty_client::{Client, Trust};
use webtty_protocol::Role;
use webtty_testkit::{Answer, RawConnection, RawSocket, TestDaemon, TestViewer, request, within};

const SECRET: &str = "0123456789abcdef";
const PROXY: &str = "127.0.0.1";
const SOMEBODY: &str = "127.0.0.9";

/// A daemon that believes a proxy on this machine that knows the secret.
async fn behind_a_proxy(limits: &str) -> TestDaemon {
    TestDaemon::start_configured(|dir, config| {
        use std::os::unix::fs::PermissionsExt;
        let secret = dir.join("secret");
        std::fs::write(&secret, SECRET).expect("written");
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&secret, own).expect("changed");
        let settings = format!(r#"{{"shell": "/bin/sh", "limits": {limits}}}"#);
        std::fs::write(dir.join("config.json"), settings).expect("written");
        let trust = serde_json::json!({
            "addresses": [PROXY],
            "userHeader": "X-Forwarded-User",
            "users": {"root": "admin", "ada": "control"},
            "secretFile": secret,
        });
        config.trust_proxy = Some(serde_json::from_value(trust).expect("valid"));
        config.names = vec!["term.example.org".into()];
    })
    .await
}

/// Sends a request from one of this machine's addresses; `rest` are header lines and a body.
async fn ask(daemon: &TestDaemon, from: &str, line: &str, rest: &str) -> Answer {
    let mut connection = connect(from, daemon.address()).await;
    let head = format!("{line} HTTP/1.1\r\nHost: term.example.org\r\n{rest}\r\n");
    connection.send(head.as_bytes()).await;
    let mut answer = connection.head().await;
    let length = answer.header("content-length").map(str::parse);
    let mut body = vec![0; length.map_or(0, |length| length.expect("a number"))];
    within("the body", connection.stream.read_exact(&mut body))
        .await
        .expect("a whole body");
    answer.body = String::from_utf8_lossy(&body).into_owned();
    answer
}

async fn connect(from: &str, to: SocketAddr) -> RawConnection {
    let socket = TcpSocket::new_v4().expect("a socket");
    let own = format!("{from}:0").parse().expect("an address");
    socket.bind(own).expect("bound");
    let stream = socket.connect(to).await.expect("connected");
    RawConnection { stream }
}

fn by_proxy(lines: &str) -> String {
    format!("X-Webtty-Proxy-Secret: {SECRET}\r\n{lines}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_who_the_proxy_says_and_nobody_else_says_it() {
    let daemon = behind_a_proxy("{}").await;
    let list = "GET /api/sessions";
    let user = "X-Forwarded-User: eve\r\n";
    let both = by_proxy(user);
    for (from, rest, status) in [
        (PROXY, both.clone(), 200),
        (PROXY, by_proxy(""), 401),
        (PROXY, by_proxy("X-Forwarded-User:\r\n"), 401),
        // From the right address, but not from the proxy.
        (PROXY, user.to_owned(), 401),
        (
            PROXY,
            format!("X-Webtty-Proxy-Secret: wrong\r\n{user}"),
            401,
        ),
        (PROXY, format!("X-Webtty-Proxy-Secret: x\r\n{both}"), 401),
        (SOMEBODY, both.clone(), 401),
        // A client's own header beside the proxy's, and others' spellings of it.
        (PROXY, format!("X-Forwarded-User: root\r\n{both}"), 400),
        (PROXY, by_proxy("X-Forwarded-User: root, eve\r\n"), 400),
        (PROXY, by_proxy("X-Forwarded-User: root;eve\r\n"), 400),
        (PROXY, by_proxy("X-Forwarded-User : root\r\n"), 400),
        (PROXY, by_proxy("X-Forwarded-User: eve\r\n root\r\n"), 400),
        (PROXY, by_proxy("X_Forwarded_User: root\r\n"), 401),
        (PROXY, by_proxy("X-Forwarded-User\u{0}: root\r\n"), 400),
        // A browser's login at the proxy is ambient, so other sites must not use it.
        (
            PROXY,
            format!("{both}Origin: https://evil.example\r\n"),
            403,
        ),
        (
            PROXY,
            format!("{both}Origin: http://term.example.org\r\n"),
            403,
        ),
        (
            PROXY,
            format!("{both}Origin: https://term.example.org\r\n"),
            200,
        ),
        (PROXY, format!("{both}Sec-Fetch-Site: cross-site\r\n"), 403),
        (PROXY, format!("{both}Host: localhost\r\n"), 400),
    ] {
        let answer = ask(&daemon, from, list, &rest).await;
        assert_eq!(answer.status, status, "{from} {rest:?}");
    }
    let wrong_host = format!("GET /api/sessions HTTP/1.1\r\nHost: evil.example\r\n{both}\r\n");
    assert_eq!(request(daemon.address(), &wrong_host).await.status, 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_have_the_role_of_the_settings_and_a_token_goes_before_it() {
    let daemon = behind_a_proxy("{}").await;
    let create = async |lines: &str| {
        let rest = by_proxy(&format!(
            "{lines}Content-Type: application/json\r\nContent-Length: 2\r\n"
        ));
        let rest = format!("{rest}\r\n{{}}");
        ask(&daemon, PROXY, "POST /api/sessions", &rest)
            .await
            .status
    };
    assert_eq!(create("X-Forwarded-User: eve\r\n").await, 403);
    assert_eq!(create("X-Forwarded-User: ada\r\n").await, 403);
    assert_eq!(create("X-Forwarded-User: root\r\n").await, 201);
    let token = daemon.token(Role::Admin, None).await;
    let eve = "X-Forwarded-User: eve\r\n";
    assert_eq!(
        create(&format!("{eve}Authorization: Bearer {token}\r\n")).await,
        201
    );
    assert_eq!(
        create(&format!("{eve}Authorization: Bearer wt_old\r\n")).await,
        403
    );
    let session = daemon.shell("seen").await;
    let headers = by_proxy("X-Forwarded-User: ada\r\nSec-WebSocket-Protocol: webtty.v1\r\n");
    let path = format!("/ws/{session}/pty");
    let mut socket = RawSocket::open(daemon.address(), &path, &headers).await;
    within("the user's name", async {
        loop {
            let frame = socket.next().await.expect("more");
            let text = String::from_utf8_lossy(&frame.payload).into_owned();
            if frame.opcode == 1 && text.contains("\"presence\"") && text.contains("\"ada\"") {
                return;
            }
        }
    })
    .await;
}

/// A proxy sends requests of many over one connection: what one smuggles in becomes another's.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_past_a_proxy() {
    let daemon = behind_a_proxy("{}").await;
    let smuggled = format!(
        "GET /api/sessions HTTP/1.1\r\nHost: term.example.org\r\n{}\r\n",
        by_proxy("X-Forwarded-User: root\r\n")
    );
    let eve = by_proxy("X-Forwarded-User: eve\r\n");
    let length = smuggled.len() + 5;
    for framing in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Content-Length: 5\r\nContent-Length: {length}\r\n"),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        format!("Content-Length: +{length}\r\n"),
        "Upgrade: websocket\r\nConnection: Upgrade\r\n".to_owned(),
    ] {
        let mut connection = connect(PROXY, daemon.address()).await;
        let head = format!(
            "POST /api/login HTTP/1.1\r\nHost: term.example.org\r\n{eve}{framing}\
             Content-Type: application/json\r\n\r\n0\r\n\r\n{smuggled}"
        );
        connection.send(head.as_bytes()).await;
        let answers = String::from_utf8_lossy(&connection.rest().await).into_owned();
        assert_eq!(
            answers.matches("HTTP/1.1 ").count(),
            1,
            "{framing:?}: {answers}"
        );
        assert!(!answers.contains("HTTP/1.1 200"), "{framing:?}: {answers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_whom_the_proxy_speaks_for() {
    let limits = r#"{"refusalsAtOnce": 1, "refusalsAMinute": 1, "connectionsPerAddress": 1}"#;
    let daemon = behind_a_proxy(limits).await;
    let wrong =
        async |from: &str, lines: &str| ask(&daemon, from, "GET /api/sessions", lines).await.status;
    let forwarded = |list: &str| by_proxy(&format!("X-Forwarded-For: {list}\r\n"));
    let one = forwarded("203.0.113.1");
    assert_eq!(wrong(PROXY, &one).await, 401);
    assert_eq!(wrong(PROXY, &one).await, 429);
    // What a client says before the proxy's own word is nobody's address.
    let lying = forwarded("198.51.100.9, 203.0.113.1");
    assert_eq!(wrong(PROXY, &lying).await, 429);
    assert_eq!(wrong(PROXY, &forwarded("203.0.113.2")).await, 401);
    // Loopback is at the proxy's end nobody's but its own.
    assert_eq!(wrong(PROXY, &forwarded("127.0.0.1")).await, 401);
    assert_eq!(wrong(PROXY, &forwarded("127.0.0.1")).await, 429);
    // Who is no proxy is itself, and of this machine, whatever it says.
    for _ in 0..3 {
        assert_eq!(wrong(SOMEBODY, &one).await, 401);
        assert_eq!(wrong(PROXY, "X-Forwarded-For: 203.0.113.1\r\n").await, 401);
    }
    // A socket has its address's place until it is closed.
    let session = daemon.shell("held").await;
    let ada = "X-Forwarded-User: ada\r\n";
    let headers = format!("{}{ada}", forwarded("203.0.113.7"));
    let path = format!("/ws/{session}/events");
    let socket = RawSocket::open(daemon.address(), &path, &headers).await;
    let list = async |list: &str| {
        let rest = format!("{}{ada}", forwarded(list));
        ask(&daemon, PROXY, "GET /api/sessions", &rest).await.status
    };
    assert_eq!(list("203.0.113.7").await, 503);
    assert_eq!(list("203.0.113.8").await, 200);
    drop(socket);
    within("a place", async {
        while list("203.0.113.7").await != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn below(path: &str) -> TestDaemon {
    TestDaemon::start_configured(|_, config| config.base_path = path.to_owned()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_below_the_base_path_and_nothing_beside_it() {
    let daemon = below("/tty/").await;
    let address = daemon.address();
    let token = daemon.token(Role::Admin, None).await;
    let get = async |path: &str, token: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        request(address, &head).await
    };
    for (path, status) in [
        ("/tty/", 200),
        ("/tty", 200),
        ("/tty/s/main", 200),
        ("/tty/api/sessions", 200),
        ("/tty/docs", 200),
        ("/", 404),
        ("/s/main", 404),
        ("/api/sessions", 404),
        ("/ttyapi/sessions", 404),
        ("/tty/tty/api/sessions", 404),
        ("/%74ty/api/sessions", 404),
        ("/tty/../api/sessions", 404),
        ("/tty//api/sessions", 404),
        ("//tty/api/sessions", 404),
    ] {
        assert_eq!(get(path, &token).await.status, status, "{path}");
    }
    assert_eq!(get("/", "wt_none").await.status, 401, "it tells nothing");
    let page = get("/tty/s/main", &token).await.body;
    assert!(!page.contains("\"/assets/"), "{page}");
    let names: Vec<&str> = page
        .split('"')
        .filter(|text| text.contains("/assets/"))
        .collect();
    for name in names {
        assert_eq!(get(name, "").await.status, 200, "{name}");
    }
    let description: Value =
        serde_json::from_str(&get("/tty/api/openapi.json", "").await.body).expect("JSON");
    assert_eq!(description["servers"][0]["url"], "/tty");
    let session = daemon.shell("here").await;
    let pid = daemon.unix().session(&session).await.expect("there").pid;
    let found = get(&format!("/tty/p/{}", pid.expect("runs")), &token).await;
    assert_eq!(found.header("location"), Some("/tty/s/here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_shells_and_clients_know_the_base_path() {
    let daemon = below("/tty").await;
    let url = format!("{}/tty", daemon.url());
    let token = daemon.token(Role::Admin, None).await;
    let at = url.parse().expect("a URL");
    let token = Some(token.parse().expect("a token"));
    let client = Client::over_http(at, Trust::default(), token)
        .await
        .expect("a client");
    assert_eq!(client.health().await.expect("an answer").url, url);
    let session = daemon
        .run("said", "echo \"at $WEBTTY_URL.\"; read end")
        .await;
    let mut viewer = TestViewer::v1(&client, &session, "?cols=200").await;
    viewer.sees(&format!("at {url}/s/said.")).await;
    assert!(
        daemon.unix().sessions().await.is_ok(),
        "without the path on the Unix socket"
    );
}
