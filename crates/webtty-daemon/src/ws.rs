//! WebSockets: the upgrade, and what all of them share.

mod connection;
mod control_frames;
#[cfg(feature = "echo")]
mod echo;
mod end;
mod events;
mod frame;
#[cfg(feature = "fuzzing")]
pub(crate) mod frames;
mod halves;
mod heartbeat;
mod hub;
mod outbound;
mod pty;
mod text;

use std::future::Future;
use std::sync::Arc;

use hyper::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use hyper_tungstenite::tungstenite::error::ProtocolError;
use hyper_tungstenite::tungstenite::protocol::WebSocketConfig;
use webtty_core::Session;
use webtty_core::session::Phase;
use webtty_protocol::limits::{
    MAX_EVENTS_MESSAGE_BYTES, MAX_HUB_MESSAGE_BYTES, MAX_PTY_MESSAGE_BYTES,
};
use webtty_protocol::names::{SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1};
use webtty_protocol::{Close, ErrorCode, SessionId};

use crate::app::App;
use crate::envelope;
use crate::error::ApiError;
use crate::gate::offered_subprotocols;
use crate::http::{self, ConnectionSlot, Request, Response};
use crate::keys::Grant;
use crate::lifetime;
use crate::limits::{MAX_PLAIN_PTY_MESSAGE_BYTES, SOCKET_ANSWER_BYTES, SOCKET_READ_BUFFER_BYTES};
use crate::link::Unwrap;
use crate::query::{EventsQuery, LogStart, PtyQuery};
use connection::{Connection, Socket};

/// `ws /ws/ID/pty`.
pub(crate) fn pty(
    app: &Arc<App>,
    grant: Grant,
    mut request: Request,
    id: &str,
) -> Result<Response, ApiError> {
    let query = PtyQuery::parse(request.uri().query().unwrap_or_default());
    let v1 = offered_subprotocols(request.headers()).any(|offered| offered == SUBPROTOCOL_V1);
    let most = if v1 {
        MAX_PTY_MESSAGE_BYTES
    } else {
        MAX_PLAIN_PTY_MESSAGE_BYTES
    };
    let (app, session) = (Arc::clone(app), reached(app, &grant, id)?);
    let (task_app, grant_role) = (Arc::clone(&app), grant.role);
    upgrade(&app, &mut request, most, async move |socket| {
        let mut connection = Connection::new(task_app, socket, grant).await;
        let Some(session) = session else {
            return connection.close(Close::SessionUnknown).await;
        };
        let starts = grant_role.may_control() && !query.view_only;
        if starts && let Err(error) = start_for(&session, &query) {
            return connection.close_saying(Close::NotRunning, &error).await;
        }
        pty::serve(connection, session, v1, &query).await;
    })
}

/// `ws /ws/ID/events`.
pub(crate) fn events(
    app: &Arc<App>,
    grant: Grant,
    mut request: Request,
    id: &str,
) -> Result<Response, ApiError> {
    let text = request.uri().query().unwrap_or_default().to_owned();
    let query = EventsQuery::parse(&text);
    let (app, session) = (Arc::clone(app), reached(app, &grant, id)?);
    // Before the client hears that the socket is open: what is published after that is its.
    let subscriber = session.as_ref().zip(query).map(|(session, query)| {
        let start = LogStart::parse(&text, query.since, session.epoch());
        let subscriber = session.events().subscribe(start.since);
        let seq = subscriber.position();
        let told = start.resumed.filter(|_| query.envelope);
        let notice = told.map(|resumed| envelope::log(session.epoch(), seq, resumed));
        (subscriber, notice)
    });
    let task_app = Arc::clone(&app);
    upgrade(
        &app,
        &mut request,
        MAX_EVENTS_MESSAGE_BYTES,
        async move |socket| {
            let mut connection = Connection::new(task_app, socket, grant).await;
            let Some(session) = session else {
                return connection.close(Close::SessionUnknown).await;
            };
            let Some((query, (subscriber, notice))) = query.zip(subscriber) else {
                return connection.close(Close::Policy).await;
            };
            match lifetime::channel_end(&session.phase()) {
                Some(close) => connection.close(close).await,
                None => events::serve(connection, &session, subscriber, query, notice).await,
            }
        },
    )
}

/// `ws /ws`.
pub(crate) fn hub(
    app: &Arc<App>,
    grant: Grant,
    mut request: Request,
) -> Result<Response, ApiError> {
    let task_app = Arc::clone(app);
    #[cfg(feature = "echo")]
    if request.uri().query() == Some("echo") {
        let most = echo::MAX_MESSAGE_BYTES;
        return upgrade(app, &mut request, most, async move |socket| {
            echo::serve(Connection::new(task_app, socket, grant).await).await;
        });
    }
    upgrade(
        app,
        &mut request,
        MAX_HUB_MESSAGE_BYTES,
        async move |socket| {
            hub::serve(Connection::new(task_app, socket, grant).await).await;
        },
    )
}

/// The session, or none when there is no such one: its socket is told after the upgrade, since
/// a page cannot read the status of a refused one.
fn reached(app: &App, grant: &Grant, id: &str) -> Result<Option<Arc<Session>>, ApiError> {
    let Ok(id) = id.parse::<SessionId>() else {
        return Ok(None);
    };
    if !grant.reaches(&id) {
        return Err(ApiError::forbidden());
    }
    Ok(app.registry.get(&id))
}

/// The first who attaches and may type starts an idle session's shell.
fn start_for(session: &Arc<Session>, query: &PtyQuery) -> Result<(), String> {
    if session.phase() != Phase::Idle {
        return Ok(());
    }
    if let Some(window) = query.window {
        session.expect(window);
    }
    session.start().map_err(|error| error.to_string())
}

/// Makes a socket of a request. `most` is the largest message from the client, in bytes.
fn upgrade<F: Future<Output = ()> + Send + 'static>(
    app: &App,
    request: &mut Request,
    most: usize,
    serve: impl FnOnce(Socket) -> F + Send + 'static,
) -> Result<Response, ApiError> {
    check_upgrade(request)?;
    if app.tasks.is_stopping() {
        return Err(ApiError::new(ErrorCode::Unavailable, "the daemon stops"));
    }
    let config = config(most);
    let chosen = chosen_subprotocol(request);
    let (response, socket) =
        hyper_tungstenite::upgrade(&mut *request, None).map_err(|error| refused(&error))?;
    let slot = request.extensions_mut().remove::<ConnectionSlot>();
    let unwrap = request.extensions_mut().remove::<Unwrap>();
    let unwrap = unwrap.expect("given to each request by its connection");
    app.tasks.spawn(async move {
        match socket.await {
            Ok(stream) => {
                let link = unwrap.take_out(stream.into_inner().into_inner());
                serve(Socket { link, config }).await;
            }
            Err(error) => tracing::debug!(%error, "an upgrade broke off"),
        }
        drop(slot);
    });
    let mut response = response.map(|_| http::no_body());
    if let Some(protocol) = chosen {
        response
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok(response)
}

/// How frames are read and written, and messages of at most so many bytes.
fn config(most: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(SOCKET_READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(SOCKET_ANSWER_BYTES)
        .max_message_size(Some(most))
        .max_frame_size(Some(most))
}

fn check_upgrade(request: &Request) -> Result<(), ApiError> {
    if !hyper_tungstenite::is_upgrade_request(request) {
        return Err(ApiError::upgrade_required());
    }
    let key = request.headers().get("sec-websocket-key");
    // RFC 6455 section 4.2.1: sixteen bytes in base64.
    if key.is_none_or(|key| key.len() != 24 || !key.as_bytes().ends_with(b"==")) {
        let message = "Sec-WebSocket-Key must be 16 bytes in base64";
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    Ok(())
}

fn refused(error: &ProtocolError) -> ApiError {
    match error {
        ProtocolError::MissingSecWebSocketVersionHeader => ApiError::upgrade_required(),
        _ => ApiError::new(
            ErrorCode::BadRequest,
            "this is not a valid WebSocket handshake",
        ),
    }
}

/// A browser that offers subprotocols drops a connection that answers with none of them.
fn chosen_subprotocol(request: &Request) -> Option<HeaderValue> {
    let offered: Vec<&str> = offered_subprotocols(request.headers()).collect();
    let v1 = offered.iter().find(|&&protocol| protocol == SUBPROTOCOL_V1);
    let token = || {
        offered
            .iter()
            .find(|protocol| protocol.starts_with(SUBPROTOCOL_TOKEN_PREFIX))
    };
    v1.or_else(token)
        .and_then(|protocol| HeaderValue::from_str(protocol).ok())
}
