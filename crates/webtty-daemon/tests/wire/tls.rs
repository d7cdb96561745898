//! TLS on the TCP listener: who gets in, who is told what, and who disturbs nobody.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use webtty_client::{Client, Endpoint, Error, Trust};
use webtty_daemon::{Auth, BindError, Config, Server, Tls};
use webtty_protocol::Role;
use webtty_testkit::{RawConnection, TestDaemon, TestViewer, request, within};

async fn secure() -> TestDaemon {
    TestDaemon::start_configured(|_, config| config.tls = Tls::Generated).await
}

async fn with_settings(settings: &str) -> TestDaemon {
    TestDaemon::start_configured(|dir, config| {
        config.tls = Tls::Generated;
        std::fs::write(dir.join("config.json"), settings).expect("written");
    })
    .await
}

/// The daemon's own certificate, which is also its authority.
fn certificate(daemon: &TestDaemon) -> std::path::PathBuf {
    let state = std::fs::read_dir(daemon.dir().join("state")).expect("a directory");
    let mut files = state.map(|entry| entry.expect("an entry").path());
    files
        .find(|path| path.extension().is_some_and(|end| end == "pem"))
        .expect("a certificate")
}

/// What speaks TLS as wished with whoever has this certificate.
fn connector(
    certificate: &Path,
    alpn: &[&str],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let certificate = rustls::pki_types::CertificateDer::from_pem_file(certificate).expect("PEM");
    roots.add(certificate).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("known versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn connect(
    connector: &TlsConnector,
    to: SocketAddr,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(to).await.expect("connected");
    let name = ServerName::try_from("localhost").expect("a name");
    within("the handshake", connector.connect(name, stream)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_sockets_work_over_tls() {
    let daemon = secure().await;
    let client = daemon.admin().await;
    let health = client.health().await.expect("an answer");
    assert_eq!(health.url, daemon.url());
    let listener = health.listener.expect("told to an admin");
    let shown = listener.certificate.expect("there is one");
    assert_eq!(Some(shown.fingerprint.as_str()), daemon.fingerprint());
    let session = daemon
        .run("echo", "read line; echo got-$line; read end")
        .await;
    let mut viewer = TestViewer::v1(&client, &session, "?cols=80&rows=24").await;
    viewer.types("this\n").await;
    viewer.sees("got-this").await;
    viewer.types("\n").await;
    assert_eq!(viewer.ends().await.0, 4001);
    let events = daemon.shell("events").await;
    let mut subscriber = client.events(&events).await.expect("subscribed");
    let lines = format!("{}\n", serde_json::json!({"text": "x".repeat(900_000)}));
    let published = client.publish(&events, std::io::Cursor::new(lines)).await;
    published.expect("taken");
    let event = within("the event", subscriber.next()).await;
    assert!(matches!(event, Ok(webtty_client::EventMessage::Event(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_certificate_that_was_meant_is_taken() {
    let daemon = secure().await;
    let token = daemon.token(Role::Admin, None).await;
    let ask = async |trust: Trust| {
        let url = daemon.url().parse().expect("a URL");
        let token = Some(token.parse().expect("a token"));
        let client = Client::over_http(url, trust, token)
            .await
            .expect("a client");
        client.sessions().await
    };
    let by_file = Trust::authorities(&certificate(&daemon)).expect("a certificate");
    assert!(ask(by_file).await.is_ok());
    let other = secure().await;
    let by_other_file = Trust::authorities(&certificate(&other)).expect("a certificate");
    let pinned = |text: &str| Trust::fingerprint(text.parse().expect("a fingerprint"));
    let by_other = pinned(other.fingerprint().expect("TLS"));
    assert!(
        ask(pinned(daemon.fingerprint().expect("TLS")))
            .await
            .is_ok()
    );
    for trust in [by_other, by_other_file, Trust::default()] {
        match ask(trust).await {
            Err(Error::Untrusted { why, .. }) => {
                assert!(why.contains(daemon.fingerprint().expect("TLS")), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tls_1_3_and_http_1_1_are_spoken() {
    let daemon = secure().await;
    let file = certificate(&daemon);
    let (new, old) = (&rustls::version::TLS13, &rustls::version::TLS12);
    let good = connector(&file, &["h2", "http/1.1"], &[new]);
    let stream = connect(&good, daemon.address()).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert!(
        connect(&connector(&file, &["h2"], &[new]), daemon.address())
            .await
            .is_err()
    );
    assert!(
        connect(&connector(&file, &[], &[old]), daemon.address())
            .await
            .is_err()
    );
    assert!(
        connect(&connector(&file, &[], &[new]), daemon.address())
            .await
            .is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_tls_is_told_so() {
    let daemon = secure().await;
    let head = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", daemon.address());
    let answer = request(daemon.address(), &head).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("https"), "{}", answer.body);
}

/// Handshakes that never end, or are none, have their time and hold up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_or_broken_handshake_disturbs_nobody() {
    let daemon = with_settings(r#"{"limits": {"headTimeoutMs": 3000}}"#).await;
    let client = daemon.admin().await;
    let mut slow = Vec::new();
    // The beginning of a handshake, and of a record that is longer than there may be.
    for start in [&b""[..], &[22], &[22, 3, 1, 2, 0, 1, 0, 1, 0xfc]] {
        for _ in 0..20 {
            let mut connection = RawConnection::open(daemon.address()).await;
            connection.send(start).await;
            slow.push(connection);
        }
    }
    let garbage = [
        [22, 3, 1, 255, 255].repeat(50),
        [22, 3, 3, 0, 4, 1, 0, 0, 0].to_vec(),
        vec![22; 5000],
    ];
    for bytes in &garbage {
        let mut connection = RawConnection::open(daemon.address()).await;
        connection.send(bytes).await;
        connection.rest().await;
        assert!(client.sessions().await.is_ok());
    }
    for mut connection in slow {
        connection.rest().await;
    }
    assert!(client.sessions().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_place_is_told_so_in_tls() {
    let daemon = with_settings(r#"{"limits": {"connections": 1}}"#).await;
    let connector = connector(&certificate(&daemon), &[], &[&rustls::version::TLS13]);
    let _first = connect(&connector, daemon.address())
        .await
        .expect("a place");
    let mut second = connect(&connector, daemon.address())
        .await
        .expect("a handshake");
    let head = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", daemon.address());
    second.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    within("the answer", second.read_to_string(&mut answer))
        .await
        .expect("read");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

/// What a page of another origin sends, also of the same name by plain HTTP.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_those_told_and_an_address_is_the_one_that_was_reached() {
    let daemon = TestDaemon::start_configured(|_, config| {
        config.listen = "0.0.0.0:0".parse().expect("an address");
        config.tls = Tls::Generated;
        config.names = vec!["term.example.org".into()];
    })
    .await;
    let port = daemon.address().port();
    let connector = connector(&certificate(&daemon), &[], &[&rustls::version::TLS13]);
    let ask = async |to: &str, host: &str, origin: Option<&str>| {
        let to = format!("{to}:{port}").parse().expect("an address");
        let mut stream = connect(&connector, to).await.expect("a handshake");
        let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let _ = within("the answer", stream.read_to_end(&mut answer)).await;
        let status = String::from_utf8_lossy(&answer)
            .get(9..12)
            .map(str::parse::<u16>);
        status.expect("a status").expect("a number")
    };
    let by_name = format!("term.example.org:{port}");
    let own = format!("https://{by_name}");
    for (to, host, origin, status) in [
        ("127.0.0.1", format!("localhost:{port}"), None, 200),
        ("127.0.0.5", format!("127.0.0.5:{port}"), None, 200),
        ("127.0.0.5", format!("127.0.0.6:{port}"), None, 421),
        ("127.0.0.5", format!("0.0.0.0:{port}"), None, 421),
        ("127.0.0.1", by_name.clone(), None, 200),
        ("127.0.0.1", by_name.clone(), Some(own.as_str()), 200),
        (
            "127.0.0.1",
            by_name.clone(),
            Some("https://term.example.org"),
            403,
        ),
        ("127.0.0.1", by_name.clone(), Some("null"), 403),
        ("127.0.0.1", format!("evil.example.org:{port}"), None, 421),
        ("127.0.0.1", "term.example.org".to_owned(), None, 421),
    ] {
        assert_eq!(
            ask(to, &host, origin).await,
            status,
            "{to} {host} {origin:?}"
        );
    }
    let plain = format!("http://{by_name}");
    assert_eq!(ask("127.0.0.1", &by_name, Some(&plain)).await, 403);
    let health = daemon.unix().health().await.expect("an answer");
    assert_eq!(health.url, own, "links begin with the name");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_are_told_the_secure_url() {
    let daemon = secure().await;
    let session = daemon
        .run("said", "echo \"at $WEBTTY_URL.\"; read end")
        .await;
    let mut viewer = TestViewer::plain(&daemon.unix(), &session, "?cols=200").await;
    viewer.sees(&format!("at {}/s/said.", daemon.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_nothing_is_sent() {
    let daemon = secure().await;
    let url = daemon.url().parse().expect("a URL");
    let endpoint = Endpoint::Http {
        url,
        token: Some("wt_secret".parse().expect("a token")),
        trust: Trust::default(),
    };
    let refused = Client::new(endpoint).socket("/ws", &[]).await;
    assert!(matches!(refused.err(), Some(Error::Untrusted { .. })));
}

#[tokio::test]
async fn what_everybody_could_reach_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = || config(&dir);
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    let secret = dir.path().join("key.pem");
    std::fs::write(&secret, "").expect("written");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&secret, open).expect("changed");
    let cases = [
        (
            Config {
                listen: everywhere,
                ..config()
            },
            "--tls",
        ),
        (
            Config {
                listen: everywhere,
                auth: Auth::None,
                tls: Tls::Generated,
                ..config()
            },
            "authentication",
        ),
        (
            Config {
                listen: everywhere,
                auth: Auth::None,
                insecure_plain_http: true,
                ..config()
            },
            "authentication",
        ),
        (
            Config {
                auth: Auth::None,
                names: vec!["term.example.org".into()],
                ..config()
            },
            "authentication",
        ),
        (
            Config {
                names: vec!["*.example.org".into()],
                ..config()
            },
            "*.example.org",
        ),
        (
            Config {
                tls: Tls::Files {
                    certificate: secret.clone(),
                    key: secret.clone(),
                },
                ..config()
            },
            "chmod",
        ),
        (
            Config {
                tls: Tls::Files {
                    certificate: "/nowhere".into(),
                    key: "/nowhere".into(),
                },
                ..config()
            },
            "/nowhere",
        ),
    ];
    for (config, word) in cases {
        let shown = format!("{config:?}");
        match Server::bind(config).await {
            Err(BindError::Refused(why)) => assert!(why.contains(word), "{shown}: {why}"),
            Err(other) => panic!("{shown}: {other}"),
            Ok(_) => panic!("{shown}: taken"),
        }
        assert!(!dir.path().join("run/daemon.sock").exists(), "{shown}");
    }
}

#[tokio::test]
async fn plain_http_for_a_proxy_can_be_permitted() {
    let dir = tempfile::tempdir().expect("a directory");
    let permitted = Config {
        listen: "0.0.0.0:0".parse().expect("an address"),
        insecure_plain_http: true,
        ..config(&dir)
    };
    Server::bind(permitted).await.expect("permitted");
}

fn config(dir: &tempfile::TempDir) -> Config {
    let path = |name: &str| dir.path().join(name);
    Config::new(path("run/daemon.sock"), path("state"), path("config.json"))
}
