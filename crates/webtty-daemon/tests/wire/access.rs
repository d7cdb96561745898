//! Every row of the router's own table, with every kind of credential: what is added to the table
//! is tested without being named here.

use std::net::SocketAddr;

use webtty_daemon::{Needs, routes};
use webtty_protocol::rest::CreateKey;
use webtty_protocol::{Role, SessionId};
use webtty_testkit::{Answer, RawConnection, TestDaemon, within};

const ROLES: [Role; 4] = [Role::View, Role::Publish, Role::Control, Role::Admin];

/// What is in the table, and for whom. A new row is a change of this list, so that somebody
/// thinks of who may take it.
const TABLE: &str = "\
GET / Nothing
GET /s/{} Nothing
GET /pages/{*} Nothing
GET /assets/{*} Nothing
GET /favicon.ico Nothing
GET /api/openapi.json Nothing
GET /docs Nothing
POST /api/login Nothing
GET /p/{} View
GET /api/sessions View
POST /api/sessions Admin
GET /api/sessions/{} View
PATCH /api/sessions/{} Admin
DELETE /api/sessions/{} Admin
GET /api/sessions/{}/control Control
POST /api/sessions/{}/control Control
GET /api/config Credential
GET /api/health Credential
POST /api/server/stop Admin
GET /api/keys Admin
POST /api/keys Admin
PATCH /api/keys/{} Admin
DELETE /api/keys/{} Admin
POST /s/{}/publish Publish
POST /s/{}/execute Control
POST /s/{}/input Control
POST /s/{}/files Control
POST /s/{}/wait View
GET /s/{}/screen View
GET /s/{}/events Subscribe
GET /ws Credential
GET /ws/{}/pty View
GET /ws/{}/events Subscribe
";

/// Patterns whose `{}` is no session.
const NO_SESSION: [&str; 2] = ["/p/{}", "/api/keys/{}"];

/// Written out here and not asked of the daemon, which could be wrong.
fn may(needs: Needs, role: Role) -> bool {
    match needs {
        Needs::Nothing | Needs::Credential | Needs::Subscribe => true,
        Needs::View => role != Role::Publish,
        Needs::Publish => role != Role::View,
        Needs::Control => matches!(role, Role::Control | Role::Admin),
        Needs::Admin => role == Role::Admin,
    }
}

fn path(pattern: &str) -> String {
    pattern.replace("{*}", "x.js").replace("{}", "main")
}

/// Asks, and reads the head of the answer only: some answers have no end.
async fn ask(address: SocketAddr, method: &str, path: &str, token: Option<&str>) -> Answer {
    let bearer = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let rest = if path.starts_with("/ws") {
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    } else {
        "Connection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    };
    let body = if path.starts_with("/ws") { "" } else { "{}" };
    let mut connection = RawConnection::open(address).await;
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{bearer}{rest}\r\n{body}");
    connection.send(head.as_bytes()).await;
    connection.head().await
}

async fn daemon_with_two_sessions() -> (TestDaemon, SessionId, SessionId) {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let other = daemon.shell("other").await;
    (daemon, main, other)
}

/// A token whose key has expired since.
async fn expired_token(daemon: &TestDaemon) -> String {
    let wanted = CreateKey {
        role: Role::Admin,
        session: None,
        ttl_seconds: Some(1),
        uses: None,
        label: None,
    };
    let address = daemon.address();
    within("a key that expires", async {
        loop {
            let key = daemon.unix().create_key(&wanted).await.expect("a key");
            // On a busy machine its time may be over before it is used.
            let Ok(reply) = daemon.unix().login(&key.key).await else {
                continue;
            };
            while ask(address, "GET", "/api/health", Some(&reply.token))
                .await
                .status
                == 200
            {
                tokio::task::yield_now().await;
            }
            return reply.token;
        }
    })
    .await
}

#[test]
fn the_table_is_the_one_that_was_thought_about() {
    let table: String = routes()
        .map(|(method, pattern, needs)| format!("{method} {pattern} {needs:?}\n"))
        .collect();
    assert_eq!(table, TABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_credential_only_what_holds_no_data_is_given() {
    let (daemon, ..) = daemon_with_two_sessions().await;
    let address = daemon.address();
    let (key, revoked) = daemon.key_and_token(Role::Admin, None).await;
    daemon.unix().revoke_key(&key).await.expect("revoked");
    let expired = expired_token(&daemon).await;
    let unknown = "wt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for token in [None, Some(&*revoked), Some(&*expired), Some(unknown)] {
        for (method, pattern, needs) in routes() {
            let answer = ask(address, method, &path(pattern), token).await;
            if needs == Needs::Nothing {
                assert!(
                    ![401, 403, 405, 500].contains(&answer.status) || pattern == "/api/login",
                    "{method} {pattern}: {}",
                    answer.status
                );
            } else {
                assert_eq!(answer.status, 401, "{method} {pattern} with {token:?}");
            }
        }
    }
    daemon
        .unix()
        .health()
        .await
        .expect("nothing stopped the daemon");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_gets_what_it_may_have_and_nothing_else() {
    let (refusing, main, other) = daemon_with_two_sessions().await;
    let address = refusing.address();
    for role in ROLES {
        // An admin's key is for all sessions.
        let scoped = role != Role::Admin;
        let here = refusing.token(role, scoped.then_some(&main)).await;
        let elsewhere = refusing.token(role, scoped.then_some(&other)).await;
        for (method, pattern, needs) in routes() {
            let of_session = pattern.contains("{}") && !NO_SESSION.contains(&pattern);
            let allowed = may(needs, role);
            if scoped && needs != Needs::Nothing && (!allowed || of_session) {
                let answer = ask(address, method, &path(pattern), Some(&elsewhere)).await;
                assert_eq!(
                    answer.status, 403,
                    "{method} {pattern} as {role:?} of another session"
                );
            }
            if !allowed {
                let answer = ask(address, method, &path(pattern), Some(&here)).await;
                assert_eq!(answer.status, 403, "{method} {pattern} as {role:?}");
                continue;
            }
            // What is allowed may end the session or the daemon: each has its own.
            let (daemon, main, _) = daemon_with_two_sessions().await;
            let token = daemon.token(role, scoped.then_some(&main)).await;
            let answer = ask(daemon.address(), method, &path(pattern), Some(&token)).await;
            let refused = [403, 405, 500].contains(&answer.status)
                || (answer.status == 401 && pattern != "/api/login");
            assert!(
                !refused,
                "{method} {pattern} as {role:?}: {}",
                answer.status
            );
            if path(pattern).starts_with("/ws") {
                assert_eq!(answer.status, 101, "{pattern} as {role:?}");
            }
        }
    }
    let left = refusing.unix().sessions().await.expect("a list");
    assert_eq!(left.len(), 2, "no refused request changed anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_method_is_refused_with_those_there_are() {
    let (daemon, ..) = daemon_with_two_sessions().await;
    let address = daemon.address();
    let token = daemon.token(Role::Admin, None).await;
    for (_, pattern, needs) in routes() {
        let here: Vec<&str> = routes()
            .filter(|row| row.1 == pattern)
            .map(|row| row.0)
            .collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            if here.contains(&method) {
                continue;
            }
            let answer = ask(address, method, &path(pattern), Some(&token)).await;
            assert_eq!(answer.status, 405, "{method} {pattern}");
            assert_eq!(answer.header("allow"), Some(&*here.join(", ")), "{pattern}");
            if needs != Needs::Nothing {
                let answer = ask(address, method, &path(pattern), None).await;
                assert_eq!(
                    answer.status, 401,
                    "{method} {pattern} tells a stranger nothing"
                );
            }
        }
        let answer = ask(address, "OPTIONS", &path(pattern), Some(&token)).await;
        assert_eq!(answer.status, 405, "OPTIONS {pattern}");
    }
    let left = daemon.unix().sessions().await.expect("a list");
    assert_eq!(left.len(), 2, "no refused request changed anything");
}
