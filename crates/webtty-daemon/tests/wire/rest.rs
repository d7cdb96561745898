//! REST: statuses and bodies.

use serde_json::Value;
use webtty_protocol::rest::{CreateSession, SessionState};
use webtty_testkit::{Answer, TestDaemon, request};

async fn send(daemon: &TestDaemon, method: &str, path: &str, kind: &str, body: &str) -> Answer {
    let address = daemon.address();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    request(address, &head).await
}

async fn json(daemon: &TestDaemon, method: &str, path: &str, body: &str) -> Answer {
    send(daemon, method, path, "application/json", body).await
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_created_is_said_with_its_own_code() {
    let daemon = TestDaemon::start_open().await;
    daemon.shell("taken").await;
    for (body, status, wanted) in [
        (r#"{"id":"taken"}"#, 409, "session-exists"),
        (r#"{"id":"Not An Id"}"#, 400, "bad-json"),
        (r#"{"baseDir":"/no/such/dir"}"#, 422, "bad-directory"),
        (r#"{"baseDir":"relative"}"#, 422, "bad-directory"),
        (r#"{"baseDir":"/etc/passwd"}"#, 422, "bad-directory"),
        (r#"{"cmd":["/no/such/program"]}"#, 422, "cannot-start"),
        (r#"{"cmd":[]}"#, 400, "bad-request"),
        (r#"{"cols":0}"#, 400, "bad-request"),
        (r#"{"cols":1001}"#, 400, "bad-request"),
        (r#"{"rows":501}"#, 400, "bad-request"),
        (r#"{"env":{"A=B":"x"}}"#, 400, "bad-request"),
        (r#"{"colour":"red"}"#, 400, "bad-json"),
        ("{", 400, "bad-json"),
        ("null", 400, "bad-json"),
        ("[]", 400, "bad-json"),
    ] {
        let answer = json(&daemon, "POST", "/api/sessions", body).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (status, wanted),
            "{body}"
        );
    }
    let big = format!("{{\"id\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(
        json(&daemon, "POST", "/api/sessions", &big).await.status,
        413
    );
    let form = send(&daemon, "POST", "/api/sessions", "text/plain", "{}").await;
    assert_eq!(form.status, 415);
    assert_eq!(
        daemon.unix().sessions().await.expect("a list").len(),
        1,
        "nothing was made"
    );
    let largest = r#"{"cols":1000,"rows":500}"#;
    let largest = json(&daemon, "POST", "/api/sessions", largest).await;
    assert_eq!(largest.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_paths_that_are_not_there() {
    let daemon = TestDaemon::start_open().await;
    let answer = json(&daemon, "PUT", "/api/sessions", "{}").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, POST"))
    );
    let answer = json(&daemon, "POST", "/s/main", "{}").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
    let answer = json(&daemon, "GET", "/api/server/stop", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    for (path, status) in [
        ("/assets/../Cargo.toml", 404),
        ("/assets/%2e%2e/x", 404),
        ("/assets/..%2fx", 404),
        ("//etc/passwd", 404),
        ("/s/%00", 400),
        ("/s/%ff", 400),
    ] {
        assert_eq!(
            json(&daemon, "GET", path, "").await.status,
            status,
            "{path}"
        );
    }
    assert_eq!(
        json(&daemon, "GET", "/api/sessions/none", "").await.status,
        404
    );
    assert_eq!(
        json(&daemon, "DELETE", "/api/sessions/none", "")
            .await
            .status,
        404
    );
    assert_eq!(
        json(&daemon, "PATCH", "/api/sessions/none", r#"{"id":"a"}"#)
            .await
            .status,
        404
    );
    assert_eq!(
        json(&daemon, "POST", "/s/none/publish", "{}").await.status,
        404
    );
    let answer = send(&daemon, "POST", "/s/none/publish", "text/plain", "{}").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_with_what_a_person_wants_to_know() {
    let daemon = TestDaemon::start_open().await;
    let cmd = Some(vec![
        "/bin/sh".to_owned(),
        "-c".to_owned(),
        "exit 4".to_owned(),
    ]);
    let base_dir = Some("/usr".into());
    let wish = CreateSession {
        id: Some("job".parse().expect("an id")),
        cmd,
        base_dir,
        cols: Some(120),
        rows: Some(40),
        ..CreateSession::default()
    };
    let made = daemon.unix().create_session(&wish).await.expect("made");
    assert!(made.created_at > 1_700_000_000_000);
    let mut viewer = webtty_testkit::TestViewer::v1(&daemon.http(), &made.id, "?role=view").await;
    assert_eq!(viewer.ends().await.0, 4001);
    let info = daemon.unix().session(&made.id).await.expect("kept");
    assert_eq!(info.state, SessionState::Exited);
    assert_eq!(info.exit.expect("an exit").code, Some(4));
    assert_eq!(
        (info.cols, info.rows),
        (120, 40),
        "a viewer that cannot type sets no size"
    );
    let answer = json(&daemon, "GET", "/api/sessions", "").await;
    let list: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(list[0]["baseDir"], "/usr");
    assert_eq!(list[0]["exit"]["code"], 4);
    assert_eq!(list[0]["connected"], false);
    let renamed = json(&daemon, "PATCH", "/api/sessions/job", r#"{"id":"done"}"#).await;
    assert_eq!(renamed.status, 200);
    let deleted = json(&daemon, "DELETE", "/api/sessions/done", "").await;
    assert_eq!(
        (deleted.status, deleted.header("x-sessions-remaining")),
        (204, Some("0"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn page_settings_follow_the_file() {
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::None, r#"{"fontSize": 15}"#).await;
    let settings = daemon.unix().page_settings().await.expect("settings");
    assert!((settings.font_size - 15.0).abs() < f64::EPSILON);
    std::fs::write(daemon.settings_path(), r#"{"fontSize": 17}"#).expect("written");
    let settings = daemon.unix().page_settings().await.expect("settings");
    assert!((settings.font_size - 17.0).abs() < f64::EPSILON);
    let health = daemon.unix().health().await.expect("health");
    assert_eq!(health.url, format!("http://{}", daemon.address()));
    assert!(!health.auth);
}
