//! The hub's limits and its end: message size, typed messages, heartbeat, count, stop.

use futures_util::FutureExt;
use webtty_client::{Client, Frame, Socket};
use webtty_protocol::hub::HubMessage;
use webtty_protocol::limits::MAX_HUB_MESSAGE_BYTES;
use webtty_protocol::pty::ServerMessage;
use webtty_protocol::{Role, Room};
use webtty_testkit::{RawConnection, TestDaemon, TestHub, TestViewer, within};

async fn socket(client: &Client) -> Socket {
    let mut socket = client.socket("/ws", &[]).await.expect("a socket");
    let welcome = within("the welcome", socket.next()).await.expect("a frame");
    assert!(matches!(welcome, Frame::Text(text) if text.contains("\"welcome\"")));
    socket
}

async fn close_code(socket: &mut Socket) -> u16 {
    within("the close", async {
        loop {
            if let Frame::Closed(closed) = socket.next().await.expect("a frame") {
                return closed.code;
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_typed_message_closes() {
    let daemon = TestDaemon::start_open().await;
    for wrong in [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","payload":{"room":"everything"}}"#,
        r#"{"type":"subscribe","payload":{"room":"sessions","color":"red"}}"#,
        r#"{"type":"publish","payload":{"room":"session/main/events"}}"#,
        r#"{"type":"shout","payload":{}}"#,
    ] {
        let mut socket = socket(&daemon.http()).await;
        socket.send_text(wrong).await.expect("sent");
        assert_eq!(close_code(&mut socket).await, 1008, "{wrong}");
    }
    let mut socket = socket(&daemon.http()).await;
    socket.send_binary("{}").await.expect("sent");
    assert_eq!(close_code(&mut socket).await, 1008, "binary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_limit_is_taken_and_one_byte_more_is_not() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let head = r#"{"type":"publish","payload":{"room":"session/main/events","event":""#;
    let text = |len: usize| format!("{head}{}\"}}}}", "x".repeat(len - head.len() - 3));
    let mut taken = socket(&daemon.http()).await;
    let largest = text(MAX_HUB_MESSAGE_BYTES);
    assert_eq!(largest.len(), MAX_HUB_MESSAGE_BYTES);
    taken.send_text(largest).await.expect("sent");
    let answer = within("the answer", taken.next()).await.expect("a frame");
    assert!(matches!(answer, Frame::Text(text) if text.contains("\"published\"")));
    let mut refused = socket(&daemon.http()).await;
    let over = text(MAX_HUB_MESSAGE_BYTES + 1);
    refused.send_text(over).await.expect("sent");
    assert_eq!(close_code(&mut refused).await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_among_the_subprotocols_is_enough_for_a_page() {
    let daemon = TestDaemon::start().await;
    let token = daemon.token(Role::View, None).await;
    let offered = format!("webtty.token.{token}");
    let client = daemon.http();
    let mut socket = client
        .socket("/ws", &["webtty.v1", &offered])
        .await
        .expect("a socket");
    let welcome = within("the welcome", socket.next()).await.expect("a frame");
    assert!(matches!(welcome, Frame::Text(text) if text.contains("\"view\"")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_counted_no_more() {
    let daemon = TestDaemon::start_open().await;
    let mut hub = TestHub::open(&daemon.http()).await;
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let host = daemon.address();
    let mut raw = RawConnection::open(host).await;
    let upgrade = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n"
    );
    raw.send(upgrade.as_bytes()).await;
    assert_eq!(raw.head().await.status, 101);
    raw.sees("welcome").await;
    let health = daemon.unix().health().await.expect("an answer");
    assert_eq!(health.connections, Some(2));
    // Without a close, as when a machine loses power and its peer hears of it.
    raw.stream.set_zero_linger().expect("set");
    drop(raw);
    hub.enters(&Room::Daemon).await;
    let one = hub.sees("one connection", |change| match change {
        webtty_protocol::hub::Change::Health { health } => {
            (health.connections == Some(1)).then_some(())
        }
        _ => None,
    });
    one.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_connections_hear_that_the_daemon_stops() {
    let daemon = TestDaemon::start().await;
    daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    hub.enters(&Room::Sessions).await;
    let stop = daemon.stop();
    let (ended, outcome) = tokio::join!(hub.ends(), stop);
    assert_eq!(ended.0, 1001);
    assert!(outcome.drained && outcome.shells_gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_daemon_stops_an_upgrade_is_refused() {
    let daemon = TestDaemon::start_open().await;
    let host = daemon.address();
    let mut raw = RawConnection::open(host).await;
    // The connection is there, and its request is under way, before the stop begins.
    raw.send(b"GET /ws HTTP/1.1\r\n").await;
    let rest = format!(
        "Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    let mut hub = TestHub::open(&daemon.http()).await;
    let ask = async {
        assert_eq!(hub.ends().await.0, 1001, "the stop has begun");
        raw.send(rest.as_bytes()).await;
        raw.head().await.status
    };
    let (status, _) = tokio::join!(ask, daemon.stop());
    assert_eq!(status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_end_are_taken_one_after_the_other() {
    const REQUESTS: u64 = 2000;
    let daemon = TestDaemon::start_open().await;
    let main = daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.http()).await;
    for n in 0..REQUESTS {
        let publish = hub.hub.publish(Room::Events(main.clone()), n.into()).await;
        publish.expect("asked");
    }
    for n in 1..=REQUESTS {
        let seq = hub.hears("an answer", |message| match message {
            HubMessage::Published(published) => Some(published.seq),
            _ => None,
        });
        assert_eq!(seq.await, n);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_have_the_rate_of_control_frames() {
    let daemon = TestDaemon::start_open().await;
    let main = daemon.shell("main").await;
    let mut hub = socket(&daemon.http()).await;
    let mut viewer = TestViewer::v1(&daemon.http(), &main, "").await;
    let close = within("the close of the hub", async {
        loop {
            let name = r#"{"type":"name","payload":{"name":"Ada"}}"#;
            if hub.send_text(name).await.is_err() {
                return close_code(&mut hub).await;
            }
            // What waits to be read is the close, or nothing.
            if let Some(Ok(Frame::Closed(closed))) = hub.next().now_or_never() {
                return closed.code;
            }
        }
    });
    assert_eq!(close.await, 1008);
    let most = webtty_daemon::limits::CONTROL_FRAMES_AT_ONCE;
    for _ in 0..most {
        viewer.says(r#"{"type":"name","name":"Ada"}"#).await;
    }
    viewer
        .hears("the name", |message| match message {
            ServerMessage::Presence { clients, .. } => {
                clients.iter().find_map(|who| who.name.clone())
            }
            _ => None,
        })
        .await;
}
