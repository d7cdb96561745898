//! `webtty doctor`: each thing it finds, and what it says when there is nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use webtty_protocol::Role;
use webtty_protocol::rest::CreateKey;

use crate::harness::{Home, Said, finish};

/// What it found, as JSON.
fn report(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// Does it find this, and nothing else? Each finding says what to do.
fn finds(said: &Said, check: &str, part: &str) {
    let report = report(said);
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["check"], check, "{report:#}");
    let message = findings[0]["message"].as_str().expect("a message");
    assert!(message.contains(part), "{message}");
    assert_ne!(findings[0]["advice"], "");
    assert_eq!((said.code, &report["ok"]), (Some(1), &json!(false)));
}

fn fine(said: &Said) {
    assert_eq!(
        (said.code, &report(said)["findings"]),
        (Some(0), &json!([])),
        "{said:?}"
    );
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("changed");
}

async fn doctor(home: &Home) -> Said {
    home.run(&["doctor", "--json"]).await
}

#[tokio::test]
async fn a_new_home_and_a_daemon_in_it_are_fine() {
    let home = Home::new();
    fine(&doctor(&home).await);
    home.session("a", &["sleep", "1000"]).await;
    let said = doctor(&home).await;
    fine(&said);
    let shown = home.ok(&["doctor"]).await.stdout;
    assert!(shown.contains("nothing is wrong"), "{shown}");
    for part in [
        "your own programs and root",
        "who has the control link",
        "who has the view link",
        "an empty page",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[tokio::test]
async fn files_that_others_can_read_or_change_are_found() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let runtime = home.socket().parent().expect("a directory").to_owned();
    let state = home.path().join(".local/state/webtty");
    let keys = fs::read_dir(&state)
        .expect("there")
        .map(|entry| entry.expect("one").path());
    let keys = keys
        .into_iter()
        .find(|path| path.to_string_lossy().contains("keys-"));
    let settings = home.path().join(".config/webtty/config.json");
    fs::create_dir_all(settings.parent().expect("a directory")).expect("made");
    fs::write(&settings, "{}").expect("written");
    chmod(&settings, 0o644);
    fine(&doctor(&home).await);
    for (path, mode, good, check) in [
        (runtime, 0o750, 0o700, "runtime-directory"),
        (home.socket(), 0o660, 0o600, "socket"),
        (state.clone(), 0o755, 0o700, "state-directory"),
        (keys.expect("a file of keys"), 0o640, 0o600, "keys-file"),
        (settings, 0o664, 0o644, "settings-file"),
    ] {
        chmod(&path, mode);
        finds(&doctor(&home).await, check, &path.to_string_lossy());
        chmod(&path, good);
        fine(&doctor(&home).await);
    }
    let certificate = state.join("tls-x.pem");
    fs::write(&certificate, "").expect("written");
    chmod(&certificate, 0o604);
    finds(&doctor(&home).await, "certificate-file", "0604");
}

#[tokio::test]
async fn the_advice_changes_nothing_that_is_not_webttys() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let link = home.path().join(".local/state/webtty/tls-x.pem");
    let target = home.path().join("certificate.pem");
    fs::write(&target, "").expect("written");
    std::os::unix::fs::symlink(&target, &link).expect("made");
    let said = doctor(&home).await;
    finds(&said, "certificate-file", "is a link");
    assert_eq!(
        report(&said)["findings"][0]["advice"],
        "remove it; another is made"
    );
    fs::remove_file(&link).expect("removed");

    let shared = home.path().join("shared");
    fs::create_dir(&shared).expect("made");
    chmod(&shared, 0o777);
    let socket = shared.join("w.sock").to_string_lossy().into_owned();
    let said = home.run(&["doctor", "--json", "--socket", &socket]).await;
    finds(&said, "runtime-directory", "open to others");
    assert_eq!(
        report(&said)["findings"][0]["advice"],
        "put the socket into a directory of its own"
    );
}

#[tokio::test]
async fn settings_that_serve_would_refuse_are_found() {
    let home = Home::new();
    let config = home.path().join("config.json");
    let path = config.to_string_lossy().into_owned();
    for (text, part) in [
        ("{\n \"cols\": }", "line 2"),
        (r#"{"host": "0.0.0.0"}"#, "--tls"),
        (
            r#"{"host": "0.0.0.0", "tls": true, "auth": "none"}"#,
            "authentication",
        ),
        (r#"{"names": ["*.example.org"]}"#, "*.example.org"),
        (
            r#"{"trustProxy": {"addresses": ["127.0.0.1"], "userHeader": "x-user"}}"#,
            "secretFile",
        ),
    ] {
        fs::write(&config, text).expect("written");
        chmod(&config, 0o644);
        let said = home.run(&["doctor", "--json", "--config", &path]).await;
        finds(&said, "settings", part);
    }
    fs::write(&config, r#"{"shell": "/no/such/shell"}"#).expect("written");
    let said = home.run(&["doctor", "--json", "--config", &path]).await;
    finds(&said, "shell", "/no/such/shell");
}

#[tokio::test]
async fn too_few_descriptors_are_found() {
    let home = Home::new();
    let mut command = home.command(&[]);
    let webtty = env!("CARGO_BIN_EXE_webtty");
    command = {
        let mut shell = tokio::process::Command::new("/bin/sh");
        shell.args(["-c", &format!("ulimit -n 100; exec {webtty} doctor --json")]);
        let own = command.as_std();
        shell.env_clear();
        shell.envs(
            own.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        shell
    };
    finds(
        &finish(command.spawn().expect("spawned")).await,
        "descriptors",
        "100",
    );
}

#[tokio::test]
async fn keys_that_are_too_good_are_found() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let key = |role, ttl_seconds| CreateKey {
        role,
        session: None,
        ttl_seconds,
        uses: None,
        label: Some("for the office".into()),
    };
    const DAY: u64 = 24 * 60 * 60;
    for (role, ttl, part) in [
        (Role::View, None, "never ends"),
        (Role::Admin, None, "never ends"),
        (Role::Admin, Some(40 * DAY), "month"),
    ] {
        let made = home
            .client()
            .create_key(&key(role, ttl))
            .await
            .expect("made");
        let said = doctor(&home).await;
        finds(&said, "keys", part);
        assert!(said.stdout.contains("for the office"), "{said:?}");
        home.client().revoke_key(&made.id).await.expect("revoked");
    }
    home.client()
        .create_key(&key(Role::Admin, Some(DAY)))
        .await
        .expect("made");
    fine(&doctor(&home).await);
}

/// Answers every request as a daemon would that is as said.
async fn plays(listener: UnixListener, health: Value) {
    loop {
        let (mut stream, _) = listener.accept().await.expect("accepted");
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(stream.read_buf(&mut head).await.expect("read") > 0);
        }
        let is_health = head.starts_with(b"GET /api/health ");
        let body = if is_health {
            health.to_string()
        } else {
            "[]".to_owned()
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.expect("written");
    }
}

#[tokio::test]
async fn what_a_daemon_says_of_itself_is_judged() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = u64::try_from(now.expect("after 1970").as_millis()).expect("before long");
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let certificate = |expires: u64| {
        json!({"address": "0.0.0.0:1", "names": [], "proxies": [],
               "certificate": {"fingerprint": "AA", "expires": expires}})
    };
    let at = |address: &str| json!({"address": address, "names": [], "proxies": []});
    let proxied = json!({"address": "127.0.0.1:1", "names": [], "proxies": ["10.0.0.1/32"],
        "proxyRole": "admin"});
    let ours = env!("CARGO_PKG_VERSION");
    for (version, auth, listener, found) in [
        (ours, true, at("127.0.0.1:1"), None),
        (ours, true, certificate(now + 20 * DAY), None),
        (
            "99.1.2",
            true,
            at("127.0.0.1:1"),
            Some(("version", "99.1.2")),
        ),
        (
            ours,
            false,
            at("127.0.0.1:1"),
            Some(("authentication", "every user")),
        ),
        (
            ours,
            true,
            at("0.0.0.0:1"),
            Some(("plain-http", "0.0.0.0:1")),
        ),
        (
            ours,
            true,
            certificate(now + 3 * DAY),
            Some(("certificate", "expires in")),
        ),
        (
            ours,
            true,
            certificate(now - DAY),
            Some(("certificate", "has expired")),
        ),
        (ours, true, proxied, Some(("proxy-role", "admin"))),
    ] {
        let home = Home::new();
        let directory = home.socket().parent().expect("a directory").to_owned();
        fs::create_dir(&directory).expect("made");
        chmod(&directory, 0o700);
        let socket = UnixListener::bind(home.socket()).expect("bound");
        chmod(&home.socket(), 0o600);
        let health = json!({"version": version, "pid": 1, "uptimeMs": 1, "sessions": 0,
            "url": "http://127.0.0.1:1", "auth": auth, "listener": listener});
        let said = tokio::select! {
            said = doctor(&home) => said,
            () = plays(socket, health) => unreachable!("it plays for ever"),
        };
        match found {
            Some((check, part)) => finds(&said, check, part),
            None => fine(&said),
        }
    }
}
