//! How much may be on its way: output to a viewer that acknowledges nothing, input to a program that
//! reads nothing, lines of a publisher from elsewhere.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::time::sleep_until;
use webtty_client::{AttachOptions, Attachment, EventMessage, Published, Received};
use webtty_daemon::Auth;
use webtty_daemon::limits::{FIRST_IN_FLIGHT_BYTES, LAG_BYTES};
use webtty_protocol::SessionId;
use webtty_protocol::limits::WINDOW_BYTES;
use webtty_testkit::{RawSocket, TestDaemon, TestViewer, client_frame, within};

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const V1: &str = "Sec-WebSocket-Protocol: webtty.v1\r\n";

/// A v1 viewer that acknowledges only what it is told to.
struct Silent {
    socket: RawSocket,
    /// Terminal bytes that have come.
    bytes: u64,
    /// Messages that have come.
    messages: Vec<String>,
    /// How many times it has asked for an answer.
    asked: u32,
}

impl Silent {
    async fn open(daemon: &TestDaemon, session: &SessionId) -> Self {
        let path = format!("/ws/{session}/pty");
        let socket = RawSocket::open(daemon.address(), &path, V1).await;
        Self {
            socket,
            bytes: 0,
            messages: Vec::new(),
            asked: 0,
        }
    }

    async fn says(&mut self, text: &str) {
        self.socket.send(&client_frame(TEXT, text.as_bytes())).await;
    }

    async fn types(&mut self, bytes: &[u8]) {
        self.socket.send(&client_frame(BINARY, bytes)).await;
    }

    /// Takes one frame.
    async fn step(&mut self) {
        let frame = self.socket.next().await.expect("more");
        match frame.opcode {
            1 => {
                let text = String::from_utf8(frame.payload).expect("text");
                self.messages.push(text);
            }
            2 => self.bytes += frame.payload.len() as u64,
            _ => {}
        }
    }

    /// Waits until a message that contains this has come.
    async fn hears(&mut self, what: &str) {
        within(what, async {
            while !self.messages.iter().any(|message| message.contains(what)) {
                self.step().await;
            }
        })
        .await;
    }

    /// Waits for a snapshot with this reason, and gives how many bytes it has.
    async fn hears_snapshot(&mut self, reason: &str) -> u64 {
        let reason = format!(r#""reason":"{reason}""#);
        self.hears(&reason).await;
        let message = self.messages.iter().find(|one| one.contains(&reason));
        let message = message.expect("it has just come");
        let message: serde_json::Value = serde_json::from_str(message).expect("JSON");
        message["bytes"].as_u64().expect("a number")
    }

    /// Waits until so many bytes have come in all.
    async fn gets(&mut self, bytes: u64) {
        within("output", async {
            while self.bytes < bytes {
                self.step().await;
            }
        })
        .await;
    }

    /// Waits until it is answered, and by then would have been sent what may be sent.
    async fn is_answered(&mut self) {
        for _ in 0..3 {
            self.asked += 1;
            let t = self.asked;
            self.says(&format!(r#"{{"type":"ping","t":{t}}}"#)).await;
            self.hears(&format!("\"t\":{t}.0")).await;
        }
    }

    async fn acks(&mut self) {
        let ack = format!(r#"{{"type":"ack","bytes":{}}}"#, self.bytes);
        self.says(&ack).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_in_flight_and_who_is_a_mebibyte_behind_gets_a_snapshot() {
    for (beyond, lags) in [(0, false), (1, true)] {
        let daemon = TestDaemon::start_open().await;
        let output = WINDOW_BYTES + LAG_BYTES + beyond;
        // What fills the window, and then, once it is full, what comes beyond it.
        let script = format!(
            "stty raw -echo; printf ready; head -c1 >/dev/null; \
             head -c {WINDOW_BYTES} /dev/zero | tr '\\0' x; head -c1 >/dev/null; \
             head -c {} /dev/zero | tr '\\0' x; exec cat",
            LAG_BYTES + beyond
        );
        let session = daemon.run("main", &script).await;
        let mut other = TestViewer::v1(&daemon.http(), &session, "").await;
        other.sees("ready").await;
        let mut silent = Silent::open(&daemon, &session).await;
        // The screen is acknowledged, once it has come whole.
        let screen = silent.hears_snapshot("join").await;
        silent.gets(screen).await;
        silent.acks().await;
        let before = silent.bytes;
        silent.messages.clear();
        // Whoever types is told of output first, so that it is behind by what the other has seen.
        silent.types(b"g").await;
        silent.gets(before + WINDOW_BYTES).await;
        silent.types(b"g").await;
        within("all of the output", async {
            while other.offset < output + 5 {
                assert!(other.step().await);
            }
        })
        .await;
        silent.is_answered().await;
        assert_eq!(silent.bytes - before, WINDOW_BYTES, "not a byte more");
        silent.acks().await;
        if lags {
            let picture = silent.hears_snapshot("lagged").await;
            assert!(picture < 16 * 1024, "{picture} bytes for a screen");
            silent.gets(before + WINDOW_BYTES + picture).await;
            silent.is_answered().await;
            let seen = silent.bytes - before - WINDOW_BYTES;
            assert_eq!(seen, picture, "not a byte more before it is acknowledged");
            silent.acks().await;
            let whole = silent.hears_snapshot("caught-up").await;
            assert!(whole > 500_000, "{whole} bytes with ten thousand lines");
            let known = silent.bytes;
            silent.gets(known + whole.min(WINDOW_BYTES)).await;
        } else {
            within("the rest", async {
                while silent.bytes < before + output {
                    silent.step().await;
                    if silent.bytes >= before + WINDOW_BYTES * 3 / 2 {
                        silent.acks().await;
                    }
                }
            })
            .await;
            let lagged = silent.messages.iter().any(|one| one.contains("snapshot"));
            assert!(!lagged, "every byte came as it was");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_slow_line_no_more_is_on_its_way_than_it_carries_soon() {
    // What its line carries in a millisecond, how far away it is, and what is written.
    const RATE: u64 = 300;
    const BACK: Duration = Duration::from_millis(40);
    const OUTPUT: u64 = 600_000;
    let daemon = TestDaemon::start_open().await;
    let script =
        format!("stty raw -echo; echo ready; read line; head -c {OUTPUT} /dev/zero; exec cat");
    let session = daemon.run("main", &script).await;
    let client = daemon.http();
    let attached = client.attach(&session, AttachOptions::default()).await;
    let Attachment {
        mut input,
        mut output,
        ..
    } = attached.expect("attached");
    let (mut came, mut acknowledged, mut most) = (0, 0, 0);
    // When its terminal has taken what has come, and what it is to say then.
    let mut free = Instant::now();
    let mut says = VecDeque::new();
    within("all of it", async {
        while acknowledged < OUTPUT {
            let due = says.front().map_or_else(Instant::now, |&(due, _)| due);
            tokio::select! {
                received = output.next() => if let Received::Bytes(bytes) = received.expect("more") {
                    if came == 0 {
                        input.send("\n").await.expect("typed");
                    }
                    came += bytes.len() as u64;
                    free = free.max(Instant::now()) + Duration::from_millis(bytes.len() as u64 / RATE);
                    says.push_back((free + BACK, came));
                },
                () = sleep_until(due.into()), if !says.is_empty() => {
                    (_, acknowledged) = says.pop_front().expect("it is due");
                    input.ack(acknowledged).await.expect("told");
                }
            }
            if acknowledged > OUTPUT / 3 {
                most = most.max(came - acknowledged);
            }
        }
    })
    .await;
    // 42 KB are what is there for 140 ms.
    assert!(
        most < FIRST_IN_FLIGHT_BYTES * 3 / 4,
        "{most} bytes are on their way"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acknowledges_nothing_after_the_end_keeps_nothing_alive() {
    let settings = r#"{"shell": "/bin/sh", "limits": {"writeTimeoutMs": 50}}"#;
    let daemon = TestDaemon::start_with(Auth::None, settings).await;
    let bytes = WINDOW_BYTES + 1000;
    let script = format!("head -c1; head -c {bytes} /dev/zero");
    let session = daemon.run("main", &script).await;
    let mut silent = Silent::open(&daemon, &session).await;
    silent.hears("\"snapshot\"").await;
    silent.types(b"\n").await;
    let code = within("the end", silent.socket.close_code()).await;
    assert_eq!(code, Some(4009));
}

#[tokio::test(flavor = "multi_thread")]
async fn input_beyond_its_limit_waits_in_its_socket_and_output_goes_on() {
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; while [ ! -e \"$READ\" ]; do echo tick; sleep 0.01; done; \
                  exec cat > /dev/null";
    let dir = tempfile::tempdir().expect("a directory");
    let read = dir.path().join("read");
    let session = daemon
        .create(webtty_protocol::rest::CreateSession {
            cmd: Some(["/bin/sh", "-c", script].map(str::to_owned).to_vec()),
            base_dir: Some("/".into()),
            env: [("READ".to_owned(), read.to_string_lossy().into_owned())].into(),
            ..webtty_protocol::rest::CreateSession::default()
        })
        .await;
    let mut socket = Silent::open(&daemon, &session).await;
    socket.hears("\"snapshot\"").await;
    let piece = client_frame(BINARY, &[b'x'; 64 * 1024]);
    for _ in 0..4 {
        socket.socket.send(&piece).await;
    }
    socket.says(r#"{"type":"ping","t":1}"#).await;
    socket.hears("\"t\":1.0").await;
    // What the kernel takes of it is less than as much again.
    for _ in 0..4 {
        socket.socket.send(&piece).await;
    }
    socket.says(r#"{"type":"ping","t":2}"#).await;
    socket.gets(socket.bytes + 200).await;
    let answered = socket.messages.iter().any(|one| one.contains("\"t\":2.0"));
    assert!(!answered, "its socket is not read, and is written");
    std::fs::write(&read, "").expect("written");
    socket.hears("\"t\":2.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_from_elsewhere_is_slowed_down_and_loses_nothing() {
    const A_SECOND: u32 = 500;
    let limits = format!(r#"{{"publishedLinesASecond": {A_SECOND}, "loopbackToo": true}}"#);
    let settings = format!(r#"{{"shell": "/bin/sh", "limits": {limits}}}"#);
    let daemon = TestDaemon::start_with(Auth::None, &settings).await;
    let session = daemon.shell("main").await;
    let mut subscriber = daemon.http().events(&session).await.expect("subscribed");
    // A second's worth goes at once, and as much again takes a second.
    let lines: String = (0..2 * A_SECOND).map(|n| format!("{n}\n")).collect();
    let (client, start) = (daemon.http(), Instant::now());
    let publishing = client.publish(&session, std::io::Cursor::new(lines.into_bytes()));
    let reading = async {
        for n in 0..2 * A_SECOND {
            let event = subscriber.next().await.expect("a frame");
            assert!(matches!(event, EventMessage::Event(event) if event == n.to_string()));
        }
    };
    let (report, ()) = within("all lines", async { tokio::join!(publishing, reading) }).await;
    assert_eq!(report.expect("published"), Published::All);
    // Machines are slow, but none makes this shorter: it is the limit and no measure of speed.
    let took = start.elapsed().as_millis();
    assert!(took >= 900, "{took} ms for twice what a second has");

    // Over the Unix socket nobody is slowed: at that rate this would take longer than is waited.
    drop(subscriber);
    let many: String = (0..200 * A_SECOND).map(|n| format!("{n}\n")).collect();
    let unix = daemon.unix();
    let report = within(
        "all lines",
        unix.publish(&session, std::io::Cursor::new(many.into_bytes())),
    );
    report.await.expect("published");
}
