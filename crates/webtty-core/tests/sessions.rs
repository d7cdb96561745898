//! Sessions with real shells: their life, their output, their end.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::{sleep, timeout};
use webtty_core::environment::ShellSettings;
use webtty_core::output_log::Read;
use webtty_core::registry::{CreateError, Registry, RenameError, Settings};
use webtty_core::session::{Phase, Session, SessionSpec, StartError};
use webtty_core::size::{Size, Window};
use webtty_protocol::rest::{ExitInfo, SessionState};
use webtty_protocol::{SessionId, SizePolicy};

const LIMIT: Duration = Duration::from_secs(30);
const SIZE: Size = Size { cols: 80, rows: 24 };

fn registry() -> Arc<Registry> {
    registry_keeping(Duration::from_secs(300))
}

fn registry_keeping(retain_exited: Duration) -> Arc<Registry> {
    let shell = || ShellSettings {
        shell: Some("/bin/sh".into()),
        term: "xterm-256color".into(),
        color_term: "truecolor".into(),
        env: [("PS1".to_owned(), "$ ".to_owned())].into(),
        ..ShellSettings::default()
    };
    let socket = "/nowhere/daemon.sock".into();
    let settings = Settings::new(shell, socket, "http://127.0.0.1:1".into());
    Registry::new(Settings {
        retain_exited,
        ..settings
    })
}

fn spec(cmd: Option<&[&str]>) -> SessionSpec {
    SessionSpec {
        base_dir: "/".into(),
        cmd: cmd.map(|words| words.iter().map(|&word| word.to_owned()).collect()),
        env: BTreeMap::new(),
        size: SIZE,
        size_policy: SizePolicy::Driver,
        read_only: false,
        clipboard: false,
    }
}

fn id(text: &str) -> SessionId {
    text.parse().expect("a valid id")
}

fn started(registry: &Registry, name: &str, cmd: Option<&[&str]>) -> Arc<Session> {
    let session = registry.create(Some(id(name)), spec(cmd)).expect("made");
    session.start().expect("started");
    session
}

/// Waits until what the session has written contains `needle`, and gives all of it.
async fn output_with(session: &Session, needle: &str) -> String {
    let mut watch = session.output().watch();
    let wait = async {
        loop {
            let text = output(session);
            if text.contains(needle) {
                return text;
            }
            watch.changed().await.expect("the session lives");
        }
    };
    match timeout(LIMIT, wait).await {
        Ok(text) => text,
        Err(_) => panic!("{needle:?} never came; there is {:?}", output(session)),
    }
}

fn output(session: &Session) -> String {
    let mut bytes = Vec::new();
    while let Read::Bytes(more) = session.output().read(bytes.len() as u64, 1 << 20) {
        bytes.extend_from_slice(&more);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ended(session: &Session) -> Phase {
    let mut watch = session.watch();
    let over = |status: &webtty_core::session::Status| {
        matches!(status.phase, Phase::Exited(_) | Phase::Deleted)
    };
    timeout(LIMIT, watch.wait_for(over))
        .await
        .expect("in time")
        .expect("lives")
        .phase
        .clone()
}

async fn nothing_left(registry: &Registry) {
    let mut live = registry.live_work();
    timeout(LIMIT, live.wait_for(|count| *count == 0))
        .await
        .expect("in time")
        .expect("lives");
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("proc").count()
}

/// Threads of this process that serve a PTY.
fn pty_threads() -> usize {
    let is_pty = |task: &fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        matches!(name.trim_end(), "pty" | "wait")
    };
    fs::read_dir("/proc/self/task")
        .expect("proc")
        .flatten()
        .filter(is_pty)
        .count()
}

#[tokio::test]
async fn a_shell_runs_and_says_what_it_is_told_about_itself() {
    let registry = registry();
    let session = started(&registry, "talk", None);
    let window = Window {
        size: Size {
            cols: 100,
            rows: 30,
        },
        metrics: None,
    };
    let viewer = session.join_control(1, Some(window));
    let script = "stty size; echo \"<$WEBTTY_SESSION $TERM $COLORTERM $WEBTTY_URL>\"; exit 3\n";
    session.write(1, Bytes::from_static(script.as_bytes()), None);
    let text = output_with(
        &session,
        "<talk xterm-256color truecolor http://127.0.0.1:1/s/talk>",
    )
    .await;
    assert!(text.contains("30 100"), "{text}");
    assert_eq!(
        ended(&session).await,
        Phase::Exited(ExitInfo {
            code: Some(3),
            signal: None
        })
    );
    drop(viewer);
    nothing_left(&registry).await;
    assert!(
        registry.get(&id("talk")).is_none(),
        "a plain session goes with its shell"
    );
}

#[tokio::test]
async fn a_command_stays_readable_for_its_time_and_no_longer() {
    let registry = registry_keeping(Duration::ZERO);
    let session = started(
        &registry,
        "job",
        Some(&["/bin/sh", "-c", "printf done; kill -TERM $$"]),
    );
    let exit = ExitInfo {
        code: None,
        signal: Some("SIGTERM".into()),
    };
    assert_eq!(ended(&session).await, Phase::Exited(exit.clone()));
    nothing_left(&registry).await;
    let info = registry.get(&id("job")).expect("still listed").info();
    assert_eq!(
        (info.state, info.exit, info.pid),
        (SessionState::Exited, Some(exit), None)
    );
    assert_eq!(output(&session), "done");
    assert!(matches!(session.start(), Err(StartError::Ended)));
    assert_eq!(registry.sweep(Instant::now()), None);
    assert!(registry.get(&id("job")).is_none());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_said_and_the_session_stays_idle() {
    let registry = registry();
    let session = registry
        .create(None, spec(Some(&["/no/such/program"])))
        .expect("made");
    let error = session.start().expect_err("cannot start");
    assert!(matches!(error, StartError::Spawn(_)));
    assert!(
        !error.to_string().contains("/no/such"),
        "the input is not repeated: {error}"
    );
    assert_eq!(session.phase(), Phase::Idle);
    nothing_left(&registry).await;
}

#[tokio::test]
async fn directories_and_ids_are_checked() {
    let registry = registry();
    let mut missing = spec(None);
    missing.base_dir = "/no/such/directory".into();
    let error = registry.create(None, missing).err();
    assert_eq!(error, Some(CreateError::BadDirectory));
    registry.create(Some(id("a")), spec(None)).expect("made");
    registry.create(Some(id("b")), spec(None)).expect("made");
    assert_eq!(
        registry.create(Some(id("a")), spec(None)).err(),
        Some(CreateError::Exists)
    );
    assert_eq!(
        registry.rename(&id("a"), id("b")).err(),
        Some(RenameError::Exists)
    );
    assert_eq!(
        registry.rename(&id("x"), id("y")).err(),
        Some(RenameError::Unknown)
    );
    assert_eq!(
        registry.rename(&id("a"), id("c")).expect("renamed").id(),
        id("c")
    );
    assert_eq!(registry.remove(&id("c")), Some(1));
    assert_eq!(registry.remove(&id("c")), None);
}

#[tokio::test]
async fn delete_ends_everything_even_what_ignores_hangups() {
    let registry = registry();
    let script = "trap '' HUP TERM; sleep 1000 & echo child=$!.; wait; sleep 1000";
    let session = started(&registry, "stubborn", Some(&["/bin/sh", "-c", script]));
    let text = output_with(&session, ".").await;
    let child: u32 = text
        .split(['=', '.'])
        .nth(1)
        .and_then(|pid| pid.parse().ok())
        .expect("a process id");
    assert!(fs::exists(format!("/proc/{child}")).expect("proc"));
    assert_eq!(registry.remove(&id("stubborn")), Some(0));
    assert_eq!(ended(&session).await, Phase::Deleted);
    nothing_left(&registry).await;
    // On a busy machine what SIGKILL has been sent to may take longer to go than is waited for it.
    let gone = async {
        while fs::exists(format!("/proc/{child}/exe")).expect("proc") {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LIMIT, gone).await.expect("the child is gone too");
}

#[tokio::test]
async fn a_background_process_does_not_keep_a_shell_that_exited() {
    let registry = registry();
    let script = "trap '' HUP; (sleep 1000 &) ; echo bye; exit 5";
    let session = started(&registry, "left", Some(&["/bin/sh", "-c", script]));
    assert_eq!(
        ended(&session).await,
        Phase::Exited(ExitInfo {
            code: Some(5),
            signal: None
        })
    );
    assert_eq!(output(&session), "bye\r\n");
    nothing_left(&registry).await;
}

#[tokio::test]
async fn nor_does_one_that_writes_without_end() {
    let registry = registry();
    let exit = ExitInfo {
        code: Some(5),
        signal: None,
    };
    let script = "yes & echo bye; exit 5";
    let cmd: &[&str] = &["/bin/sh", "-c", script];
    let start = |number| started(&registry, &format!("loud-{number}"), Some(cmd));
    let sessions: Vec<_> = (0..4).map(start).collect();
    for session in sessions {
        assert_eq!(ended(&session).await, Phase::Exited(exit.clone()));
    }
    nothing_left(&registry).await;
}

#[tokio::test]
async fn a_question_is_answered_while_much_that_was_typed_waits() {
    let registry = registry();
    let dir = tempfile::tempdir().expect("a directory");
    let pasted = dir.path().join("pasted");
    let script = format!(
        "stty raw -echo; echo ready; while [ ! -e {} ]; do sleep 0.01; done; printf '\\033[5n'; \
         head -c 100004 | tail -c 4 | od -An -c",
        pasted.display()
    );
    let session = started(&registry, "asks", Some(&["/bin/sh", "-c", &script]));
    output_with(&session, "ready").await;
    let budget = Arc::new(tokio::sync::Semaphore::new(100_000));
    let permit = budget.acquire_many_owned(100_000).await.expect("free");
    session.write(1, Bytes::from(vec![b'x'; 100_000]), Some(permit));
    fs::write(&pasted, "").expect("written");
    output_with(&session, "033   [   0   n").await;
    registry.remove(&id("asks"));
    nothing_left(&registry).await;
}

#[tokio::test]
async fn an_id_used_again_is_another_session() {
    let registry = registry();
    for round in 0..50 {
        let session = started(&registry, "again", None);
        assert_eq!(registry.remove(&id("again")), Some(0), "round {round}");
        assert_eq!(session.phase(), Phase::Deleted);
        // The exit of the old one comes while the new one has its id, and must not touch it.
        let next = started(&registry, "again", None);
        assert_ne!(next.incarnation(), session.incarnation());
        assert_eq!(
            registry
                .rename(&id("again"), id("moved"))
                .expect("renamed")
                .id(),
            id("moved")
        );
        assert_eq!(registry.remove(&id("moved")), Some(0));
    }
    nothing_left(&registry).await;
    assert!(registry.list().is_empty());
}

#[tokio::test]
async fn input_is_bounded_by_nobody_but_its_budget_and_arrives_whole() {
    let registry = registry();
    let session = started(
        &registry,
        "paste",
        Some(&[
            "/bin/sh",
            "-c",
            "stty raw -echo; echo go; head -c 1000000 | cksum",
        ]),
    );
    output_with(&session, "go").await;
    let text: Vec<u8> = (0..1_000_000u32).map(|i| b'a' + (i % 23) as u8).collect();
    for piece in text.chunks(30_000) {
        session.write(1, Bytes::copy_from_slice(piece), None);
    }
    let written = output_with(&session, " 1000000").await;
    let (expected, _) = cksum(&text);
    assert!(
        written.contains(&format!("{expected} 1000000")),
        "{written} {expected}"
    );
    nothing_left(&registry).await;
}

/// POSIX cksum, as the tool of that name prints it.
fn cksum(bytes: &[u8]) -> (u32, usize) {
    let step = |crc: u32, byte: u8| {
        (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
            if crc & 0x8000_0000 != 0 {
                (crc << 1) ^ 0x04C1_1DB7
            } else {
                crc << 1
            }
        })
    };
    let mut crc = bytes.iter().fold(0, |crc, &byte| step(crc, byte));
    let mut len = bytes.len();
    while len > 0 {
        crc = step(crc, (len & 0xff) as u8);
        len >>= 8;
    }
    (!crc, bytes.len())
}

#[tokio::test]
async fn a_thousand_sessions_leave_nothing() {
    let registry = registry();
    drop(started(&registry, "warm-up", Some(&["/bin/true"])));
    nothing_left(&registry).await;
    registry.sweep(Instant::now() + Duration::from_secs(3600));
    let before = descriptors();
    for round in 0..100 {
        let sessions: Vec<_> = (0..10)
            .map(|n| {
                started(
                    &registry,
                    &format!("s{round}-{n}"),
                    Some(&["/bin/sh", "-c", ":"]),
                )
            })
            .collect();
        for session in &sessions {
            ended(session).await;
        }
        registry.sweep(Instant::now() + Duration::from_secs(3600));
    }
    nothing_left(&registry).await;
    registry.sweep(Instant::now() + Duration::from_secs(3600));
    assert!(registry.list().is_empty());
    // Other tests of this process may be opening and closing theirs; what must not be is growth
    // by the number of sessions.
    assert!(
        descriptors() < before + 100,
        "{before} descriptors before, {} after",
        descriptors()
    );
    assert!(pty_threads() < 100, "{} threads", pty_threads());
}

#[tokio::test]
async fn a_shell_inherits_no_descriptors_and_no_ignored_signals() {
    let _open = fs::File::open("/proc/self/status").expect("a descriptor that is ours");
    let registry = registry();
    let cmd = ["/bin/sh", "-c", "echo ready; read word"];
    let session = started(&registry, "clean", Some(&cmd));
    output_with(&session, "ready").await;
    let Phase::Running { pid } = session.phase() else {
        panic!("{:?}", session.phase());
    };
    let open = fs::read_dir(format!("/proc/{pid}/fd")).expect("a directory");
    let mut open: Vec<_> = open
        .map(|entry| entry.expect("a descriptor").file_name())
        .collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.expect("a mask").trim(), 16).expect("a mask");
    // Signals from 32 on are the C library's own.
    assert_eq!(ignored & 0x7fff_ffff, 0, "{status}");
    registry.remove(&id("clean"));
    nothing_left(&registry).await;
}
