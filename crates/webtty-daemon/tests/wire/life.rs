//! The daemon's own life: one at a time, a graceful stop, revoked credentials.

use webtty_daemon::{Auth, BindError, Config, Outcome, Server};
use webtty_protocol::{Close, Role};
use webtty_testkit::{TestDaemon, TestViewer, within};

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
    let config = Config {
        socket_path: daemon.socket().to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        auth: Auth::Keys,
        state_dir: dir.join("state"),
        settings_path: dir.join("none.json"),
    };
    match Server::bind(config.clone()).await {
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
    let exposed = Config {
        listen: "0.0.0.0:0".parse().expect("an address"),
        ..config
    };
    assert!(matches!(
        Server::bind(exposed).await,
        Err(BindError::Refused(_))
    ));
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
