//! A daemon over HTTP, with a key or a token from a file.

use std::fs;

use crate::harness::{Home, assert_fails, finish};

/// A running daemon's URL and a key.
async fn daemon(home: &Home) -> (String, String) {
    let link = home.session("a", &["sleep", "1000"]).await;
    let (page, key) = link.split_once("#k=").expect("a key");
    let url = page.strip_suffix("/s/a").expect("a page");
    (url.to_owned(), key.to_owned())
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
        made.stdout.starts_with(&format!("{url}/s/b#k=wk_")),
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
