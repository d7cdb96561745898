//! The daemon's own life: one at a time, a graceful stop, revoked credentials.

use webtty_daemon::{BindError, Config, Outcome, Server};
use webtty_protocol::pty::ServerMessage;
use webtty_protocol::rest::{ChangeKey, CreateKey};
use webtty_protocol::{Close, Role};
use webtty_testkit::{RawConnection, TestDaemon, TestViewer, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_closes_every_socket_and_ends_every_shell() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon
        .run(
            "stubborn",
            "trap '' HUP; echo ready; while :; do sleep 1; done",
        )
        .await;
    let client = daemon.http();
    let mut viewer = TestViewer::plain(&client, &session, "").await;
    viewer.sees("ready").await;
    let mut subscriber = client.events(&session).await.expect("subscribed");
    let pid = client
        .session(&session)
        .await
        .expect("there")
        .pid
        .expect("runs");
    let socket = daemon.socket().to_owned();
    let (outcome, ended) = tokio::join!(daemon.stop(), viewer.ends());
    assert_eq!(ended, (1001, "server stopped".to_owned()));
    let webtty_client::EventMessage::Closed(closed) = within("the close", subscriber.next())
        .await
        .expect("a frame")
    else {
        panic!("not closed");
    };
    assert_eq!(closed.code, Close::Stopping.code());
    assert_eq!(
        outcome,
        Outcome {
            drained: true,
            shells_gone: true
        }
    );
    assert!(
        !std::fs::exists(format!("/proc/{pid}/exe")).expect("proc"),
        "the shell is gone"
    );
    assert!(!socket.exists(), "the socket is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_can_be_asked_for() {
    let daemon = TestDaemon::start().await;
    daemon.admin().await.stop_server().await.expect("asked");
    let socket = daemon.socket().to_owned();
    assert_eq!(
        daemon.stop().await,
        Outcome {
            drained: true,
            shells_gone: true
        }
    );
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_is_told_where_the_first_one_is() {
    let daemon = TestDaemon::start().await;
    let dir = daemon.socket().parent().expect("a directory");
    let config = Config::new(
        daemon.socket().to_owned(),
        dir.join("state"),
        dir.join("none.json"),
    );
    match Server::bind(config).await {
        Err(BindError::AlreadyRunning { socket, pid }) => {
            assert_eq!(socket, daemon.socket());
            assert_eq!(pid, Some(std::process::id()));
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two daemons on one socket"),
    }
    daemon
        .unix()
        .health()
        .await
        .expect("the first one is untouched");
}

fn role(message: &ServerMessage) -> Option<Role> {
    match message {
        ServerMessage::Role { role, .. } => Some(*role),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_allows_more_or_less_is_felt_at_once() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let (key, token) = daemon.key_and_token(Role::View, Some(&session)).await;
    let guest = daemon.with_token(token).await;
    let mut viewer = TestViewer::v1(&guest, &session, "?cols=70&rows=20").await;
    let mut subscriber = guest.events(&session).await.expect("subscribed");
    viewer.sees("$ ").await;
    let change = async |role| {
        let changed = daemon.unix().change_key(&key, ChangeKey { role }).await;
        assert_eq!(changed.expect("changed").role, role);
    };
    change(Role::Control).await;
    assert_eq!(viewer.hears("its role", role).await, Role::Control);
    viewer.types("echo $((3*3))x; stty size\r").await;
    viewer.sees("9x\r\n20 70").await;
    change(Role::View).await;
    viewer.messages.clear();
    assert_eq!(viewer.hears("its role", role).await, Role::View);
    viewer.types("echo hacked\r").await;
    assert_eq!(viewer.ends().await.0, 4003);
    assert!(!viewer.text().contains("hacked"));

    let mut viewer = TestViewer::v1(&guest, &session, "").await;
    viewer.sees("$ ").await;
    change(Role::Publish).await;
    assert_eq!(viewer.ends().await.0, 4003, "nothing of the terminal");
    let published = guest.publish(&session, &b"1\n"[..]).await;
    assert!(published.is_ok(), "{published:?}");
    let event = within("an event", subscriber.next())
        .await
        .expect("a frame");
    assert!(matches!(event, webtty_client::EventMessage::Event(event) if event == "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_without_the_right_any_more_is_stopped_in_the_middle() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let address = daemon.address();
    let mut subscriber = daemon.unix().events(&session).await.expect("subscribed");
    for revoke in [false, true] {
        let (key, token) = daemon.key_and_token(Role::Publish, Some(&session)).await;
        let mut publisher = RawConnection::open(address).await;
        let head = format!(
            "POST /s/main/publish HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\n\r\n1\n"
        );
        publisher.send(head.as_bytes()).await;
        within("an event", subscriber.next())
            .await
            .expect("a frame");
        if revoke {
            daemon.unix().revoke_key(&key).await.expect("revoked");
        } else {
            let change = ChangeKey { role: Role::View };
            let changed = daemon.unix().change_key(&key, change).await;
            changed.expect("changed");
        }
        assert_eq!(publisher.head().await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_expires_closes_its_sockets() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let wish = CreateKey {
        role: Role::Control,
        session: Some(session.clone()),
        ttl_seconds: Some(2),
        uses: None,
        label: None,
    };
    let key = daemon.unix().create_key(&wish).await.expect("a key");
    let token = daemon.unix().login(&key.key).await.expect("a token").token;
    let guest = daemon.with_token(token).await;
    let mut viewer = TestViewer::v1(&guest, &session, "").await;
    let mut subscriber = guest.events(&session).await.expect("subscribed");
    assert_eq!(viewer.ends().await.0, 4003);
    let closed = within("the close", subscriber.next())
        .await
        .expect("a frame");
    assert!(matches!(closed, webtty_client::EventMessage::Closed(closed) if closed.code == 4003));
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_key_closes_its_sockets() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let (key, token) = daemon.key_and_token(Role::Control, Some(&session)).await;
    let guest = daemon.with_token(token).await;
    let mut viewer = TestViewer::v1(&guest, &session, "").await;
    let mut subscriber = guest.events(&session).await.expect("subscribed");
    viewer.types("echo $((3*3))x\r").await;
    viewer.sees("9x").await;
    daemon.unix().revoke_key(&key).await.expect("revoked");
    assert_eq!(viewer.ends().await.0, 4003);
    let closed = within("the close", subscriber.next())
        .await
        .expect("a frame");
    assert!(matches!(closed, webtty_client::EventMessage::Closed(closed) if closed.code == 4003));
    assert!(guest.session(&session).await.is_err());
}
