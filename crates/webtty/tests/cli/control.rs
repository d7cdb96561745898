//! Handing over control from the command line, and what attached terminals are told of it.

use serde_json::Value;

use crate::attached::{Terminal, run};
use crate::harness::{Home, assert_fails, soon};

/// The number after this word in what was said.
fn number_after(text: &str, word: &str) -> Option<String> {
    let rest = &text[text.find(word)? + word.len()..];
    Some(rest.chars().take_while(char::is_ascii_digit).collect())
}

/// A terminal that came in by a link to look.
async fn viewer(home: &Home, session: &str, label: &str) -> Terminal {
    let made = home
        .ok(&["share", session, "--view", "--label", label])
        .await;
    let (url, key) = made.stdout.trim().split_once("#k=").expect("a key");
    let (base, _) = url.split_once("/s/").expect("a page");
    let file = home.path().join(label);
    std::fs::write(&file, key).expect("written");
    let file = file.to_string_lossy().into_owned();
    run(
        home,
        &["--url", base, "--token-file", &file, "attach", session],
    )
}

async fn info(home: &Home) -> Value {
    let said = home.ok(&["control", "-s", "a", "--json"]).await;
    serde_json::from_str(&said.stdout).expect("JSON")
}

#[tokio::test]
async fn a_viewer_asks_in_its_terminal_and_is_let_type_until_that_is_taken_back() {
    let home = Home::new();
    let script = "stty -echo; echo ready; while read -r line; do echo \"<$line>\"; done";
    home.session("a", &["sh", "-c", script]).await;
    let mut owner = run(&home, &["attach", "a"]);
    owner.until("ready").await;
    let mut ada = viewer(&home, "a", "Ada").await;
    ada.until("ready").await;
    ada.type_keys("evil\r\x1ca").await;
    ada.until("asked; you are told here").await;
    owner.until("Ada asks to type: webtty control grant ").await;
    owner.until(" --for 10m -s a").await;

    let listed = home.ok(&["control", "-s", "a"]).await.stdout;
    let line = listed.lines().find(|line| line.contains("Ada"));
    let line = line.unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains("view") && line.contains("asks to type"));
    let number = number_after(line, "").expect("its number");
    let said = home
        .ok(&["control", "grant", &number, "--for", "10m", "-s", "a"])
        .await;
    assert!(said.stderr.contains("may type for 10m"), "{said:?}");
    ada.until("you may type for ").await;
    ada.type_keys("hello\r").await;
    owner.until("<hello>").await;
    let listed = home.ok(&["control", "ls", "-s", "a"]).await.stdout;
    assert!(listed.contains("drives, let type, "), "{listed}");

    home.ok(&["control", "take", "Ada", "-s", "a"]).await;
    ada.until("you may only look").await;
    ada.type_keys("evil\r").await;
    assert_eq!(info(&home).await["loans"], Value::Array(Vec::new()));
    owner.type_keys("after\r").await;
    owner.until("<after>").await;
    ada.until("<after>").await;
    let screen = home.ok(&["screen", "a", "--history", "100"]).await.stdout;
    assert!(!screen.contains("evil"), "{screen}");
    for terminal in [&mut owner, &mut ada] {
        terminal.type_keys("\x1cd").await;
    }
    for terminal in [owner, ada] {
        let (code, said) = terminal.end().await;
        assert_eq!(
            code,
            Some(0),
            "what it showed was acknowledged well: {said}"
        );
    }
}

#[tokio::test]
async fn a_request_is_declined_and_who_is_not_there_is_said() {
    let home = Home::new();
    home.session("a", &["sh", "-c", "echo ready; exec cat"])
        .await;
    let said = home.ok(&["control", "-s", "a"]).await;
    assert_eq!(
        (said.stdout.as_str(), said.stderr.as_str()),
        ("", "Nobody is here.\n")
    );
    let mut ada = viewer(&home, "a", "Ada").await;
    ada.until("ready").await;
    ada.type_keys("\x1ca").await;
    soon(async {
        while info(&home).await["requests"][0]["label"] != "Ada" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    home.ok(&["control", "deny", "Ada", "-s", "a"]).await;
    ada.until("was declined").await;
    let gone = home.run(&["control", "take", "Eve", "-s", "a"]).await;
    assert_fails(&gone, 1, "no such viewer", "webtty control");
    let unknown = home.run(&["control", "-s", "nowhere"]).await;
    assert_fails(&unknown, 4, "no such session: nowhere", "webtty ls");
    for wrong in [
        vec!["control", "grant"],
        vec!["control", "grant", "1", "--for", "2d"],
        vec!["control", "grant", "1", "--for", "soon"],
    ] {
        assert_eq!(home.run(&wrong).await.code, Some(2), "{wrong:?}");
    }
    ada.type_keys("\x1cd").await;
    assert_eq!(ada.end().await.0, Some(0));
}
