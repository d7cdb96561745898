//! The event channel: every line, in order, to every subscriber, and its end with the shell.

use tokio::io::AsyncWriteExt;
use webtty_client::{EventMessage, Published};
use webtty_protocol::rest::RejectedLine;
use webtty_testkit::{TestDaemon, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_lines_arrive_complete_and_in_order_at_three_subscribers() {
    const LINES: usize = 100_000;
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let admin = daemon.admin().await;
    let mut subscribers = Vec::new();
    for _ in 0..3 {
        subscribers.push(admin.events(&session).await.expect("subscribed"));
    }
    let text: String = (0..LINES).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    let publisher = daemon.unix();
    let publish = publisher.publish(&session, std::io::Cursor::new(text));
    let receive = async {
        for n in 0..LINES {
            for subscriber in &mut subscribers {
                let wanted = EventMessage::Event(format!("{{\"n\":{n}}}"));
                assert_eq!(subscriber.next().await.expect("an event"), wanted);
            }
        }
    };
    let both = async { tokio::join!(publish, receive) };
    let (published, ()) = within("all events", both).await;
    assert_eq!(published.expect("published"), Published::All);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_written_now_arrives_now() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    let mut subscriber = client.events(&session).await.expect("subscribed");
    let (mut typed, lines) = tokio::io::duplex(1024);
    let publisher = daemon.unix();
    let publish = publisher.publish(&session, lines);
    let check = async {
        for piece in ["{\"a\":", "1}\n", "\"h\u{e9}", "llo\"\n2"] {
            typed.write_all(piece.as_bytes()).await.expect("written");
            if piece.contains('\n') {
                let event = within("the event", subscriber.next())
                    .await
                    .expect("an event");
                let wanted = if piece == "1}\n" {
                    "{\"a\":1}"
                } else {
                    "\"h\u{e9}llo\""
                };
                assert_eq!(event, EventMessage::Event(wanted.to_owned()));
            }
        }
        drop(typed);
        let event = within("the last line", subscriber.next())
            .await
            .expect("an event");
        assert_eq!(
            event,
            EventMessage::Event("2".to_owned()),
            "no line end is needed"
        );
    };
    let (published, ()) = tokio::join!(publish, check);
    assert_eq!(published.expect("published"), Published::All);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_are_reported_and_cost_only_themselves() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    let mut subscriber = client.events(&session).await.expect("subscribed");
    let mut text = b"1\n\xff\xfe\n".to_vec();
    text.extend_from_slice(format!("\"{}\"\n", "x".repeat(1024 * 1024)).as_bytes());
    for _ in 0..150 {
        text.extend_from_slice(b"nonsense\n");
    }
    text.extend_from_slice(b"2\n");
    let published = client.publish(&session, std::io::Cursor::new(text)).await;
    let Published::Partly(report) = published.expect("published") else {
        panic!("all taken")
    };
    assert_eq!((report.accepted, report.rejected.len()), (2, 100));
    let reason = "not UTF-8 at byte 1".to_owned();
    assert_eq!(report.rejected[0], RejectedLine { line: 2, reason });
    assert_eq!(report.rejected[1].reason, "longer than 1048576 bytes");
    for wanted in ["1", "2"] {
        let event = within("an event", subscriber.next())
            .await
            .expect("an event");
        assert_eq!(event, EventMessage::Event(wanted.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_hears_of_the_end_while_it_is_silent() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let (mut typed, lines) = tokio::io::duplex(1024);
    let publisher = daemon.unix();
    let mut subscriber = publisher.events(&session).await.expect("subscribed");
    let publish = publisher.publish(&session, lines);
    let end = async {
        typed.write_all(b"1\n").await.expect("written");
        let event = within("the event", subscriber.next())
            .await
            .expect("an event");
        assert_eq!(event, EventMessage::Event("1".to_owned()));
        daemon
            .unix()
            .delete_session(&session)
            .await
            .expect("deleted");
    };
    let (published, ()) = within("the refusal", async { tokio::join!(publish, end) }).await;
    let error = published.expect_err("cut short").to_string();
    assert!(error.contains("1 lines were taken"), "{error}");
    let EventMessage::Closed(closed) = subscriber.next().await.expect("a close") else {
        panic!("not closed");
    };
    assert_eq!(
        (closed.code, closed.reason.as_str()),
        (4001, "session deleted")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_has_nothing_to_say() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let mut socket = daemon
        .http()
        .socket("/ws/main/events", &[])
        .await
        .expect("a socket");
    socket.send_text("hello").await.expect("sent");
    let frame = within("a close", socket.next()).await.expect("a frame");
    assert!(matches!(frame, webtty_client::Frame::Closed(closed) if closed.code == 1003));
    let mut socket = daemon
        .http()
        .socket("/ws/main/events", &[])
        .await
        .expect("a socket");
    socket.send_text("x".repeat(2000)).await.expect("sent");
    let frame = within("a close", socket.next()).await.expect("a frame");
    assert!(matches!(frame, webtty_client::Frame::Closed(closed) if closed.code == 1009));
}
