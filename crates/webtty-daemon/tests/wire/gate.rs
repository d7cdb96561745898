//! Foreign origins, wrong hosts and missing tokens are refused on every path and every upgrade.

use std::net::SocketAddr;

use webtty_daemon::{Needs, routes};
use webtty_protocol::Role;
use webtty_testkit::{Answer, TestDaemon, request};

/// Every path that gives or changes something, by method, and one that is not there.
fn guarded() -> impl Iterator<Item = (&'static str, String)> {
    paths(|needs| needs != Needs::Nothing).chain([("GET", "/no/such/path".to_owned())])
}

/// Every path whose answer holds no data.
fn public() -> impl Iterator<Item = (&'static str, String)> {
    paths(|needs| needs == Needs::Nothing)
}

fn paths(wanted: impl Fn(Needs) -> bool) -> impl Iterator<Item = (&'static str, String)> {
    routes()
        .filter(move |(_, _, needs)| wanted(*needs))
        .map(|(method, pattern, _)| {
            let path = pattern.replace("{*}", "x.js").replace("{}", "main");
            (method, path)
        })
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn ask(address: SocketAddr, method: &str, path: &str, host: &str, more: &str) -> Answer {
    let rest = if path.starts_with("/ws") {
        UPGRADE
    } else {
        "Connection: close\r\n"
    };
    request(
        address,
        &format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}{rest}\r\n"),
    )
    .await
}

fn code(answer: &Answer) -> String {
    let error: webtty_protocol::ErrorBody =
        serde_json::from_str(&answer.body).expect("a refusal with a body");
    serde_json::to_string(&error.error.code)
        .expect("text")
        .replace('"', "")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_refuses_what_is_not_its_own() {
    let daemon = TestDaemon::start().await;
    daemon.shell("main").await;
    let address = daemon.address();
    let host = address.to_string();
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        daemon.token(Role::Admin, None).await
    );
    for (method, path) in guarded().chain(public()) {
        let path = &path;
        let port = address.port();
        for (wrong, status) in [
            (format!("evil.example:{port}"), 421),
            ("127.0.0.1".to_owned(), 421),
            (format!("localhost.:{port}"), 421),
            (format!("0.0.0.0:{port}"), 421),
        ] {
            let answer = ask(address, method, path, &wrong, &bearer).await;
            assert_eq!(answer.status, status, "{method} {path} for {wrong}");
        }
        for origin in [
            "http://evil.example",
            "null",
            "http://127.0.0.1:1",
            "https://localhost",
        ] {
            let foreign = format!("Origin: {origin}\r\n{bearer}");
            let answer = ask(address, method, path, &host, &foreign).await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (403, "foreign-origin"),
                "{path}"
            );
        }
        for site in ["cross-site", "same-site"] {
            let foreign = format!("Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: no-cors\r\n{bearer}");
            let answer = ask(address, method, path, &host, &foreign).await;
            assert_eq!(answer.status, 403, "{method} {path} from {site}");
        }
        let answer = ask(address, method, &format!("{path}?token=x"), &host, &bearer).await;
        assert_eq!(
            answer.status, 400,
            "{method} {path} with a token in the query"
        );
        let answer = ask(
            address,
            "OPTIONS",
            path,
            &host,
            "Origin: http://evil.example\r\n",
        )
        .await;
        assert_eq!(answer.status, 405, "{path}");
        assert!(
            answer
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("access-control")),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_the_owner_has_allowed_still_needs_a_token() {
    let settings = r#"{"allowedOrigins": ["https://tool.example"]}"#;
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::Keys, settings).await;
    let address = daemon.address();
    let host = address.to_string();
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        daemon.token(Role::Admin, None).await
    );
    let from = |origin: &str| format!("Origin: {origin}\r\nSec-Fetch-Site: cross-site\r\n");
    for (origin, credential, status) in [
        ("https://tool.example", bearer.as_str(), 200),
        ("https://tool.example", "", 401),
        ("https://tool.example.evil.example", bearer.as_str(), 403),
        ("http://tool.example", bearer.as_str(), 403),
    ] {
        let headers = format!("{}{credential}", from(origin));
        let answer = ask(address, "GET", "/api/health", &host, &headers).await;
        assert_eq!(answer.status, status, "{origin} with {credential:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_told() {
    let daemon = TestDaemon::start().await;
    daemon.shell("main").await;
    let address = daemon.address();
    let host = address.to_string();
    for (method, path) in guarded() {
        let path = &path;
        for credential in [
            "",
            "Authorization: Bearer wt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
            "Authorization: Basic d2U6dHR5\r\n",
            "Cookie: token=x\r\n",
            "Sec-WebSocket-Protocol: webtty.v1, webtty.token.wrong\r\n",
        ] {
            let answer = ask(address, method, path, &host, credential).await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (401, "unauthorized"),
                "{method} {path} with {credential:?}"
            );
        }
    }
    for (method, path) in public() {
        let answer = ask(address, method, &path, &host, "").await;
        assert_ne!(answer.status, 401, "{method} {path}");
    }
    let unknown = ask(address, "GET", "/s/unknown", &host, "").await;
    let known = ask(address, "GET", "/s/main", &host, "").await;
    assert_eq!(
        (unknown.status, &unknown.body),
        (200, &known.body),
        "no id is told from another"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_what_its_role_and_session_allow() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    daemon.shell("other").await;
    let address = daemon.address();
    let host = address.to_string();
    let statuses = async |role, session: Option<_>| {
        let bearer = format!(
            "Authorization: Bearer {}\r\n",
            daemon.token(role, session).await
        );
        let mut found = Vec::new();
        for (method, path) in [
            ("GET", "/api/config"),
            ("GET", "/api/sessions/main"),
            ("GET", "/api/sessions/other"),
            ("POST", "/api/sessions"),
            ("GET", "/api/keys"),
            ("POST", "/s/main/publish"),
            ("GET", "/ws/main/pty"),
            ("GET", "/ws/main/events"),
            ("GET", "/ws/other/pty"),
            ("GET", "/no/such/path"),
        ] {
            let headers = match (method, path) {
                ("POST", "/s/main/publish") => {
                    format!("{bearer}Content-Type: application/json\r\nContent-Length: 0\r\n")
                }
                _ => bearer.clone(),
            };
            found.push(ask(address, method, path, &host, &headers).await.status);
        }
        found
    };
    let view = statuses(Role::View, Some(&main)).await;
    assert_eq!(view, [200, 200, 403, 403, 403, 403, 101, 101, 403, 404]);
    let publish = statuses(Role::Publish, Some(&main)).await;
    assert_eq!(publish, [200, 403, 403, 403, 403, 204, 403, 101, 403, 404]);
    let control = statuses(Role::Control, Some(&main)).await;
    assert_eq!(control, [200, 200, 403, 403, 403, 204, 101, 101, 403, 404]);
    let everything = statuses(Role::Admin, None).await;
    assert_eq!(
        everything,
        [200, 200, 200, 201, 200, 204, 101, 101, 101, 404]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_security_headers() {
    let daemon = TestDaemon::start().await;
    let host = daemon.address().to_string();
    for path in ["/", "/api/health", "/nothing", "/s/main", "/assets/none.js"] {
        let answer = ask(daemon.address(), "GET", path, &host, "").await;
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_assets_of_hashed_names_are_kept_by_browsers() {
    let daemon = TestDaemon::start().await;
    let host = daemon.address().to_string();
    let page = ask(daemon.address(), "GET", "/", &host, "").await;
    let names = page
        .body
        .split('"')
        .filter(|name| name.starts_with("/assets/"));
    let names: Vec<&str> = names.collect();
    assert!(!names.is_empty(), "{}", page.body);
    for name in names {
        let asset = ask(daemon.address(), "GET", name, &host, "").await;
        assert_eq!(asset.status, 200, "{name}");
        let kept = asset.header("cache-control").expect("said");
        assert!(kept.contains("immutable"), "{name}: {kept}");
        assert!(asset.header("content-security-policy").is_some());
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_compressed_for_who_takes_that() {
    let daemon = TestDaemon::start().await;
    let host = daemon.address().to_string();
    let path = "/assets/webtty-client.js";
    let asked = async |headers: &str| {
        let answer = ask(daemon.address(), "GET", path, &host, headers).await;
        assert_eq!(answer.status, 200, "{headers}");
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        let length = answer.header("content-length").expect("said");
        let encoding = answer.header("content-encoding").map(str::to_owned);
        (encoding, length.parse::<usize>().expect("a number"))
    };
    let (encoding, whole) = asked("").await;
    assert_eq!(encoding, None);
    let (encoding, gzip) = asked("Accept-Encoding: gzip, deflate\r\n").await;
    assert_eq!(encoding.as_deref(), Some("gzip"));
    let (encoding, brotli) = asked("Accept-Encoding: gzip, deflate, br\r\n").await;
    assert_eq!(encoding.as_deref(), Some("br"));
    assert!(brotli < gzip && gzip < whole, "{brotli} {gzip} {whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_are_checked() {
    let daemon = TestDaemon::start_open().await;
    let address = daemon.address();
    let upgrade = |version: &str, key: &str| {
        format!(
            "GET /ws/main/pty HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: {version}\r\n\
             Sec-WebSocket-Key: {key}\r\n\r\n"
        )
    };
    let good_key = "dGhlIHNhbXBsZSBub25jZQ==";
    let head = |text: String| async move {
        let mut connection = webtty_testkit::RawConnection::open(address).await;
        connection.send(text.as_bytes()).await;
        connection.head().await
    };
    assert_eq!(head(upgrade("13", good_key)).await.status, 101);
    let old = head(upgrade("8", good_key)).await;
    assert_eq!(
        (old.status, old.header("sec-websocket-version")),
        (426, Some("13"))
    );
    assert_eq!(head(upgrade("13", "short")).await.status, 400);
    let plain = format!("GET /ws/main/pty HTTP/1.1\r\nHost: {address}\r\n\r\n");
    assert_eq!(head(plain).await.status, 426);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_owners_own_are_served_and_may_show_terminals_in_a_frame() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("tool")).expect("made");
    std::fs::write(dir.path().join("tool/index.html"), "<p>mine").expect("written");
    let settings = serde_json::json!({ "pages": dir.path() }).to_string();
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::Keys, &settings).await;
    let (address, host) = (daemon.address(), daemon.address().to_string());
    let page = ask(address, "GET", "/pages/tool/?s=main", &host, "").await;
    assert_eq!((page.status, page.body.as_str()), (200, "<p>mine"));
    let terminal = ask(address, "GET", "/s/main", &host, "").await;
    for answer in [&page, &terminal] {
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(policy.contains("frame-src 'self'"), "{policy}");
        assert!(policy.contains("script-src 'self';"), "{policy}");
    }
    let list = ask(address, "GET", "/", &host, "").await;
    let policy = list.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let directory = ask(address, "GET", "/pages/tool?s=main", &host, "").await;
    let location = directory.header("location");
    assert_eq!(
        (directory.status, location),
        (302, Some("/pages/tool/?s=main"))
    );
    for none in [
        "/pages/",
        "/pages/other/",
        "/pages/tool/..%2f..%2fetc/passwd",
    ] {
        assert_eq!(
            ask(address, "GET", none, &host, "").await.status,
            404,
            "{none}"
        );
    }
    let framed =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";
    let foreign = ask(address, "GET", "/s/main", &host, framed).await;
    assert_eq!(foreign.status, 403, "no other site may show it");
}
