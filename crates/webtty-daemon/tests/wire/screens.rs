//! `GET /s/ID/screen`, and what programs are told when they ask for colours.

use webtty_daemon::Auth;
use webtty_protocol::Role;
use webtty_protocol::screen::{ScreenColor, ScreenState};
use webtty_testkit::{Answer, TestDaemon, TestViewer, request};

async fn get(daemon: &TestDaemon, target: &str, headers: &str) -> Answer {
    let address = daemon.address();
    let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    request(address, &head).await
}

/// A session whose terminal shows two lines, one of them wrapped, above them history.
async fn written(daemon: &TestDaemon, name: &str) -> TestViewer {
    let script = "stty raw -echo; seq 40 | sed 's/$/\r/'; printf '\\033[1;31m%0100d\\033[m\\r\\n' 7; \
                  printf 'ready'; exec cat";
    let session = daemon.run(name, script).await;
    let mut viewer = TestViewer::v1(&daemon.unix(), &session, "?cols=80&rows=24").await;
    viewer.sees("ready").await;
    viewer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_had_in_every_form() {
    let daemon = TestDaemon::start_open().await;
    let _viewer = written(&daemon, "a").await;
    let text = get(&daemon, "/s/a/screen", "").await;
    assert_eq!(text.status, 200);
    assert_eq!(
        text.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let long = format!("{:0100}", 7);
    assert!(
        text.body.starts_with("20\n21\n") && text.body.ends_with(&format!("\n{long}\nready\n")),
        "{}",
        text.body
    );
    let more = get(&daemon, "/s/a/screen?history=2", "").await;
    assert!(more.body.starts_with("18\n19\n20\n"), "{}", more.body);
    let all = get(&daemon, "/s/a/screen?history=all&trim=1", "").await;
    assert!(all.body.starts_with("1\n2\n3\n"), "{}", all.body);

    let ansi = get(&daemon, "/s/a/screen?format=ansi", "Accept: image/png\r\n").await;
    assert!(ansi.body.contains("\x1b[1;31m000"), "{}", ansi.body);
    let html = get(&daemon, "/s/a/screen", "Accept: text/html, */*;q=0.1\r\n").await;
    assert_eq!(
        html.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(html.body.contains("font-weight:bold"), "{}", html.body);
    let policy = html.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");

    let json = get(&daemon, "/s/a/screen?history=1&format=json", "").await;
    let state: ScreenState = serde_json::from_str(&json.body).expect("the protocol's shape");
    assert_eq!((state.cols, state.rows, state.above), (80, 24, 1));
    assert_eq!(state.lines.len(), 25);
    let red = &state.lines[22].runs[0];
    assert_eq!((red.bold, &red.fg), (true, &Some(ScreenColor::Indexed(1))));
    assert!(state.lines[23].wrapped);
    assert_eq!((state.cursor.row, state.cursor.column), (23, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again() {
    let daemon = TestDaemon::start_open().await;
    let mut viewer = written(&daemon, "a").await;
    let asked = async |target: &str, tag: &str| {
        get(&daemon, target, &format!("If-None-Match: {tag}\r\n")).await
    };
    let first = get(&daemon, "/s/a/screen", "").await;
    let tag = first.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with('"'), "strong: {tag}");
    let again = asked("/s/a/screen", &tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(tag.as_str()));
    for other in ["?format=json", "?format=ansi", "?history=1", "?trim=1"] {
        let answer = asked(&format!("/s/a/screen{other}"), &tag).await;
        assert_eq!(answer.status, 200, "{other}");
        assert_ne!(answer.header("etag"), Some(tag.as_str()), "{other}");
    }
    viewer.types("!").await;
    // A snapshot may have put the cursor between what was there and what follows.
    viewer.sees("!").await;
    let changed = asked("/s/a/screen", &tag).await;
    assert_eq!(changed.status, 200);
    assert!(changed.body.ends_with("ready!\n"), "{}", changed.body);
    let tag = changed.header("etag").expect("a tag").to_owned();
    viewer
        .says(r#"{"type":"resize","cols":70,"rows":20}"#)
        .await;
    viewer
        .hears_last("the size", |message| match message {
            webtty_protocol::pty::ServerMessage::Resize(size) => Some(size.cols == 70),
            _ => None,
        })
        .await;
    assert_eq!(asked("/s/a/screen", &tag).await.status, 200, "another size");

    // The same id, shown by another session, is something else.
    let client = daemon.unix();
    let id = "a".parse().expect("an id");
    let one = asked("/s/a/screen", "\"x\"").await;
    client.delete_session(&id).await.expect("deleted");
    let _new = written(&daemon, "a").await;
    let tag = one.header("etag").expect("a tag").to_owned();
    assert_eq!(asked("/s/a/screen", &tag).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_refused_where_it_must_be() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("a").await;
    let other = daemon.shell("b").await;
    let look = daemon.token(Role::View, Some(&session)).await;
    let publish = daemon.token(Role::Publish, Some(&session)).await;
    let elsewhere = daemon.token(Role::View, Some(&other)).await;
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    for (target, headers, status) in [
        ("/s/a/screen", bearer(&look), 200),
        ("/s/a/screen", String::new(), 401),
        ("/s/a/screen", bearer(&publish), 403),
        ("/s/a/screen", bearer(&elsewhere), 403),
        ("/s/a/screen?format=png", bearer(&look), 400),
        ("/s/a/screen?history=-1", bearer(&look), 400),
        ("/s/a/screen?trim=yes", bearer(&look), 400),
        (
            "/s/a/screen",
            bearer(&look) + "Accept: image/png, text/html;q=0\r\n",
            406,
        ),
    ] {
        let answer = get(&daemon, target, &headers).await;
        assert_eq!(answer.status, status, "{target} {headers}");
    }
    let admin = daemon.token(Role::Admin, None).await;
    let gone = get(&daemon, "/s/c/screen", &bearer(&admin)).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_and_after_its_shell_a_session_has_a_screen() {
    let daemon = TestDaemon::start_open().await;
    let idle = daemon.create(Default::default()).await;
    let answer = get(&daemon, &format!("/s/{idle}/screen?trim=1"), "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    let session = daemon.run("job", "echo done; exit 3").await;
    let mut viewer = TestViewer::v1(&daemon.http(), &session, "").await;
    viewer.ends().await;
    let answer = get(&daemon, "/s/job/screen?trim=1", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "done\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_the_colours_of_the_settings() {
    let settings = r##"{"shell": "/bin/sh", "theme": {"background": "#102030", "red": "#f00", "cursor": "rgb(1, 2, 3)"}}"##;
    let daemon = TestDaemon::start_with(Auth::None, settings).await;
    // It asks once it is watched: a snapshot would not hold what `cat` sends on.
    let ask = "stty raw -echo; printf ready; head -c1; printf '\\033]11;?\\007\\033]4;1;?\\007\\033]12;?\\007\\033]10;?\\007'; cat";
    let session = daemon.run("colours", ask).await;
    let mut viewer = TestViewer::v1(&daemon.http(), &session, "").await;
    viewer.sees("ready").await;
    viewer.types("!").await;
    viewer
        .sees(
            "\x1b]11;rgb:1010/2020/3030\x1b\\\x1b]4;1;rgb:ffff/0000/0000\x1b\\\
             \x1b]12;rgb:0101/0202/0303\x1b\\\x1b]10;rgb:d3d3/dbdb/e6e6\x1b\\",
        )
        .await;
}
