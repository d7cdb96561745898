//! Paths for people and browsers. They hold no data.

use super::operation::{Operation, count, one_of, reference, text};

const TAG: &str = "Pages";
const HTML: &str = "text/html; charset=utf-8";

pub(super) fn root() -> Operation {
    Operation::new(TAG, "The page that lists the sessions")
        .details("Without authentication it leads to the session used last, else to `main`.")
        .query(
            "list",
            one_of(&[""]),
            "Without authentication: the list all the same.",
        )
        .gives_one_of(200, "The page.", &[(HTML, text())])
        .gives_one_of(302, "To a session's page.", &[])
        .with_header("Location", "Where to.", &text())
        .refuses(422, "The session could not be made.")
}

pub(super) fn session_page() -> Operation {
    Operation::new(TAG, "A session's page")
        .details("The same for every id, so that it tells nothing.")
        .of("session", "The session's id.", reference("SessionId"))
        .gives_one_of(200, "The page.", &[(HTML, text())])
        .gives_one_of(
            404,
            "No valid id; without authentication also the page of a session that is not there.",
            &[(HTML, text()), ("application/json", reference("ErrorBody"))],
        )
}

pub(super) fn pid_redirect() -> Operation {
    Operation::new(TAG, "To the session whose shell has a process id")
        .of("pid", "The process id.", count())
        .gives_one_of(302, "To the session's page.", &[])
        .with_header("Location", "Where to.", &text())
        .refuses(404, "No session's shell has it.")
}

pub(super) fn own_page() -> Operation {
    Operation::new(TAG, "A file of the owner's own pages")
        .details("From the directory that the settings name; it may show terminals in a frame.")
        .of("file", "Its path below that directory.", text())
        .gives_one_of(200, "The file.", &[("*/*", text())])
        .gives_one_of(
            302,
            "To the path of a directory, which ends in a slash.",
            &[],
        )
        .with_header("Location", "Where to.", &text())
        .refuses(
            404,
            "There is no such file, or no such directory in the settings.",
        )
}

pub(super) fn asset() -> Operation {
    Operation::new(TAG, "A file of the page")
        .details(
            "Its name changes with its content, so it may be kept for ever. Compressed where the \
             request's `Accept-Encoding` takes `br` or `gzip`.",
        )
        .of("file", "Its name.", text())
        .gives_one_of(200, "The file.", &[("*/*", text())])
        .refuses(404, "There is no such file.")
}

pub(super) fn favicon() -> Operation {
    Operation::new(TAG, "The icon that browsers ask for unbidden")
        .gives_one_of(200, "The icon.", &[("image/svg+xml", text())])
        .gives_one_of(204, "There is none.", &[])
        .refuses(404, "There is none.")
}

pub(super) fn description() -> Operation {
    let schema = serde_json::json!({ "type": "object", "required": ["openapi", "paths"] });
    Operation::new(TAG, "This description, OpenAPI 3.1").gives(200, "The document.", schema)
}

pub(super) fn description_page() -> Operation {
    Operation::new(TAG, "This description as a page").gives_one_of(
        200,
        "The page.",
        &[(HTML, text())],
    )
}
