//! A daemon over HTTP, with a key or a token from a file.

use std::fs;

use webtty_protocol::Role;
use webtty_protocol::rest::CreateKey;

use crate::harness::{Home, assert_fails, finish, link};

/// A running daemon's URL and a key.
async fn daemon(home: &Home) -> (String, String) {
    home.session("a", &["sleep", "1000"]).await;
    let wish = CreateKey {
        role: Role::Admin,
        session: None,
        ttl_seconds: None,
        uses: None,
        label: None,
    };
    let made = home.client().create_key(&wish).await.expect("a key");
    let (page, _) = made.url.split_once("/#").expect("a link");
    (page.to_owned(), made.key)
}

#[tokio::test]
async fn a_file_with_a_key_or_a_token_lets_in() {
    let home = Home::new();
    let (url, key) = daemon(&home).await;
    let token = home.client().login(&key).await.expect("good").token;
    let file = home.path().join("secret");
    let path = file.to_string_lossy().into_owned();
    for secret in [&key, &token] {
        fs::write(&file, format!("{secret}\n")).expect("written");
        let said = home
            .ok(&["--url", &url, "--token-file", &path, "ls", "--json"])
            .await;
        assert!(said.stdout.contains("\"id\": \"a\""), "{said:?}");
    }
    let said = home
        .run_with_input(
            &["ls", "--url", &url, "--token-file", "-"],
            key.into_bytes(),
        )
        .await;
    assert!(
        said.code == Some(0) && said.stdout.contains("sleep 1000"),
        "{said:?}"
    );
}

#[tokio::test]
async fn without_a_good_credential_it_ends_with_5() {
    let home = Home::new();
    let (url, _) = daemon(&home).await;
    for args in [
        vec!["--url", &url, "ls"],
        vec!["--url", &url, "stop"],
        vec!["--url", &url, "rm", "a"],
        vec!["--url", &url, "publish", "-s", "a"],
        vec!["--url", &url, "events", "-s", "a"],
    ] {
        assert_fails(&home.run(&args).await, 5, "token", "--token-file");
    }
    let file = home.path().join("secret");
    let path = file.to_string_lossy().into_owned();
    for wrong in ["wt_wrong", "wk_wrong"] {
        fs::write(&file, wrong).expect("written");
        let said = home
            .run(&["--url", &url, "--token-file", &path, "ls"])
            .await;
        assert_fails(&said, 5, "", "--token-file");
        assert!(
            !said.stderr.contains("wrong"),
            "a secret is never repeated: {said:?}"
        );
    }
    fs::write(&file, "hunter2").expect("written");
    let said = home
        .run(&["--url", &url, "--token-file", &path, "ls"])
        .await;
    assert_fails(&said, 1, "neither", "");
    assert!(!said.stderr.contains("hunter2"), "{said:?}");
}

#[tokio::test]
async fn sessions_events_and_stop_work_over_http() {
    let home = Home::new();
    let (url, key) = daemon(&home).await;
    let file = home.path().join("secret");
    fs::write(&file, key).expect("written");
    let path = file.to_string_lossy().into_owned();
    let remote = ["--url", url.as_str(), "--token-file", path.as_str()];
    let args = |more: &[&'static str]| [&remote[..], more].concat();

    let made = home
        .ok(&args(&["run", "-d", "-n", "b", "--", "sleep", "1000"]))
        .await;
    assert!(
        link(&made, "control").starts_with(&format!("{url}/s/b#k=wk_")),
        "{made:?}"
    );
    let events = home.spawn(&args(&["events", "-s", "b"]));
    home.until("b", |info| info.subscribers == 1).await;
    let publishing = args(&["publish", "-s", "b"]);
    let published = home
        .run_with_input(&publishing, b"{\"n\":1}\n".to_vec())
        .await;
    assert_eq!(published.code, Some(0), "{published:?}");
    home.ok(&args(&["rm", "b"])).await;
    let printed = finish(events).await;
    assert_eq!(
        (printed.code, printed.stdout.as_str()),
        (Some(0), "{\"n\":1}\n")
    );
    home.ok(&args(&["stop"])).await;
    assert_fails(
        &home.run(&args(&["ls"])).await,
        3,
        "no daemon answers at http",
        "",
    );
}

#[tokio::test]
async fn without_authentication_links_hold_no_key_and_that_is_said() {
    let home = Home::new();
    let config = home.path().join(".config/webtty");
    fs::create_dir_all(&config).expect("made");
    fs::write(config.join("config.json"), r#"{"auth": "none"}"#).expect("written");
    let said = home
        .ok(&["run", "-d", "-n", "a", "--", "sleep", "1000"])
        .await;
    assert!(!said.stdout.contains('#'), "{said:?}");
    assert!(said.stderr.contains("Authentication is off"), "{said:?}");
    let url = said.stdout.trim_end().strip_suffix("/s/a").expect("a page");
    let listed = home.ok(&["--url", url, "ls"]).await;
    assert!(listed.stdout.contains("sleep 1000"), "{listed:?}");
    let log = home.path().join(".local/state/webtty/daemon.log");
    let log = fs::read_to_string(log).expect("read");
    assert!(log.contains("authentication is off"), "{log}");
}

#[tokio::test]
async fn flags_win_over_environment_and_environment_over_the_file() {
    let home = Home::new();
    // The ports are taken, by us, so that the refusal tells which one was chosen.
    let taken: Vec<_> = (0..4)
        .map(|_| std::net::TcpListener::bind("127.0.0.1:0").expect("bound"))
        .collect();
    let port = |which: usize| taken[which].local_addr().expect("known").port().to_string();
    let config = home.path().join("config.json");
    fs::write(&config, format!("{{\"port\": {}}}", port(0))).expect("written");
    let config = config.to_string_lossy().into_owned();
    let (common, ours, flag) = (port(1), port(2), port(3));
    for (env, args, chosen) in [
        (vec![], vec![], port(0)),
        (vec![("PORT", &common)], vec![], port(1)),
        (
            vec![("PORT", &common), ("WEBTTY_PORT", &ours)],
            vec![],
            port(2),
        ),
        (vec![("WEBTTY_PORT", &ours)], vec!["--port", &flag], port(3)),
    ] {
        let mut command = home.command(&[&["serve", "--config", &config], &args[..]].concat());
        command.env_remove("WEBTTY_PORT").envs(env);
        let said = finish(command.spawn().expect("spawned")).await;
        assert_fails(&said, 1, &format!("127.0.0.1:{chosen}: "), "--port");
    }
}
