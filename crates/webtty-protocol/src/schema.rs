//! JSON Schemas of everything a page or a tool author may want to read or write, for generators.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::{config, control, error, events, execute, hub, input, pty, rest, screen, wait};

/// One JSON Schema (draft 2020-12) whose `$defs` hold every type of the protocol by name.
pub fn protocol() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    add::<error::ErrorBody>(&mut generator);
    add::<rest::SessionInfo>(&mut generator);
    add::<rest::CreateSession>(&mut generator);
    add::<rest::ChangeSession>(&mut generator);
    add::<rest::ChangeKey>(&mut generator);
    add::<rest::Health>(&mut generator);
    add::<rest::Login>(&mut generator);
    add::<rest::LoginReply>(&mut generator);
    add::<rest::CreateKey>(&mut generator);
    add::<rest::CreatedKey>(&mut generator);
    add::<rest::KeyInfo>(&mut generator);
    add::<rest::PublishReport>(&mut generator);
    add::<control::ControlInfo>(&mut generator);
    add::<control::HandOver>(&mut generator);
    add::<rest::StoredFile>(&mut generator);
    add::<execute::Execute>(&mut generator);
    add::<execute::ExecuteInput>(&mut generator);
    add::<execute::ExecuteLine>(&mut generator);
    add::<input::SessionInput>(&mut generator);
    add::<input::Typed>(&mut generator);
    add::<wait::Wait>(&mut generator);
    add::<wait::Waited>(&mut generator);
    add::<screen::ScreenState>(&mut generator);
    add::<config::PageSettings>(&mut generator);
    add::<events::EventFrame>(&mut generator);
    add::<pty::ServerMessage>(&mut generator);
    add::<pty::ClientMessage>(&mut generator);
    add::<hub::HubMessage>(&mut generator);
    add::<hub::HubRequest>(&mut generator);
    let definitions: Map<String, Value> = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "webtty protocol",
        "$defs": definitions,
    })
}

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    generator.subschema_for::<T>();
}
