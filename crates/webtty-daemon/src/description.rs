//! The description of all paths, OpenAPI 3.1, made from the router's own table and the protocol's
//! own types, so that it cannot differ from what is served.
//!
//! The document is built as JSON values: its object model is small, the schemas come from
//! elsewhere as values anyway, and a crate of it would bring a second table of routes with it.

mod operation;
mod page;
mod pages;
mod rest;
mod session;
mod sockets;

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::router::{Endpoint, Needs, ROUTES, Route};
use operation::Operation;

/// The OpenAPI document.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(build);
    &DOCUMENT
}

/// The document as JSON text, of a daemon below this path.
pub(crate) fn json_text(base_path: &str) -> Cow<'static, str> {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    if base_path.is_empty() {
        return Cow::Borrowed(&TEXT);
    }
    let mut document = document().clone();
    document["servers"][0]["url"] = base_path.into();
    Cow::Owned(document.to_string())
}

/// The document as a page for people.
pub(crate) fn html() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| page::render(document()));
    &PAGE
}

fn build() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in &ROUTES {
        let operation = operation(route.endpoint);
        let path = operation.path(route.pattern);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        let method = route.method.as_str().to_ascii_lowercase();
        methods[method] = operation.describe(&name_of(route), role_of(route.needs));
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "webtty",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT", "identifier": "MIT" },
            "description": INTRODUCTION,
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token that POST /api/login gave for a key. For a WebSocket of a \
                    page it is offered as the subprotocol webtty.token.TOKEN, beside webtty.v1.",
            } },
        },
    })
}

const INTRODUCTION: &str = "Terminals to share, with a channel of events beside each. HEAD is \
    served wherever GET is, and OPTIONS nowhere. `x-role` says what a credential needs; one that \
    is for a session reaches that session only. WebSockets are described by `x-websocket`: the \
    messages of both sides. On the Unix socket the same paths need no credential.";

/// The endpoint's name, in the form of an identifier of the languages that read this.
fn name_of(route: &Route) -> String {
    let name = format!("{:?}", route.endpoint);
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_lowercase())
}

/// What a caller needs, as `x-role` says it; none when that is nothing.
fn role_of(needs: Needs) -> Option<&'static str> {
    match needs {
        Needs::Nothing => None,
        Needs::Credential | Needs::Subscribe => Some("any"),
        Needs::View => Some("view"),
        Needs::Publish => Some("publish"),
        Needs::Control => Some("control"),
        Needs::Admin => Some("admin"),
    }
}

/// The protocol's types, at the place where OpenAPI keeps them.
fn schemas() -> Value {
    let mut schemas = webtty_protocol::schema::protocol()["$defs"].take();
    move_references(&mut schemas);
    schemas
}

fn move_references(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = reference.replace("#/$defs/", "#/components/schemas/");
            }
            members.values_mut().for_each(move_references);
        }
        Value::Array(all) => all.iter_mut().for_each(move_references),
        _ => {}
    }
}

/// What an endpoint does. An endpoint without a description does not compile.
fn operation(endpoint: Endpoint) -> Operation {
    match endpoint {
        Endpoint::Root => pages::root(),
        Endpoint::SessionPage => pages::session_page(),
        Endpoint::PidRedirect => pages::pid_redirect(),
        Endpoint::OwnPage => pages::own_page(),
        Endpoint::Asset => pages::asset(),
        Endpoint::Favicon => pages::favicon(),
        Endpoint::Description => pages::description(),
        Endpoint::DescriptionPage => pages::description_page(),
        Endpoint::Login => rest::login(),
        Endpoint::ListSessions => rest::list_sessions(),
        Endpoint::CreateSession => rest::create_session(),
        Endpoint::GetSession => rest::get_session(),
        Endpoint::ChangeSession => rest::change_session(),
        Endpoint::DeleteSession => rest::delete_session(),
        Endpoint::GetControl => rest::get_control(),
        Endpoint::HandOver => rest::hand_over(),
        Endpoint::Config => rest::config(),
        Endpoint::Health => rest::health(),
        Endpoint::Stop => rest::stop(),
        Endpoint::ListKeys => rest::list_keys(),
        Endpoint::CreateKey => rest::create_key(),
        Endpoint::ChangeKey => rest::change_key(),
        Endpoint::RevokeKey => rest::revoke_key(),
        Endpoint::Publish => session::publish(),
        Endpoint::Execute => session::execute(),
        Endpoint::Input => session::input(),
        Endpoint::PutFile => session::put_file(),
        Endpoint::Wait => session::wait(),
        Endpoint::Screen => session::screen(),
        Endpoint::EventStream => session::event_stream(),
        Endpoint::PtySocket => sockets::pty(),
        Endpoint::EventsSocket => sockets::events(),
        Endpoint::HubSocket => sockets::hub(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("$ref", Value::String(reference)) => {
                            into.insert(reference);
                        }
                        _ => references(member, into),
                    }
                }
            }
            Value::Array(all) => all.iter().for_each(|one| references(one, into)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let mut found = BTreeSet::new();
        references(document(), &mut found);
        assert!(found.len() > 30);
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("a reference within");
            assert!(document().pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
        let mut names = BTreeSet::new();
        for methods in document()["paths"].as_object().expect("paths").values() {
            for operation in methods.as_object().expect("methods").values() {
                let name = operation["operationId"].as_str().expect("a name");
                assert!(names.insert(name), "{name} is there twice");
                assert!(!operation["summary"].as_str().expect("words").is_empty());
                assert!(
                    !operation["responses"]
                        .as_object()
                        .expect("answers")
                        .is_empty()
                );
            }
        }
        assert_eq!(names.len(), ROUTES.len());
    }

    /// The parsers of queries are plain code, so their names are looked for where they stand.
    #[test]
    fn every_parameter_of_a_query_is_read_and_the_other_way() {
        let source = include_str!("query.rs");
        let source = source.split("#[cfg(test)]").next().expect("code");
        let mut read = BTreeSet::new();
        for call in ["value(\"", "value(query, \"", "number(\""] {
            for (at, _) in source.match_indices(call) {
                let name = &source[at + call.len()..];
                read.insert(&name[..name.find('"').expect("an end")]);
            }
        }
        let mut described = BTreeSet::new();
        for methods in document()["paths"].as_object().expect("paths").values() {
            for operation in methods.as_object().expect("methods").values() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    if parameter["in"] == "query" && parameter["name"] != "list" {
                        described.insert(parameter["name"].as_str().expect("a name"));
                    }
                }
            }
        }
        assert_eq!(described, read);
    }

    #[test]
    fn the_page_names_every_path_and_holds_no_script() {
        let page = html();
        for path in document()["paths"].as_object().expect("paths").keys() {
            assert!(
                page.contains(&path.replace('{', "<em>").replace('}', "</em>")),
                "{path}"
            );
        }
        assert!(!page.contains("<script") && !page.contains("javascript:"));
    }
}
