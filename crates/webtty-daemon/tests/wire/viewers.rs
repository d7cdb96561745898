//! Viewers: what they are told, what they get, what they may do to each other (nothing).

use webtty_protocol::pty::{ServerMessage, SnapshotReason};
use webtty_protocol::rest::ExitInfo;
use webtty_protocol::{Role, SessionId};
use webtty_testkit::{TestDaemon, TestViewer};

fn hello(message: &ServerMessage) -> Option<webtty_protocol::pty::Hello> {
    match message {
        ServerMessage::Hello(hello) => Some(hello.clone()),
        _ => None,
    }
}

fn exit(message: &ServerMessage) -> Option<ExitInfo> {
    match message {
        ServerMessage::Exit(exit) => Some(exit.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_v1_viewer_is_told_everything_in_order() {
    let daemon = TestDaemon::start().await;
    let session = daemon
        .run("job", "echo before; read line; echo \"got $line\"; exit 3")
        .await;
    let admin = daemon.admin().await;
    // Written before the viewer comes: nothing happens between its greeting and its snapshot.
    let mut first = TestViewer::plain(&admin, &session, "?role=view").await;
    first.sees("before\r\n").await;
    let mut viewer = TestViewer::v1(&admin, &session, "?cols=100&rows=30").await;
    viewer.sees("before").await;
    let hello = viewer.hears("hello", hello).await;
    assert_eq!((hello.role, &hello.session), (Role::Admin, &session));
    assert!(!hello.resumed);
    let snapshot = viewer.hears("snapshot", |message| match message {
        ServerMessage::Snapshot(snapshot) => Some(snapshot.clone()),
        _ => None,
    });
    assert_eq!(snapshot.await.offset, hello.offset);
    viewer.types("x\r").await;
    viewer.sees("got x").await;
    let ended = viewer.hears("exit", exit).await;
    assert_eq!(
        ended,
        ExitInfo {
            code: Some(3),
            signal: None
        }
    );
    assert_eq!(viewer.ends().await, (4001, "shell exited".to_owned()));

    // It was made with a command, so its screen and its exit can still be read.
    let mut late = TestViewer::v1(&admin, &session, "?role=view").await;
    assert_eq!(late.hears("exit", exit).await, ended);
    assert!(
        late.text().contains("before\r\nx\r\ngot x\r\n"),
        "{}",
        late.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_comes_back_goes_on_where_it_was() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let admin = daemon.admin().await;
    let mut first = TestViewer::v1(&admin, &session, "").await;
    first.joined().await;
    first.types("echo one$((1))\r").await;
    first.sees("one1\r\n$ ").await;
    let told = first.hears("hello", hello).await;
    let offset = first.offset;
    let mut watcher = TestViewer::v1(&admin, &session, "").await;
    drop(first);
    watcher.joined().await;
    watcher.types("echo two$((2))\r").await;
    watcher.sees("two2\r\n$ ").await;

    let query = format!("?from={offset}&epoch={}", told.epoch);
    let mut again = TestViewer::v1(&admin, &session, &query).await;
    again.sees("two2\r\n$ ").await;
    assert!(again.hears("hello", hello).await.resumed);
    let missed = "echo two$((2))\r\ntwo2\r\n$ ";
    assert_eq!(again.text(), missed, "no byte twice, none missing");

    let mut stranger = TestViewer::v1(&admin, &session, "?from=3&epoch=other").await;
    stranger.sees("two2").await;
    assert!(
        !stranger.hears("hello", hello).await.resumed,
        "another epoch's offset means nothing"
    );
    for query in ["?from=99999999", "?from=x"] {
        let mut wrong = TestViewer::v1(&admin, &session, query).await;
        assert_eq!(wrong.ends().await.0, 1008, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_to_what_is_no_longer_kept_gets_the_screen() {
    let settings = r#"{"shell": "/bin/sh", "env": {"PS1": "$ "}, "scrollback": 65536}"#;
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::None, settings).await;
    let session = daemon.shell("main").await;
    let mut first = TestViewer::v1(&daemon.http(), &session, "").await;
    first.joined().await;
    let epoch = first.hears("hello", hello).await.epoch;
    first.types("yes | head -c 200000; echo end$((1))\r").await;
    first.sees("end1\r\n$ ").await;

    let query = format!("?from=0&epoch={epoch}");
    let mut again = TestViewer::v1(&daemon.http(), &session, &query).await;
    assert!(!again.hears("hello", hello).await.resumed);
    let reason = again.hears("a snapshot", |message| match message {
        ServerMessage::Snapshot(snapshot) => Some(snapshot.reason),
        _ => None,
    });
    assert_eq!(reason.await, SnapshotReason::ResumeMiss);
    again.sees("end1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_snapshot_comes_compressed_to_who_asks_for_it() {
    let daemon = TestDaemon::start().await;
    let admin = daemon.admin().await;
    let script = "seq 1 3000; echo all; read line; clear; echo few; read line";
    let session = daemon.run("job", script).await;
    let snapshot = |message: &ServerMessage| match message {
        ServerMessage::Snapshot(snapshot) => Some(snapshot.clone()),
        _ => None,
    };
    let mut first = TestViewer::v1(&admin, &session, "").await;
    first.sees("all").await;

    let mut plain = TestViewer::v1(&admin, &session, "?deflate=0").await;
    plain.joined().await;
    assert_eq!(plain.hears("it", snapshot).await.unpacked, None);
    let mut packed = TestViewer::v1(&admin, &session, "?deflate=1").await;
    packed.joined().await;
    let told = packed.hears("it", snapshot).await;
    assert_eq!(told.unpacked, Some(plain.seen.len() as u64));
    assert_eq!(told.bytes, packed.seen.len() as u64);
    assert!(packed.seen.len() < plain.seen.len() / 2);
    let unpacked = miniz_oxide::inflate::decompress_to_vec(&packed.seen).expect("whole");
    assert_eq!(unpacked, plain.seen);

    first.types("\r").await;
    packed.sees("few").await;
    let mut small = TestViewer::v1(&admin, &session, "?deflate=1&history=0").await;
    small.sees("few").await;
    assert_eq!(small.hears("it", snapshot).await.unpacked, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_cannot_type_or_resize() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let token = daemon.token(Role::View, Some(&session)).await;
    let guest = daemon.with_token(token).await;
    let mut typing = TestViewer::v1(&guest, &session, "").await;
    typing.types("echo hacked\r").await;
    assert_eq!(typing.ends().await.0, 4003);
    let mut resizing = TestViewer::v1(&guest, &session, "").await;
    resizing
        .says(r#"{"type":"resize","cols":7,"rows":7}"#)
        .await;
    assert_eq!(resizing.ends().await.0, 4003);
    let mut plain = TestViewer::plain(&guest, &session, "").await;
    plain.types("echo hacked\r").await;
    assert_eq!(plain.ends().await.0, 4003);
    let admin = daemon.admin().await;
    let mut owner = TestViewer::v1(&admin, &session, "?role=view").await;
    owner.types("x").await;
    assert_eq!(
        owner.ends().await.0,
        4003,
        "asked to be a viewer, and is one"
    );
    let mut owner = TestViewer::v1(&admin, &session, "").await;
    owner.types("echo fine$((0))\r").await;
    owner.sees("fine0").await;
    assert!(!owner.text().contains("hacked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_types_into_a_read_only_session() {
    let daemon = TestDaemon::start().await;
    let cmd = ["/bin/sh", "-c", "echo ready; read line; echo \"got $line\""];
    let wish = webtty_protocol::rest::CreateSession {
        cmd: Some(cmd.map(str::to_owned).to_vec()),
        read_only: true,
        ..webtty_protocol::rest::CreateSession::default()
    };
    let session = daemon.create(wish).await;
    let admin = daemon.admin().await;
    let unix = daemon.unix();
    for client in [&admin, &unix] {
        let mut viewer = TestViewer::v1(client, &session, "?cols=10&rows=10").await;
        viewer.sees("ready").await;
        let told = viewer.hears("hello", hello).await;
        assert_eq!((told.role, told.cols), (Role::View, 80));
        viewer.types("hacked\r").await;
        assert_eq!(viewer.ends().await.0, 4003);
        let mut plain = TestViewer::plain(client, &session, "").await;
        plain.types("hacked\r").await;
        assert_eq!(plain.ends().await.0, 4003);
        assert!(!plain.text().contains("hacked"));
    }
    let info = unix.session(&session).await.expect("there");
    assert!(info.read_only && info.exit.is_none(), "{info:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_means_nothing_closes_only_its_sender() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let client = daemon.http();
    let mut good = TestViewer::v1(&client, &session, "").await;
    for (text, code) in [
        ("not json", 1008),
        (r#"{"type":"unheard-of"}"#, 1008),
        (r#"{"type":"resize","cols":"wide","rows":1}"#, 1008),
        (r#"{"type":"ack","bytes":999999999}"#, 1008),
        (r#"{"type":"ack","bytes":-1}"#, 1008),
        (&format!("{{\"type\":\"{}\"}}", "x".repeat(70_000)), 1009),
    ] {
        let mut bad = TestViewer::v1(&client, &session, "").await;
        bad.says(text).await;
        assert_eq!(bad.ends().await.0, code, "{}", &text[..text.len().min(60)]);
    }
    good.says(r#"{"type":"resize","cols":1e9,"rows":-1}"#).await;
    let size = good.hears("resize", |message| match message {
        ServerMessage::Resize(size) => Some((size.cols, size.rows)),
        _ => None,
    });
    assert_eq!(size.await, (1000, 1));
    good.says(r#"{"type":"ping","t":42.5}"#).await;
    let pong = good.hears("pong", |message| match message {
        ServerMessage::Pong { t } => Some(*t),
        _ => None,
    });
    assert!((pong.await - 42.5).abs() < f64::EPSILON);
    good.types("echo fine$((0))\r").await;
    good.sees("fine0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_types_drives_and_who_joins_changes_nothing() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let client = daemon.http();
    let mut desk = TestViewer::v1(&client, &session, "?cols=150&rows=45").await;
    desk.types("stty size\r").await;
    desk.sees("45 150").await;
    let mut phone = TestViewer::v1(&client, &session, "?cols=40&rows=20").await;
    let told = phone.hears("hello", hello).await;
    assert_eq!((told.cols, told.rows), (150, 45));
    desk.types("stty size; echo same\r").await;
    desk.sees("45 150\r\nsame").await;
    phone.types("stty size\r").await;
    phone.sees("20 40").await;
    let by = desk.hears("resize", |message| match message {
        ServerMessage::Resize(size) if size.cols == 40 => size.by,
        _ => None,
    });
    assert_eq!(by.await, told.client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_is_told_and_sockets_stay() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("old").await;
    let client = daemon.http();
    let mut viewer = TestViewer::v1(&client, &session, "").await;
    viewer.hears("hello", hello).await;
    let new: SessionId = "new".parse().expect("an id");
    client
        .rename_session(&session, &new)
        .await
        .expect("renamed");
    let told = viewer.hears("the new name", |message| match message {
        ServerMessage::Renamed { session } => Some(session.clone()),
        _ => None,
    });
    assert_eq!(told.await, new);
    viewer.types("echo still$((1))\r").await;
    viewer.sees("still1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_pasted_arrives_whole_and_in_order() {
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; echo ready; head -c 1000000 | cksum; sleep 1000";
    let session = daemon.run("paste", script).await;
    let client = daemon.http();
    let mut viewer = TestViewer::v1(&client, &session, "").await;
    viewer.sees("ready").await;
    let text: String = (0..125_000).map(|n| format!("{n:07}\n")).collect();
    for piece in text.as_bytes().chunks(64 * 1024) {
        viewer
            .types(std::str::from_utf8(piece).expect("ASCII"))
            .await;
    }
    viewer.sees(" 1000000").await;
    let expected = std::process::Command::new("/bin/sh")
        .args(["-c", "i=0; seq -f %07g 0 124999 | cksum"])
        .output()
        .expect("cksum");
    let expected = String::from_utf8_lossy(&expected.stdout).into_owned();
    assert!(
        viewer.text().contains(expected.trim()),
        "{} {expected}",
        viewer.text()
    );
}
