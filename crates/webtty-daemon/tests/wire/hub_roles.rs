//! The hub's authenticator: who is behind a connection, and what each message may do.

use serde_json::json;
use webtty_client::Error;
use webtty_protocol::hub::{Change, HubMessage, RoomSnapshot};
use webtty_protocol::{ErrorCode, Role, Room, SessionId};
use webtty_testkit::{TestDaemon, TestHub, TestViewer, within};

fn room(text: &str) -> Room {
    text.parse().expect("a room")
}

fn error(message: &HubMessage) -> Option<ErrorCode> {
    match message {
        HubMessage::Error(error) => Some(error.code),
        _ => None,
    }
}

async fn hub_for(daemon: &TestDaemon, role: Role, session: Option<&SessionId>) -> TestHub {
    let token = daemon.token(role, session).await;
    TestHub::open(&daemon.with_token(token).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_an_identity_and_without_one_there_is_none() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let denied = daemon.http().hub().await;
    assert!(matches!(denied, Err(Error::Denied { .. })));
    let hub = hub_for(&daemon, Role::Control, Some(&main)).await;
    let user = &hub.hub.welcome().user;
    assert_eq!(
        (user.role, user.session.as_ref()),
        (Role::Control, Some(&main))
    );
    let owner = TestHub::open(&daemon.unix()).await;
    let user = &owner.hub.welcome().user;
    assert_eq!((user.role, user.session.as_ref()), (Role::Admin, None));
    assert_ne!(owner.connection(), hub.connection());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_what_it_may_in_its_own_session_only() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    daemon.shell("other").await;
    let rooms = [
        "sessions",
        "daemon",
        "session/main/events",
        "session/main/presence",
        "session/other/events",
        "session/other/presence",
        "session/none/events",
    ];
    for (role, allowed, publishes) in [
        (
            Role::View,
            [true, true, true, true, false, false, false],
            false,
        ),
        (
            Role::Control,
            [true, true, true, true, false, false, false],
            true,
        ),
        (
            Role::Publish,
            [false, false, true, false, false, false, false],
            true,
        ),
    ] {
        let mut hub = hub_for(&daemon, role, Some(&main)).await;
        for (name, allowed) in rooms.iter().zip(allowed) {
            hub.hub.subscribe(room(name)).await.expect("asked");
            let answer = hub.hears("an answer", |message| match message {
                HubMessage::Subscribed(_) => Some(None),
                other => error(other).map(Some),
            });
            let expected = (!allowed).then_some(ErrorCode::Forbidden);
            assert_eq!(answer.await, expected, "{role:?} and {name}");
        }
        for (name, allowed) in [("main", publishes), ("other", false)] {
            let events = Room::Events(name.parse().expect("an id"));
            hub.hub.publish(events, json!(1)).await.expect("asked");
            let answer = hub.hears("an answer", |message| match message {
                HubMessage::Published(_) => Some(None),
                other => error(other).map(Some),
            });
            let expected = (!allowed).then_some(ErrorCode::Forbidden);
            assert_eq!(answer.await, expected, "{role:?} into {name}");
        }
    }
    let mut owner = TestHub::open(&daemon.unix()).await;
    for name in ["session/none/events", "session/none/presence"] {
        owner.hub.subscribe(room(name)).await.expect("asked");
        assert_eq!(
            owner.hears("a refusal", error).await,
            ErrorCode::NoSuchSession
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_scoped_to_a_session_is_told_of_no_other() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    daemon.shell("before").await;
    let mut hub = hub_for(&daemon, Role::View, Some(&main)).await;
    let RoomSnapshot::Sessions { sessions } = hub.enters(&Room::Sessions).await else {
        panic!("another room's state");
    };
    let ids: Vec<_> = sessions.into_iter().map(|info| info.id).collect();
    assert_eq!(ids, std::slice::from_ref(&main));
    daemon.shell("after").await;
    let client = daemon.unix();
    let then = "then".parse().expect("an id");
    let renamed = client.rename_session(&main, &then);
    renamed.await.expect("renamed");
    let first = hub.hears("the first event", |message| match message {
        HubMessage::Event(event) => Some(event.clone()),
        _ => None,
    });
    let first = first.await;
    assert_eq!(first.seq, 1, "what is kept from it is not counted either");
    let text = serde_json::to_string(&first).expect("JSON");
    assert!(
        text.contains("\"renamed\"") && text.contains("\"then\""),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_credential_closes_its_connections() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let (key, token) = daemon.key_and_token(Role::View, Some(&main)).await;
    let mut hub = TestHub::open(&daemon.with_token(token).await).await;
    let mut other = hub_for(&daemon, Role::View, Some(&main)).await;
    daemon.unix().revoke_key(&key).await.expect("revoked");
    assert_eq!(hub.ends().await.0, 4003);
    other.enters(&Room::Sessions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ends_with_its_session_hears_the_end_of_it() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut hub = hub_for(&daemon, Role::View, Some(&main)).await;
    hub.enters(&Room::Events(main.clone())).await;
    let client = daemon.unix();
    let done = client.publish(&main, &b"\"done\"\n"[..]).await;
    done.expect("published");
    let mut owner = TestViewer::v1(&client, &main, "").await;
    owner.types("exit\r").await;
    let published = hub.sees("the last event", |change| match change {
        Change::Published { data, .. } => Some(data == "done"),
        _ => None,
    });
    assert!(published.await);
    assert_eq!(hub.ends().await.0, 4001);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_credential_closes_its_connections() {
    let daemon = TestDaemon::start().await;
    let client = daemon.unix();
    let wish = webtty_protocol::rest::CreateKey {
        role: Role::View,
        session: None,
        ttl_seconds: Some(2),
        uses: None,
        label: Some("for a moment".into()),
    };
    // On a busy machine its time may be over before it is used.
    let mut hub = within("a hub in time", async {
        loop {
            let key = client.create_key(&wish).await.expect("a key");
            let Ok(reply) = client.login(&key.key).await else {
                continue;
            };
            if let Ok(hub) = daemon.with_token(reply.token).await.hub().await {
                return TestHub::over(hub);
            }
        }
    })
    .await;
    let label = hub.hub.welcome().user.label.as_deref();
    assert_eq!(label, Some("for a moment"));
    assert_eq!(hub.ends().await.0, 4003);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_is_sent_to_by_its_number() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let other = daemon.shell("other").await;
    let mut sender = hub_for(&daemon, Role::Control, Some(&main)).await;
    let mut receiver = TestHub::open(&daemon.unix()).await;
    let mut stranger = hub_for(&daemon, Role::View, Some(&other)).await;
    let send = sender.hub.send(receiver.connection(), json!(1)).await;
    send.expect("asked");
    let unknown = ErrorCode::NoSuchConnection;
    assert_eq!(
        sender.hears("a refusal", error).await,
        unknown,
        "not there yet"
    );
    receiver.enters(&Room::Events(main.clone())).await;
    let event = json!({ "for": "you", "n": [1.5] });
    let send = sender.hub.send(receiver.connection(), event.clone()).await;
    let id = send.expect("asked");
    let sent = sender.hears("the answer", |message| match message {
        HubMessage::Sent(sent) => Some((sent.id, sent.to)),
        _ => None,
    });
    assert_eq!(sent.await, (Some(id), receiver.connection()));
    let got = receiver.hears("the message", |message| match message {
        HubMessage::Message(direct) => Some((direct.from, direct.event.clone())),
        _ => None,
    });
    assert_eq!(got.await, (sender.connection(), event));
    for to in [stranger.connection(), 999_999] {
        sender.hub.send(to, json!(1)).await.expect("asked");
        assert_eq!(sender.hears("a refusal", error).await, unknown);
    }
    let send = stranger.hub.send(stranger.connection(), json!(1)).await;
    send.expect("asked");
    let refused = stranger.hears("a refusal", error).await;
    assert_eq!(
        refused,
        ErrorCode::Forbidden,
        "who may only look sends nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_needs_a_room_that_takes_events_and_a_shell() {
    let daemon = TestDaemon::start_open().await;
    let idle = daemon
        .create(webtty_protocol::rest::CreateSession::default())
        .await;
    let mut hub = TestHub::open(&daemon.http()).await;
    for (to, code) in [
        (Room::Events(idle.clone()), ErrorCode::PtyNotRunning),
        (Room::Presence(idle), ErrorCode::BadRequest),
        (Room::Sessions, ErrorCode::BadRequest),
        (room("session/none/events"), ErrorCode::NoSuchSession),
    ] {
        let id = hub.hub.publish(to.clone(), json!(1)).await.expect("asked");
        let refused = hub.hears("a refusal", |message| match message {
            HubMessage::Error(error) => Some((error.id, error.room.clone(), error.code)),
            _ => None,
        });
        let refused = within("the refusal", refused).await;
        assert_eq!(refused, (Some(id), Some(to), code));
    }
}
