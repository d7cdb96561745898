//! The Rust client of the hub: it comes back by itself, in its rooms, where it was.

use std::path::PathBuf;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use webtty_client::{Client, Endpoint, HubNews, LastingHub};
use webtty_protocol::hub::{Change, HubMessage, RoomSnapshot};
use webtty_protocol::{Role, Room};
use webtty_testkit::{TestDaemon, within};

/// Something between a client and its daemon that can be cut.
struct Cable {
    _dir: tempfile::TempDir,
    path: PathBuf,
    cuts: watch::Sender<u64>,
}

impl Cable {
    fn to(daemon: &TestDaemon) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("cable.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let (cuts, cut) = watch::channel(0);
        let target = daemon.socket().to_owned();
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (target, mut cut) = (target.clone(), cut.clone());
                cut.mark_unchanged();
                #[expect(clippy::disallowed_methods, reason = "it ends when it is cut")]
                tokio::spawn(async move {
                    let mut far = UnixStream::connect(target).await.expect("the daemon");
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            _dir: dir,
            path,
            cuts,
        }
    }

    fn client(&self) -> Client {
        Client::new(Endpoint::Unix(self.path.clone()))
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn until<T>(hub: &mut LastingHub, what: &str, is: impl Fn(&HubNews) -> Option<T>) -> T {
    within(what, async {
        loop {
            let news = hub.next().await.expect("what trying again mends");
            if let Some(found) = is(&news) {
                return found;
            }
        }
    })
    .await
}

fn connected(news: &HubNews) -> Option<u64> {
    match news {
        HubNews::Connected { connection } => Some(*connection),
        _ => None,
    }
}

fn data(news: &HubNews) -> Option<(u64, u64)> {
    let HubNews::Message(message) = news else {
        return None;
    };
    match &**message {
        HubMessage::Event(event) => match &event.event {
            Change::Published { data, .. } => Some((event.seq, data.as_u64()?)),
            _ => None,
        },
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_break_the_rooms_go_on_where_they_were() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let room = Room::Events(main.clone());
    let cable = Cable::to(&daemon);
    let mut hub = cable.client().lasting_hub();
    hub.subscribe(room.clone()).await;
    let first = until(&mut hub, "the first connection", connected).await;
    let mut publisher = daemon.unix().hub().await.expect("a connection");
    let state = until(&mut hub, "the room", |news| match news {
        HubNews::Message(message) => match &**message {
            HubMessage::Subscribed(it) => Some(it.seq),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(state.await, 0);
    let mut number = 0;
    for _ in 0..5 {
        for _ in 0..10 {
            number += 1;
            let publish = publisher.publish(room.clone(), number.into()).await;
            publish.expect("asked");
            assert_eq!(until(&mut hub, "an event", data).await, (number, number));
        }
        cable.cut();
        let broken = |news: &HubNews| matches!(news, HubNews::Broken(_)).then_some(());
        until(&mut hub, "the break", broken).await;
        // Published while it is away.
        for _ in 0..10 {
            number += 1;
            let publish = publisher.publish(room.clone(), number.into()).await;
            publish.expect("asked");
        }
        let again = until(&mut hub, "that it is back", connected).await;
        assert_ne!(again, first);
        let resumed = until(&mut hub, "the room", |news| match news {
            HubNews::Message(message) => match &**message {
                HubMessage::Subscribed(it) => match it.snapshot {
                    RoomSnapshot::Events { resumed, .. } => Some(resumed),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
        assert!(resumed.await, "nothing was missed");
        for missed in number - 9..=number {
            assert_eq!(until(&mut hub, "an event", data).await, (missed, missed));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_trying_again_does_not_mend_is_an_error() {
    let daemon = TestDaemon::start().await;
    let stranger = daemon.http().lasting_hub().next().await;
    stranger.expect_err("there is no credential");
    let (key, token) = daemon.key_and_token(Role::View, None).await;
    let mut hub = daemon.with_token(token).await.lasting_hub();
    hub.subscribe(Room::Sessions).await;
    until(&mut hub, "the connection", connected).await;
    daemon.unix().revoke_key(&key).await.expect("revoked");
    let end = async {
        loop {
            if let Err(error) = hub.next().await {
                return error;
            }
        }
    };
    let error = within("the end", end).await;
    assert!(
        matches!(error, webtty_client::Error::Denied { .. }),
        "{error}"
    );
}
