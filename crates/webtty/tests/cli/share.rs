//! Links: made, listed, revoked; and a session that has none to type.

use serde_json::Value;
use webtty_protocol::Role;

use crate::harness::{Home, assert_fails, link};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What a link's key allows, and how often it still does.
async fn login(home: &Home, link: &str) -> Option<Role> {
    let (_, key) = link.split_once("#k=").expect("a key");
    home.client().login(key).await.ok().map(|reply| reply.role)
}

#[tokio::test]
async fn run_prints_a_link_to_look_and_one_to_type() {
    let home = Home::new();
    let said = home
        .ok(&["run", "-d", "-n", "a", "--", "sleep", "1000"])
        .await;
    assert_eq!(said.stdout.lines().count(), 2, "{said:?}");
    for (name, role) in [("view", Role::View), ("control", Role::Control)] {
        let link = link(&said, name);
        assert!(link.contains("/s/a#k=wk_"), "{said:?}");
        assert_eq!(login(&home, link).await, Some(role));
    }
    let said = home
        .ok(&["run", "-d", "--json", "-n", "b", "--", "sleep", "1000"])
        .await;
    let object = json(&said.stdout);
    assert_eq!(object["session"], "b");
    assert_eq!(object["links"][1]["role"], "control");
    let url = object["links"][1]["url"].as_str().expect("text");
    assert_eq!(login(&home, url).await, Some(Role::Control));
}

#[tokio::test]
async fn a_link_allows_what_was_asked_for_and_no_more() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    for (args, role) in [
        (vec!["share", "a"], Role::View),
        (vec!["share", "a", "--view"], Role::View),
        (vec!["share", "a", "--control"], Role::Control),
        (vec!["share", "a", "--publish"], Role::Publish),
        (vec!["share", "--control"], Role::Control),
    ] {
        let said = home.ok(&args).await;
        assert_eq!(said.stdout.lines().count(), 1, "{said:?}");
        assert_eq!(
            login(&home, said.stdout.trim_end()).await,
            Some(role),
            "{args:?}"
        );
        assert!(said.stderr.contains("webtty share revoke"), "{said:?}");
    }
    let args = [
        "share", "a", "--uses", "2", "--ttl", "2h", "--label", "Ada", "--json",
    ];
    let object = json(&home.ok(&args).await.stdout);
    let url = object["url"].as_str().expect("text");
    assert_eq!(login(&home, url).await, Some(Role::View));
    assert_eq!(login(&home, url).await, Some(Role::View));
    assert_eq!(login(&home, url).await, None, "twice and no more");
    let keys = home.client().keys().await.expect("listed");
    let key = keys
        .iter()
        .find(|key| Some(key.id.as_str()) == object["id"].as_str())
        .expect("listed, as who came in by it is there");
    let life = key.expires.expect("an end") - key.created_at;
    assert_eq!((life, key.uses_left), (7_200_000, Some(0)));
    assert_eq!(key.label.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn keys_are_listed_and_revoked() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let none = home.ok(&["share", "ls"]).await;
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "No keys.\n")
    );
    let made = home.session("a", &["sleep", "1000"]).await;
    assert_eq!(login(&home, &made).await, Some(Role::Control));
    let listed = home.ok(&["share", "ls"]).await.stdout;
    let line = listed
        .lines()
        .find(|line| line.contains("control"))
        .unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains("run a") && line.contains("7d"), "{listed}");
    assert!(!listed.contains("wk_"), "no secret is listed");
    let array = json(&home.ok(&["share", "ls", "--json"]).await.stdout);
    assert_eq!(array.as_array().map(Vec::len), Some(2));
    let key = line.split(' ').next().expect("an id");
    home.ok(&["share", "set", key, "--view"]).await;
    assert_eq!(login(&home, &made).await, Some(Role::View));
    let none = home.run(&["share", "set", key]).await;
    assert_fails(&none, 2, "what the key is to allow", "");
    home.ok(&["share", "revoke", key]).await;
    assert_eq!(login(&home, &made).await, None);
    let again = home.run(&["share", "revoke", key]).await;
    assert_fails(&again, 1, "no key", "webtty share ls");
}

#[tokio::test]
async fn what_cannot_be_shared_is_said() {
    let home = Home::new();
    home.ok(&["start"]).await;
    let unknown = home.run(&["share", "nowhere"]).await;
    assert_fails(&unknown, 4, "no such session: nowhere", "webtty ls");
    for wrong in [
        vec!["share", "a", "--view", "--control"],
        vec!["share", "a", "--ttl", "soon"],
        vec!["share", "a", "--uses", "0"],
        vec!["share", "revoke"],
    ] {
        assert_eq!(home.run(&wrong).await.code, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn nobody_types_into_a_session_that_is_read_only() {
    let home = Home::new();
    let args = ["run", "-d", "--read-only", "-n", "a", "--", "sleep", "1000"];
    let said = home.ok(&args).await;
    assert_eq!(said.stdout.lines().count(), 1, "{said:?}");
    assert_eq!(login(&home, link(&said, "view")).await, Some(Role::View));
    let denied = home.run(&["share", "a", "--control"]).await;
    assert_fails(&denied, 1, "nobody can type into a", "--read-only");
    home.until("a", |info| info.read_only).await;
}
