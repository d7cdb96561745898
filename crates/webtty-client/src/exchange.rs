//! One HTTP request and its answer, over a connection of its own.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::http::{HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::limits::MAX_ANSWER_BYTES;
use crate::transport::{ReadToEnd, connect};

/// The body of a request: bytes, or a stream of them.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Sends a request and reads the whole answer; an answer that is no success is an error.
///
/// The answer may come before the body has been sent to its end, as a refusal does.
pub(crate) async fn exchange(
    endpoint: &Endpoint,
    method: Method,
    path: &str,
    content_type: Option<&'static str>,
    body: Body,
) -> Result<Answer, Error> {
    let request = request(endpoint, method, path, content_type, body)?;
    let stream = TokioIo::new(ReadToEnd::new(connect(endpoint).await?));
    let (mut sender, connection) = http1::handshake::<_, Body>(stream)
        .await
        .map_err(Error::from_hyper)?;
    let answering = async {
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        Ok((parts, body))
    };
    let (parts, body) = drive(connection, answering)
        .await
        .map_err(Error::from_hyper)?;
    let body = body.map_err(|error| Error::Io(io::Error::other(error)))?;
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.to_bytes(),
    };
    if answer.status.is_success() {
        Ok(answer)
    } else {
        Err(Error::from_answer(answer.status, &answer.body))
    }
}

/// What moves the bytes of a connection for as long as it is waited for.
pub(crate) type Driver = Pin<Box<dyn Future<Output = Result<(), hyper::Error>> + Send>>;

/// An answer under way, and the connection it comes over.
pub(crate) struct Open {
    pub(crate) connection: Driver,
    pub(crate) body: Incoming,
}

/// Sends a request and gives its answer as it comes; one that is no success is read to its end,
/// and an error.
pub(crate) async fn open(
    endpoint: &Endpoint,
    method: Method,
    path: &str,
    content_type: &'static str,
    body: Body,
) -> Result<Open, Error> {
    let request = request(endpoint, method, path, Some(content_type), body)?;
    let stream = TokioIo::new(ReadToEnd::new(connect(endpoint).await?));
    let (mut sender, connection) = http1::handshake::<_, Body>(stream)
        .await
        .map_err(Error::from_hyper)?;
    let mut connection: Driver = Box::pin(connection);
    let response = drive(&mut connection, sender.send_request(request))
        .await
        .map_err(Error::from_hyper)?;
    let (parts, body) = response.into_parts();
    if parts.status.is_success() {
        return Ok(Open { connection, body });
    }
    let reading = async { Ok(Limited::new(body, MAX_ANSWER_BYTES).collect().await) };
    let body = drive(connection, reading)
        .await
        .map_err(Error::from_hyper)?;
    let body = body.map_err(|error| Error::Io(io::Error::other(error)))?;
    Err(Error::from_answer(parts.status, &body.to_bytes()))
}

fn request(
    endpoint: &Endpoint,
    method: Method,
    path: &str,
    content_type: Option<&'static str>,
    body: Body,
) -> Result<Request<Body>, Error> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", endpoint.base_path()))
        .header(header::HOST, endpoint.host())
        .header(header::ACCEPT, "application/json");
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    if let Some(authorization) = authorization(endpoint) {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    request
        .body(body)
        .map_err(|error| Error::Io(io::Error::other(error)))
}

/// The value of the `Authorization` header, marked so that nothing prints it.
pub(crate) fn authorization(endpoint: &Endpoint) -> Option<HeaderValue> {
    let bearer = format!("Bearer {}", endpoint.token()?.expose());
    let mut value = HeaderValue::try_from(bearer).expect("a token is visible ASCII");
    value.set_sensitive(true);
    Some(value)
}

/// Drives a connection until its answer is there.
async fn drive<T>(
    connection: impl Future<Output = Result<(), hyper::Error>>,
    answering: impl Future<Output = Result<T, hyper::Error>>,
) -> Result<T, hyper::Error> {
    let mut answering = std::pin::pin!(answering);
    tokio::select! {
        biased;
        answered = &mut answering => answered,
        ended = connection => match answering.await {
            // Who waits for an answer is only told that none comes; the connection knows why.
            Err(error) if error.is_canceled() || error.is_closed() => match ended {
                Err(cause) => Err(cause),
                Ok(()) => Err(error),
            },
            answered => answered,
        },
    }
}
