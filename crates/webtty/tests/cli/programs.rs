//! What scripts use: `exec`, `send` and `wait`.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::{Home, assert_fails, finish, soon};

#[tokio::test]
async fn exec_has_the_programs_streams_and_its_exit_code() {
    let home = Home::new();
    home.session("job", &["cat"]).await;
    let script = "cat; pwd; echo no >&2; exit 7";
    let args = ["exec", "job", "--", "sh", "-c", script];
    let said = home.run_with_input(&args, b"in\xff\n".to_vec()).await;
    assert_eq!(said.code, Some(7));
    let here = home.path().canonicalize().expect("a path");
    assert_eq!(said.stdout, format!("in\u{fffd}\n{}\n", here.display()));
    assert_eq!(said.stderr, "no\n");

    let bytes: Vec<u8> = (0..=255).cycle().take(500_000).collect();
    let copy = home.path().join("copy");
    let args = [
        "exec",
        "job",
        "--",
        "sh",
        "-c",
        "cat > copy; cat copy | wc -c",
    ];
    let said = home.run_with_input(&args, bytes.clone()).await;
    assert_eq!((said.code, said.stdout.trim()), (Some(0), "500000"));
    assert!(std::fs::read(copy).expect("written") == bytes);

    for (program, code) in [("no-such-program", 127), ("/etc/passwd", 126)] {
        let said = home.run(&["exec", "job", "--", program]).await;
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (Some(code), ""),
            "{program}"
        );
        assert!(
            said.stderr.contains("could not be started"),
            "{}",
            said.stderr
        );
    }
    let said = home
        .run(&["exec", "job", "--", "sh", "-c", "kill -9 $$"])
        .await;
    assert_eq!(said.code, Some(137));
    let said = home
        .run(&["exec", "-n", "job", "--json", "--", "echo", "a"])
        .await;
    assert_eq!(
        said.stdout,
        "{\"stream\":\"stdout\",\"data\":\"a\\n\"}\n{\"exit\":0}\n"
    );
    let said = home.run(&["exec", "none", "--", "true"]).await;
    assert_fails(&said, 4, "no such session: none", "webtty ls");
}

#[tokio::test]
async fn ctrl_c_ends_the_program_too() {
    let home = Home::new();
    home.session("job", &["cat"]).await;
    let mut child = home.spawn(&["exec", "job", "--", "sh", "-c", "echo $$; exec sleep 1000"]);
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    soon(stdout.read_line(&mut line)).await.expect("a line");
    let pid = Pid::from_raw(line.trim().parse().expect("a number"));
    kill(pid, None).expect("it runs");
    let own = Pid::from_raw(child.id().and_then(|id| id.try_into().ok()).expect("an id"));
    kill(own, Signal::SIGINT).expect("sent");
    assert_eq!(finish(child).await.code, Some(130));
    soon(async {
        while kill(pid, None).is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_script_sends_waits_and_reads() {
    let home = Home::new();
    home.session("job", &["sh", "-c", "read a; echo got $a; read b; exit 5"])
        .await;
    let sent = home
        .ok(&["send", "-s", "job", "--json", "--text", "-one", "Enter"])
        .await;
    let offset = sent.stdout.trim().trim_start_matches("{\"offset\":");
    let offset = offset.trim_end_matches('}');
    home.ok(&["wait", "job", "--text", "got -one", "--timeout", "60s"])
        .await;
    home.ok(&["wait", "job", "--text", "got -one", "--from", offset])
        .await;
    home.ok(&["wait", "job", "--idle", "20ms"]).await;
    let said = home
        .run(&["wait", "job", "--text", "never", "--timeout", "10ms"])
        .await;
    assert_fails(&said, 124, "the time is over", "");
    assert!(
        home.ok(&["screen", "job"])
            .await
            .stdout
            .contains("got -one")
    );

    let waiting = home.spawn(&["wait", "job", "--exit", "--json"]);
    let vain = home.spawn(&["wait", "job", "--text", "never"]);
    let draft = home.path().join("draft");
    std::fs::write(&draft, "two\n").expect("written");
    home.ok(&["send", "-s", "job", "--paste", "draft"]).await;
    let waited = finish(waiting).await;
    assert_eq!(waited.code, Some(5));
    assert!(
        waited.stdout.starts_with("{\"met\":\"exit\""),
        "{}",
        waited.stdout
    );
    assert_fails(&finish(vain).await, 1, "the shell has exited before", "");

    // Cut inside a character, not text at all, and longer only as JSON.
    for (draft, word) in [
        (
            [&b"x"[..], "é".repeat(40_000).as_bytes()].concat(),
            "longer",
        ),
        (b"\xff".to_vec(), "is not UTF-8"),
        (b"\n".repeat(60_000), "120012 bytes as JSON"),
    ] {
        std::fs::write(home.path().join("draft"), draft).expect("written");
        let said = home.run(&["send", "-s", "job", "--paste", "draft"]).await;
        assert_fails(&said, 1, word, "");
    }
    let said = home.run(&["send", "-s", "job", "Entr"]).await;
    assert_fails(&said, 1, "no shell runs", "");
    assert_fails(&home.run(&["send"]).await, 2, "nothing to send", "--text");
    assert_fails(
        &home.run(&["wait"]).await,
        2,
        "nothing to wait for",
        "--text",
    );
}
