//! Whose window a terminal has the size of: every policy, with three viewers.

use webtty_protocol::pty::ServerMessage;
use webtty_protocol::rest::{ChangeSession, CreateSession};
use webtty_protocol::{Role, SessionId, SizePolicy};
use webtty_testkit::{TestDaemon, TestViewer, request};

/// A desk, a phone, and somebody who may only look, on a terminal of one policy.
struct Three {
    daemon: TestDaemon,
    session: SessionId,
    desk: TestViewer,
    phone: TestViewer,
    guest: TestViewer,
    /// The numbers of the desk's and the phone's connections.
    numbers: (u64, u64),
}

impl Three {
    async fn on(policy: SizePolicy) -> Self {
        let daemon = TestDaemon::start().await;
        let wish = CreateSession {
            id: Some("main".parse().expect("an id")),
            base_dir: Some("/".into()),
            size_policy: Some(policy),
            cols: Some(90),
            rows: Some(25),
            start: Some(true),
            ..CreateSession::default()
        };
        let session = daemon.create(wish).await;
        let admin = daemon.admin().await;
        let token = daemon.token(Role::View, Some(&session)).await;
        let looker = daemon.with_token(token).await;
        let mut desk = TestViewer::v1(&admin, &session, "?cols=150&rows=45").await;
        let first = number(&mut desk).await;
        // Of a size that would win under any policy, if it counted.
        let mut guest = TestViewer::v1(&looker, &session, "?cols=10&rows=5").await;
        number(&mut guest).await;
        let mut phone = TestViewer::v1(&admin, &session, "?cols=40&rows=60").await;
        let numbers = (first, number(&mut phone).await);
        Self {
            daemon,
            session,
            desk,
            phone,
            guest,
            numbers,
        }
    }

    /// All three have been told, last of all, that this is the size, and whose.
    async fn are_told(&mut self, cols: u16, rows: u16, by: Option<u64>, policy: SizePolicy) {
        for (who, viewer) in [
            ("desk", &mut self.desk),
            ("phone", &mut self.phone),
            ("guest", &mut self.guest),
        ] {
            let wanted = (cols, rows, by, policy);
            let what = format!("{who}: {wanted:?}");
            viewer
                .hears_last(&what, |message| told(message).map(|told| told == wanted))
                .await;
        }
    }

    /// The program in the terminal sees this size.
    async fn program_sees(&mut self, rows: u16, cols: u16) {
        let info = self.daemon.unix().session(&self.session).await;
        let info = info.expect("there");
        assert_eq!((info.rows, info.cols), (rows, cols));
        self.desk.types("echo \"<$(stty size)>\"\r").await;
        self.desk.sees(&format!("<{rows} {cols}>")).await;
    }

    async fn change(&self, policy: SizePolicy, size: Option<(u16, u16)>) {
        let (cols, rows) = size.unzip();
        let wish = ChangeSession {
            size_policy: Some(policy),
            cols,
            rows,
            ..ChangeSession::default()
        };
        let client = self.daemon.unix();
        let changed = client.change_session(&self.session, &wish).await;
        assert_eq!(changed.expect("changed").size_policy, policy);
    }
}

async fn number(viewer: &mut TestViewer) -> u64 {
    let client = |message: &ServerMessage| match message {
        ServerMessage::Hello(hello) => Some(hello.client),
        _ => None,
    };
    viewer.hears("hello", client).await
}

fn told(message: &ServerMessage) -> Option<(u16, u16, Option<u64>, SizePolicy)> {
    match message {
        ServerMessage::Hello(hello) => Some((hello.cols, hello.rows, hello.by, hello.policy)),
        ServerMessage::Resize(size) => Some((size.cols, size.rows, size.by, size.policy)),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn driver_is_who_typed_last() {
    let mut three = Three::on(SizePolicy::Driver).await;
    let (desk, phone) = three.numbers;
    three
        .are_told(150, 45, Some(desk), SizePolicy::Driver)
        .await;
    three.program_sees(45, 150).await;
    three.phone.types("\r").await;
    three
        .are_told(40, 60, Some(phone), SizePolicy::Driver)
        .await;
    // A look at another window and back is no typing; the answer comes after it was taken.
    for focus in ["\x1b[O", "\x1b[I"] {
        three.desk.types(focus).await;
    }
    three.desk.says(r#"{"type":"ping","t":1}"#).await;
    let pong =
        |message: &ServerMessage| matches!(message, ServerMessage::Pong { .. }).then_some(());
    three.desk.hears("pong", pong).await;
    let info = three.daemon.unix().session(&three.session).await;
    assert_eq!(info.expect("there").cols, 40);
    three
        .desk
        .says(r#"{"type":"resize","cols":151,"rows":46}"#)
        .await;
    three.desk.types("\r").await;
    three
        .are_told(151, 46, Some(desk), SizePolicy::Driver)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn smallest_fits_every_window_that_may_type() {
    let mut three = Three::on(SizePolicy::Smallest).await;
    let (desk, _) = three.numbers;
    three.are_told(40, 45, None, SizePolicy::Smallest).await;
    three.program_sees(45, 40).await;
    three
        .desk
        .says(r#"{"type":"resize","cols":30,"rows":20}"#)
        .await;
    three
        .are_told(30, 20, Some(desk), SizePolicy::Smallest)
        .await;
    three.program_sees(20, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn latest_is_who_did_anything_last() {
    let mut three = Three::on(SizePolicy::Latest).await;
    let (desk, phone) = three.numbers;
    three
        .are_told(40, 60, Some(phone), SizePolicy::Latest)
        .await;
    three.desk.types("\r").await;
    three
        .are_told(150, 45, Some(desk), SizePolicy::Latest)
        .await;
    three
        .phone
        .says(r#"{"type":"resize","cols":41,"rows":60}"#)
        .await;
    three
        .are_told(41, 60, Some(phone), SizePolicy::Latest)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed_is_moved_by_no_window() {
    let mut three = Three::on(SizePolicy::Fixed).await;
    three.are_told(90, 25, None, SizePolicy::Fixed).await;
    three
        .desk
        .says(r#"{"type":"resize","cols":151,"rows":46}"#)
        .await;
    three.phone.types("\r").await;
    three.program_sees(25, 90).await;
    three.change(SizePolicy::Fixed, Some((100, 30))).await;
    three.are_told(100, 30, None, SizePolicy::Fixed).await;
    three.program_sees(30, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_change_under_those_who_are_there() {
    let mut three = Three::on(SizePolicy::Driver).await;
    let (desk, phone) = three.numbers;
    for (policy, cols, rows, by) in [
        (SizePolicy::Smallest, 40, 45, None),
        (SizePolicy::Latest, 40, 60, Some(phone)),
        (SizePolicy::Fixed, 40, 60, None),
        (SizePolicy::Driver, 150, 45, Some(desk)),
    ] {
        three.change(policy, None).await;
        three.are_told(cols, rows, by, policy).await;
    }
    three.program_sees(45, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_what_it_wants() {
    let daemon = TestDaemon::start_open().await;
    let session = daemon.shell("main").await;
    let address = daemon.address();
    for (body, status) in [
        ("{}", 400),
        (r#"{"sizePolicy":"largest"}"#, 400),
        (r#"{"cols":100}"#, 400),
        (r#"{"sizePolicy":"latest","cols":100}"#, 400),
        (r#"{"sizePolicy":"fixed","cols":0}"#, 400),
        (r#"{"sizePolicy":"fixed","rows":501}"#, 400),
        (r#"{"sizePolicy":"fixed","cols":1000,"rows":500}"#, 200),
        (r#"{"rows":30}"#, 200),
        (r#"{"sizePolicy":"driver","id":"renamed"}"#, 200),
    ] {
        let head = format!(
            "PATCH /api/sessions/{session} HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(request(address, &head).await.status, status, "{body}");
    }
    let renamed = "renamed".parse().expect("an id");
    let info = daemon.unix().session(&renamed).await.expect("there");
    assert_eq!((info.cols, info.rows), (1000, 30));
    assert_eq!(info.size_policy, SizePolicy::Driver);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_name_the_policy_of_new_sessions() {
    let settings = r#"{"shell": "/bin/sh", "sizePolicy": "fixed", "cols": 77, "rows": 22}"#;
    let daemon = TestDaemon::start_with(webtty_daemon::Auth::None, settings).await;
    let session = daemon.create(CreateSession::default()).await;
    let mut viewer = TestViewer::v1(&daemon.http(), &session, "?cols=150&rows=45").await;
    viewer.types("stty size\r").await;
    viewer.sees("22 77\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_the_pixels_of_who_drives() {
    let daemon = TestDaemon::start_open().await;
    // It asks once it is watched: a snapshot would not hold what `cat` sends on.
    let script = "stty raw -echo; printf ready; head -c1; printf '\\033[16t\\033[14t'; cat";
    let session = daemon.run("pixels", script).await;
    let client = daemon.http();
    let mut viewer = TestViewer::v1(&client, &session, "").await;
    viewer.sees("ready").await;
    viewer.types("!").await;
    viewer.sees("\x1b[6;16;8t\x1b[4;384;640t").await;
    // `cat` sends the question on to the terminal, whose answer it sends on to us.
    let mut page = TestViewer::v1(&client, &session, "?cols=100&rows=40&cell=9x18").await;
    page.sees("ready").await;
    page.says(r#"{"type":"resize","cols":100,"rows":40,"cell":{"width":9.4,"height":19}}"#)
        .await;
    page.types("\x1b[16t\x1b[14t").await;
    page.sees("\x1b[6;19;9t\x1b[4;760;900t").await;
}
