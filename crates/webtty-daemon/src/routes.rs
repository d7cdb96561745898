//! From a request to an answer: the gate, the table, the endpoint.

mod admitted;
mod control;
mod event_stream;
mod execute;
mod files;
mod input;
mod keys;
mod own_pages;
mod pages;
#[cfg(test)]
mod panics;
mod publish;
mod screen;
mod sessions;
mod wait;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::json;
use webtty_protocol::ErrorCode;
use webtty_protocol::config::PageSettings;

use crate::app::App;
use crate::error::ApiError;
use crate::gate::{self, Shown, Via};
use crate::health::health;
use crate::http::{self, Request, Response};
use crate::keys::Grant;
use crate::router::{self, Endpoint, Found, Needs, Route};
use crate::ws;
use admitted::Admitted;

/// Answers a request, whatever happens.
pub(crate) async fn handle(app: Arc<App>, via: Via, request: Request) -> Response {
    let method = request.method().clone();
    // The path only: a query may hold what belongs into no log.
    let path = request.uri().path().to_owned();
    let answer = unless_it_panics(answer(app, via, request)).await;
    let mut response = answer.unwrap_or_else(|error| {
        tracing::debug!(%method, path, ?error, "refused");
        error.into_response()
    });
    tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
    http::add_security_headers(response.headers_mut());
    response
}

/// A fault of ours costs the request it happened in, and nothing else.
async fn unless_it_panics(
    answer: impl Future<Output = Result<Response, ApiError>>,
) -> Result<Response, ApiError> {
    AssertUnwindSafe(answer)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            let message = "webtty failed at this request; its log says more";
            Err(ApiError::new(ErrorCode::Internal, message))
        })
}

async fn answer(app: Arc<App>, via: Via, request: Request) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    if head.method == Method::OPTIONS {
        return Err(ApiError::method_not_allowed("GET, POST, PATCH, DELETE"));
    }
    gate::check_origin(&app, via, &head)?;
    #[cfg(feature = "faults")]
    match head.uri.path() {
        "/panic" => panic!("as was asked for"),
        "/overflow" => {
            let large = std::hint::black_box(usize::MAX);
            std::hint::black_box(large + 1);
        }
        _ => {}
    }
    let (route, grant, parameter) = admit(&app, via, &head)?;
    let request = Request::from_parts(head, body);
    let admitted = Admitted {
        app,
        via,
        grant,
        request,
        parameter,
    };
    dispatch(route, admitted).await
}

/// The path below the one at which a proxy shows us. On the Unix socket there is no proxy.
fn path_of<'a>(app: &App, via: Via, head: &'a Parts) -> Option<&'a str> {
    let path = head.uri.path();
    match via {
        Via::Unix => Some(path),
        Via::Tcp { .. } => app.listening.base_path.strip(path),
    }
}

/// Finds the route and makes sure that the caller may take it. Who has no credential learns
/// nothing of what exists.
fn admit(app: &App, via: Via, head: &Parts) -> Result<(&'static Route, Grant, String), ApiError> {
    let found = match path_of(app, via, head) {
        Some(path) => router::find(&head.method, path)?,
        None => Found::Nothing,
    };
    let public = match &found {
        Found::Route(route, _) => route.needs == Needs::Nothing,
        Found::OtherMethods { public, .. } => *public,
        Found::Nothing => false,
    };
    let grant = match gate::identify(app, via, head)? {
        Shown::Valid(grant) => Some(grant),
        // A page that shows an old token is still only a page.
        Shown::Nothing | Shown::Invalid if public => None,
        Shown::Nothing | Shown::Invalid => return Err(gate::unauthorized(app, via)),
    };
    let (route, parameter) = match found {
        Found::Route(route, parameter) => (route, parameter),
        Found::OtherMethods { allow, .. } => return Err(ApiError::method_not_allowed(&allow)),
        Found::Nothing => return Err(ApiError::not_found()),
    };
    let grant = grant.unwrap_or(Grant {
        role: webtty_protocol::Role::View,
        ..Grant::owner()
    });
    if !route.needs.met_by(grant.role) && route.needs != Needs::Nothing {
        return Err(ApiError::forbidden());
    }
    Ok((route, grant, parameter))
}

async fn dispatch(route: &Route, admitted: Admitted) -> Result<Response, ApiError> {
    #[cfg(test)]
    panics::fault(&admitted.request);
    match route.endpoint {
        Endpoint::Root => pages::root(&admitted),
        Endpoint::SessionPage => pages::session(&admitted),
        Endpoint::PidRedirect => pages::by_pid(&admitted),
        Endpoint::OwnPage => own_pages::get(&admitted),
        Endpoint::Asset => pages::asset(&admitted, &admitted.parameter),
        Endpoint::Favicon => pages::favicon(&admitted),
        Endpoint::Description => Ok(pages::description(&admitted)),
        Endpoint::DescriptionPage => Ok(pages::description_page()),
        Endpoint::Login => keys::login(admitted).await,
        Endpoint::ListSessions => Ok(sessions::list(&admitted)),
        Endpoint::CreateSession => sessions::create(admitted).await,
        Endpoint::GetSession => sessions::get(&admitted),
        Endpoint::ChangeSession => sessions::change(admitted).await,
        Endpoint::DeleteSession => sessions::delete(&admitted),
        Endpoint::GetControl => control::get(&admitted),
        Endpoint::HandOver => control::hand_over(admitted).await,
        Endpoint::Config => Ok(http::json(
            StatusCode::OK,
            &PageSettings {
                // Limits are those of the daemon's start.
                max_file_bytes: admitted.app.limits.file_bytes,
                ..admitted.app.settings.current().page()
            },
        )),
        Endpoint::Health => Ok(http::json(
            StatusCode::OK,
            &health(&admitted.app, &admitted.grant),
        )),
        Endpoint::Stop => Ok(stop(&admitted.app)),
        Endpoint::ListKeys => Ok(http::json(StatusCode::OK, &admitted.app.keys.list())),
        Endpoint::CreateKey => keys::create(admitted).await,
        Endpoint::ChangeKey => keys::change(admitted).await,
        Endpoint::RevokeKey => keys::revoke(&admitted),
        Endpoint::Publish => publish::publish(admitted).await,
        Endpoint::Execute => execute::execute(admitted).await,
        Endpoint::PutFile => files::put(admitted).await,
        Endpoint::Input => input::type_into(admitted).await,
        Endpoint::Wait => wait::wait(admitted).await,
        Endpoint::Screen => screen::get(&admitted),
        Endpoint::EventStream => event_stream::serve(admitted),
        Endpoint::PtySocket => ws::pty(
            &admitted.app,
            admitted.grant.clone(),
            admitted.request,
            &admitted.parameter,
        ),
        Endpoint::EventsSocket => ws::events(
            &admitted.app,
            admitted.grant.clone(),
            admitted.request,
            &admitted.parameter,
        ),
        Endpoint::HubSocket => ws::hub(&admitted.app, admitted.grant, admitted.request),
    }
}

fn stop(app: &App) -> Response {
    tracing::info!("asked to stop");
    app.tasks.stop();
    http::json(StatusCode::OK, &json!({ "stopping": true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_500_and_the_next_request_is_answered() {
        let panicking = async { panic!("a fault of ours") };
        let error = unless_it_panics(panicking).await.expect_err("a refusal");
        assert_eq!(error.into_response().status(), 500);
        let fine = async { Ok(http::empty(StatusCode::OK)) };
        assert!(unless_it_panics(fine).await.is_ok());
    }
}
