//! Daemons come and go: by `serve`, by `start`, by `run`, and by accident.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::harness::{Home, assert_fails, finish, soon};

/// A daemon in the foreground, once it answers.
async fn serve(home: &Home, args: &[&str]) -> Child {
    let mut all = vec!["serve"];
    all.extend_from_slice(args);
    answering(home, home.spawn(&all)).await
}

/// A daemon that has been started, once it answers.
async fn answering(home: &Home, child: Child) -> Child {
    let client = home.client();
    soon(async {
        while client.health().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    child
}

fn signal(child: &Child, signal: Signal) {
    let pid = child.id().expect("it runs");
    let pid = Pid::from_raw(i32::try_from(pid).expect("a pid"));
    kill(pid, signal).expect("sent");
}

#[tokio::test]
async fn start_starts_once_and_stop_waits_until_it_is_gone() {
    let home = Home::new();
    let first = home.ok(&["start"]).await;
    assert!(first.stdout.starts_with("http://127.0.0.1:"), "{first:?}");
    let second = home.ok(&["start"]).await;
    assert_eq!(second.stdout, first.stdout);
    assert!(second.stderr.contains("already runs"), "{second:?}");

    home.session("a", &["sleep", "1000"]).await;
    home.session("over", &["true"]).await;
    home.until("over", |info| info.exit.is_some()).await;
    let stopped = home.ok(&["stop"]).await;
    assert!(stopped.stderr.contains("1 session ended"), "{stopped:?}");
    assert_eq!(stopped.stdout, "");
    assert!(!home.socket().exists());

    assert_fails(&home.run(&["stop"]).await, 3, "no daemon", "webtty start");
    let again = home.ok(&["start"]).await;
    assert!(again.stdout.starts_with("http://127.0.0.1:"), "{again:?}");
}

#[tokio::test]
async fn without_a_daemon_commands_end_with_3() {
    let home = Home::new();
    for args in [
        vec!["ls"],
        vec!["rm", "a"],
        vec!["mv", "a", "b"],
        vec!["publish"],
        vec!["publish", "-s", "a"],
        vec!["events", "-s", "a"],
    ] {
        assert_fails(
            &home.run(&args).await,
            3,
            "no daemon answers",
            "webtty start",
        );
    }
}

#[tokio::test]
async fn a_second_serve_says_that_one_runs_and_where() {
    let home = Home::new();
    let first = serve(&home, &[]).await;
    let pid = first.id().expect("it runs").to_string();
    let second = home.run(&["serve"]).await;
    assert_fails(&second, 1, "already runs", "webtty stop");
    let socket = home.socket();
    assert!(
        second.stderr.contains(&*socket.to_string_lossy()),
        "{second:?}"
    );
    assert!(second.stderr.contains(&pid), "{second:?}");
    assert!(home.client().health().await.is_ok(), "the first goes on");
}

#[tokio::test]
async fn serve_stops_gracefully_on_both_signals() {
    for each in [Signal::SIGTERM, Signal::SIGINT] {
        let home = Home::new();
        let serving = serve(&home, &[]).await;
        home.session("a", &["sleep", "1000"]).await;
        signal(&serving, each);
        let said = finish(serving).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(!home.socket().exists(), "its socket is gone");
    }
}

#[tokio::test]
async fn a_closed_terminal_stops_it_unless_nohup_says_otherwise() {
    let home = Home::new();
    let serving = serve(&home, &[]).await;
    signal(&serving, Signal::SIGHUP);
    assert_eq!(finish(serving).await.code, Some(0));

    let home = Home::new();
    let mut command = home.command(&["serve"]);
    // SAFETY: signal(2) may be called between fork and exec (signal-safety(7)).
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    let serving = answering(&home, command.spawn().expect("spawned")).await;
    signal(&serving, Signal::SIGHUP);
    // It would be in the middle of its stop by now.
    home.session("a", &["sleep", "1000"]).await;
    signal(&serving, Signal::SIGTERM);
    let said = finish(serving).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stderr.contains("stops at once signal=SIGTERM"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let home = Home::new();
    let mut serving = serve(&home, &[]).await;
    // It survives what comes before SIGKILL, so that the stop takes its time.
    let script = "trap '' HUP TERM; echo $$ > pid.new; mv pid.new pid; while :; do sleep 1; done";
    home.session("a", &["sh", "-c", script]).await;
    let file = home.path().join("pid");
    soon(async {
        while !file.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let stderr = serving.stderr.take().expect("piped");
    let mut log = BufReader::new(stderr).lines();
    signal(&serving, Signal::SIGTERM);
    loop {
        let line = soon(log.next_line()).await.expect("read");
        if line
            .expect("it says that it stops")
            .contains("a second signal")
        {
            break;
        }
    }
    signal(&serving, Signal::SIGTERM);
    assert_eq!(finish(serving).await.code, Some(143));
    let pid = fs::read_to_string(file).expect("read");
    let pid = Pid::from_raw(pid.trim().parse().expect("a pid"));
    // At once means that nobody has seen to the shell.
    let _gone = kill(pid, Signal::SIGKILL);
}

#[tokio::test]
async fn a_killed_daemons_socket_is_no_obstacle() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let first = home.daemon().expect("it runs");
    kill(first, Signal::SIGKILL).expect("sent");
    soon(async {
        while home.daemon().is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(home.socket().exists(), "it had no time to clean up");
    assert_fails(&home.run(&["ls"]).await, 3, "no daemon", "webtty start");
    home.ok(&["start"]).await;
    let second = home.daemon().expect("another one runs");
    assert_ne!(first, second);
}

#[tokio::test]
async fn runs_at_the_same_moment_start_one_daemon() {
    let home = Home::new();
    let args = |name| ["run", "-d", "-n", name, "--", "sleep", "1000"];
    let (a, b, c) = (args("a"), args("b"), args("c"));
    let (a, b, c) = tokio::join!(home.run(&a), home.run(&b), home.run(&c));
    for said in [&a, &b, &c] {
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    let sessions = home.client().sessions().await.expect("listed");
    let mut ids: Vec<String> = sessions.into_iter().map(|one| one.id.into()).collect();
    ids.sort();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_daemon_in_the_background_keeps_a_private_log() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let log = home.path().join(".local/state/webtty/daemon.log");
    let mode = fs::metadata(&log).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    home.ok(&["stop"]).await;
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&log)
        .expect("opened");
    file.set_len(11_000_000).expect("filled");
    home.ok(&["start"]).await;
    assert!(
        fs::metadata(&log).expect("there").len() < 1_000_000,
        "it began anew"
    );
}

#[tokio::test]
async fn a_broken_configuration_is_refused_with_78() {
    let home = Home::new();
    let config = home.path().join("config.json");
    fs::write(&config, "{\n  \"port\": }").expect("written");
    let config = config.to_string_lossy().into_owned();
    let said = home.run(&["serve", "--config", &config]).await;
    assert_fails(&said, 78, "line 2", "");
    let said = home.run(&["serve", "--host", "0.0.0.0"]).await;
    assert_fails(&said, 78, "loopback", "");
}

#[tokio::test]
async fn a_background_daemon_that_cannot_start_says_why() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = taken.local_addr().expect("known").port().to_string();
    let mut command = home.command(&["start"]);
    command.env("WEBTTY_PORT", &port);
    let said = finish(command.spawn().expect("spawned")).await;
    assert_fails(&said, 1, "did not start", "daemon.log");
    assert!(said.stderr.contains(&port), "{said:?}");

    let broken = home.path().join(".config/webtty");
    fs::create_dir_all(&broken).expect("made");
    fs::write(broken.join("config.json"), "[").expect("written");
    assert_fails(
        &home.run(&["start"]).await,
        78,
        "did not start",
        "daemon.log",
    );
}

#[tokio::test]
async fn logs_are_for_people_or_for_machines() {
    let home = Home::new();
    let mut serving = serve(&home, &["--log-format", "json"]).await;
    let stderr = serving.stderr.take().expect("piped");
    let mut lines = BufReader::new(stderr).lines();
    signal(&serving, Signal::SIGTERM);
    let mut count = 0;
    while let Some(line) = soon(lines.next_line()).await.expect("read") {
        let parsed: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert!(parsed.get("level").is_some(), "{line}");
        count += 1;
    }
    assert!(count > 0);
    assert_eq!(finish(serving).await.code, Some(0));
}
