//! Programs that type into a terminal and wait for it: `POST /s/ID/input` and `/s/ID/wait`.

use webtty_client::{Client, Error};
use webtty_protocol::input::SessionInput;
use webtty_protocol::rest::CreateSession;
use webtty_protocol::wait::{Met, Wait, Waited};
use webtty_protocol::{ErrorCode, Role, SessionId};
use webtty_testkit::{TestDaemon, within};

fn text(text: &str) -> Wait {
    Wait {
        text: Some(text.to_owned()),
        timeout_ms: Some(60_000),
        ..Wait::default()
    }
}

async fn met(client: &Client, session: &SessionId, wish: &Wait) -> Waited {
    within("an answer", client.wait(session, wish))
        .await
        .expect("an answer")
}

fn code(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::Refused { code, .. } => *code,
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_types_waits_and_reads() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon
        .with_token(daemon.token(Role::Control, Some(&session)).await)
        .await;
    assert_eq!(met(&client, &session, &text("$")).await.met, Met::Text);
    let input = SessionInput {
        text: Some("echo [$((6*7))]".to_owned()),
        keys: vec!["Enter".to_owned()],
        ..SessionInput::default()
    };
    let typed = client.type_into(&session, &input).await.expect("typed");
    let waited = met(&client, &session, &text("[42]")).await;
    assert_eq!(waited.met, Met::Text);
    assert!(waited.offset > typed.offset);

    for (typed, keys, shown) in [
        ("cat", vec!["Enter"], "cat\n"),
        ("one", vec!["Enter"], "one\none"),
        ("", vec!["C-c"], "^C"),
    ] {
        let input = SessionInput {
            text: Some(typed.to_owned()),
            keys: keys.into_iter().map(str::to_owned).collect(),
            ..SessionInput::default()
        };
        client.type_into(&session, &input).await.expect("typed");
        assert_eq!(
            met(&client, &session, &text(shown)).await.met,
            Met::Text,
            "{shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_scrolls_by_is_missed() {
    let daemon = TestDaemon::start().await;
    let session = daemon
        .run("flood", "read go; echo ready; seq 200000; sleep 1000")
        .await;
    let client = daemon.unix();
    let input = SessionInput {
        keys: vec!["Enter".to_owned()],
        ..SessionInput::default()
    };
    let (wait, last) = (text("ready"), text("\n200000\n"));
    let waits =
        async { tokio::join!(met(&client, &session, &wait), met(&client, &session, &last)) };
    let (waits, typed) = tokio::join!(waits, client.type_into(&session, &input));
    assert_eq!((waits.0.met, waits.1.met), (Met::Text, Met::Text));
    // It has scrolled away; who knows from where to look finds it.
    let later = Wait {
        timeout_ms: Some(0),
        ..text("ready")
    };
    assert_eq!(met(&client, &session, &later).await.met, Met::Timeout);
    let from = Wait {
        from: Some(typed.expect("typed").offset),
        ..later
    };
    assert_eq!(met(&client, &session, &from).await.met, Met::Text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_on_the_screen_is_found_however_it_was_drawn() {
    let daemon = TestDaemon::start().await;
    let script = r"printf '\033[2;5Hdone\033[2;1Hall \033[5;1H'; sleep 1000";
    let session = daemon.run("drawn", script).await;
    assert_eq!(
        met(&daemon.unix(), &session, &text("all done")).await.met,
        Met::Text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_the_end_and_the_time_end_a_wait() {
    let daemon = TestDaemon::start().await;
    let client = daemon.unix();
    let session = daemon.run("job", "read code; exit $code").await;
    let idle = Wait {
        idle_ms: Some(50),
        ..text("never")
    };
    assert_eq!(met(&client, &session, &idle).await.met, Met::Idle);
    let short = Wait {
        timeout_ms: Some(50),
        ..text("never")
    };
    assert_eq!(met(&client, &session, &short).await.met, Met::Timeout);
    let exit = Wait {
        exit: true,
        timeout_ms: Some(60_000),
        ..Wait::default()
    };
    let input = SessionInput {
        text: Some("5\r".to_owned()),
        ..SessionInput::default()
    };
    let never = text("never");
    let (by_exit, by_text, typed) = tokio::join!(
        met(&client, &session, &exit),
        met(&client, &session, &never),
        client.type_into(&session, &input)
    );
    typed.expect("typed");
    for waited in [&by_exit, &by_text] {
        assert_eq!(waited.met, Met::Exit, "the end ends any wait");
        assert_eq!(waited.exit.as_ref().and_then(|exit| exit.code), Some(5));
    }
    assert_eq!(
        met(&client, &session, &exit).await,
        by_exit,
        "it can be asked again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_is_marked_where_the_program_asked_for_it_and_presses_no_key() {
    let daemon = TestDaemon::start().await;
    let client = daemon.unix();
    let script = r"stty raw -echo; printf '\033[?2004hgo'; head -c 20 | od -c; sleep 1000";
    let session = daemon.run("paste", script).await;
    met(&client, &session, &text("go")).await;
    let input = SessionInput {
        paste: Some("a\x03\x1b[201~\nb".to_owned()),
        ..SessionInput::default()
    };
    client.type_into(&session, &input).await.expect("typed");
    let wanted = r"033   [   2   0   0   ~   a   [   2   0   1   ~  \r   b 033   [";
    assert_eq!(met(&client, &session, &text(wanted)).await.met, Met::Text);

    let script = r"stty raw -echo; printf 'go\033[?1h'; head -c 5 | od -c; sleep 1000";
    let session = daemon.run("keys", script).await;
    met(&client, &session, &text("go")).await;
    let input = SessionInput {
        paste: Some("x\n".to_owned()),
        keys: vec!["Up".to_owned()],
        ..SessionInput::default()
    };
    client.type_into(&session, &input).await.expect("typed");
    let plain = met(&client, &session, &text(r"x  \r 033   O   A")).await;
    assert_eq!(plain.met, Met::Text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    for keys in [vec!["Entr".to_owned()], vec![String::new()]] {
        let input = SessionInput {
            keys,
            ..SessionInput::default()
        };
        let refused = client
            .type_into(&session, &input)
            .await
            .expect_err("no key");
        assert_eq!(code(&refused), Some(ErrorCode::BadRequest));
    }
    let day = 24 * 60 * 60 * 1000;
    for (wish, taken) in [
        (Wait::default(), false),
        (text(""), false),
        (text(&"x".repeat(4097)), false),
        (
            Wait {
                timeout_ms: Some(day + 1),
                ..text("$")
            },
            false,
        ),
        (
            Wait {
                idle_ms: Some(day + 1),
                ..text("$")
            },
            false,
        ),
        (
            Wait {
                idle_ms: Some(0),
                ..text("$")
            },
            false,
        ),
        (
            Wait {
                timeout_ms: Some(day),
                idle_ms: Some(day),
                ..text("$")
            },
            true,
        ),
        (
            Wait {
                timeout_ms: Some(0),
                ..text(&"x".repeat(4096))
            },
            true,
        ),
    ] {
        let answer = within("an answer", client.wait(&session, &wish)).await;
        match answer {
            Ok(_) => assert!(taken, "{wish:?}"),
            Err(error) => {
                assert!(!taken, "{wish:?}: {error}");
                assert_eq!(code(&error), Some(ErrorCode::BadRequest));
            }
        }
    }
    let viewer = daemon
        .with_token(daemon.token(Role::View, Some(&session)).await)
        .await;
    let refused = viewer.type_into(&session, &SessionInput::default()).await;
    assert!(matches!(refused, Err(Error::Denied { .. })));
    assert_eq!(met(&viewer, &session, &text("$")).await.met, Met::Text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_reads_nothing_is_typed_into_up_to_the_limit() {
    let daemon = TestDaemon::start().await;
    let client = daemon.unix();
    let session = daemon
        .run("deaf", "stty raw -echo; echo go; sleep 1000")
        .await;
    met(&client, &session, &text("go")).await;
    let input = SessionInput {
        text: Some("x".repeat(60 * 1024)),
        ..SessionInput::default()
    };
    // 256 KiB, and what the kernel holds.
    let mut taken = 0;
    let refused = loop {
        match within("an answer", client.type_into(&session, &input)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 10, "without an end");
    };
    assert!(taken >= 4, "{taken}");
    assert_eq!(code(&refused), Some(ErrorCode::TooMany));
    // Who waits for room and may not type any more is told so at once, and types nothing.
    let (key, token) = daemon.key_and_token(Role::Control, Some(&session)).await;
    let guest = daemon.with_token(token).await;
    let (waiting, revoked) =
        tokio::join!(guest.type_into(&session, &input), client.revoke_key(&key));
    revoked.expect("revoked");
    let waiting = waiting.expect_err("nothing is typed");
    assert!(matches!(waiting, Error::Denied { .. }), "{waiting:?}");
    let idle = CreateSession {
        id: Some("idle".parse().expect("an id")),
        ..CreateSession::default()
    };
    let idle = daemon.create(idle).await;
    let refused = client.type_into(&idle, &input).await.expect_err("no shell");
    assert_eq!(code(&refused), Some(ErrorCode::PtyNotRunning));
}
