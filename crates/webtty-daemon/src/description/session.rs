//! `/s/ID/…`: what is beside a session's page.

use serde_json::{Value, json};
use webtty_protocol::screen::ScreenFormat;

use super::operation::{Operation, count, lines_of, one_of, reference, text};

pub(super) fn publish() -> Operation {
    let any = json!({ "description": "One event a line: any JSON, at most 1 MiB." });
    Operation::new("Events", "Publish events beside a session")
        .details(
            "Each line is sent on as it arrives, so a request may last as long as its publisher. \
             One that is faster than those who listen is slowed down.",
        )
        .of_session()
        .takes_one_of(&[
            ("application/json", any.clone()),
            ("application/x-ndjson", any),
        ])
        .gives_one_of(204, "All lines were taken.", &[])
        .gives(
            200,
            "Some lines were not taken.",
            reference("PublishReport"),
        )
        .refuses(
            409,
            "No shell runs in the session, or it has ended meanwhile.",
        )
}

pub(super) fn execute() -> Operation {
    Operation::new("Programs", "Run a program beside a session's shell")
        .details(
            "It runs in the session's directory with its environment, without a terminal, and ends \
             with the request. The answer comes as it is written: a line of JSON for each piece of \
             output, the last for the exit. A body of JSON lines has the program in its first and \
             pieces of its standard input in the others, as they come. Empty lines mean nothing.",
        )
        .of_session()
        .takes_one_of(&[
            ("application/json", reference("Execute")),
            ("application/x-ndjson", reference("ExecuteInput")),
        ])
        .refuses(413, "The body, or its first line, is too large.")
        .refuses(415, "The body is of another type.")
        .gives_one_of(
            200,
            "It was started, or the system would not: the last line says so.",
            &[("application/x-ndjson", lines_of("ExecuteLine"))],
        )
        .refuses(409, "No shell runs in the session.")
        .refuses(429, "As many run as may at one time.")
}

pub(super) fn input() -> Operation {
    Operation::new("Programs", "Type into a terminal")
        .of_session()
        .takes("SessionInput")
        .gives(200, "It has gone to the terminal.", reference("Typed"))
        .refuses(409, "No shell runs in the session.")
        .refuses(429, "The program does not read what was typed before.")
}

pub(super) fn put_file() -> Operation {
    Operation::new("Programs", "Put a file beside a session")
        .details(
            "The body is the file. It is kept for the user the daemon runs as, under a name made \
             of the one given, and goes with the session.",
        )
        .of_session()
        .query("name", text(), "What the file is called. Must be given.")
        .takes_one_of(&[("*/*", json!({}))])
        .gives(201, "It is kept.", reference("StoredFile"))
        .refuses(409, "No shell runs in the session.")
        .refuses(413, "The file is too large.")
        .refuses(429, "The session has as many files as it may.")
}

pub(super) fn wait() -> Operation {
    Operation::new("Programs", "Wait for a text, for silence or for the end")
        .of_session()
        .takes("Wait")
        .gives(
            200,
            "One of them has come, or the time is over.",
            reference("Waited"),
        )
}

pub(super) fn event_stream() -> Operation {
    Operation::new("Events", "Events as server-sent events")
        .details(
            "`id:` is an event's number, `data:` the publisher's line. `event: lagged` tells of \
             events that are no longer kept, `event: end` of the end. `Last-Event-ID` resumes, \
             and counts more than `since`.",
        )
        .of_session()
        .query("since", count(), "Begin after the event of this number.")
        .query(
            "envelope",
            one_of(&["1"]),
            "Each event with its number and time.",
        )
        .query("follow", one_of(&["0"]), "End with what is there.")
        .gives_one_of(200, "The stream.", &[("text/event-stream", text())])
        .refuses(409, "No shell runs in the session.")
}

pub(super) fn screen() -> Operation {
    let formats = ScreenFormat::ALL.map(ScreenFormat::name);
    let contents: Vec<(&str, Value)> = ScreenFormat::ALL
        .iter()
        .map(|format| match format {
            ScreenFormat::Json => (format.media_type(), reference("ScreenState")),
            _ => (format.media_type(), text()),
        })
        .collect();
    Operation::new("Terminal", "What a terminal shows")
        .of_session()
        .query(
            "format",
            one_of(&formats),
            "The form; otherwise as `Accept` says.",
        )
        .query(
            "history",
            text(),
            "How many lines of scrollback to begin with, or `all`.",
        )
        .query("trim", text(), "Leave out what is blank at the end?")
        .gives_one_of(200, "The screen.", &contents)
        .with_header("ETag", "For `If-None-Match`.", &text())
        .gives_one_of(304, "Nothing has changed.", &[])
        .refuses(406, "It is not to be had in what `Accept` names.")
}
