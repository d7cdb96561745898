//! The daemon's REST paths, one method each.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use webtty_protocol::SessionId;
use webtty_protocol::config::PageSettings;
use webtty_protocol::control::{ControlInfo, HandOver};
use webtty_protocol::names::SESSIONS_REMAINING_HEADER;
use webtty_protocol::rest::{
    ChangeKey, ChangeSession, CreateKey, CreateSession, CreatedKey, Health, KeyInfo, Login,
    LoginReply, SessionInfo,
};
use webtty_protocol::screen::ScreenFormat;

use crate::endpoint::{Endpoint, HttpUrl};
use crate::error::Error;
use crate::exchange::{Answer, exchange, full};
use crate::limits::ANSWER_TIMEOUT;
use crate::secret::Credential;
use crate::trust::Trust;

const JSON: &str = "application/json";

/// A client of one daemon. Each request has a connection of its own, so a client is as cheap as
/// its endpoint and any number of its requests may run at once.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Endpoint,
}

impl Client {
    /// A client of the daemon at that endpoint. Nothing is connected yet.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    /// A client over HTTP, or HTTPS with whom `trust` allows. A key is exchanged for a token first.
    pub async fn over_http(
        url: HttpUrl,
        trust: Trust,
        credential: Option<Credential>,
    ) -> Result<Self, Error> {
        let client = |token| {
            let (url, trust) = (url.clone(), trust.clone());
            Self::new(Endpoint::Http { url, token, trust })
        };
        let token = match credential {
            None => None,
            Some(Credential::Token(token)) => Some(token),
            Some(Credential::Key(key)) => {
                let reply = client(None).login(&key).await?;
                let token = reply.token.parse().map_err(|_| Error::VersionSkew {
                    what: "the token has an unknown form".to_owned(),
                })?;
                Some(token)
            }
        };
        Ok(client(token))
    }

    /// Where its daemon is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// All sessions.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        self.get("/api/sessions").await
    }

    /// Makes a session.
    pub async fn create_session(&self, wish: &CreateSession) -> Result<SessionInfo, Error> {
        self.send(Method::POST, "/api/sessions", wish).await
    }

    /// One session.
    pub async fn session(&self, id: &SessionId) -> Result<SessionInfo, Error> {
        self.get(&session_path(id)).await
    }

    /// Gives a session another id. Its sockets stay.
    pub async fn rename_session(
        &self,
        id: &SessionId,
        new: &SessionId,
    ) -> Result<SessionInfo, Error> {
        let wish = ChangeSession {
            id: Some(new.clone()),
            ..ChangeSession::default()
        };
        self.change_session(id, &wish).await
    }

    /// Changes what of a session can change.
    pub async fn change_session(
        &self,
        id: &SessionId,
        wish: &ChangeSession,
    ) -> Result<SessionInfo, Error> {
        self.send(Method::PATCH, &session_path(id), wish).await
    }

    /// Who types into a session, who asks to, and who was let.
    pub async fn control(&self, id: &SessionId) -> Result<ControlInfo, Error> {
        self.get(&format!("{}/control", session_path(id))).await
    }

    /// Lets a viewer of a session type, does not, or no longer.
    pub async fn hand_over(&self, id: &SessionId, wish: &HandOver) -> Result<(), Error> {
        let path = format!("{}/control", session_path(id));
        let json = serde_json::to_vec(wish).map_err(Error::Unsendable)?;
        self.ask(Method::POST, &path, Some(json)).await?;
        Ok(())
    }

    /// A session's screen, with at most `history` lines above it and without the empty lines at
    /// its end, in one of its forms.
    pub async fn screen(
        &self,
        id: &SessionId,
        format: ScreenFormat,
        history: usize,
    ) -> Result<Bytes, Error> {
        let name = format.name();
        let path = format!("/s/{id}/screen?format={name}&history={history}&trim=1");
        Ok(self.ask(Method::GET, &path, None).await?.body)
    }

    /// Ends a session. Says how many are left, where the daemon told.
    pub async fn delete_session(&self, id: &SessionId) -> Result<Option<usize>, Error> {
        let answer = self.delete(&session_path(id)).await?;
        let remaining = answer.headers.get(SESSIONS_REMAINING_HEADER);
        Ok(remaining.and_then(|value| value.to_str().ok()?.parse().ok()))
    }

    /// What a page is told about how it should look and behave.
    pub async fn page_settings(&self) -> Result<PageSettings, Error> {
        self.get("/api/config").await
    }

    /// Liveness, version and address.
    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }

    /// Asks the daemon to stop. The answer comes before it has.
    pub async fn stop_server(&self) -> Result<(), Error> {
        self.ask(Method::POST, "/api/server/stop", None).await?;
        Ok(())
    }

    /// Exchanges a key for a token.
    pub async fn login(&self, key: &str) -> Result<LoginReply, Error> {
        let key = key.to_owned();
        self.send(Method::POST, "/api/login", &Login { key }).await
    }

    /// Makes a key. Only this answer ever shows it.
    pub async fn create_key(&self, wish: &CreateKey) -> Result<CreatedKey, Error> {
        self.send(Method::POST, "/api/keys", wish).await
    }

    /// All keys, without what makes them keys.
    pub async fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.get("/api/keys").await
    }

    /// Lets a key, and who came in by it, do something else from now on.
    pub async fn change_key(&self, id: &str, change: ChangeKey) -> Result<KeyInfo, Error> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("/api/keys/{id}");
        self.send(Method::PATCH, &path, &change).await
    }

    /// Revokes a key, the tokens it was exchanged for, and their sockets.
    pub async fn revoke_key(&self, id: &str) -> Result<(), Error> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        self.delete(&format!("/api/keys/{id}")).await?;
        Ok(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        read(&self.ask(Method::GET, path, None).await?)
    }

    async fn delete(&self, path: &str) -> Result<Answer, Error> {
        self.ask(Method::DELETE, path, None).await
    }

    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        wish: &impl Serialize,
    ) -> Result<T, Error> {
        self.send_and_wait(method, path, wish, Duration::ZERO).await
    }

    /// Sends what may take so much longer than others to be answered.
    pub(crate) async fn send_and_wait<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        wish: &impl Serialize,
        longer: Duration,
    ) -> Result<T, Error> {
        let json = serde_json::to_vec(wish).map_err(Error::Unsendable)?;
        let within = ANSWER_TIMEOUT + longer;
        read(&self.ask_within(method, path, Some(json), within).await?)
    }

    /// Sends a small request and waits for its answer.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        json: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        self.ask_within(method, path, json, ANSWER_TIMEOUT).await
    }

    async fn ask_within(
        &self,
        method: Method,
        path: &str,
        json: Option<Vec<u8>>,
        within: Duration,
    ) -> Result<Answer, Error> {
        let content_type = json.as_ref().map(|_| JSON);
        let body = full(json.unwrap_or_default());
        let asking = exchange(&self.endpoint, method, path, content_type, body);
        match timeout(within, asking).await {
            Ok(answered) => answered,
            Err(_) => Err(Error::Timeout {
                place: self.endpoint.to_string(),
                seconds: within.as_secs(),
            }),
        }
    }
}

fn session_path(id: &SessionId) -> String {
    // Ids need no escaping; that is what their rules are for.
    format!("/api/sessions/{id}")
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| Error::VersionSkew {
        what: error.to_string(),
    })
}
