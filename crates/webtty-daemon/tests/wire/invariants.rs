//! What docs/architecture.md promises, where no other test has it as its story.

use std::fs;

use webtty_client::{AttachOptions, Attachment, Client, Received};
use webtty_protocol::pty::{ServerMessage, SnapshotReason};
use webtty_protocol::{Role, SessionId};
use webtty_testkit::{LIMIT, TestDaemon, TestViewer, within};

/// A viewer that knows where in the output each byte stands.
struct Witness {
    attachment: Attachment,
    processed: u64,
    /// Bytes of a snapshot that are still to come.
    snapshot_left: usize,
    /// Live output without a gap, by the offset it begins at.
    pieces: Vec<(u64, Vec<u8>)>,
    reasons: Vec<SnapshotReason>,
}

impl Witness {
    async fn attach(client: &Client, session: &SessionId, lossless: bool) -> Self {
        let options = AttachOptions {
            lossless,
            ..AttachOptions::default()
        };
        let attached = within("the hello", client.attach(session, options)).await;
        Self {
            attachment: attached.expect("attached"),
            processed: 0,
            snapshot_left: 0,
            pieces: Vec::new(),
            reasons: Vec::new(),
        }
    }

    /// The offset of the next byte.
    fn offset(&self) -> u64 {
        self.pieces
            .last()
            .map_or(0, |(from, bytes)| from + bytes.len() as u64)
    }

    async fn step(&mut self) {
        let Attachment { input, output, .. } = &mut self.attachment;
        match output.next().await.expect("more") {
            Received::Bytes(bytes) => {
                self.processed += bytes.len() as u64;
                let (of_snapshot, live) = bytes.split_at(self.snapshot_left.min(bytes.len()));
                self.snapshot_left -= of_snapshot.len();
                let piece = self.pieces.last_mut().expect("a snapshot comes first");
                piece.1.extend_from_slice(live);
                input.ack(self.processed).await.expect("told");
            }
            Received::Message(ServerMessage::Snapshot(snapshot)) => {
                self.snapshot_left = usize::try_from(snapshot.bytes).expect("small");
                self.pieces.push((snapshot.offset, Vec::new()));
                self.reasons.push(snapshot.reason);
            }
            Received::Message(_) => {}
            unexpected => panic!("{unexpected:?}"),
        }
    }

    async fn comes_to(&mut self, offset: u64) {
        let coming = async {
            while self.offset() < offset {
                self.step().await;
            }
        };
        tokio::time::timeout(LIMIT * 2, coming)
            .await
            .expect("all output in time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_1_a_viewer_gets_a_contiguous_slice_or_a_snapshot_stands_between() {
    let daemon = TestDaemon::start_open().await;
    let script = "stty raw -echo; printf ready; read go; seq 1000000; exec cat";
    let session = daemon.run("slices", script).await;
    let client = daemon.http();
    // From here on nothing that is typed is echoed.
    TestViewer::v1(&client, &session, "")
        .await
        .sees("ready")
        .await;
    let mut all = Witness::attach(&client, &session, true).await;
    let mut late = Witness::attach(&client, &session, false).await;
    let mut pausing = Witness::attach(&client, &session, false).await;
    for witness in [&mut all, &mut late, &mut pausing] {
        while witness.pieces.is_empty() {
            witness.step().await;
        }
    }
    let begin = all.offset();
    all.attachment.input.send("go\n").await.expect("typed");
    let len: u64 = (1..=1_000_000_u64)
        .map(|number| number.to_string().len() as u64 + 1)
        .sum();
    // One reads all the time, one in the middle only for a while, one not before the end.
    all.comes_to(begin + len / 2).await;
    pausing.comes_to(begin + len / 4).await;
    all.comes_to(begin + len).await;
    pausing.comes_to(begin + len).await;
    late.comes_to(begin + len).await;

    let [(from, truth)] = all.pieces.as_slice() else {
        panic!("who wants every byte needs one snapshot: {:?}", all.reasons);
    };
    let expected: String = (1..=1_000_000)
        .map(|number| format!("{number}\n"))
        .collect();
    assert!(truth == expected.as_bytes(), "{} bytes", truth.len());
    for witness in [&pausing, &late] {
        for (offset, piece) in &witness.pieces {
            let at = usize::try_from(offset - from).expect("small");
            assert!(
                *piece == truth[at..at + piece.len()],
                "{} bytes from {at}",
                piece.len()
            );
        }
    }
    assert!(
        late.reasons.contains(&SnapshotReason::Lagged),
        "it was late"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_2_no_byte_comes_after_a_credential_has_ended() {
    let daemon = TestDaemon::start().await;
    let script = "while echo tick; do read -t 0.01 line; done";
    let cmd = ["/bin/bash", "-c", script].map(str::to_owned).to_vec();
    let session = daemon
        .create(webtty_protocol::rest::CreateSession {
            id: Some("ticks".parse().expect("an id")),
            cmd: Some(cmd),
            ..Default::default()
        })
        .await;
    let (key, token) = daemon.key_and_token(Role::View, Some(&session)).await;
    let guest = daemon.with_token(token).await;
    let mut viewer = TestViewer::v1(&guest, &session, "").await;
    viewer.sees("tick").await;
    daemon.unix().revoke_key(&key).await.expect("revoked");
    assert_eq!(viewer.ends().await.0, 4003);
    let ended_at = viewer.offset;
    // The others go on, past all that the guest was given.
    let mut owner = TestViewer::v1(&daemon.unix(), &session, "?role=view").await;
    within("more output", async {
        while owner.offset < ended_at + 1000 {
            assert!(owner.step().await);
        }
    })
    .await;
    assert_eq!(viewer.offset, ended_at);
    let refused = guest.socket(&format!("/ws/{session}/pty"), &[]).await;
    assert!(refused.is_err(), "nor does it come in again");
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_each_question_has_one_answer_however_many_look_on() {
    let daemon = TestDaemon::start_open().await;
    let client = daemon.http();
    let answers = tempfile::tempdir().expect("a directory");
    for viewers in [0, 1, 20] {
        let file = answers.path().join(viewers.to_string());
        let ask = "\\033[c\\033[>c\\033[5n\\033[6n\\033[?25$p\\033]11;?\\007\\033[16t";
        // The line that was typed has moved the cursor.
        let row = if viewers == 0 { 1 } else { 2 };
        let round = format!(
            "\x1b[?1;2c\x1b[>0;276;0c\x1b[0n\x1b[{row};1R\x1b[?25;1$y\
             \x1b]11;rgb:0d0d/1111/1717\x1b\\\x1b[6;16;8t"
        );
        let expected = round.repeat(3);
        // As many bytes as there should be, and then whatever else may have been said.
        let script = format!(
            "stty raw -echo; for i in 1 2 3; do printf '{ask}'; done; head -c {} > {file}; \
             stty min 0 time 2; cat >> {file}; stty sane; echo asked; exec sleep 1000",
            expected.len(),
            file = file.display()
        );
        let wait = if viewers == 0 { "" } else { "read go; " };
        let cmd = ["/bin/sh", "-c", &format!("{wait}{script}")].map(str::to_owned);
        let session = daemon
            .create(webtty_protocol::rest::CreateSession {
                id: Some(format!("v{viewers}").parse().expect("an id")),
                cmd: Some(cmd.to_vec()),
                ..Default::default()
            })
            .await;
        let mut present = Vec::new();
        for _ in 0..viewers {
            let mut viewer = TestViewer::v1(&client, &session, "").await;
            assert!(viewer.step().await);
            present.push(viewer);
        }
        if let Some(typist) = present.first_mut() {
            typist.types("\n").await;
        }
        let mut last = TestViewer::v1(&client, &session, "?role=view").await;
        last.sees("asked").await;
        let said = fs::read_to_string(&file).expect("the answers");
        assert_eq!(said, expected, "{viewers} viewers");
    }
}
