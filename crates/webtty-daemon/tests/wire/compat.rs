//! A client of jesse23/webtty works unchanged: no subprotocol, authentication off.

use webtty_client::{Frame, Published};
use webtty_protocol::SessionId;
use webtty_protocol::rest::{CreateSession, SessionState};
use webtty_testkit::{RawConnection, TestDaemon, TestViewer, request, within};

fn id(text: &str) -> SessionId {
    text.parse().expect("a valid id")
}

fn get(daemon: &TestDaemon, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        daemon.address()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn its_whole_life_from_create_to_exit() {
    let daemon = TestDaemon::start_open().await;
    let client = daemon.http();
    let made = client
        .create_session(&CreateSession::default())
        .await
        .expect("made");
    assert_eq!(
        (made.id.as_str().len(), made.pid, made.connected),
        (8, None, false)
    );
    let wish = CreateSession {
        id: Some(id("job.1")),
        ..CreateSession::default()
    };
    let made = client.create_session(&wish).await.expect("made");
    assert_eq!(made.state, SessionState::Idle);

    let mut viewer = TestViewer::plain(&client, &id("job.1"), "?cols=90&rows=20").await;
    viewer.types("stty size; echo [$((6*7))]\r").await;
    viewer.sees("[42]").await;
    assert!(viewer.text().contains("20 90"), "{}", viewer.text());
    viewer
        .says(r#"{"type":"resize","cols":111,"rows":33}"#)
        .await;
    viewer.types("stty size\r").await;
    viewer.sees("33 111").await;

    let info = client.session(&id("job.1")).await.expect("there");
    assert!(info.connected);
    let pid = info.pid.expect("a shell runs");
    let answer = request(daemon.address(), &get(&daemon, &format!("/p/{pid}"))).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, Some("/s/job.1"))
    );
    let answer = request(daemon.address(), &get(&daemon, "/p/1")).await;
    assert_eq!(answer.status, 404);
    let answer = request(daemon.address(), &get(&daemon, "/")).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, Some("/s/job.1"))
    );

    let renamed = client
        .rename_session(&id("job.1"), &id("job.2"))
        .await
        .expect("renamed");
    assert_eq!(renamed.id, id("job.2"));
    assert!(client.session(&id("job.1")).await.is_err());
    viewer.types("exit\r").await;
    assert_eq!(viewer.ends().await, (4001, "shell exited".to_owned()));
    assert!(
        client.session(&id("job.2")).await.is_err(),
        "a plain session goes with its shell"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_channel_lives_as_long_as_the_shell() {
    let daemon = TestDaemon::start_open().await;
    let client = daemon.http();
    let wish = CreateSession {
        id: Some(id("job.1")),
        ..CreateSession::default()
    };
    client.create_session(&wish).await.expect("made");

    // Before the shell runs there is no channel.
    let mut early = client
        .socket("/ws/job.1/events", &[])
        .await
        .expect("a socket");
    let Frame::Closed(closed) = within("4002", early.next()).await.expect("a close") else {
        panic!("not closed");
    };
    assert_eq!(
        (closed.code, closed.reason.as_str()),
        (4002, "PTY not running")
    );
    assert!(client.publish(&id("job.1"), &b"{}\n"[..]).await.is_err());

    let mut viewer = TestViewer::plain(&client, &id("job.1"), "").await;
    viewer.sees("$ ").await;
    let mut events = client
        .socket("/ws/job.1/events", &[])
        .await
        .expect("a socket");
    let lines = b"{\"a\":1}\n{broken\r\n\n[2]\r\n\"three\"";
    let published = client
        .publish(&id("job.1"), &lines[..])
        .await
        .expect("published");
    let Published::Partly(report) = published else {
        panic!("the broken line was taken")
    };
    assert_eq!((report.accepted, report.rejected.len()), (3, 1));
    assert_eq!(report.rejected[0].line, 2);
    for wanted in ["{\"a\":1}", "[2]", "\"three\""] {
        let frame = within("an event", events.next()).await.expect("a frame");
        assert_eq!(
            frame,
            Frame::Text(wanted.to_owned()),
            "one frame a line, as it was published"
        );
    }

    viewer.types("exit\r").await;
    assert_eq!(viewer.ends().await, (4001, "shell exited".to_owned()));
    let Frame::Closed(closed) = within("4001", events.next()).await.expect("a close") else {
        panic!("the channel outlived the shell");
    };
    assert_eq!(
        (closed.code, closed.reason.as_str()),
        (4001, "shell exited")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_and_its_events_are_independent() {
    let daemon = TestDaemon::start_open().await;
    let client = daemon.http();
    let session = daemon.shell("main").await;
    let mut events = client
        .socket("/ws/main/events", &[])
        .await
        .expect("a socket");
    // No terminal is open, and one that comes and goes changes nothing for who listens.
    let mut viewer = TestViewer::plain(&client, &session, "").await;
    viewer.types("echo seen$((1+1))\r").await;
    viewer.sees("seen2").await;
    drop(viewer);
    client
        .publish(&session, &b"1\n"[..])
        .await
        .expect("published");
    let frame = within("an event", events.next()).await.expect("a frame");
    assert_eq!(frame, Frame::Text("1".to_owned()));
    // And the other way.
    let mut viewer = TestViewer::plain(&client, &session, "").await;
    drop(events);
    client
        .publish(&session, &b"2\n"[..])
        .await
        .expect("published");
    viewer.types("echo still$((1+2))\r").await;
    viewer.sees("still3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_share_a_shell_and_the_second_sees_what_was() {
    let daemon = TestDaemon::start_open().await;
    let client = daemon.http();
    let session = daemon.shell("main").await;
    let mut first = TestViewer::plain(&client, &session, "").await;
    first.types("echo first$((1+1))\r").await;
    first.sees("first2").await;
    let mut second = TestViewer::plain(&client, &session, "").await;
    second.sees("first2").await;
    second.types("echo second$((1+2))\r").await;
    first.sees("second3").await;

    let left = client.delete_session(&session).await.expect("deleted");
    assert_eq!(left, Some(0));
    assert_eq!(first.ends().await, (4001, "session deleted".to_owned()));
    assert_eq!(second.ends().await, (4001, "session deleted".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_programs_without_a_terminal() {
    let daemon = TestDaemon::start_open().await;
    let host = daemon.address();
    let client = daemon.http();
    let wish = CreateSession {
        id: Some(id("job.1")),
        ..CreateSession::default()
    };
    client.create_session(&wish).await.expect("made");
    let ask = async |session: &str, body: &str| {
        let mut connection = RawConnection::open(host).await;
        let request = format!(
            "POST /s/{session}/execute HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.send(request.as_bytes()).await;
        let head = connection.head().await;
        let rest = String::from_utf8(connection.rest().await).expect("text");
        // Chunks have a line of their length before them.
        let lines: Vec<String> = rest
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(str::to_owned)
            .collect();
        (
            head.status,
            head.header("content-type").map(str::to_owned),
            lines,
        )
    };
    let run = r#"{"cmd":"sh","args":["-c","cat; echo no >&2; exit 3"],"stdin":"in"}"#;
    assert_eq!(ask("nope", run).await.0, 404);
    assert_eq!(ask("job.1", run).await.0, 409);
    let mut viewer = TestViewer::plain(&client, &id("job.1"), "").await;
    viewer.sees("$ ").await;
    for bad in [
        "",
        "[]",
        r#"{"args":[]}"#,
        r#"{"cmd":"","args":[]}"#,
        r#"{"cmd":"a","args":"b"}"#,
    ] {
        assert_eq!(ask("job.1", bad).await.0, 400, "{bad}");
    }
    let (status, kind, mut lines) = ask("job.1", run).await;
    assert_eq!(
        (status, kind.as_deref()),
        (200, Some("application/x-ndjson"))
    );
    assert_eq!(lines.pop().as_deref(), Some(r#"{"exit":3}"#));
    lines.sort();
    let both = [
        r#"{"stream":"stderr","data":"no\n"}"#,
        r#"{"stream":"stdout","data":"in"}"#,
    ];
    assert_eq!(lines, both);
    let (status, _, lines) = ask("job.1", r#"{"cmd":"no-such-program","args":[]}"#).await;
    assert_eq!((status, lines.len()), (200, 2));
    assert!(
        lines[1].starts_with(r#"{"exit":1,"error":""#) && lines[1].ends_with(r#""code":"ENOENT"}"#)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_sessions_are_told_after_the_upgrade() {
    let daemon = TestDaemon::start_open().await;
    for path in ["/ws/nope/pty", "/ws/nope/events", "/ws/NOT%20AN%20ID/pty"] {
        let mut socket = daemon.http().socket(path, &[]).await.expect("a socket");
        let Frame::Closed(closed) = within("4001", socket.next()).await.expect("a close") else {
            panic!("not closed");
        };
        assert_eq!(
            (closed.code, closed.reason.as_str()),
            (4001, "no such session"),
            "{path}"
        );
    }
    let answer = request(daemon.address(), &get(&daemon, "/s/nope")).await;
    assert_eq!(answer.status, 404);
    let answer = request(daemon.address(), &get(&daemon, "/")).await;
    assert_eq!(answer.header("location"), Some("/s/main"), "which is made");
    let answer = request(daemon.address(), &get(&daemon, "/s/main")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_split_between_reads_arrives_whole() {
    let daemon = TestDaemon::start_open().await;
    // Each write is a read of its own: the shell waits for the byte to be echoed by the viewer.
    let script = r"stty raw -echo; echo ready; for byte in '\303' '\251' '\360' '\237' '\246' '\200'; do
        printf $byte; head -c 1 >/dev/null; done; printf .; sleep 1000";
    let session = daemon.run("split", script).await;
    let mut viewer = TestViewer::plain(&daemon.http(), &session, "").await;
    viewer.sees("ready").await;
    for _ in 0..6 {
        viewer.types("x").await;
    }
    viewer.sees(".").await;
    assert!(viewer.text().ends_with("é🦀."), "{}", viewer.text());
}
