//! Sessions by name: made, listed, renamed, ended.

use std::fs;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use webtty_protocol::rest::SessionInfo;

use crate::harness::{Home, assert_fails, link, soon};

async fn list(home: &Home, args: &[&str]) -> Vec<Value> {
    let mut all = vec!["ls", "--json"];
    all.extend_from_slice(args);
    let said = home.ok(&all).await;
    serde_json::from_str(&said.stdout).expect("a JSON array")
}

#[tokio::test]
async fn run_in_the_background_prints_a_link_that_lets_in() {
    let home = Home::new();
    let directory = home.path().join("some where");
    fs::create_dir(&directory).expect("made");
    let directory = directory.canonicalize().expect("there");
    let directory = directory.to_string_lossy();
    let said = home
        .ok(&[
            "run", "-d", "-n", "a", "-C", &directory, "--", "sleep", "1000",
        ])
        .await;
    let (page, key) = link(&said, "control").split_once("#k=").expect("a key");
    assert!(
        page.starts_with("http://127.0.0.1:") && page.ends_with("/s/a"),
        "{said:?}"
    );
    assert!(key.starts_with("wk_"), "{said:?}");
    assert!(said.stderr.contains("has your shell"), "{said:?}");
    assert!(said.stderr.contains("webtty rm a"), "{said:?}");

    let login = home.client().login(key).await.expect("the key is good");
    assert!(login.token.starts_with("wt_"));
    let keys = home.client().keys().await.expect("listed");
    assert!(keys.iter().any(|one| one.label.as_deref() == Some("run a")));
    let session = &list(&home, &[]).await[0];
    assert_eq!(session["baseDir"], Value::from(&*directory));
    assert_eq!(session["cmd"], serde_json::json!(["sleep", "1000"]));
    assert_eq!(session["state"], "running");
}

#[tokio::test]
async fn a_plain_session_runs_the_shell_here() {
    let home = Home::new();
    let said = home.ok(&["run", "-d"]).await;
    let link = link(&said, "view");
    let session = &list(&home, &[]).await[0];
    let id = session["id"].as_str().expect("text");
    assert!(link.contains(&format!("/s/{id}#k=")), "{said:?}");
    assert_eq!(id.len(), 8);
    assert_eq!(session["state"], "running", "it was started at once");
    assert_eq!(session["cmd"], Value::Null);
    let here = home.path().canonicalize().expect("there");
    assert_eq!(session["baseDir"], Value::from(&*here.to_string_lossy()));
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_until_its_command_has_ended() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let again = home.run(&["run", "-d", "-n", "a"]).await;
    assert_fails(&again, 1, "already", "webtty attach a");

    home.session("b", &["true"]).await;
    home.until("b", |info| info.exit.is_some()).await;
    home.session("b", &["sleep", "1000"]).await;
    home.until("b", |info| info.exit.is_none()).await;
}

#[tokio::test]
async fn ls_filters_and_fits() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let none = home.ok(&["ls"]).await;
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "No sessions.\n")
    );
    assert!(list(&home, &[]).await.is_empty());

    home.session("build", &["sleep", "1001"]).await;
    home.session("docs", &["sleep", "1002"]).await;
    home.session("done", &["sh", "-c", "exit 3"]).await;
    home.until("done", |info| info.exit.is_some()).await;
    let all = home.ok(&["ls"]).await;
    let heading = all.stdout.lines().next().expect("a heading");
    let words: Vec<&str> = heading.split_whitespace().collect();
    assert_eq!(
        words,
        [
            "ID",
            "STATE",
            "SIZE",
            "VIEWERS",
            "AGE",
            "COMMAND/TITLE",
            "DIR"
        ]
    );
    let line = |start: &str| all.stdout.lines().find(|line| line.starts_with(start));
    let build = line("build").expect("listed");
    assert!(
        build.contains("running") && build.contains("sleep 1001"),
        "{build}"
    );
    assert!(
        line("done").expect("listed").contains("exited 3 "),
        "{all:?}"
    );
    assert!(!all.stdout.contains('\x1b'), "no colours in a pipe");

    assert_eq!(list(&home, &["1002"]).await[0]["id"], "docs");
    assert_eq!(list(&home, &["bui"]).await[0]["id"], "build");
    assert!(list(&home, &["nothing"]).await.is_empty());
    let alias = home.ok(&["list", "docs"]).await;
    assert_eq!(alias.stdout.lines().count(), 2);
}

#[tokio::test]
async fn mv_renames_and_rm_ends() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    home.session("taken", &["sleep", "1000"]).await;
    home.ok(&["mv", "a", "b"]).await;
    assert_fails(
        &home.run(&["mv", "a", "c"]).await,
        4,
        "no such session: a",
        "webtty ls",
    );
    assert_fails(
        &home.run(&["mv", "b", "taken"]).await,
        1,
        "taken already",
        "webtty rm taken",
    );

    let said = home.run(&["rm", "x", "b", "y"]).await;
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains("no such session: x"), "{said:?}");
    assert!(said.stderr.contains("no such session: y"), "{said:?}");
    let left = list(&home, &[]).await;
    assert_eq!(
        left.len(),
        1,
        "one that is not there does not keep the others"
    );
    home.ok(&["kill", "taken"]).await;
    assert!(list(&home, &[]).await.is_empty());
}

#[tokio::test]
async fn mistakes_on_the_command_line_end_with_2() {
    let home = Home::new();
    for args in [
        vec!["frobnicate"],
        vec!["rm"],
        vec!["rm", "Not An Id"],
        vec!["run", "-d", "-n", "../x"],
        vec!["ls", "--url", "http://x", "--socket", "/y"],
        vec!["ls", "--token-file", "x"],
        vec!["publish", "--url", "http://x", "--token-file", "-"],
        vec!["ls", "--url", "ftp://example.org"],
        vec!["ls", "--url", "http://x/#k=wk_secret"],
        vec!["completions", "cobol"],
    ] {
        let said = home.run(&args).await;
        assert_eq!(said.code, Some(2), "{args:?}: {said:?}");
        assert!(said.stderr.starts_with("error: "), "{said:?}");
        assert!(!said.stderr.contains("secret"), "{said:?}");
    }
}

#[tokio::test]
async fn directories_that_are_not_there_are_named() {
    let home = Home::new();
    let said = home.run(&["run", "-d", "-C", "nowhere"]).await;
    assert_fails(&said, 1, "nowhere", "");
    assert!(home.daemon().is_none(), "no daemon was started for nothing");
}

#[tokio::test]
async fn open_without_a_browser_prints_a_link_for_one() {
    let home = Home::new();
    let said = home.ok(&[]).await;
    let (page, key) = said.stdout.trim_end().split_once("#k=").expect("a key");
    assert!(page.ends_with("/s/main"), "{said:?}");
    assert!(said.stderr.contains("no browser"), "{said:?}");
    home.client().login(key).await.expect("good once");
    assert!(home.client().login(key).await.is_err(), "and not twice");
    assert_eq!(list(&home, &[]).await[0]["id"], "main");
    home.ok(&["open"]).await;
    assert_eq!(list(&home, &[]).await.len(), 1, "main is made once");
    assert_fails(
        &home.run(&["open", "x"]).await,
        4,
        "no such session: x",
        "webtty ls",
    );
}

#[tokio::test]
async fn a_browser_is_given_a_private_file_and_no_key_on_its_command_line() {
    let home = Home::new();
    let (browser, seen) = (home.path().join("browser"), home.path().join("seen"));
    // Its own command line, then what the file it was given holds, then the file's mode.
    let script = "#!/bin/sh\n{ echo \"$@\"; cat \"$1\"; stat -c %a \"$1\"; } > \"$HOME/seen.new\"\n\
                  mv \"$HOME/seen.new\" \"$HOME/seen\"\n";
    fs::write(&browser, script).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&browser, mode).expect("ours");
    let mut command = home.command(&["open"]);
    command.env("BROWSER", &browser);
    let said = crate::harness::finish(command.spawn().expect("spawned")).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stdout.ends_with("/s/main\n"),
        "no key: the browser uses it up: {said:?}"
    );
    crate::harness::soon(async {
        while !seen.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let seen = fs::read_to_string(seen).expect("read");
    let (arguments, page) = seen.split_once('\n').expect("two parts");
    assert!(!arguments.contains("wk_"), "{seen}");
    assert!(page.contains("/s/main#k=wk_"), "{seen}");
    assert!(seen.ends_with("600\n"), "{seen}");
}

#[tokio::test]
async fn completions_help_and_version_need_no_daemon() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = home.ok(&["completions", shell]).await;
        assert!(said.stdout.contains("publish"), "{shell}");
    }
    let version = home.ok(&["--version"]).await;
    assert_eq!(
        version.stdout,
        format!("webtty {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = home.ok(&["help", "run"]).await;
    assert!(help.stdout.contains("Examples:"), "{help:?}");
    assert!(home.daemon().is_none());
}

#[tokio::test]
async fn size_says_and_changes_whose_window_counts() {
    let home = Home::new();
    let fixed = ["run", "-d", "-n", "a", "--size-policy", "100x30", "--"];
    home.ok(&[&fixed[..], &["sleep", "1000"]].concat()).await;
    assert_eq!(home.ok(&["size", "a"]).await.stdout, "100x30 fixed\n");
    assert_eq!(home.ok(&["size"]).await.stdout, "100x30 fixed\n");
    assert_eq!(
        home.ok(&["size", "a", "smallest"]).await.stdout,
        "100x30 smallest\n",
        "no window is open"
    );
    let said = home.ok(&["size", "a", "120x40", "--json"]).await;
    let session: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(session["sizePolicy"], "fixed");
    assert_eq!(session["cols"], 120);
    assert_eq!(home.run(&["size", "a", "huge"]).await.code, Some(2));
    assert_eq!(home.run(&["size", "b"]).await.code, Some(4));
}

#[tokio::test]
async fn screen_prints_what_shows() {
    let home = Home::new();
    let script = "printf '\\033[31mred\\033[m\\n'; exec sleep 1000";
    home.ok(&["run", "-d", "-n", "a", "--", "sh", "-c", script])
        .await;
    soon(async { while home.ok(&["screen", "a"]).await.stdout != "red\n" {} }).await;
    assert_eq!(
        home.ok(&["screen", "--ansi"]).await.stdout,
        "\u{1b}[31mred\u{1b}[m\r\n"
    );
    let html = home.ok(&["screen", "a", "--html"]).await.stdout;
    assert!(
        html.contains("<pre") && html.contains(">red</span>"),
        "{html}"
    );
    let json = home.ok(&["screen", "a", "--json", "--history", "5"]).await;
    let state: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(state["lines"][0]["runs"][0]["fg"], 1);
    assert_eq!(home.run(&["screen", "b"]).await.code, Some(4));
    assert_eq!(
        home.run(&["screen", "a", "--ansi", "--html"]).await.code,
        Some(2)
    );
}

#[tokio::test]
async fn ls_watch_prints_the_list_whenever_it_changes() {
    let home = Home::new();
    home.session("first", &["sleep", "1000"]).await;
    let mut child = home.spawn(&["ls", "--watch", "--json", "s"]);
    let stdout = child.stdout.take().expect("piped");
    let mut lines = BufReader::new(stdout).lines();
    let mut until = async |wanted: &[&str]| loop {
        let line = soon(lines.next_line()).await.expect("read");
        let list: Vec<SessionInfo> =
            serde_json::from_str(&line.expect("more")).expect("an array a line");
        let ids: Vec<_> = list.iter().map(|session| session.id.as_str()).collect();
        if ids == wanted {
            return;
        }
    };
    until(&["first"]).await;
    home.session("second", &["sleep", "1000"]).await;
    home.session("other", &["cat"]).await;
    until(&["first", "second"]).await;
    home.ok(&["mv", "first", "third-s"]).await;
    until(&["second", "third-s"]).await;
    home.ok(&["rm", "second"]).await;
    until(&["third-s"]).await;
}

#[tokio::test]
async fn a_command_inside_finds_its_session_after_a_rename() {
    let home = Home::new();
    let webtty = env!("CARGO_BIN_EXE_webtty");
    let script = format!(
        "read go; {webtty} events --since 0 --no-follow >/dev/null; echo '{{}}' | {webtty} publish && echo published; \
         read end"
    );
    home.session("old", &["sh", "-c", &script]).await;
    home.ok(&["mv", "old", "new"]).await;
    // One that has taken the name is not meant by who is inside.
    home.session("old", &["cat"]).await;
    home.ok(&["send", "-s", "new", "Enter"]).await;
    home.ok(&["wait", "new", "--text", "published", "--timeout", "60s"])
        .await;
    for (id, published) in [("new", "{}\n"), ("old", "")] {
        let said = home
            .ok(&["events", "-s", id, "--since", "0", "--no-follow"])
            .await;
        assert_eq!(said.stdout, published, "{id}");
    }

    // What is inside one that has ended does not go to another of its name.
    let mut orphan = home.command(&["publish"]);
    orphan
        .env("WEBTTY_SESSION", "old")
        .env("WEBTTY_SESSION_EPOCH", "old/0-0");
    let said = crate::harness::finish(orphan.spawn().expect("spawned")).await;
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(
        said.stderr.contains("has ended; old is another one now"),
        "{}",
        said.stderr
    );
    // Who says so goes elsewhere.
    let mut named = home.command(&["screen"]);
    named
        .env("WEBTTY_SESSION", "new")
        .env("WEBTTY_SESSION_EPOCH", "old/0-0");
    let said = crate::harness::finish(named.spawn().expect("spawned")).await;
    assert!(said.stdout.contains("published"), "{said:?}");
}

#[tokio::test]
async fn go_opens_a_session_and_help_names_every_command() {
    let home = Home::new();
    let help = home.ok(&["help"]).await.stdout;
    for command in [
        "run", "ls", "rm", "mv", "start", "stop", "config", "key", "open", "attach", "publish",
        "events", "exec", "send", "wait", "screen", "share",
    ] {
        let named = help
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{command} ")));
        assert!(named, "{command} in {help}");
        assert!(
            home.ok(&["help", command])
                .await
                .stdout
                .contains("Usage: webtty"),
            "{command}"
        );
    }
    assert!(help.contains("go]"), "{help}");
    home.session("work", &["cat"]).await;
    let said = home.ok(&["go", "work"]).await;
    assert!(said.stdout.contains("/s/work#k="), "{said:?}");
}
