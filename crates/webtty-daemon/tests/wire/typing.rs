//! Input: whole, in order, merged by frames, however much of it comes.

use std::collections::HashMap;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;
use webtty_client::{AttachOptions, Attachment, Client, Received};
use webtty_protocol::SessionId;
use webtty_protocol::pty::{ServerMessage, SnapshotReason};
use webtty_testkit::{LIMIT, TestDaemon, TestViewer, within};

/// Pseudo-random bytes (xorshift, Marsaglia 2003), the same in every run. None of them begins a
/// sequence: what asks the terminal something is answered, and the answer would come back too.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    let plain = |byte| match byte {
        b'\x1b' | b'\xc2' => b'.',
        byte => byte,
    };
    bytes.flatten().map(plain).take(len).collect()
}

const MARK: &[u8] = b"<ready>";

/// A viewer that remembers the output after the mark, for which the shell waits.
struct Reader {
    attachment: Attachment,
    processed: u64,
    /// The screen as it was when we came, and how many bytes of it are still to come.
    screen: (Vec<u8>, u64),
    seen: Vec<u8>,
}

impl Reader {
    /// Attaches, and reads up to the mark: the terminal is in its mode then.
    async fn ready(client: &Client, session: &SessionId) -> Self {
        let options = AttachOptions {
            lossless: true,
            ..AttachOptions::default()
        };
        let attached = within("the hello", client.attach(session, options)).await;
        let mut reader = Self {
            attachment: attached.expect("attached"),
            processed: 0,
            screen: (Vec::new(), 0),
            seen: Vec::new(),
        };
        within("the mark", async {
            let found = |seen: &[u8]| seen.windows(MARK.len()).position(|some| some == MARK);
            loop {
                reader.step().await;
                if let Some(at) = found(&reader.seen) {
                    reader.seen.drain(..at + MARK.len());
                } else if reader.screen.1 > 0 || found(&reader.screen.0).is_none() {
                    continue;
                }
                return;
            }
        })
        .await;
        reader
    }

    /// Takes and acknowledges what comes next.
    async fn step(&mut self) {
        let Attachment { input, output, .. } = &mut self.attachment;
        match output.next().await.expect("more") {
            Received::Bytes(bytes) => {
                self.processed += bytes.len() as u64;
                let left = usize::try_from(self.screen.1).expect("small");
                let (of_screen, live) = bytes.split_at(left.min(bytes.len()));
                self.screen.0.extend_from_slice(of_screen);
                self.screen.1 -= of_screen.len() as u64;
                self.seen.extend_from_slice(live);
                input.ack(self.processed).await.expect("told");
            }
            Received::Message(ServerMessage::Snapshot(snapshot)) => {
                assert_eq!(snapshot.reason, SnapshotReason::Join);
                self.screen.1 = snapshot.bytes;
            }
            Received::Message(_) => {}
            unexpected => panic!("{unexpected:?}"),
        }
    }

    /// Reads until there are so many bytes after the mark.
    async fn reads(&mut self, len: usize) {
        while self.seen.len() < len {
            self.step().await;
        }
    }
}

/// Pastes into a session whose terminal is in some mode; another viewer reads what comes back.
async fn paste_into_cat(stty: &str, paste: Vec<u8>, expected: Vec<u8>) {
    let daemon = TestDaemon::start_open().await;
    let script = format!("stty {stty}; printf '<ready>'; exec cat");
    let session = daemon.run("paste", &script).await;
    let client = daemon.http();
    let mut reader = Reader::ready(&client, &session).await;
    let typist = client.attach(&session, AttachOptions::default()).await;
    let mut typist = typist.expect("attached");
    let pasting = typist.input.send(paste);
    let both = async { tokio::join!(pasting, reader.reads(expected.len())).0 };
    let pasted = tokio::time::timeout(LIMIT * 3, both).await;
    pasted.expect("all of it in time").expect("taken");
    let read = &reader.seen;
    let differs = read
        .iter()
        .zip(&expected)
        .position(|(one, other)| one != other);
    assert_eq!((read.len(), differs), (expected.len(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_pasted_into_cat_come_back_byte_by_byte() {
    let paste = noise(10_000_000);
    paste_into_cat("raw -echo", paste.clone(), paste).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_of_lines_pass_a_terminal_in_its_usual_mode() {
    let lines: String = (0..140_000)
        .map(|number| format!("{number:071}\n"))
        .collect();
    let expected = lines.replace('\n', "\r\n").into_bytes();
    paste_into_cat("-echo", lines.into_bytes(), expected).await;
}

/// A frame that says whose it is, which of theirs, and how long.
fn frame(typist: u64, number: u64, len: usize) -> Vec<u8> {
    let mut frame = format!("<{typist}:{number}:{len}:").into_bytes();
    let letter = b'a' + u8::try_from(typist).expect("few typists");
    frame.extend(std::iter::repeat_n(letter, len));
    frame.push(b'>');
    frame
}

/// Takes one frame off, whole, and says whose it is and which.
fn take_frame(output: &mut &[u8]) -> (u64, u64) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let head = output.splitn(4, |&byte| byte == b':');
    let [typist, number, len] = head
        .take(3)
        .map(|part| text(part).trim_start_matches('<').parse().ok())
        .collect::<Option<Vec<u64>>>()
        .and_then(|numbers| numbers.try_into().ok())
        .unwrap_or_else(|| panic!("no frame begins here: {:?}", text(&output[..40])));
    let whole = frame(typist, number, usize::try_from(len).expect("small"));
    assert!(
        output.starts_with(&whole),
        "frame {number} of {typist} is cut"
    );
    *output = &output[whole.len()..];
    (typist, number)
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_3_inputs_merge_by_whole_frames_each_in_its_own_order_once() {
    const TYPISTS: u64 = 4;
    const FRAMES: u64 = 60;
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; printf '<ready>'; exec cat";
    let session = daemon.run("merge", script).await;
    let client = daemon.http();
    // From single bytes to far more than the kernel takes at once.
    let len = |typist: u64, number: u64| {
        let spread = (number * 7919 + typist * 104_729) % 40_000;
        usize::try_from(if number.is_multiple_of(3) {
            spread % 5
        } else {
            spread
        })
        .expect("small")
    };
    let all: usize = (0..TYPISTS)
        .flat_map(|typist| {
            (0..FRAMES).map(move |number| frame(typist, number, len(typist, number)).len())
        })
        .sum();
    let mut reader = Reader::ready(&client, &session).await;
    let typing = async |typist: u64| {
        let attached = client.attach(&session, AttachOptions::default()).await;
        let mut attached = attached.expect("attached");
        for number in 0..FRAMES {
            let frame = frame(typist, number, len(typist, number));
            attached.input.send(frame).await.expect("taken");
        }
        attached
    };
    let guest = async {
        let view = AttachOptions {
            view: true,
            ..AttachOptions::default()
        };
        let mut guest = client.attach(&session, view).await.expect("attached");
        guest.input.send("INTRUDER").await.expect("sent");
    };
    within("all frames", async {
        let typists = async { tokio::join!(typing(0), typing(1), typing(2), typing(3), guest) };
        tokio::join!(typists, reader.reads(all)).0
    })
    .await;
    let mut rest = reader.seen.as_slice();
    let mut next: HashMap<u64, u64> = HashMap::new();
    while !rest.is_empty() {
        let (typist, number) = take_frame(&mut rest);
        let expected = next.entry(typist).or_default();
        assert_eq!(number, *expected, "of {typist}");
        *expected += 1;
    }
    assert!((0..TYPISTS).all(|typist| next[&typist] == FRAMES));
}

/// How often the threads of this test and its daemon have gone to wait for something.
fn waits() -> u64 {
    let metrics = Handle::current().metrics();
    (0..metrics.num_workers())
        .map(|worker| metrics.worker_park_count(worker))
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nothing_answers_keeps_nobody_awake() {
    let daemon = TestDaemon::start().await;
    let script = "stty raw -echo; echo ready; exec sleep 1000";
    let session = daemon.run("mute", script).await;
    let mut viewer = TestViewer::v1(&daemon.admin().await, &session, "").await;
    viewer.sees("ready").await;
    for _ in 0..10 {
        viewer.types("k").await;
    }
    // Long after the time in which an echo is looked for.
    sleep(Duration::from_millis(300)).await;
    let before = waits();
    sleep(Duration::from_millis(300)).await;
    let more = waits() - before;
    assert!(more < 500, "looked {more} times while nothing happened");
}
