//! The backlog of events: numbered, resumed, and never lost in silence.

use webtty_client::{Client, EventMessage, Events, EventsOptions, Frame};
use webtty_protocol::SessionId;
use webtty_protocol::events::{EventFrame, LaggedNotice, Skipped};
use webtty_testkit::{RawConnection, TestDaemon, TestViewer, within};

async fn publish(client: &Client, session: &SessionId, from: u64, to: u64) {
    let text: String = (from..=to).map(|n| format!("{n}\n")).collect();
    client
        .publish(session, std::io::Cursor::new(text))
        .await
        .expect("published");
}

async fn next(events: &mut Events) -> Result<String, u16> {
    match within("an event", events.next()).await.expect("a frame") {
        EventMessage::Event(text) => Ok(text),
        EventMessage::Closed(closed) => Err(closed.code),
    }
}

fn since(since: u64) -> EventsOptions {
    EventsOptions {
        since: Some(since),
        ..EventsOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_late_gets_what_was_and_then_what_comes() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    publish(&client, &session, 1, 5).await;
    let mut late = client
        .events_with(&session, since(2))
        .await
        .expect("subscribed");
    let mut only_new = client.events(&session).await.expect("subscribed");
    for wanted in ["3", "4", "5"] {
        assert_eq!(next(&mut late).await.as_deref(), Ok(wanted));
    }
    daemon.unix().session(&session).await.expect("there");
    publish(&client, &session, 6, 7).await;
    for wanted in ["6", "7"] {
        assert_eq!(next(&mut late).await.as_deref(), Ok(wanted));
        assert_eq!(next(&mut only_new).await.as_deref(), Ok(wanted));
    }
    let ends = EventsOptions {
        no_follow: true,
        ..since(5)
    };
    let mut ends = client
        .events_with(&session, ends)
        .await
        .expect("subscribed");
    assert_eq!(next(&mut ends).await.as_deref(), Ok("6"));
    assert_eq!(next(&mut ends).await.as_deref(), Ok("7"));
    assert_eq!(next(&mut ends).await, Err(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_carries_number_time_and_place() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    let mut viewer = TestViewer::v1(&client, &session, "").await;
    viewer.sees("$ ").await;
    let mut events = {
        let options = EventsOptions {
            envelope: true,
            ..since(0)
        };
        client
            .events_with(&session, options)
            .await
            .expect("subscribed")
    };
    publish(&client, &session, 1, 1).await;
    let text = next(&mut events).await.expect("an event");
    let EventFrame::Event(event) = serde_json::from_str(&text).expect("an envelope") else {
        panic!("{text}");
    };
    assert_eq!((event.seq, &event.data), (1, &serde_json::json!(1)));
    assert_eq!(
        event.at, viewer.offset,
        "what was on the screen at that moment"
    );
    assert!(event.ts > 1_700_000_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn loss_is_told_or_closes_but_is_never_silent() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    publish(&client, &session, 1, 5000).await;
    let mut plain = client
        .events_with(&session, since(0))
        .await
        .expect("subscribed");
    assert_eq!(next(&mut plain).await, Err(4008));
    let options = EventsOptions {
        envelope: true,
        ..since(0)
    };
    let mut told = client
        .events_with(&session, options)
        .await
        .expect("subscribed");
    let text = next(&mut told).await.expect("a frame");
    let skipped = LaggedNotice {
        lagged: Skipped {
            skipped: 5000 - 4096,
        },
    };
    assert_eq!(
        serde_json::from_str::<EventFrame>(&text).ok(),
        Some(EventFrame::Lagged(skipped))
    );
    let text = next(&mut told).await.expect("an event");
    assert!(text.starts_with("{\"seq\":905,"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_incarnation_is_not_taken_for_one_of_this() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    publish(&client, &session, 1, 3).await;
    let place = |query: String| {
        let client = daemon.unix();
        async move {
            let path = format!("/ws/main/events?envelope=1&{query}");
            let mut socket = client.socket(&path, &[]).await.expect("opened");
            let mut texts = Vec::new();
            while let Frame::Text(text) = within("a frame", socket.next()).await.expect("a frame") {
                texts.push(text);
            }
            let EventFrame::Log(notice) = serde_json::from_str(&texts[0]).expect("a frame") else {
                panic!("{texts:?}");
            };
            (notice.log, texts.len() - 1)
        }
    };
    let (first, events) = place("epoch=&since=1&follow=0".to_owned()).await;
    assert_eq!((first.seq, first.resumed, events), (1, true, 2));
    let epoch = &first.epoch;
    let (now_on, events) = place(format!("epoch={epoch}&follow=0")).await;
    assert_eq!((now_on.seq, now_on.resumed, events), (3, true, 0));

    client.delete_session(&session).await.expect("ended");
    let session = daemon.shell("main").await;
    publish(&client, &session, 1, 5).await;
    let (second, events) = place(format!("epoch={epoch}&since=3&follow=0")).await;
    assert_eq!((second.seq, second.resumed, events), (0, false, 5));
    assert_ne!(second.epoch, first.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_server_sent_events_resumes_where_it_broke_off() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    publish(&client, &session, 1, 3).await;
    let address = daemon.address();
    let mut stream = RawConnection::open(address).await;
    let head = format!(
        "GET /s/main/events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\
         Last-Event-ID: 1\r\n\r\n"
    );
    stream.send(head.as_bytes()).await;
    let answer = stream.head().await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/event-stream"))
    );
    stream.sees("id: 2\ndata: 2\n\nid: 3\ndata: 3\n\n").await;
    publish(&client, &session, 4, 4).await;
    stream.sees("id: 4\ndata: 4\n\n").await;
    client.delete_session(&session).await.expect("deleted");
    stream
        .sees("event: end\ndata: {\"code\":4001,\"reason\":\"session deleted\"}\n\n")
        .await;
    let mut again = RawConnection::open(address).await;
    again.send(head.as_bytes()).await;
    assert_eq!(
        again.head().await.status,
        404,
        "which tells a browser to come back no more"
    );
}
