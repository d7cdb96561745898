//! `POST /s/ID/execute`: programs beside a shell, from their start to their end.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use webtty_client::{Client, Error, Execution};
use webtty_daemon::Auth;
use webtty_protocol::execute::{Execute, ExecuteExit, ExecuteLine, Stream};
use webtty_protocol::rest::{CreateSession, SessionState};
use webtty_protocol::{ErrorCode, Role, SessionId};
use webtty_testkit::{RawConnection, TestDaemon, request, within};

const SETTINGS: &str = r#"{"shell": "/bin/sh", "env": {"PS1": "$ ", "MARK": "of the settings"},
    "limits": {"commands": 3, "commandsPerSession": 2, "writeTimeoutMs": 100}}"#;

fn program(cmd: &str, args: &[&str]) -> Execute {
    Execute {
        cmd: cmd.to_owned(),
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        stdin: None,
    }
}

fn script(text: &str) -> Execute {
    program("sh", &["-c", text])
}

async fn begin(client: &Client, session: &SessionId, wish: &Execute) -> Execution {
    let no_input = None::<tokio::io::Empty>;
    client
        .execute(session, wish, no_input)
        .await
        .expect("an answer")
}

/// The next line that says something.
async fn next(execution: &mut Execution) -> Option<ExecuteLine> {
    within("a line", execution.next()).await.expect("a line")
}

/// What a program has written to both streams, and how it ended.
async fn ended(mut execution: Execution) -> (Vec<u8>, Vec<u8>, ExecuteExit) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    loop {
        let (stream, bytes) = match next(&mut execution).await.expect("an exit") {
            ExecuteLine::Text { stream, data } => (stream, data.into_bytes()),
            ExecuteLine::Bytes { stream, base64 } => {
                (stream, BASE64_STANDARD.decode(base64).expect("base64"))
            }
            ExecuteLine::Exit(exit) => {
                assert_eq!(
                    next(&mut execution).await,
                    None,
                    "the exit is the last line"
                );
                return (out, err, exit);
            }
        };
        match stream {
            Stream::Stdout => out.extend(bytes),
            Stream::Stderr => err.extend(bytes),
        }
    }
}

/// The text of the first line.
async fn first_text(execution: &mut Execution) -> String {
    match next(execution).await {
        Some(ExecuteLine::Text { data, .. }) => data,
        other => panic!("no text: {other:?}"),
    }
}

fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map_or("", |(_, rest)| rest.trim());
    !state.is_empty() && !state.starts_with('Z')
}

async fn all_gone(pids: &str) {
    within("the end of the processes", async {
        while pids.split_whitespace().any(alive) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn code(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::Refused { code, .. } => *code,
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_runs_where_the_session_does_and_says_how_it_ended() {
    let daemon = TestDaemon::start_with(Auth::Keys, SETTINGS).await;
    let session = daemon.shell("main").await;
    let client = daemon
        .with_token(daemon.token(Role::Control, Some(&session)).await)
        .await;
    let text = "pwd; echo $MARK $WEBTTY_SESSION; echo no >&2; exit 7";
    let (out, err, exit) = ended(begin(&client, &session, &script(text)).await).await;
    assert_eq!(String::from_utf8_lossy(&out), "/\nof the settings main\n");
    assert_eq!((err, exit.exit), (b"no\n".to_vec(), 7));

    let killed = ended(begin(&client, &session, &script("kill -9 $$")).await)
        .await
        .2;
    assert_eq!(
        (killed.exit, killed.signal.as_deref()),
        (137, Some("SIGKILL"))
    );
    let silent = ended(begin(&client, &session, &program("true", &[])).await).await;
    assert_eq!(silent, (Vec::new(), Vec::new(), ExecuteExit::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_says_why() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    for (cmd, errno) in [("no-such-program", "ENOENT"), ("/etc/passwd", "EACCES")] {
        let (out, err, exit) = ended(begin(&client, &session, &program(cmd, &[])).await).await;
        assert!(out.is_empty() && !err.is_empty(), "{cmd}");
        assert_eq!((exit.exit, exit.code.as_deref()), (1, Some(errno)), "{cmd}");
        assert!(
            exit.error.is_some_and(|error| !error.contains(cmd)),
            "no echo"
        );
    }
    for wish in [
        program("", &[]),
        program("a\0b", &[]),
        program("ls", &["\0"]),
    ] {
        let no_input = None::<tokio::io::Empty>;
        let refused = client.execute(&session, &wish, no_input).await;
        assert_eq!(
            code(&refused.err().expect("a refusal")),
            Some(ErrorCode::BadRequest)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_input_is_what_the_request_says() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    let whole = Execute {
        stdin: Some("é all at once\n".repeat(2000)),
        ..program("cat", &[])
    };
    let (out, _, exit) = ended(begin(&client, &session, &whole).await).await;
    assert_eq!(
        (out, exit.exit),
        (whole.stdin.clone().expect("given").into_bytes(), 0)
    );

    // Bytes of every kind, more than any buffer holds, both ways at once.
    let bytes: Vec<u8> = (0..3_000_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let given = std::io::Cursor::new(bytes.clone());
    let execution = client
        .execute(&session, &program("cat", &[]), Some(given))
        .await;
    let (out, _, exit) = ended(execution.expect("an answer")).await;
    assert_eq!(exit.exit, 0);
    assert!(out == bytes, "what comes out is what went in");

    // Who does not read to the end ends all the same.
    let endless = tokio::io::repeat(b'x');
    let execution = client
        .execute(&session, &program("head", &["-c", "3"]), Some(endless))
        .await;
    let (out, _, exit) = ended(execution.expect("an answer")).await;
    assert_eq!((out, exit.exit), (b"xxx".to_vec(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_input_that_is_none_ends_the_program() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let host = daemon.address();
    for bad in ["{}", "[]", "{\"base64\":\"*\"}", "no JSON"] {
        let body = format!("{{\"cmd\":\"cat\"}}\n{{\"data\":\"a\"}}\n{bad}\n");
        let ask = format!(
            "POST /s/{session}/execute HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut connection = RawConnection::open(host).await;
        connection.send(ask.as_bytes()).await;
        assert_eq!(connection.head().await.status, 200, "{bad}");
        let body = String::from_utf8(connection.rest().await).expect("text");
        assert!(body.contains("standard input"), "{bad}: {body}");
    }
    for first in ["", "{\"cmd\":7}", "[]", "{\"cmd\":\"cat\",\"stdin\":\"x\"}"] {
        let ask = format!(
            "POST /s/{session}/execute HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{first}\n",
            first.len() + 1
        );
        assert_eq!(request(host, &ask).await.status, 400, "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_it_has_started_ends_with_the_request() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    // One that ignores what it is told, one in a process group of its own, one in the background
    // that holds no pipe.
    let text = "trap '' HUP TERM; sh -c 'trap \"\" HUP; echo $$ >&1; exec sleep 1000' & \
        timeout 1000 sleep 1000 >/dev/null 2>&1 & echo $! $$; while :; do sleep 1000; done";
    let mut execution = begin(&daemon.unix(), &session, &script(text)).await;
    let mut pids = String::new();
    while pids.split_whitespace().count() < 3 {
        pids += &first_text(&mut execution).await;
    }
    assert!(pids.split_whitespace().all(alive), "{pids}");
    drop(execution);
    all_gone(&pids).await;

    // What is left after it has ended by itself.
    let text = "sleep 1000 >/dev/null 2>&1 </dev/null & echo $!";
    let (out, _, exit) = ended(begin(&daemon.unix(), &session, &script(text)).await).await;
    assert_eq!(exit.exit, 0);
    all_gone(&String::from_utf8(out).expect("a number")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_gone_is_noticed_though_its_input_is_stuck() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let client = daemon.unix();
    let endless = tokio::io::repeat(b'x');
    let wish = script("echo $$; exec sleep 1000");
    let mut execution = client
        .execute(&session, &wish, Some(endless))
        .await
        .expect("an answer");
    let pid = first_text(&mut execution).await;
    drop(execution);
    all_gone(&pid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_session_and_with_the_credential() {
    let daemon = TestDaemon::start().await;
    let session = daemon.shell("main").await;
    let (key, token) = daemon.key_and_token(Role::Control, Some(&session)).await;
    let client = daemon.with_token(token).await;
    let wish = script("echo $$; exec sleep 1000");
    let mut by_key = begin(&client, &session, &wish).await;
    let mut of_owner = begin(&daemon.unix(), &session, &wish).await;
    let pids = [
        first_text(&mut by_key).await,
        first_text(&mut of_owner).await,
    ];

    daemon.unix().revoke_key(&key).await.expect("revoked");
    let exit = ended(by_key).await.2;
    assert!(exit.error.is_some_and(|why| why.contains("credential")));
    all_gone(&pids[0]).await;
    assert!(alive(pids[1].trim()), "the owner's goes on");

    daemon
        .unix()
        .delete_session(&session)
        .await
        .expect("deleted");
    let exit = ended(of_owner).await.2;
    assert_eq!(exit.signal.as_deref(), Some("SIGHUP"));
    assert!(
        exit.error
            .is_some_and(|why| why.contains("shell has exited"))
    );
    all_gone(&pids[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_waits_for_who_reads_it_and_is_not_cut_for_that() {
    let daemon = TestDaemon::start_with(Auth::Keys, SETTINGS).await;
    let session = daemon.shell("main").await;
    let mark = tempfile::tempdir().expect("a directory");
    let path = mark.path().join("written");
    // Megabytes more than sockets hold; who has written them all says so.
    let text = format!(
        "head -c 30000000 /dev/zero | tr '\\0' x; touch {}",
        path.display()
    );
    let execution = begin(&daemon.unix(), &session, &script(&text)).await;
    // The write timeout of the settings passes several times meanwhile.
    let other = ended(begin(&daemon.unix(), &session, &script("sleep 0.5; echo ok")).await).await;
    assert_eq!(other.0, b"ok\n");
    assert!(!Path::exists(&path), "it is held up");
    let (out, _, exit) = ended(execution).await;
    assert_eq!((out.len(), exit.exit), (30_000_000, 0));
    assert!(path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_run_at_one_time_and_not_one_more() {
    let daemon = TestDaemon::start_with(Auth::Keys, SETTINGS).await;
    let (main, other) = (daemon.shell("main").await, daemon.shell("other").await);
    let client = daemon.unix();
    let wish = program("cat", &[]);
    let held = || client.execute(&main, &wish, Some(tokio::io::repeat(b'x')));
    let (first, _second) = (held().await.expect("one"), held().await.expect("two"));
    assert_eq!(
        code(&held().await.err().expect("a third")),
        Some(ErrorCode::TooMany)
    );
    let elsewhere = || client.execute(&other, &wish, Some(tokio::io::repeat(b'x')));
    let _third = elsewhere().await.expect("a session of its own");
    assert_eq!(
        code(&elsewhere().await.err().expect("a fourth")),
        Some(ErrorCode::TooMany)
    );
    drop(first);
    within("a place", async {
        while held().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_beside_a_shell_that_runs_and_that_one_may_type_into() {
    let daemon = TestDaemon::start().await;
    let idle = daemon
        .create(CreateSession {
            id: Some("idle".parse().expect("an id")),
            ..CreateSession::default()
        })
        .await;
    let no_input = || None::<tokio::io::Empty>;
    let client = daemon.unix();
    let refused = client.execute(&idle, &script("true"), no_input()).await;
    assert_eq!(
        code(&refused.err().expect("409")),
        Some(ErrorCode::PtyNotRunning)
    );
    let read_only = daemon
        .create(CreateSession {
            id: Some("stage".parse().expect("an id")),
            read_only: true,
            start: Some(true),
            ..CreateSession::default()
        })
        .await;
    let refused = client
        .execute(&read_only, &script("true"), no_input())
        .await;
    assert!(matches!(refused.err(), Some(Error::Denied { .. })));
    let info = client.session(&read_only).await.expect("there");
    assert_eq!(info.state, SessionState::Running);
    let main = daemon.shell("main").await;
    for role in [Role::View, Role::Publish] {
        let client = daemon
            .with_token(daemon.token(role, Some(&main)).await)
            .await;
        let refused = client.execute(&main, &script("true"), no_input()).await;
        assert!(
            matches!(refused.err(), Some(Error::Denied { .. })),
            "{role:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_line_has_its_limit() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let host = daemon.address();
    for (length, status) in [(64 * 1024 - 1, 200), (64 * 1024, 413)] {
        let frame = "{\"cmd\":\"true\",\"args\":[\"\"]}";
        let line = frame.replace(
            "\"\"]",
            &format!("\"{}\"]", "x".repeat(length - frame.len())),
        );
        assert_eq!(line.len(), length);
        let mut connection = RawConnection::open(host).await;
        let head = format!(
            "POST /s/{session}/execute HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{line}\n",
            length + 1
        );
        connection.send(head.as_bytes()).await;
        assert_eq!(connection.head().await.status, status, "{length}");
    }
}
