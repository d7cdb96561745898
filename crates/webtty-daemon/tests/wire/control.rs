//! Handing over control: asked for, lent for a time, taken back; never more than what the lender
//! has, and nothing of it reaches a shell before or after.

use webtty_client::{Client, Error};
use webtty_protocol::control::{ControlAction, ControlInfo, ControlState, HandOver, RequestState};
use webtty_protocol::pty::ServerMessage;
use webtty_protocol::rest::{ChangeKey, CreateKey, CreateSession};
use webtty_protocol::{ErrorCode, Role, SessionId};
use webtty_testkit::{TestDaemon, TestViewer, within};

/// A session whose program says every line it gets, a teammate that may type into it, and a
/// client for viewers.
struct Table {
    daemon: TestDaemon,
    session: SessionId,
    owner: TestViewer,
    viewers: Client,
}

impl Table {
    async fn set() -> Self {
        let daemon = TestDaemon::start().await;
        let script = "stty -echo; echo ready; while read -r line; do echo \"<$line>\"; done";
        let session = daemon.run("main", script).await;
        let teammate = daemon.token(Role::Control, Some(&session)).await;
        let teammate = daemon.with_token(teammate).await;
        let mut owner = TestViewer::v1(&teammate, &session, "").await;
        owner.sees("ready").await;
        let token = daemon.token(Role::View, Some(&session)).await;
        let viewers = daemon.with_token(token).await;
        Self {
            daemon,
            session,
            owner,
            viewers,
        }
    }

    /// A viewer, with its number.
    async fn viewer(&self) -> (TestViewer, u64) {
        viewer(&self.viewers, &self.session).await
    }

    async fn act(&self, client: u64, action: ControlAction, seconds: Option<u64>) {
        let wish = HandOver {
            client,
            action,
            seconds,
        };
        let done = self.daemon.unix().hand_over(&self.session, &wish).await;
        done.expect("handed over");
    }

    async fn info(&self) -> ControlInfo {
        let info = self.daemon.unix().control(&self.session).await;
        info.expect("how control is shared")
    }

    /// What the owner types comes back, and nothing else has before it.
    async fn only_the_owner_is_heard(&mut self, word: &str) {
        self.owner.types(&format!("{word}\n")).await;
        self.owner.sees(&format!("<{word}>")).await;
        assert!(!self.owner.text().contains("evil"), "{}", self.owner.text());
    }
}

async fn viewer(client: &Client, session: &SessionId) -> (TestViewer, u64) {
    let mut viewer = TestViewer::v1(client, session, "").await;
    let number = viewer.hears("the hello", hello).await;
    viewer.sees("ready").await;
    (viewer, number)
}

fn hello(message: &ServerMessage) -> Option<u64> {
    match message {
        ServerMessage::Hello(hello) => Some(hello.client),
        _ => None,
    }
}

fn role(message: &ServerMessage) -> Option<(Role, bool, Option<u64>)> {
    match message {
        ServerMessage::Role { role, lent, until } => Some((*role, *lent, *until)),
        _ => None,
    }
}

fn request(message: &ServerMessage) -> Option<RequestState> {
    match message {
        ServerMessage::Request { state } => Some(*state),
        _ => None,
    }
}

fn control(message: &ServerMessage) -> Option<&ControlState> {
    match message {
        ServerMessage::Control(state) => Some(state),
        _ => None,
    }
}

const ASK: &str = r#"{"type":"request-control"}"#;

fn grant(client: u64) -> String {
    format!(r#"{{"type":"grant-control","client":{client}}}"#)
}

/// Waits for its next role.
async fn next_role(viewer: &mut TestViewer) -> (Role, bool, Option<u64>) {
    let role = viewer.hears("its role", role).await;
    viewer.messages.clear();
    role
}

#[tokio::test(flavor = "multi_thread")]
async fn control_is_asked_for_lent_used_and_taken_back() {
    let mut table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    ada.says(r#"{"type":"name","name":"Ada"}"#).await;
    ada.says(ASK).await;
    assert_eq!(ada.hears("an answer", request).await, RequestState::Waiting);
    table
        .owner
        .hears_last("who asks", |message| {
            let asks = control(message)?.requests.first()?;
            Some((asks.client, asks.name.as_deref()) == (number, Some("Ada")))
        })
        .await;
    let wish = format!(r#"{{"type":"grant-control","client":{number},"seconds":600}}"#);
    table.owner.says(&wish).await;
    let (lent_role, lent, until) = next_role(&mut ada).await;
    assert_eq!(
        (lent_role, lent, until.is_some()),
        (Role::Control, true, true)
    );
    ada.types("hello\n").await;
    table.owner.sees("<hello>").await;
    let info = table.info().await;
    assert_eq!((info.driver, info.state.requests.len()), (Some(number), 0));
    let present = info.clients.iter().find(|who| who.client == number);
    assert_eq!(present.map(|who| who.role), Some(Role::Control));
    assert_eq!(info.state.loans[0].until, until);

    // At once: the answer to it is there before the viewer has heard of anything.
    table.act(number, ControlAction::TakeBack, None).await;
    ada.types("evil\n").await;
    assert_eq!(next_role(&mut ada).await, (Role::View, false, None));
    ada.types("evil\n").await;
    ada.says(r#"{"type":"ping","t":1}"#).await;
    let pong =
        |message: &ServerMessage| matches!(message, ServerMessage::Pong { .. }).then_some(());
    ada.hears("that all of it was read", pong).await;
    table.only_the_owner_is_heard("after").await;
    table
        .owner
        .hears_last("that nothing is lent", |message| {
            Some(control(message)? == &ControlState::default())
        })
        .await;
    assert_eq!(
        ada.closed, None,
        "a key that crossed the news is no offence"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lent_control_ends_at_its_end_by_itself() {
    let mut table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    // Long enough to be told of; who is told of nothing in time has been given too little.
    table.act(number, ControlAction::Grant, Some(5)).await;
    assert_eq!(next_role(&mut ada).await.0, Role::Control);
    assert_eq!(next_role(&mut ada).await, (Role::View, false, None));
    ada.types("evil\n").await;
    table.only_the_owner_is_heard("after").await;
    assert_eq!(table.info().await.state.loans, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_is_told_that_the_answer_is_no_and_does_not_type() {
    let mut table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    ada.says(ASK).await;
    ada.hears("an answer", request).await;
    ada.messages.clear();
    let wish = format!(r#"{{"type":"deny-control","client":{number}}}"#);
    table.owner.says(&wish).await;
    assert_eq!(ada.hears("no", request).await, RequestState::Denied);
    ada.messages.clear();
    ada.says(ASK).await;
    assert_eq!(ada.hears("an answer", request).await, RequestState::TooSoon);
    assert_eq!(table.info().await.state, ControlState::default());
    ada.types("evil\n").await;
    assert_eq!(ada.ends().await.0, 4003);
    table.only_the_owner_is_heard("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_worth_no_more_than_the_lenders_own_right() {
    let mut table = Table::set().await;
    for revoked in [true, false] {
        let wanted = CreateKey {
            role: Role::Control,
            session: Some(table.session.clone()),
            ttl_seconds: Some(3600),
            uses: None,
            label: None,
        };
        let unix = table.daemon.unix();
        let key = unix.create_key(&wanted).await.expect("a key");
        let token = unix.login(&key.key).await.expect("a token");
        let lender = table.daemon.with_token(token.token).await;
        let (mut lender, lender_number) = viewer(&lender, &table.session).await;
        let (mut ada, number) = table.viewer().await;
        lender.says(&grant(number)).await;
        let (role, _, until) = next_role(&mut ada).await;
        assert_eq!(
            (role, until),
            (Role::Control, token.expires),
            "the key's own end"
        );

        // What was lent is not lent on.
        let (mut other, other_number) = table.viewer().await;
        ada.says(&grant(other_number)).await;
        assert_eq!(ada.ends().await.0, 4003);
        let (mut ada, number) = table.viewer().await;
        lender.says(&grant(number)).await;
        assert_eq!(next_role(&mut ada).await.0, Role::Control);

        if revoked {
            unix.revoke_key(&key.id).await.expect("revoked");
        } else {
            let change = ChangeKey { role: Role::View };
            unix.change_key(&key.id, change).await.expect("changed");
        }
        ada.types("evil\n").await;
        assert_eq!(next_role(&mut ada).await.0, Role::View);
        other.types("evil\n").await;
        assert_eq!(other.ends().await.0, 4003);
        if !revoked {
            lender.says(&grant(lender_number)).await;
        }
        assert_eq!(lender.ends().await.0, 4003);
        table.only_the_owner_is_heard("after").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_for_one_connection_and_ends_with_it() {
    let mut table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    // By the same link.
    let (mut eve, _) = table.viewer().await;
    table.act(number, ControlAction::Grant, None).await;
    assert_eq!(next_role(&mut ada).await, (Role::Control, true, None));
    eve.types("evil\n").await;
    assert_eq!(eve.ends().await.0, 4003);
    drop(ada);
    within("the end of the loan", async {
        while !table.info().await.state.loans.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (mut ada, _) = table.viewer().await;
    ada.types("evil\n").await;
    assert_eq!(ada.ends().await.0, 4003, "it has to be let anew");
    table.only_the_owner_is_heard("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_answer_hears_of_nobody_and_answers_nobody() {
    let table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    ada.says(ASK).await;
    ada.hears("an answer", request).await;
    for action in ["grant", "deny", "take-back"] {
        let (mut eve, eve_number) = table.viewer().await;
        assert!(
            eve.messages
                .iter()
                .all(|message| control(message).is_none())
        );
        // Of oneself one gives back only what one has.
        let whom = if action == "take-back" {
            number
        } else {
            eve_number
        };
        eve.says(&format!(r#"{{"type":"{action}-control","client":{whom}}}"#))
            .await;
        assert_eq!(eve.ends().await.0, 4003, "{action}");
    }
    let state = table.info().await.state;
    assert_eq!((state.requests.len(), state.loans.len()), (1, 0));
    let wish = HandOver {
        client: number,
        action: ControlAction::Grant,
        seconds: None,
    };
    let refused = table.viewers.hand_over(&table.session, &wish).await;
    assert!(matches!(refused, Err(Error::Denied { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_let_may_give_it_back() {
    let mut table = Table::set().await;
    let (mut ada, number) = table.viewer().await;
    table.act(number, ControlAction::Grant, None).await;
    assert_eq!(next_role(&mut ada).await.0, Role::Control);
    ada.says(&format!(
        r#"{{"type":"take-back-control","client":{number}}}"#
    ))
    .await;
    assert_eq!(next_role(&mut ada).await.0, Role::View);
    ada.types("evil\n").await;
    table.only_the_owner_is_heard("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_clients_can_be_let_type_too() {
    let mut table = Table::set().await;
    let mut plain = TestViewer::plain(&table.viewers, &table.session, "").await;
    plain.sees("ready").await;
    let number = table.info().await.clients.last().expect("it").client;
    table.act(number, ControlAction::Grant, None).await;
    plain.types("hello\n").await;
    table.owner.sees("<hello>").await;
    table.act(number, ControlAction::TakeBack, None).await;
    plain.types("evil\n").await;
    table.only_the_owner_is_heard("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_type_where_nobody_may_or_who_only_wants_to_look() {
    let mut table = Table::set().await;
    let token = table
        .daemon
        .token(Role::Control, Some(&table.session))
        .await;
    let client = table.daemon.with_token(token).await;
    let mut looks = TestViewer::v1(&client, &table.session, "?role=view").await;
    let number = looks.hears("the hello", hello).await;
    looks.says(ASK).await;
    let answer = looks.hears("an answer", request).await;
    assert_eq!(answer, RequestState::Impossible);
    table.act(number, ControlAction::Grant, None).await;
    looks.types("evil\n").await;
    assert_eq!(looks.ends().await.0, 4003);
    table.only_the_owner_is_heard("after").await;

    let wish = CreateSession {
        id: Some("readonly".parse().expect("an id")),
        cmd: Some(["sh", "-c", "echo ready; cat"].map(str::to_owned).to_vec()),
        base_dir: Some("/".into()),
        read_only: true,
        ..CreateSession::default()
    };
    let session = table.daemon.create(wish).await;
    let unix = table.daemon.unix();
    let (mut viewer, number) = viewer(&unix, &session).await;
    viewer.says(ASK).await;
    let answer = viewer.hears("an answer", request).await;
    assert_eq!(answer, RequestState::Impossible);
    let wish = HandOver {
        client: number,
        action: ControlAction::Grant,
        seconds: None,
    };
    let refused = unix.hand_over(&session, &wish).await;
    let lent = Some(ErrorCode::CannotLend);
    assert!(
        matches!(&refused, Err(Error::Refused { status: 409, code, .. }) if *code == lent),
        "{refused:?}"
    );
    viewer.types("evil\n").await;
    assert_eq!(viewer.ends().await.0, 4003);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_viewers_ask_at_one_time_and_a_ninth_is_told_so() {
    let table = Table::set().await;
    let mut viewers = Vec::new();
    for n in 0..9 {
        let (mut viewer, _) = table.viewer().await;
        viewer.says(ASK).await;
        let expected = if n < 8 {
            RequestState::Waiting
        } else {
            RequestState::TooMany
        };
        assert_eq!(viewer.hears("an answer", request).await, expected, "{n}");
        viewers.push(viewer);
    }
    assert_eq!(table.info().await.state.requests.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_lent_is_refused_with_its_reason() {
    let table = Table::set().await;
    let unix = table.daemon.unix();
    let wish = |client, action, seconds| HandOver {
        client,
        action,
        seconds,
    };
    let (_ada, number) = table.viewer().await;
    let too_long = Some(86_401);
    for (wish, expected) in [
        (wish(number, ControlAction::Grant, Some(0)), 400),
        (wish(number, ControlAction::Grant, too_long), 400),
        (wish(number, ControlAction::Deny, Some(1)), 400),
        (wish(999, ControlAction::Grant, None), 404),
    ] {
        let refused = unix.hand_over(&table.session, &wish).await;
        assert!(
            matches!(&refused, Err(Error::Refused { status, .. }) if *status == expected),
            "{wish:?}: {refused:?}"
        );
    }
    let day = wish(number, ControlAction::Grant, Some(86_400));
    unix.hand_over(&table.session, &day).await.expect("a day");
}
