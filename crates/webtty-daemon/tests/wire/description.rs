//! What the daemon says it serves is what it serves: the router's table, and real answers.

use std::collections::BTreeMap;

use jsonschema::{Registry, Resource, Validator};
use serde_json::{Value, json};
use webtty_client::Frame;
use webtty_daemon::{Needs, routes};
use webtty_protocol::Role;
use webtty_testkit::{Answer, RawConnection, TestDaemon, TestViewer, request, within};

/// The description as the daemon gives it, and what it has been seen to answer.
struct Description {
    document: Value,
    /// By pattern: what a path looks like and what it is called in the description.
    seen: BTreeMap<(String, String), Vec<u16>>,
}

impl Description {
    async fn of(daemon: &TestDaemon) -> Self {
        let host = daemon.address();
        let ask = format!("GET /api/openapi.json HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let answer = request(host, &ask).await;
        assert_eq!(answer.status, 200, "it needs no credential");
        Self {
            document: serde_json::from_str(&answer.body).expect("JSON"),
            seen: BTreeMap::new(),
        }
    }

    /// The path of the description that a request's path is one of.
    fn path_of(&self, target: &str) -> String {
        let target = target.split('?').next().expect("a path");
        let paths = self.document["paths"].as_object().expect("paths");
        let fits = |path: &&String| {
            let parts: Vec<_> = path.split('/').collect();
            let given: Vec<_> = target.split('/').collect();
            parts.len() == given.len()
                && parts
                    .iter()
                    .zip(&given)
                    .all(|(part, given)| part.starts_with('{') || part == given)
        };
        let mut all: Vec<&String> = paths.keys().filter(fits).collect();
        all.sort_by_key(|path| path.matches('{').count());
        all.first()
            .unwrap_or_else(|| panic!("{target} is not described"))
            .to_string()
    }

    fn validator(&self, schema: &Value) -> Validator {
        validator(&self.document, schema)
    }

    /// Checks that an answer is one of those described.
    fn check(&mut self, method: &str, target: &str, answer: &Answer) {
        let path = self.path_of(target);
        let what = format!("{method} {target}: {} {}", answer.status, answer.body);
        let operation = &self.document["paths"][&path][method.to_ascii_lowercase()];
        let described = &operation["responses"][answer.status.to_string()];
        assert!(described.is_object(), "not described: {what}");
        let content = described["content"].as_object();
        match answer.header("content-type") {
            None => assert!(
                answer.body.is_empty() && (content.is_none() || answer.status == 101),
                "a body should be there: {what}"
            ),
            Some(kind) => {
                let content = content.unwrap_or_else(|| panic!("no body is described: {what}"));
                let essence = |kind: &str| kind.split(';').next().unwrap_or_default().to_owned();
                let schema = content
                    .iter()
                    .find(|(known, _)| essence(known) == essence(kind) || *known == "*/*");
                let (_, schema) =
                    schema.unwrap_or_else(|| panic!("{kind} is not described: {what}"));
                let value = if essence(kind) == "application/json" {
                    serde_json::from_str(&answer.body).expect("JSON")
                } else {
                    Value::from(answer.body.clone())
                };
                let validator = self.validator(&schema["schema"]);
                let faults: Vec<String> = validator
                    .iter_errors(&value)
                    .map(|error| error.to_string())
                    .collect();
                assert!(faults.is_empty(), "{faults:?} in {what}");
            }
        }
        if let Some(headers) = described["headers"].as_object() {
            for name in headers.keys() {
                let there = answer.header(&name.to_ascii_lowercase());
                assert!(there.is_some(), "without {name}: {what}");
            }
        }
        let seen = self.seen.entry((path, method.to_ascii_lowercase()));
        seen.or_default().push(answer.status);
    }
}

/// A validator of a schema that may name those of the document.
fn validator(document: &Value, schema: &Value) -> Validator {
    let resource = Resource::from_contents(document.clone());
    let registry = Registry::new()
        .add("urn:webtty", resource)
        .expect("a document")
        .prepare()
        .expect("a document");
    let mut schema = schema.clone();
    absolute(&mut schema);
    jsonschema::options()
        .with_registry(&registry)
        .build(&schema)
        .expect("a schema")
}

/// Lets references to the document be found from elsewhere.
fn absolute(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = format!("urn:webtty{reference}");
            }
            members.values_mut().for_each(absolute);
        }
        Value::Array(all) => all.iter_mut().for_each(absolute),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_the_routers_table() {
    let daemon = TestDaemon::start().await;
    let description = Description::of(&daemon).await;
    let paths = description.document["paths"].as_object().expect("paths");
    let mut described = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let role = operation["x-role"].as_str().unwrap_or("none").to_owned();
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(open, role == "none", "{method} {path}");
            let mut pattern = path.clone();
            if let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                let name = &path[from + 1..to];
                let parameter = &operation["parameters"][0];
                assert_eq!(
                    (&parameter["name"], &parameter["in"]),
                    (&json!(name), &json!("path"))
                );
                let rest = if name == "file" { "{*}" } else { "{}" };
                pattern.replace_range(from..=to, rest);
            }
            described.push((method.to_ascii_uppercase(), pattern, role));
        }
    }
    let role = |needs| match needs {
        Needs::Nothing => "none",
        Needs::Credential | Needs::Subscribe => "any",
        Needs::View => "view",
        Needs::Publish => "publish",
        Needs::Control => "control",
        Needs::Admin => "admin",
    };
    let mut served: Vec<_> = routes()
        .map(|(method, pattern, needs)| {
            (
                method.to_owned(),
                pattern.to_owned(),
                role(needs).to_owned(),
            )
        })
        .collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Requests that together get every kind of answer, in this order.
const REQUESTS: [(&str, &str, &str, &str); 67] = [
    ("GET", "/api/openapi.json", "", ""),
    ("GET", "/docs", "", ""),
    ("GET", "/", "", ""),
    ("GET", "/s/main", "", ""),
    ("GET", "/s/NOT", "", ""),
    ("GET", "/p/1", "", ""),
    ("GET", "/favicon.ico", "", ""),
    ("GET", "/assets/none.js", "", ""),
    ("GET", "/pages/none.html", "", ""),
    ("POST", "/api/login", "", r#"{"key":"wk_wrong"}"#),
    ("POST", "/api/login", "", r#"{"token":1}"#),
    ("GET", "/api/sessions", "", ""),
    (
        "POST",
        "/api/sessions",
        "",
        r#"{"id":"new","cmd":["cat"],"baseDir":"/"}"#,
    ),
    ("POST", "/api/sessions", "", r#"{"id":"new"}"#),
    ("POST", "/api/sessions", "", r#"{"id":"NOT"}"#),
    (
        "POST",
        "/api/sessions",
        "",
        r#"{"baseDir":"/no/such/directory"}"#,
    ),
    (
        "POST",
        "/api/sessions",
        "",
        r#"{"cmd":["/no/such/program"],"baseDir":"/"}"#,
    ),
    (
        "POST",
        "/api/sessions",
        "Content-Type: text/plain\r\n",
        "{}",
    ),
    ("GET", "/api/sessions/new", "", ""),
    ("GET", "/api/sessions/none", "", ""),
    (
        "GET",
        "/api/sessions/new",
        "Authorization: Bearer wt_wrong\r\n",
        "",
    ),
    (
        "GET",
        "/api/sessions/new",
        "Origin: http://evil.example\r\n",
        "",
    ),
    ("GET", "/api/sessions/new?token=x", "", ""),
    ("PATCH", "/api/sessions/new", "", r#"{"id":"other"}"#),
    ("PATCH", "/api/sessions/other", "", r#"{"id":"main"}"#),
    ("PATCH", "/api/sessions/none", "", r#"{"id":"x"}"#),
    ("GET", "/api/sessions/main/control", "", ""),
    ("GET", "/api/sessions/none/control", "", ""),
    (
        "POST",
        "/api/sessions/main/control",
        "",
        r#"{"client":99,"action":"deny"}"#,
    ),
    ("GET", "/api/config", "", ""),
    ("GET", "/api/health", "", ""),
    (
        "POST",
        "/api/keys",
        "",
        r#"{"role":"view","label":"a note"}"#,
    ),
    (
        "POST",
        "/api/keys",
        "",
        r#"{"role":"view","session":"none"}"#,
    ),
    ("GET", "/api/keys", "", ""),
    ("DELETE", "/api/keys/none", "", ""),
    ("POST", "/s/main/publish", "", "1"),
    ("POST", "/s/main/publish", "", "1\n{"),
    (
        "POST",
        "/s/main/publish",
        "Content-Type: text/plain\r\n",
        "1",
    ),
    ("POST", "/s/none/publish", "", "1"),
    ("POST", "/s/main/execute", "", r#"{"cmd":"true"}"#),
    ("POST", "/s/main/execute", "", r#"{"args":[]}"#),
    ("POST", "/s/none/execute", "", r#"{"cmd":"true"}"#),
    ("POST", "/s/main/input", "", r#"{"keys":["Enter"]}"#),
    ("POST", "/s/main/input", "", r#"{"keys":["Entr"]}"#),
    ("POST", "/s/none/input", "", "{}"),
    ("POST", "/s/main/files?name=a", "", "a file"),
    ("POST", "/s/main/files", "", "a file"),
    ("POST", "/s/main/wait", "", r#"{"exit":true,"timeoutMs":0}"#),
    ("POST", "/s/main/wait", "", "{}"),
    ("POST", "/s/none/wait", "", "{}"),
    ("GET", "/s/main/screen", "", ""),
    ("GET", "/s/main/screen?format=ansi", "", ""),
    ("GET", "/s/main/screen?format=html", "", ""),
    ("GET", "/s/main/screen?format=json&history=all", "", ""),
    ("GET", "/s/main/screen?format=pdf", "", ""),
    ("GET", "/s/main/screen", "Accept: image/png\r\n", ""),
    ("GET", "/s/main/screen", "If-None-Match: *\r\n", ""),
    ("GET", "/s/none/screen", "", ""),
    ("GET", "/s/none/events", "", ""),
    ("GET", "/s/main/events?since=x", "", ""),
    ("GET", "/ws", "", ""),
    ("GET", "/ws/main/pty", "", ""),
    ("GET", "/ws/main/events", "", ""),
    ("GET", "/ws", UPGRADE, ""),
    ("DELETE", "/api/sessions/none", "", ""),
    ("DELETE", "/api/sessions/other", "", ""),
    ("POST", "/api/server/stop", "", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_is_described() {
    let daemon = TestDaemon::start().await;
    let main = daemon.shell("main").await;
    let mut description = Description::of(&daemon).await;
    let token = daemon.token(Role::Admin, None).await;
    let (key, _) = daemon.key_and_token(Role::View, None).await;
    let host = daemon.address();
    let revoke = format!("/api/keys/{key}");
    let view = r#"{"role":"view"}"#;
    let _viewer = TestViewer::v1(&daemon.unix(), &main, "").await;
    let control = daemon.unix().control(&main).await.expect("who is there");
    let deny = format!(
        r#"{{"client":{},"action":"deny"}}"#,
        control.clients[0].client
    );
    let more = [
        ("POST", "/api/sessions/main/control", "", deny.as_str()),
        ("PATCH", revoke.as_str(), "", view),
        ("DELETE", revoke.as_str(), "", ""),
        ("PATCH", revoke.as_str(), "", view),
    ];
    let (stop, before) = REQUESTS.split_last().expect("some");
    for (method, target, headers, body) in before.iter().chain(&more).chain([stop]) {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}");
        if !headers.contains("Authorization") {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if !body.is_empty() {
            if !headers.contains("Content-Type") {
                head.push_str("Content-Type: application/json\r\n");
            }
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        if !headers.contains("Upgrade") {
            head.push_str("Connection: close\r\n");
        }
        let answer = request(host, &format!("{head}\r\n{body}")).await;
        description.check(method, target, &answer);
    }
    let events = "/s/main/events?follow=0";
    let daemon = TestDaemon::start_open().await;
    daemon.shell("main").await;
    let host = daemon.address();
    let mut stream = RawConnection::open(host).await;
    let ask = format!("GET {events} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.send(ask.as_bytes()).await;
    let mut answer = stream.head().await;
    answer.body = "a stream".to_owned();
    description.check("GET", events, &answer);
    for (path, methods) in description.document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let seen = description.seen.get(&(path.clone(), method.clone()));
            let seen = seen.unwrap_or_else(|| panic!("{method} {path} was not tried"));
            let fine = seen.iter().any(|status| *status < 400);
            let none = ["/p/{pid}", "/assets/{file}", "/pages/{file}", "/api/login"]
                .contains(&path.as_str());
            assert!(
                fine || none || path.starts_with("/ws/"),
                "{method} {path}: {seen:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_of_a_socket_is_one_that_is_described() {
    let daemon = TestDaemon::start_open().await;
    let main = daemon.shell("main").await;
    let description = Description::of(&daemon).await;
    let side = |path: &str, side: &str| {
        let socket = &description.document["paths"][path]["get"]["x-websocket"];
        description.validator(&socket[side]["text"])
    };
    let from_hub = side("/ws", "fromServer");
    let to_hub = side("/ws", "fromClient");
    let mut hub = daemon.http().socket("/ws", &[]).await.expect("a socket");
    let requests = [
        r#"{"type":"subscribe","payload":{"id":1,"room":"sessions"}}"#,
        r#"{"type":"subscribe","payload":{"room":"daemon"}}"#,
        r#"{"type":"subscribe","payload":{"room":"session/main/events","since":0}}"#,
        r#"{"type":"subscribe","payload":{"room":"session/main/presence"}}"#,
        r#"{"type":"subscribe","payload":{"room":"session/none/presence"}}"#,
        r#"{"type":"publish","payload":{"id":2,"room":"session/main/events","event":[1]}}"#,
        r#"{"type":"send","payload":{"to":1,"event":{}}}"#,
        r#"{"type":"name","payload":{"name":"Ada"}}"#,
        r#"{"type":"unsubscribe","payload":{"id":3,"room":"daemon"}}"#,
    ];
    for text in requests {
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert!(to_hub.is_valid(&value), "{text}");
        hub.send_text(text).await.expect("sent");
    }
    let mut wrong: Value = serde_json::from_str(requests[0]).expect("JSON");
    wrong["payload"]["color"] = "red".into();
    assert!(!to_hub.is_valid(&wrong), "an unknown field is refused");
    let mut hears = async |wanted: &[&str]| {
        let mut left: Vec<&str> = wanted.to_vec();
        within("every message", async {
            while !left.is_empty() {
                let Frame::Text(text) = hub.next().await.expect("a frame") else {
                    panic!("no text");
                };
                let value: Value = serde_json::from_str(&text).expect("JSON");
                assert!(from_hub.is_valid(&value), "{text}");
                left.retain(|one| !text.contains(one));
            }
        })
        .await;
    };
    hears(&[
        "\"welcome\"",
        "\"subscribed\"",
        "\"published\"",
        "\"error\"",
    ])
    .await;
    hears(&["\"unsubscribed\""]).await;
    let mut viewer = TestViewer::v1(&daemon.http(), &main, "").await;
    // What comes and goes between two looks is not told, so each is waited for.
    hears(&["\"joined\"", "\"watched\""]).await;
    viewer.says(r#"{"type":"name","name":"Ada"}"#).await;
    hears(&["\"changed\""]).await;
    viewer.types("exit\n").await;
    viewer.ends().await;
    hears(&["\"exited\"", "\"removed\""]).await;
    let from_pty = side("/ws/{session}/pty", "fromServer");
    assert!(viewer.messages.len() > 2);
    for message in &viewer.messages {
        let value = serde_json::to_value(message).expect("JSON");
        assert!(from_pty.is_valid(&value), "{value}");
    }
}
