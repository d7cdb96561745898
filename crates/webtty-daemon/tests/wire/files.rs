//! `POST /s/ID/files`: files beside a session, from their coming to their end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use webtty_client::Error;
use webtty_daemon::Auth;
use webtty_protocol::rest::{CreateSession, StoredFile};
use webtty_protocol::{ErrorCode, Role, SessionId};
use webtty_testkit::{RawConnection, TestDaemon, within};

const SETTINGS: &str = r#"{"shell": "/bin/sh", "env": {"PS1": "$ "},
    "limits": {"fileBytes": 1000, "fileBytesPerSession": 2500, "bodyTimeoutMs": 200}}"#;

async fn put(
    daemon: &TestDaemon,
    session: &SessionId,
    name: &str,
    bytes: &[u8],
) -> Result<StoredFile, Error> {
    let bytes = bytes.to_vec();
    within("an answer", daemon.unix().upload(session, name, bytes)).await
}

fn code(result: Result<StoredFile, Error>) -> Option<ErrorCode> {
    match result {
        Err(Error::Refused { code, .. }) => code,
        Ok(file) => panic!("taken: {file:?}"),
        Err(_) => None,
    }
}

fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(directory)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

async fn gone(path: &Path) {
    within("the file's end", async {
        while path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_for_its_owner_and_goes_with_its_session() {
    let daemon = TestDaemon::start_with(Auth::Keys, SETTINGS).await;
    let (main, other) = (daemon.shell("main").await, daemon.shell("other").await);
    let first = put(&daemon, &main, "../../a shot.png", b"\x89PNG")
        .await
        .expect("kept");
    assert_eq!(first.bytes, 4);
    assert!(first.path.ends_with("a_shot.png"), "{:?}", first.path);
    assert_eq!(fs::read(&first.path).expect("there"), b"\x89PNG");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let directory = first.path.parent().expect("a directory");
    assert_eq!((mode(&first.path), mode(directory)), (0o600, 0o700));
    let second = put(&daemon, &main, "a shot.png", b"").await.expect("kept");
    assert!(second.path.ends_with("a_shot-2.png"));
    assert_eq!(files_in(directory).len(), 2, "nothing half done is left");
    let elsewhere = put(&daemon, &other, "a shot.png", b"x")
        .await
        .expect("kept");
    assert_ne!(elsewhere.path.parent(), Some(directory));

    let renamed: SessionId = "renamed".parse().expect("an id");
    daemon
        .unix()
        .rename_session(&main, &renamed)
        .await
        .expect("renamed");
    assert!(
        put(&daemon, &renamed, "b", b"x")
            .await
            .expect("kept")
            .path
            .starts_with(directory)
    );
    daemon
        .unix()
        .delete_session(&renamed)
        .await
        .expect("deleted");
    gone(directory).await;
    assert!(elsewhere.path.exists(), "the other session's stays");
    let all = elsewhere
        .path
        .ancestors()
        .nth(2)
        .expect("a directory")
        .to_owned();
    daemon.stop().await;
    assert!(!all.exists(), "nothing outlives the daemon");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_its_limit_and_so_has_a_session() {
    let daemon = TestDaemon::start_with(Auth::Keys, SETTINGS).await;
    let main = daemon.shell("main").await;
    let refused = put(&daemon, &main, "a", &[b'x'; 1001]).await;
    assert_eq!(code(refused), Some(ErrorCode::BodyTooLarge));
    let first = put(&daemon, &main, "a", &[b'x'; 1000]).await.expect("kept");
    put(&daemon, &main, "b", &[b'x'; 1000]).await.expect("kept");
    let refused = put(&daemon, &main, "c", &[b'x'; 501]).await;
    assert_eq!(code(refused), Some(ErrorCode::TooMany));
    put(&daemon, &main, "d", &[b'x'; 400])
        .await
        .expect("kept: what was refused takes nothing");
    assert_eq!(files_in(first.path.parent().expect("a directory")).len(), 3);

    // One that does not say how long it is, and one that breaks off.
    let token = daemon.token(Role::Control, Some(&main)).await;
    let host = daemon.address();
    let head = format!(
        "POST /s/main/files?name=e HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    );
    let mut connection = RawConnection::open(host).await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    connection
        .send(format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}").as_bytes())
        .await;
    assert_eq!(connection.head().await.status, 413);
    let mut connection = RawConnection::open(host).await;
    connection
        .send(format!("{head}Content-Length: 9\r\n\r\nhalf").as_bytes())
        .await;
    assert_eq!(
        connection.head().await.status,
        408,
        "and nothing more comes"
    );
    assert_eq!(files_in(first.path.parent().expect("a directory")).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_files_and_not_one_more() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    for _ in 0..256 {
        put(&daemon, &main, "a.txt", b"").await.expect("kept");
    }
    assert_eq!(
        code(put(&daemon, &main, "a.txt", b"").await),
        Some(ErrorCode::TooMany)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_type_puts_files_and_only_beside_a_shell_that_runs() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    for role in [Role::View, Role::Publish] {
        let client = daemon
            .with_token(daemon.token(role, Some(&main)).await)
            .await;
        let refused = client.upload(&main, "a", b"x".to_vec()).await;
        assert!(matches!(refused, Err(Error::Denied { .. })), "{role:?}");
    }
    let idle = daemon
        .create(CreateSession {
            id: Some("idle".parse().expect("an id")),
            ..CreateSession::default()
        })
        .await;
    assert_eq!(
        code(put(&daemon, &idle, "a", b"x").await),
        Some(ErrorCode::PtyNotRunning)
    );
    let stage = daemon
        .create(CreateSession {
            id: Some("stage".parse().expect("an id")),
            read_only: true,
            start: Some(true),
            ..CreateSession::default()
        })
        .await;
    assert!(matches!(
        put(&daemon, &stage, "a", b"x").await,
        Err(Error::Denied { .. })
    ));
    for target in ["/s/main/files", "/s/main/files?name=%ff"] {
        let host = daemon.address();
        let token = daemon.token(Role::Control, Some(&main)).await;
        let mut connection = RawConnection::open(host).await;
        let ask = format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: 1\r\n\r\nx"
        );
        connection.send(ask.as_bytes()).await;
        assert_eq!(connection.head().await.status, 400, "{target}");
    }
}
