//! A daemon of another version, played by the test.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::harness::{Home, assert_fails, finish};

const HEALTH: &str = r#"{"version":"99.1.2","pid":1,"uptimeMs":1,"sessions":0,
    "url":"http://127.0.0.1:1","auth":true,"fromTheFuture":true}"#;

const REFUSAL: &str = r#"{"error":{"code":"from-the-future","message":"Not any more."}}"#;

/// Answers one request: its health well, anything else as given.
async fn answer(mut stream: UnixStream, otherwise: &str) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read_buf(&mut head).await.expect("read");
        assert!(read > 0, "a whole request comes");
    }
    let (status, body) = if head.starts_with(b"GET /api/health ") {
        ("200 OK", HEALTH)
    } else {
        ("400 Bad Request", otherwise)
    };
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.expect("written");
}

async fn serve(listener: UnixListener, otherwise: &str) {
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        answer(stream, otherwise).await;
    }
}

fn listen(home: &Home) -> UnixListener {
    let socket = home.socket();
    let directory = socket.parent().expect("it has one");
    fs::create_dir(directory).expect("made");
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).expect("ours");
    UnixListener::bind(socket).expect("bound")
}

#[tokio::test]
async fn a_refusal_by_another_version_says_how_to_bring_them_together() {
    for (refusal, words) in [(REFUSAL, "Not any more."), ("<html>", "not understood")] {
        let home = Home::new();
        let listener = listen(&home);
        let said = tokio::select! {
            said = home.run(&["ls"]) => said,
            () = serve(listener, refusal) => unreachable!("it serves for ever"),
        };
        assert_fails(&said, 1, words, "version 99.1.2");
        assert!(said.stderr.contains("webtty stop"), "{said:?}");
    }
}

#[tokio::test]
async fn start_warns_of_another_version() {
    let home = Home::new();
    let listener = listen(&home);
    let starting = finish(home.spawn(&["start"]));
    let said = tokio::select! {
        said = starting => said,
        () = serve(listener, REFUSAL) => unreachable!("it serves for ever"),
    };
    assert_eq!(
        (said.code, said.stdout.as_str()),
        (Some(0), "http://127.0.0.1:1\n")
    );
    assert!(
        said.stderr
            .contains("warning: the daemon is version 99.1.2"),
        "{said:?}"
    );
}
