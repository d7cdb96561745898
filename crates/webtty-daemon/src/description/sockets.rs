//! The WebSockets, with their messages.

use serde_json::{Value, json};
use webtty_protocol::Close;
use webtty_protocol::names::SUBPROTOCOL_V1;

use super::operation::{Operation, count, one_of, reference, text};

pub(super) fn pty() -> Operation {
    Operation::new(
        "Terminal",
        "A terminal: its output, and what is typed into it",
    )
    .details(
        "With the subprotocol webtty.v1 binary frames are terminal bytes and text frames are \
             messages. Without a subprotocol, output comes as text; input is text or binary, and \
             a text frame that is a resize object is a resize. An unknown session is told by a \
             close, 4001, since a page cannot read the status of a refused upgrade.",
    )
    .of("session", "The session's id.", reference("SessionId"))
    .query(
        "cols",
        json!({ "type": "number" }),
        "The window's width in columns.",
    )
    .query(
        "rows",
        json!({ "type": "number" }),
        "The window's height in rows.",
    )
    .query("cell", text(), "A cell's size in pixels, `WIDTHxHEIGHT`.")
    .query(
        "role",
        one_of(&["view"]),
        "Only look, whatever the credential allows.",
    )
    .query("from", count(), "Resume at this offset of the output.")
    .query(
        "epoch",
        text(),
        "Which output that offset counts, as `hello` told it.",
    )
    .query(
        "history",
        count(),
        "How many lines of scrollback to begin with.",
    )
    .query(
        "lossless",
        one_of(&["1"]),
        "Let the shell wait for this viewer, within limits.",
    )
    .query(
        "deflate",
        one_of(&["1"]),
        "Send large snapshots compressed, see `Snapshot`.",
    )
    .upgrades(json!({
        "subprotocol": SUBPROTOCOL_V1,
        "fromClient": {
            "text": reference("ClientMessage"),
            "binary": { "description": "What is typed." },
        },
        "fromServer": {
            "text": reference("ServerMessage"),
            "binary": { "description": "The terminal's output." },
        },
        "closes": closes(),
    }))
}

pub(super) fn events() -> Operation {
    Operation::new("Events", "A session's events, each a text frame")
        .details("It takes no messages. It closes with the shell, 4001.")
        .of("session", "The session's id.", reference("SessionId"))
        .query("since", count(), "Begin after the event of this number.")
        .query("epoch", text(), "Which log that number counts in.")
        .query(
            "envelope",
            one_of(&["1"]),
            "Each event with its number and time, and losses told instead of a close.",
        )
        .query("follow", one_of(&["0"]), "End with what is there.")
        .upgrades(json!({
            "fromServer": { "text": {
                "anyOf": [
                    reference("EventFrame"),
                    { "description": "Without an envelope: what was published." },
                ],
            } },
            "closes": closes(),
        }))
}

pub(super) fn hub() -> Operation {
    Operation::new("Events", "The hub: everything live over one socket")
        .details(
            "A client subscribes to rooms and is told the state of each first, then what changes, \
             numbered. What a credential does not allow is answered by an `error`.",
        )
        .upgrades(json!({
            "fromClient": { "text": reference("HubRequest") },
            "fromServer": { "text": reference("HubMessage") },
            "closes": closes(),
        }))
}

fn closes() -> Value {
    let describe = |close: Close| json!({ "code": close.code(), "reason": close.reason() });
    Close::ALL.map(describe).to_vec().into()
}
