//! What an attached terminal is told beside the session's output: who asks to type, and how one's
//! own request stands.

use std::time::Duration;

use webtty_protocol::Role;
use webtty_protocol::control::{ControlRequest, ControlState, RequestState};

use crate::output::harmless;
use crate::times::lasting;

/// What has been told already.
#[derive(Debug, Default)]
pub(super) struct Notices {
    asked: Vec<u64>,
}

impl Notices {
    /// Somebody asks who did not before: what to say of the newest of them.
    pub(super) fn of_requests(&mut self, state: &ControlState, session: &str) -> Option<String> {
        let news = state.requests.iter().rev();
        let newest = news
            .into_iter()
            .find(|one| !self.asked.contains(&one.client));
        let told = newest.map(|request| {
            let (who, client) = (named(request), request.client);
            format!("{who} asks to type: webtty control grant {client} --for 10m -s {session}")
        });
        self.asked = state.requests.iter().map(|one| one.client).collect();
        told
    }
}

fn named(request: &ControlRequest) -> String {
    let name = request.name.as_ref().or(request.label.as_ref());
    name.map_or_else(
        || format!("client {}", request.client),
        |name| harmless(name),
    )
}

/// How one's own request stands.
pub(super) fn of_request(state: RequestState) -> &'static str {
    match state {
        RequestState::Waiting => "asked; you are told here when somebody answers",
        RequestState::Denied => "your request to type was declined",
        RequestState::Unanswered => "nobody has answered your request to type",
        RequestState::TooSoon => "you asked a moment ago; wait some seconds",
        RequestState::TooMany => "too many others ask to type now",
        RequestState::Impossible => "nobody can type into this session from here",
    }
}

/// What one may do from now on. `left` is for how long, where an end is set.
pub(super) fn of_role(role: Role, left: Option<Duration>) -> String {
    match (role.may_control(), left) {
        (true, Some(left)) => format!("you may type for {}", lasting(left)),
        (true, None) => "you may type".to_owned(),
        (false, _) => "you may only look".to_owned(),
    }
}

/// A line over the terminal's first one, cut to its width; cursor, colours and modes come back as
/// they were (DECSC and DECRC of the VT100; the place where a program has saved its own cursor is
/// taken for it). What was there comes back when the program draws it anew.
pub(super) fn line(text: &str, cols: usize) -> String {
    let text: String = text.chars().take(cols.saturating_sub(2)).collect();
    format!("\x1b7\x1b[?6l\x1b[H\x1b[0;7m\x0f {text} \x1b[0m\x1b[K\x1b8")
}

/// How many bytes of a character are still to come after these, which end in the middle of one.
pub(super) fn utf8_left(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).enumerate();
    for (behind, byte) in last {
        let len = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        return usize::saturating_sub(len, behind + 1);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(client: u64, name: Option<&str>) -> ControlRequest {
        ControlRequest {
            client,
            label: None,
            name: name.map(str::to_owned),
            until: 0,
        }
    }

    #[test]
    fn each_request_is_told_once_with_what_to_do() {
        let mut notices = Notices::default();
        let mut state = ControlState::default();
        assert_eq!(notices.of_requests(&state, "a"), None);
        state.requests.push(asks(7, Some("Ada\x1b[2J")));
        let told = notices.of_requests(&state, "a").expect("news");
        let expected = "Ada\u{fffd}[2J asks to type: webtty control grant 7 --for 10m -s a";
        assert_eq!(told, expected);
        assert_eq!(notices.of_requests(&state, "a"), None);
        state.requests = vec![asks(8, None)];
        let told = notices.of_requests(&state, "a").expect("news");
        assert!(told.starts_with("client 8 asks"), "{told}");
        state.requests = vec![asks(7, None)];
        assert!(notices.of_requests(&state, "a").is_some(), "it asks again");
    }

    #[test]
    fn a_character_is_not_cut_in_two() {
        for text in ["a", "\u{e9}", "\u{6f22}", "\u{1f600}"] {
            let bytes = text.as_bytes();
            for cut in 0..=bytes.len() {
                let left = if cut == 0 { 0 } else { bytes.len() - cut };
                assert_eq!(utf8_left(&bytes[..cut]), left, "{text} cut at {cut}");
            }
        }
        assert_eq!(utf8_left(b"\x80\x80\x80\x80"), 0);
    }

    #[test]
    fn a_line_is_no_wider_than_the_terminal() {
        assert!(line("abcdef", 6).contains(" abcd "));
        assert!(line("ab", 80).starts_with("\x1b7"));
    }
}
