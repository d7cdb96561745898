//! Who falls behind in the hub: it is told, then closed, and costs the others nothing.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use webtty_client::{Client, Frame, HubReceived, Published, Socket};
use webtty_daemon::Auth;
use webtty_daemon::limits::HUB_LAGS;
use webtty_protocol::hub::{Change, HubMessage};
use webtty_protocol::{Close, Room, SessionId};
use webtty_testkit::{RawConnection, TestDaemon, TestHub, within};

/// Upgrades to the hub by hand and subscribes, so that nothing reads what comes.
async fn stalled(daemon: &TestDaemon, room: &str) -> RawConnection {
    let host = daemon.address();
    let mut raw = RawConnection::open(host).await;
    let upgrade = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    raw.send(upgrade.as_bytes()).await;
    assert_eq!(raw.head().await.status, 101);
    raw.send(&subscribe(room)).await;
    raw.sees("\"subscribed\"").await;
    raw
}

/// The same over a Unix socket, which holds some 200 KB, whatever the system's settings for
/// networks are. What it has read so far goes into `read`.
async fn over_unix(daemon: &TestDaemon, room: &str, read: &mut Vec<u8>) -> UnixStream {
    let mut socket = UnixStream::connect(daemon.socket())
        .await
        .expect("connected");
    let ask =
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(ask).await.expect("asked");
    socket.write_all(&subscribe(room)).await.expect("asked");
    assert_eq!(read_until(&mut socket, read, b"\"subscribed\"", 1).await, 1);
    socket
}

/// The frame that subscribes to a room.
fn subscribe(room: &str) -> Vec<u8> {
    let text = format!(r#"{{"type":"subscribe","payload":{{"room":"{room}"}}}}"#);
    let length = 0x80 | u8::try_from(text.len()).expect("short");
    let mut frame = vec![0x81, length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

async fn publish(client: &Client, session: &SessionId, lines: String) {
    let published = client.publish(session, std::io::Cursor::new(lines)).await;
    assert_eq!(published.expect("published"), Published::All);
}

#[tokio::test(flavor = "multi_thread")]
async fn eviction_who_takes_nothing_is_closed_at_the_write_deadline() {
    let limits = r#"{"shell": "/bin/sh", "limits": {"writeTimeoutMs": 300}}"#;
    let daemon = TestDaemon::start_with(Auth::None, limits).await;
    let main = daemon.shell("main").await;
    let mut stalled = stalled(&daemon, "session/main/events").await;
    let mut hub = TestHub::open(&daemon.http()).await;
    hub.enters(&Room::Daemon).await;
    let line = format!("\"{}\"\n", "x".repeat(100_000));
    let client = daemon.unix();
    let flood = publish(&client, &main, line.repeat(400));
    within("the flood", flood).await;
    let gone = hub.sees("that it is gone", |change| match change {
        Change::Health { health } if health.connections == Some(1) => Some(()),
        _ => None,
    });
    gone.await;
    // The close cannot be told to who takes nothing, but the connection has ended.
    stalled.rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heartbeat_finds_a_dead_peer_and_keeps_a_living_one() {
    let limits = r#"{"limits": {"pingIntervalMs": 20, "pongTimeoutMs": 5000}}"#;
    let daemon = TestDaemon::start_with(Auth::None, limits).await;
    // It reads, but the pings that it reads are not answered by anybody.
    let mut dead = stalled(&daemon, "sessions").await;
    let mut hub = TestHub::open(&daemon.http()).await;
    hub.enters(&Room::Sessions).await;
    let rest = within("its end", dead.rest());
    let alive = async {
        loop {
            // Pongs are sent while something is waited for.
            match hub.hub.next().await.expect("it stays") {
                HubReceived::Message(_) => {}
                HubReceived::Closed(closed) => panic!("the living one is closed: {closed:?}"),
            }
        }
    };
    let rest = tokio::select! {
        rest = rest => rest,
        () = alive => unreachable!("it has no end"),
    };
    let code = 4009_u16.to_be_bytes();
    assert!(rest.windows(2).any(|two| two == code), "it is told 4009");
    hub.enters(&Room::Daemon).await;
}

/// Reads until the event of this number has come, and makes sure that each is the next.
async fn reads_all(mut socket: Socket, last: u64) {
    let mut next = 1;
    while next <= last {
        let Frame::Text(text) = socket.next().await.expect("a frame") else {
            panic!("closed before event {next}");
        };
        if text.contains("\"published\"") {
            assert!(
                text.contains(&format!("\"seq\":{next},")),
                "{next} is not {text}"
            );
            next += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stalled_subscriber_among_fifty_costs_the_others_nothing() {
    const EVENTS: u64 = 12_000;
    const OTHERS: usize = 49;
    let limits = r#"{"shell": "/bin/sh", "limits": {"writeTimeoutMs": 3000}}"#;
    let daemon = TestDaemon::start_with(Auth::None, limits).await;
    let main = daemon.shell("main").await;
    let mut read = Vec::new();
    let mut stalled = over_unix(&daemon, "session/main/events", &mut read).await;
    let mut others = JoinSet::new();
    for _ in 0..OTHERS {
        let mut socket = daemon.http().socket("/ws", &[]).await.expect("a socket");
        let subscribe = r#"{"type":"subscribe","payload":{"room":"session/main/events"}}"#;
        socket.send_text(subscribe).await.expect("asked");
        within("the room", async {
            loop {
                let frame = socket.next().await.expect("a frame");
                if matches!(frame, Frame::Text(text) if text.contains("\"subscribed\"")) {
                    return;
                }
            }
        })
        .await;
        others.spawn(reads_all(socket, EVENTS));
    }
    let line = format!("\"{}\"\n", "x".repeat(400));
    let client = daemon.unix();
    let publish = publish(&client, &main, line.repeat(EVENTS as usize));
    let receive = others.join_all();
    within("all events at all others", async {
        tokio::join!(publish, receive)
    })
    .await;
    // What it had not taken by its deadline it never gets.
    let last = format!("\"seq\":{EVENTS},");
    let times = read_until(&mut stalled, &mut read, last.as_bytes(), 1).await;
    assert_eq!(times, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fell_behind_is_told_how_many_events_were_missed() {
    let daemon = TestDaemon::start_open().await;
    let main = daemon.shell("main").await;
    publish(&daemon.unix(), &main, "1\n".repeat(5000)).await;
    let mut hub = TestHub::open(&daemon.http()).await;
    let room = Room::Events(main.clone());
    let wish = hub.hub.subscribe_since(room, Some(100), None).await;
    wish.expect("asked");
    let (first, skipped) = (5000 - 4096 + 1, 5000 - 4096 - 100);
    let told = hub.hears("the loss", |message| match message {
        HubMessage::Lagged(lagged) => Some(lagged.skipped),
        _ => None,
    });
    assert_eq!(told.await, skipped);
    for seq in first..=5000 {
        let event = hub.hears("an event", |message| match message {
            HubMessage::Event(event) => Some(event.seq),
            _ => None,
        });
        assert_eq!(event.await, seq);
    }
}

/// Reads a connection until this has come so many times in all, or the connection ends.
async fn read_until(
    stream: &mut UnixStream,
    read: &mut Vec<u8>,
    needle: &[u8],
    times: usize,
) -> usize {
    within("what was missed", async {
        loop {
            let count = read
                .windows(needle.len())
                .filter(|some| *some == needle)
                .count();
            if count >= times || stream.read_buf(read).await.unwrap_or(0) == 0 {
                return count;
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_missing_events_is_closed_with_4008() {
    let limits =
        r#"{"shell": "/bin/sh", "limits": {"writeTimeoutMs": 60000, "subscriberWindowMs": 20}}"#;
    let daemon = TestDaemon::start_with(Auth::None, limits).await;
    let main = daemon.shell("main").await;
    let mut read = Vec::new();
    let mut slow = over_unix(&daemon, "session/main/events", &mut read).await;
    let line = format!("\"{}\"\n", "x".repeat(100_000));
    for round in 1..=HUB_LAGS as usize {
        // More than is kept: whoever reads only this much has missed something each time.
        publish(&daemon.unix(), &main, line.repeat(100)).await;
        let lags = read_until(&mut slow, &mut read, b"\"type\":\"lagged\"", round).await;
        assert_eq!(lags, round, "told, and not closed");
    }
    publish(&daemon.unix(), &main, line.repeat(100)).await;
    let never = read_until(&mut slow, &mut read, b"no such thing", 1).await;
    assert_eq!(never, 0);
    let close = Close::Lagged;
    let mut last = close.code().to_be_bytes().to_vec();
    last.extend_from_slice(close.reason().as_bytes());
    assert!(read.ends_with(&last), "closed with {}", close.code());
}

#[tokio::test(flavor = "multi_thread")]
async fn broadcast_returns_at_once_whoever_listens() {
    let daemon = TestDaemon::start_open().await;
    let mut all = Vec::new();
    for _ in 0..20 {
        all.push(stalled(&daemon, "sessions").await);
    }
    // Each of these is told to twenty connections that take nothing.
    let client = daemon.unix();
    for n in 0..50 {
        let session = daemon.run(&format!("s{n}"), "cat").await;
        client.delete_session(&session).await.expect("deleted");
    }
    let mut socket = daemon.http().socket("/ws", &[]).await.expect("a socket");
    let welcome = within("a welcome", socket.next()).await.expect("a frame");
    assert!(matches!(welcome, Frame::Text(_)));
}
