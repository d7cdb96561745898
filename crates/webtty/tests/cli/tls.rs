//! A daemon that speaks TLS, from the command line.

use std::fs;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::harness::{Home, assert_fails, finish, link, soon};

/// Starts a daemon in the foreground and reads its log until this has been said.
async fn serve(home: &Home, args: &[&str], word: &str) -> (Child, String) {
    let args = [&["serve", "--log-format", "json"], args].concat();
    let mut child = home.spawn(&args);
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut said = String::new();
    soon(async {
        while !said.contains(word) {
            let line = lines.next_line().await.expect("readable");
            said += &line.unwrap_or_else(|| panic!("it ended without {word}: {said}"));
            said.push('\n');
        }
    })
    .await;
    (child, said)
}

#[tokio::test]
async fn links_are_https_and_a_fingerprint_lets_the_client_in() {
    let home = Home::new();
    let (_daemon, said) = serve(&home, &["--tls"], "fingerprint is ").await;
    let (_, fingerprint) = said.split_once("fingerprint is ").expect("said");
    let fingerprint = fingerprint.get(..95).expect("32 bytes");
    let made = home
        .ok(&["run", "-d", "-n", "a", "--", "sleep", "1000"])
        .await;
    let link = link(&made, "control");
    assert!(link.starts_with("https://127.0.0.1:"), "{link}");
    let (url, _) = link.split_once("/s/a#k=").expect("a link");
    let key = home.ok(&["share", "a", "--control", "--json"]).await.stdout;
    let key = key.split("#k=").nth(1).expect("a link").split('"').next();
    let file = home.path().join("key");
    fs::write(&file, key.expect("a key")).expect("written");
    let file = file.to_string_lossy().into_owned();
    let remote = ["--url", url, "--token-file", &file];
    let with = |more: &[&'static str]| [&remote[..], more].concat();
    let said = home
        .ok(&[
            &with(&["ls", "--json"])[..],
            &["--fingerprint", fingerprint],
        ]
        .concat())
        .await;
    assert!(said.stdout.contains("\"id\": \"a\""), "{said:?}");
    let refused = home.run(&with(&["ls"])).await;
    assert_fails(&refused, 5, fingerprint, "--fingerprint");
    let other = "00".repeat(32);
    let refused = home
        .run(&[&with(&["ls"])[..], &["--fingerprint", &other]].concat())
        .await;
    assert_fails(&refused, 5, "another one", "--fingerprint");
    let bad = home
        .run(&[&with(&["ls"])[..], &["--fingerprint", "x"]].concat())
        .await;
    assert_fails(&bad, 2, "64", "");

    // The environment stands for a flag, which wins over it, and means nothing without --url.
    let mut named = home.command(&with(&["ls"]));
    named.env("WEBTTY_FINGERPRINT", fingerprint);
    assert_eq!(finish(named.spawn().expect("spawned")).await.code, Some(0));
    let flag = with(&["--fingerprint", "flag", "ls"]);
    let flag: Vec<_> = flag
        .iter()
        .map(|word| if *word == "flag" { fingerprint } else { word })
        .collect();
    for (args, fails) in [
        (&flag[..], ""),
        (&["ls"], ""),
        (&with(&["ls"]), "exclude each other"),
        (&with(&["--ca-file", "/none.pem", "ls"]), "/none.pem"),
    ] {
        let mut command = home.command(args);
        command.env("WEBTTY_FINGERPRINT", &other);
        command.env("WEBTTY_CA_FILE", "/no.pem");
        let said = finish(command.spawn().expect("spawned")).await;
        assert_eq!(said.code == Some(0), fails.is_empty(), "{args:?}: {said:?}");
        assert!(said.stderr.contains(fails), "{args:?}: {said:?}");
    }
}

#[tokio::test]
async fn beyond_loopback_it_is_tls_with_keys_or_refused() {
    let home = Home::new();
    let everywhere = ["serve", "--host", "0.0.0.0"];
    for (more, word) in [
        (&[][..], "--tls"),
        (&["--auth", "none", "--tls"], "authentication"),
        (
            &["--auth", "none", "--insecure-plain-http"],
            "authentication",
        ),
    ] {
        let said = home.run(&[&everywhere[..], more].concat()).await;
        assert_fails(&said, 78, word, "");
        assert_eq!(said.stderr.lines().count(), 1, "one line: {said:?}");
    }
    let half = home.run(&["serve", "--tls-cert", "/c.pem"]).await;
    assert_eq!(half.code, Some(2), "{half:?}");
    assert!(half.stderr.contains("--tls-key"), "{half:?}");
}

#[tokio::test]
async fn plain_http_for_a_proxy_is_said_at_each_start() {
    let home = Home::new();
    let args = [
        "--host",
        "0.0.0.0",
        "--insecure-plain-http",
        "--name",
        "term.example.org",
    ];
    let (_daemon, said) = serve(&home, &args, "plain HTTP beyond loopback").await;
    assert!(said.contains("https://term.example.org"), "{said}");
}
