//! A handler that panics, in a daemon over real sockets: built for tests only.

use webtty_client::{AttachOptions, Client, Endpoint, Received};
use webtty_protocol::rest::CreateSession;
use webtty_testkit::{RawConnection, within};

use crate::config::{Auth, Config};
use crate::http::Request;
use crate::server::Server;

/// The header that asks for it.
const FAULT: &str = "x-panic";

/// Panics where a request asks for it.
pub(super) fn fault(request: &Request) {
    assert!(
        !request.headers().contains_key(FAULT),
        "a fault of ours, for a test"
    );
}

/// Types a word, and waits until it comes back.
async fn echoes(attached: &mut webtty_client::Attachment, word: &str) {
    attached
        .input
        .send(format!("{word}\n"))
        .await
        .expect("typed");
    let (mut seen, mut bytes) = (String::new(), 0);
    within(word, async {
        while !seen.contains(word) {
            match attached.output.next().await.expect("more") {
                Received::Bytes(piece) => {
                    bytes += piece.len() as u64;
                    seen.push_str(&String::from_utf8_lossy(&piece));
                }
                Received::Message(_) => {}
                unexpected => panic!("{unexpected:?}"),
            }
        }
    })
    .await;
    assert!(bytes > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_handler_is_a_500_and_every_session_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let socket = dir.path().join("run/daemon.sock");
    let config = Config {
        auth: Auth::None,
        ..Config::new(
            socket.clone(),
            dir.path().join("state"),
            dir.path().join("config.json"),
        )
    };
    let server = Server::bind(config).await.expect("a daemon");
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = server.run(async {
        let _ = stopped.await;
    });
    let story = async {
        let client = Client::new(Endpoint::Unix(socket));
        let wish = CreateSession {
            cmd: Some(vec!["/bin/cat".to_owned()]),
            base_dir: Some("/".into()),
            ..CreateSession::default()
        };
        let session = client.create_session(&wish).await.expect("made").id;
        let attached = client.attach(&session, AttachOptions::default()).await;
        let mut attached = attached.expect("attached");
        echoes(&mut attached, "before").await;
        let mut connection = RawConnection::open(address).await;
        for (header, status) in [("x-panic: 1\r\n", 500), ("", 200), ("x-panic: 1\r\n", 500)] {
            for path in ["/api/sessions", "/api/health"] {
                let head = format!("HEAD {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n");
                connection.send(head.as_bytes()).await;
                let answer = connection.head().await;
                assert_eq!(answer.status, status, "{path}, on the same connection");
            }
        }
        echoes(&mut attached, "after").await;
        assert_eq!(client.sessions().await.expect("a list").len(), 1);
        let _ = stop.send(());
    };
    let (outcome, ()) = tokio::join!(running, story);
    assert!(outcome.drained && outcome.shells_gone, "{outcome:?}");
}
