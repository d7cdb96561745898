//! Which session is meant when a command names none.

use std::env;

use webtty_client::Client;
use webtty_protocol::SessionId;
use webtty_protocol::names::{ENV_SESSION, ENV_SESSION_EPOCH};
use webtty_protocol::rest::{SessionInfo, SessionState};

use crate::failure::{Failure, NO_SESSION, USAGE};

/// The session that was named, else the one this runs in, else the only running one or the last
/// used. `how` is how one is named.
pub(crate) async fn here_or_only(
    client: &Client,
    named: Option<SessionId>,
    how: &str,
) -> Result<SessionId, Failure> {
    if named.is_none()
        && let Some(here) = here(client).await?
    {
        return Ok(here);
    }
    only(client, named, how).await
}

/// The session that was named, else the only running one or the last used. `how` is how one is named.
pub(crate) async fn only(
    client: &Client,
    named: Option<SessionId>,
    how: &str,
) -> Result<SessionId, Failure> {
    match named {
        Some(id) => Ok(id),
        None => only_of(&client.sessions().await?, how),
    }
}

/// The session this command runs in, whatever it was renamed to since.
async fn here(client: &Client) -> Result<Option<SessionId>, Failure> {
    let text = match env::var(ENV_SESSION) {
        Ok(id) if !id.is_empty() => id,
        _ => return Ok(None),
    };
    let told = |error| Failure::new(USAGE, format!("{ENV_SESSION}: {error}"));
    let named: SessionId = text.parse().map_err(told)?;
    let lasting = env::var(ENV_SESSION_EPOCH).unwrap_or_default();
    match lasting.split_once('/') {
        // Somebody has set the one and not the other: that one is meant.
        Some((id, epoch)) if id == text => now_called(client, named, epoch).await.map(Some),
        _ => Ok(Some(named)),
    }
}

/// What the session of this epoch is called now. Where the list may not be seen, it is what it was.
async fn now_called(client: &Client, named: SessionId, epoch: &str) -> Result<SessionId, Failure> {
    let Ok(sessions) = client.sessions().await else {
        return Ok(named);
    };
    let mut known = sessions.iter().filter(|session| !session.epoch.is_empty());
    if let Some(session) = known.clone().find(|session| session.epoch == epoch) {
        return Ok(session.id.clone());
    }
    // A daemon before this one knew other epochs; one of this one's own says that ours is over.
    if known.any(|session| session.id == named) {
        let message = format!("the session this runs in has ended; {named} is another one now");
        return Err(Failure::new(NO_SESSION, message).hint("`webtty ls` lists them"));
    }
    Ok(named)
}

fn only_of(sessions: &[SessionInfo], how: &str) -> Result<SessionId, Failure> {
    let running = || {
        let is_running = |session: &&SessionInfo| session.state == SessionState::Running;
        sessions.iter().filter(is_running)
    };
    let last_used = running().filter(|session| session.last_used_at.is_some());
    match (
        running().count(),
        last_used.max_by_key(|session| session.last_used_at),
    ) {
        (0, _) => Err(Failure::new(NO_SESSION, "no session runs")
            .hint("`webtty run` starts one; `webtty ls` lists those that do not run")),
        (1, _) => Ok(running().next().expect("just counted").id.clone()),
        (_, Some(last)) => Ok(last.id.clone()),
        (_, None) => Err(Failure::new(NO_SESSION, "several sessions run")
            .hint(format!("say which with {how}; `webtty ls` lists them"))),
    }
}

#[cfg(test)]
mod tests {
    use webtty_protocol::SizePolicy;

    use super::*;

    fn session(id: &str, state: SessionState) -> SessionInfo {
        SessionInfo {
            id: id.parse().expect("an id"),
            epoch: String::new(),
            created_at: 0,
            last_used_at: None,
            base_dir: "/".into(),
            connected: false,
            pid: None,
            state,
            cmd: None,
            title: None,
            cols: 80,
            rows: 24,
            size_policy: SizePolicy::Driver,
            read_only: false,
            clipboard: false,
            viewers: 0,
            subscribers: 0,
            exit: None,
        }
    }

    #[test]
    fn the_only_running_one_or_the_last_used_is_meant() {
        use SessionState::{Exited, Idle, Running};
        let sessions = [
            session("a", Idle),
            session("b", Running),
            session("c", Exited),
        ];
        assert_eq!(
            only_of(&sessions, "-s ID").map(String::from).ok(),
            Some("b".into())
        );
        let used = |id, at| SessionInfo {
            last_used_at: Some(at),
            ..session(id, Running)
        };
        let sessions = [used("a", 5), used("b", 9), session("c", Running)];
        assert_eq!(
            only_of(&sessions, "-s ID").map(String::from).ok(),
            Some("b".into())
        );
        for none_or_several in [
            vec![session("a", Idle)],
            vec![session("a", Running), session("b", Running)],
        ] {
            let Err(Failure::Said(said)) = only_of(&none_or_several, "-s ID") else {
                panic!("there is no only one");
            };
            assert_eq!(said.code, NO_SESSION);
            assert!(said.hint.is_some());
        }
    }
}
