//! `/api/…`: sessions, keys and the daemon itself.

use serde_json::json;
use webtty_protocol::names::SESSIONS_REMAINING_HEADER;

use super::operation::{Operation, count, list_of, reference, text};

const SESSIONS: &str = "Sessions";
const KEYS: &str = "Keys";
const DAEMON: &str = "Daemon";

pub(super) fn list_sessions() -> Operation {
    Operation::new(SESSIONS, "List the sessions that the credential reaches").gives(
        200,
        "The sessions, in the order of their ids.",
        list_of("SessionInfo"),
    )
}

pub(super) fn create_session() -> Operation {
    Operation::new(SESSIONS, "Make a session")
        .details("Without `cmd` and `start` its shell starts at the first attach.")
        .takes("CreateSession")
        .gives(201, "The session.", reference("SessionInfo"))
        .refuses(409, "The id is taken.")
        .refuses(
            422,
            "The directory is none, or the command could not be started.",
        )
        .refuses(429, "There are as many sessions as there may be.")
        .refuses(
            503,
            "The machine has nothing left to run a shell in, such as a pseudo-terminal.",
        )
}

pub(super) fn get_session() -> Operation {
    Operation::new(SESSIONS, "One session").of_session().gives(
        200,
        "The session.",
        reference("SessionInfo"),
    )
}

pub(super) fn change_session() -> Operation {
    Operation::new(
        SESSIONS,
        "Rename a session, or let another window decide its size",
    )
    .details("Sockets stay.")
    .of_session()
    .takes("ChangeSession")
    .gives(200, "The session.", reference("SessionInfo"))
    .refuses(409, "The id is taken.")
}

pub(super) fn delete_session() -> Operation {
    Operation::new(SESSIONS, "End a session")
        .details("Its processes get SIGHUP, then SIGTERM, then SIGKILL.")
        .of_session()
        .gives_one_of(204, "It has ended.", &[])
        .with_header(
            SESSIONS_REMAINING_HEADER,
            "How many sessions are left.",
            &count(),
        )
}

pub(super) fn get_control() -> Operation {
    Operation::new(
        SESSIONS,
        "Who types into a session, who asks to, and who was let",
    )
    .of_session()
    .gives(200, "As it is now.", reference("ControlInfo"))
}

pub(super) fn hand_over() -> Operation {
    Operation::new(SESSIONS, "Let a viewer type, or no longer")
        .details(
            "For a time or until it is taken back. It is lent to that connection and ends with \
             it, and with the right of who lent it.",
        )
        .of_session()
        .takes("HandOver")
        .gives_one_of(204, "Done.", &[])
        .refuses(
            404,
            "There is no such session, or no such connection to it.",
        )
        .refuses(409, "Nobody may type into the session.")
        .refuses(429, "Control is lent to as many as it may be.")
}

pub(super) fn login() -> Operation {
    Operation::new(KEYS, "Exchange a key for a token")
        .takes("Login")
        .gives(200, "The token.", reference("LoginReply"))
        .refuses(
            401,
            "The key is not valid: it may have expired, been used up or been revoked.",
        )
}

pub(super) fn list_keys() -> Operation {
    Operation::new(KEYS, "List the keys").gives(
        200,
        "All of them, without what makes them keys.",
        list_of("KeyInfo"),
    )
}

pub(super) fn create_key() -> Operation {
    Operation::new(KEYS, "Make a key, and the link that carries it")
        .takes("CreateKey")
        .gives(
            201,
            "The key. It is shown this once.",
            reference("CreatedKey"),
        )
        .refuses(404, "There is no such session.")
        .refuses(429, "There are as many keys as there may be.")
}

pub(super) fn change_key() -> Operation {
    Operation::new(KEYS, "Let a key allow something else")
        .details("Who came in by it stays, and is told what it may do from now on.")
        .of("key", "The key's id, which is no secret.", text())
        .takes("ChangeKey")
        .gives(200, "The key, without its secret.", reference("KeyInfo"))
        .refuses(404, "There is no such key.")
}

pub(super) fn revoke_key() -> Operation {
    Operation::new(KEYS, "End a key, its tokens and their sockets")
        .of("key", "The key's id, which is no secret.", text())
        .gives_one_of(204, "It has ended.", &[])
        .refuses(404, "There is no such key.")
}

pub(super) fn config() -> Operation {
    Operation::new(DAEMON, "How a page is to look and behave").gives(
        200,
        "The settings, as they are at this moment.",
        reference("PageSettings"),
    )
}

pub(super) fn health() -> Operation {
    Operation::new(DAEMON, "How the daemon is").gives(
        200,
        "Its version, how long it has run, what there is.",
        reference("Health"),
    )
}

pub(super) fn stop() -> Operation {
    let stopping = json!({
        "type": "object",
        "properties": { "stopping": { "const": true } },
        "required": ["stopping"],
    });
    Operation::new(DAEMON, "Stop the daemon and end all sessions").gives(
        200,
        "It is about to.",
        stopping,
    )
}
