//! What goes wrong.

use std::pin::Pin;
use std::process::Command;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use webtty_client::{AttachOptions, Error, Received};
use webtty_protocol::input::SessionInput;
use webtty_protocol::rest::CreateSession;

use crate::daemon::{Daemon, soon};
use crate::{Scale, terminals};

pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What lasts until the daemon has no more patience, by name.
pub(crate) fn silence(daemon: &Daemon, scale: Scale) -> Vec<(String, Running<'_>)> {
    let slow = scale.of(60, 500);
    let silent = scale.of(40, 500);
    vec![
        (
            format!("{slow} heads, a byte at a time"),
            Box::pin(slow_heads(daemon, slow)),
        ),
        (
            format!("{silent} silent peers, half of them sockets"),
            Box::pin(silent_peers(daemon, silent)),
        ),
    ]
}

/// All else, by name. Who reads here is not sent away for having to wait for a processor.
pub(crate) fn all(daemon: &Daemon, scale: Scale) -> Vec<(String, Running<'_>)> {
    let resets = scale.of(300, 10_000);
    let held = scale.of(100, 4_000);
    let churn = scale.of(150, 10_000);
    let megabytes = scale.of(20, 100);
    let rounds = scale.of(1, 5);
    let mut all: Vec<(String, Running<'_>)> = vec![
        (
            format!("{resets} resets in the middle of a frame"),
            Box::pin(resets_in_a_frame(daemon, resets)),
        ),
        (
            format!("{held} viewers of one session, at one time"),
            Box::pin(many_viewers(daemon, held)),
        ),
        (
            format!("`yes` in 4 sessions, 16 viewers, {megabytes} MB each"),
            Box::pin(floods(daemon, megabytes)),
        ),
        (
            format!("no descriptor for a connection, rounds: {rounds}"),
            Box::pin(no_descriptors(daemon, rounds)),
        ),
        (
            format!("no descriptor for a terminal, rounds: {rounds}"),
            Box::pin(no_terminals(daemon, rounds)),
        ),
        (
            format!("{churn} sessions, made and ended"),
            Box::pin(sessions_come_and_go(daemon, churn)),
        ),
    ];
    if daemon.has_terminals {
        let name = format!("no pseudo-terminal, rounds: {rounds}");
        all.push((name, Box::pin(terminals::none_left(daemon, rounds))));
    }
    all
}

/// What a daemon allocates once is there after this.
pub(crate) async fn warm_up(daemon: &Daemon) {
    sessions_come_and_go(daemon, 20).await;
    daemon.serves().await;
}

/// A masked binary frame of 1,000 bytes that breaks off after 100, and a text frame likewise.
const PARTS: [&[u8]; 2] = [
    b"\x82\xfe\x03\xe8\x01\x02\x03\x04",
    b"\x81\xfe\x03\xe8\x01\x02\x03\x04",
];

async fn resets_in_a_frame(daemon: &Daemon, count: usize) {
    let session = daemon.session("exec cat").await;
    for piece in 0..count.div_ceil(50) {
        let session = &session;
        let many = (0..50.min(count - piece * 50)).map(|n| async move {
            let mut stream = daemon.terminal(session).await;
            let part = [PARTS[n % 2], &[b'x'; 100]].concat();
            stream.write_all(&part).await.expect("sent");
            // Closing with nothing waited for sends a RST instead of a FIN.
            stream.set_zero_linger().expect("set");
        });
        join_all(many).await;
    }
    daemon.end(&session).await;
}

/// Heads that never end, while others are served.
async fn slow_heads(daemon: &Daemon, count: usize) {
    let slow = (0..count).map(|_| async {
        let mut stream = TcpStream::connect(daemon.address).await.expect("connected");
        let (mut reading, mut writing) = stream.split();
        let drip = async {
            let head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".iter();
            for &byte in head.chain(std::iter::repeat(&b'y')) {
                if writing.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        let mut answer = Vec::new();
        tokio::select! {
            _ = reading.read_to_end(&mut answer) => {}
            () = drip => {}
        }
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408 "));
    });
    let all = async {
        join_all(slow).await;
    };
    let others = async {
        for _ in 0..20 {
            assert_eq!(daemon.ask().await, 200, "others are served meanwhile");
        }
    };
    let both = soon(async { tokio::join!(all, others) });
    both.await.expect("all are closed");
}

/// Peers from which nothing comes any more: half-open connections, as they look from here.
async fn silent_peers(daemon: &Daemon, count: usize) {
    let session = daemon.session("exec cat").await;
    let mut silent = Vec::new();
    for n in 0..count {
        silent.push(if n % 2 == 0 {
            daemon.terminal(&session).await
        } else {
            TcpStream::connect(daemon.address).await.expect("connected")
        });
    }
    // Nothing is answered to its pings, and nothing said; it hangs up on each.
    let ends = silent.into_iter().map(|mut stream| async move {
        let mut rest = Vec::new();
        let _reset = stream.read_to_end(&mut rest).await;
    });
    soon(join_all(ends)).await.expect("all are closed");
    daemon.end(&session).await;
}

/// About as many connections as there may be, held at one time: all of them hear what is typed.
async fn many_viewers(daemon: &Daemon, count: usize) {
    let session = daemon.session("exec cat").await;
    let mut viewers = Vec::new();
    for piece in 0..count.div_ceil(50) {
        let some = (0..50.min(count - piece * 50)).map(|_| daemon.terminal(&session));
        viewers.extend(join_all(some).await);
    }
    let info = daemon.client.session(&session).await.expect("it is there");
    assert_eq!(info.viewers, count);
    daemon.serves().await;
    let typed = SessionInput {
        text: Some("heard\n".to_owned()),
        ..SessionInput::default()
    };
    daemon
        .client
        .type_into(&session, &typed)
        .await
        .expect("typed");
    let hear = viewers.iter_mut().map(|viewer| async move {
        let mut seen = Vec::new();
        while !seen.windows(5).any(|word| word == b"heard") {
            assert!(viewer.read_buf(&mut seen).await.expect("output") > 0);
        }
    });
    soon(join_all(hear)).await.expect("all have heard it");
    drop(viewers);
    daemon.end(&session).await;
}

/// Four floods with four viewers each: one that reads all, one that acknowledges nothing, one that
/// reads nothing, one that comes and goes.
async fn floods(daemon: &Daemon, megabytes: usize) {
    let one = || async {
        let session = daemon.session("exec yes").await;
        let options = AttachOptions {
            size: Some((80, 24)),
            ..AttachOptions::default()
        };
        let mut attached = daemon
            .client
            .attach(&session, options)
            .await
            .expect("attached");
        let mut unacknowledged = daemon.terminal(&session).await;
        let unread = daemon.terminal(&session).await;
        let reads = async {
            let mut seen = 0;
            while seen < megabytes as u64 * 1_000_000 {
                match attached.output.next().await.expect("output") {
                    Received::Bytes(bytes) => {
                        seen += bytes.len() as u64;
                        attached.input.ack(seen).await.expect("told");
                    }
                    Received::Message(_) => {}
                    unexpected => panic!("{unexpected:?}"),
                }
            }
        };
        let comes_and_goes = async {
            loop {
                let mut stream = daemon.terminal(&session).await;
                let mut piece = vec![0; 64 * 1024];
                let _some = stream.read(&mut piece).await;
            }
        };
        let takes = async {
            let mut rest = vec![0; 64 * 1024];
            while unacknowledged
                .read(&mut rest)
                .await
                .is_ok_and(|read| read > 0)
            {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = reads => {}
            () = comes_and_goes => {}
            () = takes => {}
        }
        drop(unread);
        daemon.end(&session).await;
    };
    let all = soon(join_all((0..4).map(|_| one())));
    all.await.expect("who reads all has it in time");
}

/// Sets the soft limit of the daemon's descriptors.
fn limit(daemon: &Daemon, descriptors: usize) {
    let status = Command::new("prlimit")
        .args(["--pid", &daemon.pid().to_string()])
        .arg(format!("--nofile={descriptors}:"))
        .status()
        .expect("prlimit, of util-linux");
    assert!(status.success());
}

/// The highest descriptor that the daemon has open.
fn highest(daemon: &Daemon) -> usize {
    let entries = std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).expect("it runs");
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.max().expect("some")
}

const MANY_DESCRIPTORS: usize = 4096;

async fn no_descriptors(daemon: &Daemon, rounds: usize) {
    for _ in 0..rounds {
        limit(daemon, highest(daemon) + 8);
        let mut held = Vec::new();
        let refused = soon(async {
            loop {
                // One that is asked and stays, so that its descriptor does.
                let (status, stream) = daemon.ask_and_stay().await;
                if status != 200 {
                    assert_eq!(status, 503);
                    break;
                }
                held.push(stream);
            }
        });
        refused.await.expect("at some number there is no other");
        limit(daemon, MANY_DESCRIPTORS);
        drop(held);
        let again = soon(async { while daemon.ask().await != 200 {} });
        again.await.expect("it goes on");
    }
}

/// Sessions until there is no descriptor for the terminal of another: that is told, and those there
/// are go on.
async fn no_terminals(daemon: &Daemon, rounds: usize) {
    for _ in 0..rounds {
        limit(daemon, highest(daemon) + 40);
        let wish = CreateSession {
            cmd: Some(vec!["/bin/cat".to_owned()]),
            base_dir: Some("/".into()),
            ..CreateSession::default()
        };
        let mut made = Vec::new();
        let refused = soon(async {
            loop {
                match daemon.client.create_session(&wish).await {
                    Ok(session) => made.push(session.id),
                    Err(Error::Refused { status, .. }) => return status,
                    // There may be none for a connection either.
                    Err(_) => return 503,
                }
            }
        });
        let refused = refused.await.expect("at some number there is no other");
        assert_eq!(refused, 503);
        limit(daemon, MANY_DESCRIPTORS);
        for session in &made {
            daemon.end(session).await;
        }
        assert!(!made.is_empty());
        let session = daemon.session("exec cat").await;
        daemon.end(&session).await;
    }
}

/// Sessions, eight at a time, every other of them looked at.
async fn sessions_come_and_go(daemon: &Daemon, count: usize) {
    for piece in 0..count.div_ceil(8) {
        let some = (0..8.min(count - piece * 8)).map(|n| async move {
            let session = daemon.session("echo here; exec cat").await;
            if n % 2 == 0 {
                let options = AttachOptions::default();
                let attached = daemon.client.attach(&session, options).await;
                let mut attached = attached.expect("attached");
                attached.input.send("x\n").await.expect("typed");
                let _first = attached.output.next().await.expect("something");
            }
            daemon.end(&session).await;
        });
        soon(join_all(some)).await.expect("they come and go");
    }
}
