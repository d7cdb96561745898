//! The table of all paths: which endpoint, for whom.

use hyper::Method;
use percent_encoding::percent_decode_str;
use webtty_protocol::{ErrorCode, Role};

use crate::error::ApiError;

/// Everything a path can lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Root,
    SessionPage,
    PidRedirect,
    OwnPage,
    Asset,
    Favicon,
    Description,
    DescriptionPage,
    Login,
    ListSessions,
    CreateSession,
    GetSession,
    ChangeSession,
    DeleteSession,
    GetControl,
    HandOver,
    Config,
    Health,
    Stop,
    ListKeys,
    CreateKey,
    ChangeKey,
    RevokeKey,
    Publish,
    Execute,
    Input,
    PutFile,
    Wait,
    Screen,
    EventStream,
    PtySocket,
    EventsSocket,
    HubSocket,
}

/// What a caller needs to get to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it holds no data.
    Nothing,
    /// Any valid credential.
    Credential,
    /// To see the terminal.
    View,
    /// To see events.
    Subscribe,
    /// To publish events.
    Publish,
    /// To type.
    Control,
    /// To administer.
    Admin,
}

impl Needs {
    /// Does this role have what is needed?
    pub(crate) fn met_by(self, role: Role) -> bool {
        match self {
            Self::Nothing | Self::Credential | Self::Subscribe => true,
            Self::View => role.may_view(),
            Self::Publish => role.may_publish(),
            Self::Control => role.may_control(),
            Self::Admin => role.may_administer(),
        }
    }
}

/// One row of the table. `{}` in the pattern stands for any one segment, `{*}` for all that
/// follow.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) pattern: &'static str,
    pub(crate) needs: Needs,
    pub(crate) endpoint: Endpoint,
}

const fn route(method: Method, pattern: &'static str, needs: Needs, endpoint: Endpoint) -> Route {
    Route {
        method,
        pattern,
        needs,
        endpoint,
    }
}

/// All paths.
pub(crate) static ROUTES: [Route; 33] = [
    route(Method::GET, "/", Needs::Nothing, Endpoint::Root),
    route(Method::GET, "/s/{}", Needs::Nothing, Endpoint::SessionPage),
    route(Method::GET, "/pages/{*}", Needs::Nothing, Endpoint::OwnPage),
    route(Method::GET, "/assets/{*}", Needs::Nothing, Endpoint::Asset),
    route(
        Method::GET,
        "/favicon.ico",
        Needs::Nothing,
        Endpoint::Favicon,
    ),
    route(
        Method::GET,
        "/api/openapi.json",
        Needs::Nothing,
        Endpoint::Description,
    ),
    route(
        Method::GET,
        "/docs",
        Needs::Nothing,
        Endpoint::DescriptionPage,
    ),
    route(Method::POST, "/api/login", Needs::Nothing, Endpoint::Login),
    route(Method::GET, "/p/{}", Needs::View, Endpoint::PidRedirect),
    route(
        Method::GET,
        "/api/sessions",
        Needs::View,
        Endpoint::ListSessions,
    ),
    route(
        Method::POST,
        "/api/sessions",
        Needs::Admin,
        Endpoint::CreateSession,
    ),
    route(
        Method::GET,
        "/api/sessions/{}",
        Needs::View,
        Endpoint::GetSession,
    ),
    route(
        Method::PATCH,
        "/api/sessions/{}",
        Needs::Admin,
        Endpoint::ChangeSession,
    ),
    route(
        Method::DELETE,
        "/api/sessions/{}",
        Needs::Admin,
        Endpoint::DeleteSession,
    ),
    route(
        Method::GET,
        "/api/sessions/{}/control",
        Needs::Control,
        Endpoint::GetControl,
    ),
    route(
        Method::POST,
        "/api/sessions/{}/control",
        Needs::Control,
        Endpoint::HandOver,
    ),
    route(
        Method::GET,
        "/api/config",
        Needs::Credential,
        Endpoint::Config,
    ),
    route(
        Method::GET,
        "/api/health",
        Needs::Credential,
        Endpoint::Health,
    ),
    route(
        Method::POST,
        "/api/server/stop",
        Needs::Admin,
        Endpoint::Stop,
    ),
    route(Method::GET, "/api/keys", Needs::Admin, Endpoint::ListKeys),
    route(Method::POST, "/api/keys", Needs::Admin, Endpoint::CreateKey),
    route(
        Method::PATCH,
        "/api/keys/{}",
        Needs::Admin,
        Endpoint::ChangeKey,
    ),
    route(
        Method::DELETE,
        "/api/keys/{}",
        Needs::Admin,
        Endpoint::RevokeKey,
    ),
    route(
        Method::POST,
        "/s/{}/publish",
        Needs::Publish,
        Endpoint::Publish,
    ),
    route(
        Method::POST,
        "/s/{}/execute",
        Needs::Control,
        Endpoint::Execute,
    ),
    route(Method::POST, "/s/{}/input", Needs::Control, Endpoint::Input),
    route(
        Method::POST,
        "/s/{}/files",
        Needs::Control,
        Endpoint::PutFile,
    ),
    route(Method::POST, "/s/{}/wait", Needs::View, Endpoint::Wait),
    route(Method::GET, "/s/{}/screen", Needs::View, Endpoint::Screen),
    route(
        Method::GET,
        "/s/{}/events",
        Needs::Subscribe,
        Endpoint::EventStream,
    ),
    route(Method::GET, "/ws", Needs::Credential, Endpoint::HubSocket),
    route(Method::GET, "/ws/{}/pty", Needs::View, Endpoint::PtySocket),
    route(
        Method::GET,
        "/ws/{}/events",
        Needs::Subscribe,
        Endpoint::EventsSocket,
    ),
];

/// Every row of the table: method, pattern and what a caller needs. For tests that must not forget
/// a row that is added later.
pub fn routes() -> impl Iterator<Item = (&'static str, &'static str, Needs)> {
    ROUTES
        .iter()
        .map(|route| (route.method.as_str(), route.pattern, route.needs))
}

/// What a method and a path lead to.
#[derive(Debug)]
pub(crate) enum Found {
    /// An endpoint, with what stood for the pattern's `{}`, decoded.
    Route(&'static Route, String),
    /// The path exists, with these methods; `public` when none of them needs a credential.
    OtherMethods { allow: String, public: bool },
    /// There is no such path.
    Nothing,
}

/// Looks a request up in the table. HEAD is served where GET is.
///
/// # Errors
/// 400 when the path is not UTF-8 or holds a NUL once decoded.
pub(crate) fn find(method: &Method, path: &str) -> Result<Found, ApiError> {
    let decoded = decode(path)?;
    let wanted = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let here: Vec<(&Route, String)> = ROUTES
        .iter()
        .filter_map(|route| Some((route, matches(route.pattern, &decoded)?)))
        .collect();
    if here.is_empty() {
        return Ok(Found::Nothing);
    }
    let public = here.iter().all(|(route, _)| route.needs == Needs::Nothing);
    let allow: Vec<&str> = here
        .iter()
        .map(|(route, _)| route.method.as_str())
        .collect();
    let allow = allow.join(", ");
    let found = here.into_iter().find(|(route, _)| route.method == *wanted);
    Ok(match found {
        Some((route, parameter)) => Found::Route(route, parameter),
        None => Found::OtherMethods { allow, public },
    })
}

/// The segments of a path, decoded one by one, so that an encoded slash separates nothing.
fn decode(path: &str) -> Result<Vec<String>, ApiError> {
    let bad = || ApiError::new(ErrorCode::BadRequest, "the path is not valid UTF-8 text");
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split('/')
        .map(|segment| {
            let text = percent_decode_str(segment)
                .decode_utf8()
                .map_err(|_| bad())?;
            if text.contains('\0') {
                Err(bad())
            } else {
                Ok(text.into_owned())
            }
        })
        .collect()
}

fn matches(pattern: &str, segments: &[String]) -> Option<String> {
    let mut parameter = String::new();
    let mut segments = segments.iter();
    for part in pattern.trim_start_matches('/').split('/') {
        match part {
            "{*}" => {
                let rest: Vec<&str> = segments.map(String::as_str).collect();
                return Some(rest.join("/"));
            }
            "{}" => parameter.clone_from(segments.next()?),
            literal => {
                if segments.next()? != literal {
                    return None;
                }
            }
        }
    }
    segments.next().is_none().then_some(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(method: &Method, path: &str) -> Option<(Endpoint, String)> {
        match find(method, path).ok()? {
            Found::Route(route, parameter) => Some((route.endpoint, parameter)),
            _ => None,
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_pattern() {
        for route in &ROUTES {
            let path = route.pattern.replace("{*}", "x.js").replace("{}", "x");
            let found = endpoint(&route.method, &path);
            assert_eq!(
                found.map(|(endpoint, _)| endpoint),
                Some(route.endpoint),
                "{path}"
            );
        }
    }

    #[test]
    fn odd_paths_lead_nowhere() {
        for path in ["//etc/passwd", "/s", "/s/a/b", "/api", "/ws/a", "/S/a"] {
            assert!(
                matches!(find(&Method::GET, path), Ok(Found::Nothing)),
                "{path}"
            );
        }
        assert!(find(&Method::GET, "/s/%00").is_err());
        assert!(find(&Method::GET, "/s/%ff").is_err());
        let found = endpoint(&Method::GET, "/assets/..%2f..%2fx");
        assert_eq!(
            found,
            Some((Endpoint::Asset, "../../x".into())),
            "which names no asset"
        );
    }

    #[test]
    fn another_method_is_told_which_there_are() {
        match find(&Method::PUT, "/api/sessions") {
            Ok(Found::OtherMethods { allow, public }) => {
                assert_eq!((allow.as_str(), public), ("GET, POST", false));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            find(&Method::POST, "/s/main"),
            Ok(Found::OtherMethods { public: true, .. })
        ));
        assert_eq!(
            endpoint(&Method::HEAD, "/"),
            Some((Endpoint::Root, String::new()))
        );
    }
}
