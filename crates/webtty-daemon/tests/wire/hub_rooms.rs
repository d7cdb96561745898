//! The hub's rooms: a state first, then what changes, numbered, to those who may know.

use webtty_protocol::hub::{
    Change, HubMessage, RoomEvent, RoomRenamed, RoomSnapshot, UnsubscribedReason,
};
use webtty_protocol::live::LiveSessions;
use webtty_protocol::presence::Via;
use webtty_protocol::rest::{CreateSession, SessionState};
use webtty_protocol::{ErrorCode, Role, Room, SessionId};
use webtty_testkit::{TestDaemon, TestHub, TestViewer, within};

fn events(id: &SessionId) -> Room {
    Room::Events(id.clone())
}

fn presence(id: &SessionId) -> Room {
    Room::Presence(id.clone())
}

fn id(text: &str) -> SessionId {
    text.parse().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_subscribed_to_and_left() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    hub.enters(&events(&main)).await;
    let mut other = TestHub::open(&daemon.unix()).await;
    let publish = other.hub.publish(events(&main), 1.into()).await;
    publish.expect("asked");
    hub.sees("the event", is_published(1)).await;
    hub.hub.unsubscribe(events(&main)).await.expect("asked");
    let reason = hub.hears("the answer", unsubscribed(&events(&main))).await;
    assert_eq!(reason, UnsubscribedReason::Asked);
    let publish = other.hub.publish(events(&main), 2.into()).await;
    publish.expect("asked");
    other.hears("the answer", published).await;
    other.hears("the answer", published).await;
    hub.enters(&Room::Daemon).await;
    // Nothing of the second event came before what was asked for after it.
    let waits = hub.sees("an event", |change| Some(change.clone()));
    assert!(matches!(waits.await, Change::Health { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_comes_first_and_each_change_has_the_next_number() {
    let daemon = TestDaemon::start().await;
    daemon.run("old", "cat").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    let state = hub.subscribed(&Room::Sessions).await;
    let RoomSnapshot::Sessions { sessions } = state.snapshot else {
        panic!("another room's state");
    };
    assert_eq!(sessions.len(), 1);
    let mut told = Told {
        live: LiveSessions::new(sessions),
        seq: state.seq,
    };
    let client = daemon.unix();
    let script = "read x; printf '\\033]0;a title\\007'; read x; exit 3";
    let session = daemon.run("new", script).await;
    told.until(&mut hub, "created").await;
    told.until(&mut hub, "started").await;
    let mut viewer = TestViewer::v1(&client, &session, "?cols=100&rows=30").await;
    // It is among those who watch before it takes part in the choice of the size.
    told.until_all(&mut hub, &["resized", "watched"]).await;
    viewer.types("\n").await;
    told.until(&mut hub, "titled").await;
    let renamed = client.rename_session(&session, &id("other")).await;
    renamed.expect("renamed");
    told.until(&mut hub, "renamed").await;
    viewer.types("\n").await;
    told.until(&mut hub, "exited").await;
    viewer.ends().await;
    client.delete_session(&id("other")).await.expect("deleted");
    told.until(&mut hub, "removed").await;
    let listed = client.sessions().await.expect("a list");
    let known: Vec<_> = told.live.all().values().cloned().collect();
    assert_eq!(known, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_ends_is_told_to_exit_and_to_be_gone() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    hub.enters(&Room::Sessions).await;
    hub.enters(&events(&main)).await;
    hub.enters(&presence(&main)).await;
    let mut viewer = TestViewer::v1(&daemon.unix(), &main, "").await;
    viewer.types("exit 7\n").await;
    let exited = hub.sees("the end", |change| match change {
        Change::Exited { session } => Some(session.clone()),
        _ => None,
    });
    let exited = exited.await;
    assert_eq!(exited.exit.and_then(|exit| exit.code), Some(7));
    assert_eq!(exited.state, SessionState::Exited);
    let removed = hub.sees("that it is gone", |change| match change {
        Change::Removed { session } => Some(session.clone()),
        _ => None,
    });
    assert_eq!(removed.await, main);
    for room in [events(&main), presence(&main)] {
        let reason = hub.hears("the room's end", unsubscribed(&room)).await;
        assert_eq!(reason, UnsubscribedReason::Exited);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_resumed_by_number_and_epoch() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    for n in 1..=3 {
        let publish = hub.hub.publish(events(&main), n.into()).await;
        publish.expect("asked");
        assert_eq!(hub.hears("the answer", published).await, n);
    }
    let RoomSnapshot::Events { epoch, resumed } = hub.enters(&events(&main)).await else {
        panic!("another room's state");
    };
    assert!(!resumed, "nothing was asked for");
    let from = |since, epoch: &str| (Some(since), Some(epoch.to_owned()));
    for ((since, of), first, goes_on) in [
        (from(1, &epoch), 2, true),
        (from(1, "another"), 1, false),
        ((Some(9), None), 1, false),
        ((Some(2), None), 3, true),
    ] {
        let wish = hub.hub.subscribe_since(events(&main), since, of).await;
        let wish = wish.expect("asked");
        let state = hub.hears("the state", |message| match message {
            HubMessage::Subscribed(it) if it.id == Some(wish) => Some(it.clone()),
            _ => None,
        });
        let state = state.await;
        assert_eq!(state.seq + 1, first);
        assert!(
            matches!(state.snapshot, RoomSnapshot::Events { resumed, .. } if resumed == goes_on)
        );
        for seq in first..=3 {
            let event = hub.hears("an event", room_event).await;
            assert_eq!(event.seq, seq);
            assert!(matches!(event.event, Change::Published { data, .. } if data == seq));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_follows_its_session_through_a_rename() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let (view, to) = (daemon.token(Role::View, Some(&main)).await, id("other"));
    let mut hub = TestHub::open(&daemon.with_token(view).await).await;
    hub.enters(&events(&main)).await;
    hub.enters(&presence(&main)).await;
    hub.enters(&Room::Sessions).await;
    daemon
        .unix()
        .rename_session(&main, &to)
        .await
        .expect("renamed");
    for (from, to) in [
        (events(&main), events(&to)),
        (presence(&main), presence(&to)),
    ] {
        let renamed = hub.hears("the new name", |message| match message {
            HubMessage::Renamed(renamed) if renamed.from == from => Some(renamed.clone()),
            _ => None,
        });
        assert_eq!(
            renamed.await,
            RoomRenamed {
                from: from.clone(),
                to
            }
        );
    }
    let renamed = hub.sees("the new name", |change| match change {
        Change::Renamed { from, session } => Some((from.clone(), session.id.clone())),
        _ => None,
    });
    assert_eq!(renamed.await, (main.clone(), to.clone()));
    let user = hub.hears("what the credential is for", |message| match message {
        HubMessage::User(user) => Some(user.clone()),
        _ => None,
    });
    assert_eq!(user.await.session, Some(to.clone()));
    let mut other = TestHub::open(&daemon.unix()).await;
    let publish = other.hub.publish(events(&to), "x".into()).await;
    publish.expect("asked");
    let event = hub.hears("the event", |message| match message {
        HubMessage::Event(event) if event.room == events(&to) => Some(event.seq),
        _ => None,
    });
    assert_eq!(event.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_tells_who_watches_by_which_credential() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    hub.hub.name("the hall").await.expect("asked");
    let RoomSnapshot::Presence { clients } = hub.enters(&presence(&main)).await else {
        panic!("another room's state");
    };
    assert_eq!(clients.len(), 1, "itself");
    assert_eq!(clients[0].client, hub.connection());
    assert_eq!((clients[0].via, clients[0].role), (Via::Hub, Role::Admin));
    assert_eq!(clients[0].name.as_deref(), Some("the hall"));
    let token = daemon.token(Role::View, Some(&main)).await;
    let guest = daemon.with_token(token).await;
    let mut viewer = TestViewer::v1(&guest, &main, "").await;
    let came = hub.sees("a viewer", |change| match change {
        Change::Joined { client } => Some(client.clone()),
        _ => None,
    });
    let came = came.await;
    assert_eq!((came.via, came.role), (Via::Terminal, Role::View));
    viewer.says(r#"{"type":"name","name":"Ada\u0007"}"#).await;
    let named = hub.sees("a name", |change| match change {
        Change::Changed { client } => client.name.clone(),
        _ => None,
    });
    assert_eq!(named.await, "Ada");
    viewer
        .hears("its own name", |message| match message {
            webtty_protocol::pty::ServerMessage::Presence { count, clients } => {
                let named = clients.first().is_some_and(|who| who.name.is_some());
                named.then_some(*count)
            }
            _ => None,
        })
        .await;
    drop(viewer);
    let left = hub.sees("that it left", |change| match change {
        Change::Left { client } => Some(*client),
        _ => None,
    });
    assert_eq!(left.await, came.client);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_of_connections_is_told_to_who_may_administer() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut first = TestHub::open(&daemon.unix()).await;
    let second = TestHub::open(&daemon.unix()).await;
    let health = daemon.unix().health().await.expect("an answer");
    assert_eq!(health.connections, Some(2));
    let RoomSnapshot::Daemon { health } = first.enters(&Room::Daemon).await else {
        panic!("another room's state");
    };
    assert_eq!(health.connections, Some(2));
    drop(second);
    let one = first.sees("one fewer", |change| match change {
        Change::Health { health } if health.connections == Some(1) => Some(()),
        _ => None,
    });
    one.await;
    let token = daemon.token(Role::View, Some(&main)).await;
    let guest = daemon.with_token(token).await;
    let health = guest.health().await.expect("an answer");
    assert_eq!((health.connections, health.sessions), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_in_a_bounded_number_of_rooms() {
    let daemon = TestDaemon::start().await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    let most = webtty_protocol::limits::MAX_HUB_ROOMS;
    for n in 0..most {
        let session = daemon
            .create(CreateSession {
                id: Some(id(&format!("s{n}"))),
                ..CreateSession::default()
            })
            .await;
        hub.enters(&events(&session)).await;
    }
    hub.enters(&events(&id("s0"))).await;
    hub.hub.subscribe(Room::Sessions).await.expect("asked");
    let code = hub.hears("a refusal", |message| match message {
        HubMessage::Error(error) => Some(error.code),
        _ => None,
    });
    assert_eq!(code.await, ErrorCode::TooMany);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_retitles_all_the_time_is_told_in_steps_and_to_the_end() {
    let daemon = TestDaemon::start().await;
    let mut hub = TestHub::open(&daemon.unix()).await;
    hub.enters(&Room::Sessions).await;
    let script =
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); printf '\\033]0;t%s\\007' $i; done; cat";
    daemon.run("busy", script).await;
    let mut told = 0;
    let all = async {
        loop {
            let title = hub.sees("a title", |change| match change {
                Change::Titled { session } => session.title.clone(),
                _ => None,
            });
            told += 1;
            if title.await == "t20000" {
                return;
            }
        }
    };
    within("the last title", all).await;
    assert!(told < 10_000, "{told} titles were told");
}

/// The list of sessions as a client has it.
struct Told {
    live: LiveSessions,
    seq: u64,
}

impl Told {
    /// Takes events until one of this kind, each of which must fit what came before.
    async fn until(&mut self, hub: &mut TestHub, kind: &str) {
        self.until_all(hub, &[kind]).await;
    }

    /// The same, until one of each of these kinds, in any order.
    async fn until_all(&mut self, hub: &mut TestHub, kinds: &[&str]) {
        let mut missing = kinds.to_vec();
        while let Some(&kind) = missing.first() {
            let event = hub.hears(kind, room_event).await;
            assert_eq!((event.room, event.seq), (Room::Sessions, self.seq + 1));
            self.seq = event.seq;
            let change = event.event;
            assert!(self.live.apply(&change), "{change:?} does not fit");
            let value = serde_json::to_value(&change).expect("JSON");
            missing.retain(|kind| value["kind"] != *kind);
        }
    }
}

fn room_event(message: &HubMessage) -> Option<RoomEvent> {
    match message {
        HubMessage::Event(event) => Some(event.clone()),
        _ => None,
    }
}

fn published(message: &HubMessage) -> Option<u64> {
    match message {
        HubMessage::Published(published) => Some(published.seq),
        _ => None,
    }
}

fn is_published(wanted: u64) -> impl Fn(&Change) -> Option<()> {
    move |change| match change {
        Change::Published { data, .. } if *data == wanted => Some(()),
        _ => None,
    }
}

fn unsubscribed(room: &Room) -> impl Fn(&HubMessage) -> Option<UnsubscribedReason> {
    move |message| match message {
        HubMessage::Unsubscribed(it) if it.room == *room => Some(it.reason),
        _ => None,
    }
}
