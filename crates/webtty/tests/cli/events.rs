//! The event channel: what is published arrives, whole and in order, when it is written.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use webtty_client::{AttachOptions, EventMessage, Received};
use webtty_protocol::pty::ServerMessage;

use crate::harness::{Home, assert_fails, finish, soon};

/// A subscription that has begun.
async fn subscribe(home: &Home, id: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let before = home.client().sessions().await.expect("listed");
    let before = before.iter().find(|info| info.id.as_str() == id);
    let before = before.map_or(0, |info| info.subscribers);
    let mut child = home.spawn(&["events", "-s", id]);
    home.until(id, |info| info.subscribers > before).await;
    let stdout = child.stdout.take().expect("piped");
    (child, BufReader::new(stdout).lines())
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    soon(lines.next_line()).await.expect("read")
}

#[tokio::test]
async fn a_hundred_thousand_lines_arrive_in_order_and_bad_ones_are_reported() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let (first, mut one) = subscribe(&home, "a").await;
    let (second, mut two) = subscribe(&home, "a").await;
    let id = "a".parse().expect("an id");
    let mut three = home.client().events(&id).await.expect("subscribed");
    let mut input = Vec::new();
    let mut expected = Vec::new();
    for number in 1..=100_000 {
        if number % 25_000 == 0 {
            input.extend_from_slice(b"{not json\n");
        } else {
            let line = format!("{{\"n\":{number},\"text\":\"é 日本 \\u0000\"}}");
            input.extend_from_slice(line.as_bytes());
            input.push(b'\n');
            expected.push(line);
        }
    }
    let publishing = home.run_with_input(&["publish", "-s", "a"], input.clone());
    let receive = async |lines: &mut Lines<_>| {
        for line in &expected {
            assert_eq!(next(lines).await.as_ref(), Some(line));
        }
    };
    let receive_plainly = async {
        for line in &expected {
            let event = soon(three.next()).await.expect("an event");
            assert_eq!(event, EventMessage::Event(line.clone()));
        }
    };
    let (said, (), (), ()) = tokio::join!(
        publishing,
        receive(&mut one),
        receive(&mut two),
        receive_plainly
    );
    assert_fails(&said, 1, "4 lines were rejected, 99996 sent", "--lax");
    for number in [25_000, 50_000, 75_000, 100_000] {
        let start = format!("line {number}: ");
        assert!(
            said.stderr.lines().any(|line| line.starts_with(&start)),
            "{said:?}"
        );
    }

    let lax = home
        .run_with_input(&["publish", "-s", "a", "--lax"], b"{\n1".to_vec())
        .await;
    assert_eq!(lax.code, Some(0), "{lax:?}");
    assert!(lax.stderr.starts_with("line 1: "), "{lax:?}");
    assert_eq!(
        next(&mut one).await.as_deref(),
        Some("1"),
        "no line end is needed"
    );

    home.ok(&["rm", "a"]).await;
    for child in [first, second] {
        assert_eq!(finish(child).await.code, Some(0));
    }
}

#[tokio::test]
async fn a_line_typed_now_arrives_now() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let (_events, mut lines) = subscribe(&home, "a").await;
    let mut publish = home.spawn_with_input(&["publish", "-s", "a"]);
    let mut stdin = publish.stdin.take().expect("piped");
    for number in 1..=3 {
        let line = format!("{{\"n\":{number}}}");
        stdin.write_all(line.as_bytes()).await.expect("written");
        stdin.write_all(b"\n").await.expect("written");
        // The publisher has not ended, and writes nothing more until this has come.
        assert_eq!(next(&mut lines).await, Some(line));
    }
    drop(stdin);
    let said = finish(publish).await;
    assert_eq!(
        (said.code, said.stdout.as_str(), said.stderr.as_str()),
        (Some(0), "", "")
    );
}

#[tokio::test]
async fn a_file_is_published_too() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let (_events, mut lines) = subscribe(&home, "a").await;
    let file = home.path().join("events.ndjson");
    std::fs::write(&file, "1\n\n\"two\"").expect("written");
    home.ok(&["publish", "-s", "a", &file.to_string_lossy()])
        .await;
    assert_eq!(next(&mut lines).await.as_deref(), Some("1"));
    assert_eq!(next(&mut lines).await.as_deref(), Some("\"two\""));
    let said = home.run(&["publish", "-s", "a", "nowhere"]).await;
    assert_fails(&said, 1, "nowhere", "");
}

#[tokio::test]
async fn inside_a_session_it_is_the_one_that_is_meant() {
    let home = Home::new();
    let binary = env!("CARGO_BIN_EXE_webtty");
    let script = format!("read go; echo '{{\"from\":\"inside\"}}' | {binary} publish; exit $?");
    home.session("other", &["sleep", "1000"]).await;
    home.session("a", &["sh", "-c", &script]).await;
    let (events, mut lines) = subscribe(&home, "a").await;
    let id = "a".parse().expect("an id");
    let client = home.client();
    let attaching = client.attach(&id, AttachOptions::default());
    let mut attachment = soon(attaching).await.expect("attached");
    attachment.input.send("\r").await.expect("sent");
    assert_eq!(
        next(&mut lines).await.as_deref(),
        Some("{\"from\":\"inside\"}")
    );
    let exit = loop {
        match soon(attachment.output.next()).await.expect("read") {
            Received::Message(ServerMessage::Exit(exit)) => break exit,
            Received::Closed(closed) => panic!("closed before the exit: {closed}"),
            _ => {}
        }
    };
    assert_eq!(exit.code, Some(0), "publish succeeded");
    assert_eq!(next(&mut lines).await, None);
    let said = finish(events).await;
    assert_eq!(
        said.code,
        Some(0),
        "the shell's exit is the end of its events"
    );
    assert!(said.stderr.contains("a ended"), "{said:?}");
}

#[tokio::test]
async fn the_only_running_session_is_meant_or_the_last_used() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let none = home.run(&["publish"]).await;
    assert_fails(&none, 4, "no session runs", "webtty run");
    home.session("a", &["sleep", "1000"]).await;
    let (_events, mut lines) = subscribe(&home, "a").await;
    let said = home.run_with_input(&["publish"], b"1\n".to_vec()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(next(&mut lines).await.as_deref(), Some("1"));
    home.session("b", &["sleep", "1000"]).await;
    let (_events, mut lines) = subscribe(&home, "b").await;
    let said = home.run_with_input(&["publish"], b"2\n".to_vec()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(next(&mut lines).await.as_deref(), Some("2"));
}

#[tokio::test]
async fn what_was_published_before_can_be_read_later() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let said = home
        .run_with_input(&["publish", "-s", "a"], b"1\n2\n3\n".to_vec())
        .await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let kept = home
        .ok(&["events", "-s", "a", "--since", "1", "--no-follow"])
        .await;
    assert_eq!(kept.stdout, "2\n3\n");
    let enveloped = [
        "events",
        "-s",
        "a",
        "--since",
        "2",
        "--no-follow",
        "--envelope",
    ];
    let kept = home.ok(&enveloped).await;
    assert!(kept.stdout.starts_with("{\"seq\":3,"), "{kept:?}");
}

#[tokio::test]
async fn unknown_and_idle_sessions_are_told_apart() {
    let home = Home::new();
    // Opening it without a browser makes `main` and does not start its shell.
    home.ok(&["open"]).await;
    for command in ["publish", "events"] {
        let unknown = home.run(&[command, "-s", "nope"]).await;
        assert_fails(&unknown, 4, "no such session: nope", "webtty ls");
        let idle = home.run(&[command, "-s", "main"]).await;
        assert_fails(&idle, 1, "", "starts an idle one");
    }
}

#[tokio::test]
async fn a_stopped_daemon_ends_events_with_3() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let (events, _lines) = subscribe(&home, "a").await;
    home.ok(&["stop"]).await;
    let said = finish(events).await;
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("the daemon stopped"), "{said:?}");
}

#[tokio::test]
async fn who_stops_reading_is_no_failure() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let (events, lines) = subscribe(&home, "a").await;
    drop(lines);
    let publishing = home.run_with_input(&["publish", "-s", "a"], b"1\n".to_vec());
    assert_eq!(publishing.await.code, Some(0));
    let said = finish(events).await;
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));

    for args in [
        vec!["ls"],
        vec!["ls", "--json"],
        vec!["completions", "bash"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = home.command(&args);
        command.stdout(Stdio::from(writer));
        let said = finish(command.spawn().expect("spawned")).await;
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}
