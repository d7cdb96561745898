//! Which sessions' programs may write the clipboard: by the settings, or as it is said of one.

use webtty_daemon::Auth;
use webtty_protocol::pty::ServerMessage;
use webtty_protocol::rest::{ChangeSession, CreateSession};
use webtty_protocol::{Role, SessionId};
use webtty_testkit::{TestDaemon, TestViewer};

fn in_hello(message: &ServerMessage) -> Option<bool> {
    match message {
        ServerMessage::Hello(hello) => Some(hello.clipboard),
        _ => None,
    }
}

fn changed(message: &ServerMessage) -> Option<bool> {
    match message {
        ServerMessage::Clipboard { allowed } => Some(*allowed),
        _ => None,
    }
}

async fn made(daemon: &TestDaemon, clipboard: Option<bool>) -> SessionId {
    let wish = CreateSession {
        base_dir: Some("/".into()),
        clipboard,
        start: Some(true),
        ..CreateSession::default()
    };
    daemon.create(wish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_does_as_the_settings_say_unless_something_is_said_of_it() {
    for (settings, wanted, is) in [
        ("{}", None, false),
        ("{}", Some(true), true),
        (r#"{"clipboard": true}"#, None, true),
        (r#"{"clipboard": true}"#, Some(false), false),
    ] {
        let daemon = TestDaemon::start_with(Auth::None, settings).await;
        let session = made(&daemon, wanted).await;
        let info = daemon.unix().session(&session).await.expect("there");
        assert_eq!(info.clipboard, is, "{settings} {wanted:?}");
        let mut viewer = TestViewer::v1(&daemon.http(), &session, "").await;
        let told = viewer.hears("hello", in_hello).await;
        assert_eq!(told, is, "{settings} {wanted:?}");
        // What holds for new ones changes nothing about those there are.
        let other = format!(r#"{{"clipboard": {}}}"#, !is);
        std::fs::write(daemon.settings_path(), other).expect("written");
        let info = daemon.unix().session(&session).await.expect("there");
        assert_eq!(info.clipboard, is, "{settings} {wanted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_to_every_viewer_and_made_by_administrators_only() {
    let daemon = TestDaemon::start().await;
    let session = made(&daemon, None).await;
    let mut viewers = Vec::new();
    for role in [Role::Control, Role::View] {
        let token = daemon.token(role, Some(&session)).await;
        let client = daemon.with_token(token).await;
        let mut viewer = TestViewer::v1(&client, &session, "").await;
        assert!(!viewer.hears("hello", in_hello).await);
        viewers.push((client, viewer));
    }
    for allowed in [true, false] {
        let wish = ChangeSession {
            clipboard: Some(allowed),
            ..ChangeSession::default()
        };
        for (client, _) in &viewers {
            client
                .change_session(&session, &wish)
                .await
                .expect_err("who may type or look only decides nothing");
        }
        let info = daemon.unix().session(&session).await.expect("there");
        assert_eq!(info.clipboard, !allowed);
        let info = daemon.unix().change_session(&session, &wish).await;
        assert_eq!(info.expect("changed").clipboard, allowed);
        for (_, viewer) in &mut viewers {
            let told = |message: &ServerMessage| changed(message).map(|now| now == allowed);
            viewer.hears_last("the change", told).await;
        }
    }
}
