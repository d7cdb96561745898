//! `webtty config` and `webtty key`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;

use crate::harness::{Home, assert_fails};

const FILE: &str = ".config/webtty/config.json";

#[tokio::test]
async fn settings_are_shown_and_changed_one_at_a_time() {
    let home = Home::new();
    let path = home.path().join(FILE);
    let said = home.ok(&["config", "path"]).await;
    assert_eq!(said.stdout, format!("{}\n", path.display()));
    assert_eq!(
        home.ok(&["config", "get", "fontSize"]).await.stdout,
        "14.0\n"
    );
    assert!(!path.exists(), "looking makes no file");

    home.ok(&["config", "set", "fontSize", "16"]).await;
    home.ok(&["config", "set", "theme.red", "#f00"]).await;
    home.ok(&["config", "set", "fontFamily", "Fira Code"]).await;
    // A text that looks like a number.
    home.ok(&["config", "set", "env.LEVEL", "3"]).await;
    let text = fs::read_to_string(&path).expect("written");
    let wanted = "{\n  \"fontSize\": 16,\n  \"theme\": { \"red\": \"#f00\" },\n  \
        \"fontFamily\": \"Fira Code\",\n  \"env\": { \"LEVEL\": \"3\" }\n}\n";
    assert_eq!(text, wanted);
    let mode = |path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(
        (
            mode(path.as_path()),
            mode(path.parent().expect("a directory"))
        ),
        (0o600, 0o700)
    );
    assert_eq!(
        home.ok(&["config", "get", "theme.red"]).await.stdout,
        "#f00\n"
    );
    let shown = home.ok(&["config", "show"]).await.stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        (&shown["fontSize"], &shown["cols"]),
        (&16.0.into(), &80.into())
    );
    assert_eq!(shown["limits"]["sessions"], 256);

    let said = home.run(&["config", "get", "fontsize"]).await;
    assert_fails(&said, 2, "no setting fontsize", "config show");
    for (key, value) in [
        ("fontsize", "3"),
        ("cols", "wide"),
        ("cols.x", "1"),
        ("theme", "7"),
    ] {
        let said = home.run(&["config", "set", key, value]).await;
        assert_eq!(said.code, Some(2), "{key}: {said:?}");
    }
    assert_eq!(
        fs::read_to_string(&path).expect("there"),
        wanted,
        "nothing was changed"
    );
}

#[tokio::test]
async fn a_broken_file_is_never_overwritten_and_a_link_stays_one() {
    let home = Home::new();
    let path = home.path().join(FILE);
    fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    let real = home.path().join("dotfiles.json");
    symlink(&real, &path).expect("linked");
    let broken = "{\n  \"cols\": 90,\n}\n";
    fs::write(&real, broken).expect("written");
    let said = home.run(&["config", "set", "cols", "100"]).await;
    assert_fails(&said, 78, "line 3", "config edit");
    assert_fails(&home.run(&["config", "show"]).await, 78, "line 3", "");
    assert_eq!(fs::read_to_string(&real).expect("there"), broken);

    fs::write(&real, "{\"cols\": 90}").expect("written");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o644)).expect("set");
    home.ok(&["config", "set", "cols", "100"]).await;
    assert_eq!(fs::read_to_string(&real).expect("there"), "{\"cols\": 100}");
    assert!(path.is_symlink());
    assert_eq!(
        fs::metadata(&real).expect("there").permissions().mode() & 0o777,
        0o644
    );
}

#[tokio::test]
async fn an_editor_opens_the_file_and_what_it_left_is_checked() {
    let home = Home::new();
    let editor = home.path().join("editor");
    let script = "#!/bin/sh\necho \"$1\" > said\nprintf '%s' \"$2\" > /dev/null\necho '{\"cols\": 9x}' > \"$2\"\n";
    fs::write(&editor, script).expect("written");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("set");
    let run = async |editor: String| {
        let mut command = home.command(&["config", "edit"]);
        command.env("EDITOR", editor);
        crate::harness::finish(command.spawn().expect("spawned")).await
    };
    let said = run(format!("{} --wait", editor.display())).await;
    assert_fails(&said, 78, "line 1", "config edit");
    assert_eq!(
        fs::read_to_string(home.path().join("said")).expect("there"),
        "--wait\n"
    );
    assert_fails(
        &run("false".to_owned()).await,
        1,
        "the editor false ended",
        "$EDITOR",
    );
    home.run(&["config", "set", "cols", "90"]).await;
    fs::write(home.path().join(FILE), "{\"cols\": 90}").expect("written");
    let said = run("true".to_owned()).await;
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (Some(0), "the settings are valid\n")
    );
}

#[tokio::test]
async fn the_schema_takes_what_the_daemon_takes() {
    let home = Home::new();
    let schema = home.ok(&["config", "schema"]).await.stdout;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let known = schema["properties"].as_object().expect("properties");
    let shown = home.ok(&["config", "show"]).await.stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    for key in shown.as_object().expect("an object").keys() {
        let description = &known[key]["description"];
        assert!(
            description.is_string() || known[key].get("$ref").is_some(),
            "{key} says nothing"
        );
    }
    assert_eq!(schema["additionalProperties"], false);
    assert!(known.contains_key("$schema"));
}

#[tokio::test]
async fn key_shows_what_keys_send() {
    let home = Home::new();
    assert_fails(&home.run(&["key"]).await, 2, "here is none", "");
    home.session("keys", &[env!("CARGO_BIN_EXE_webtty"), "key"])
        .await;
    home.ok(&["wait", "keys", "--text", "for `send`", "--timeout", "60s"])
        .await;
    for (key, shown) in [
        (
            "C-c",
            r#"^C                   "\u0003"                 C-c"#,
        ),
        (
            "M-Enter",
            r#"ESC CR               "\u001b\r"               M-Enter"#,
        ),
    ] {
        home.ok(&["send", "-s", "keys", key]).await;
        home.ok(&["wait", "keys", "--text", shown, "--timeout", "60s"])
            .await;
    }
    home.ok(&["send", "-s", "keys", "q"]).await;
    assert_eq!(home.run(&["wait", "keys", "--exit"]).await.code, Some(0));
}
