//! `POST /s/ID/execute`: a program beside a session's shell, its output as JSON lines.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::{BodyExt, StreamBody};
use hyper::StatusCode;
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webtty_core::json_lines::LineSplitter;
use webtty_core::program::alone;
use webtty_protocol::ErrorCode;
use webtty_protocol::execute::{Execute, ExecuteLine, Stream};
use webtty_protocol::limits::MAX_JSON_BODY_BYTES;

use super::admitted::Admitted;
use crate::body::{content_type_is, read_json};
use crate::error::ApiError;
use crate::execution::{Execution, Stdin, not_run};
use crate::http::{self, Patient, Response};
use crate::limits::EXECUTE_LINES;

const NDJSON: &str = "application/x-ndjson";

/// Where the program's input will come from.
enum Input {
    Text(Bytes),
    Lines(Bytes, Incoming, LineSplitter),
}

/// Starts a program, and gives what it writes for as long as it runs and the client listens.
pub(super) async fn execute(admitted: Admitted) -> Result<Response, ApiError> {
    let session = admitted.writable_session_with_shell()?;
    let Admitted {
        app,
        grant,
        request,
        ..
    } = admitted;
    let within = app.limits.body_timeout();
    let (wish, input) = if content_type_is(request.headers(), &[NDJSON]) {
        let first = timeout(within, first_line(request.into_body())).await;
        first.map_err(|_| late())??
    } else {
        let mut wish: Execute = read_json(request, within).await?;
        let text = wish.stdin.take().unwrap_or_default();
        (wish, Input::Text(text.into()))
    };
    check(&wish)?;
    let places = [
        Arc::clone(&app.commands).try_acquire_owned(),
        app.commands_of.of(&session).try_acquire_owned(),
    ];
    let [Ok(in_all), Ok(of_session)] = places else {
        return Err(too_many());
    };
    let (lines, taken) = mpsc::channel(EXECUTE_LINES);
    let mut command = Command::from(session.surroundings().command(&wish.cmd, &wish.args));
    let started = {
        let _alone = alone();
        command.spawn()
    };
    match started {
        Ok(mut child) => {
            let to = child.stdin.take();
            let stdin = match input {
                Input::Text(text) => Stdin::Text { text, to },
                Input::Lines(piece, body, splitter) => Stdin::Lines {
                    piece,
                    body,
                    splitter,
                    to,
                },
            };
            let execution = Execution {
                app: Arc::clone(&app),
                grant,
                session,
                child,
                stdin,
                lines,
                places: [in_all, of_session],
            };
            app.tasks.spawn(execution.run());
            Ok(streamed(taken))
        }
        Err(error) => Ok(refused_by_system(&error)),
    }
}

/// What was asked for, in the first line of a body of JSON lines, and what comes after it.
async fn first_line(mut body: Incoming) -> Result<(Execute, Input), ApiError> {
    let broken = || ApiError::malformed("the body is malformed or broke off");
    let bad = || {
        let message = "the first line is not {\"cmd\": …, \"args\": […]}";
        ApiError::new(ErrorCode::BadJson, message)
    };
    let mut splitter = LineSplitter::default();
    let mut read = 0;
    loop {
        let Some(frame) = body.frame().await else {
            let line = splitter.finish().ok_or_else(bad)?;
            return Ok((
                parsed(&line.content.map_err(|_| bad())?).ok_or_else(bad)?,
                Input::Lines(Bytes::new(), body, splitter),
            ));
        };
        let mut piece = frame.map_err(|_| broken())?.into_data().unwrap_or_default();
        let before = piece.len();
        let line = splitter.next_line(&mut piece);
        read += before - piece.len();
        if read > MAX_JSON_BODY_BYTES {
            let message = format!("the first line is larger than {MAX_JSON_BODY_BYTES} bytes");
            return Err(ApiError::new(ErrorCode::BodyTooLarge, message));
        }
        if let Some(line) = line {
            let wish = parsed(&line.content.map_err(|_| bad())?).ok_or_else(bad)?;
            return Ok((wish, Input::Lines(piece, body, splitter)));
        }
    }
}

fn parsed(line: &[u8]) -> Option<Execute> {
    let is_object = line.trim_ascii_start().first() == Some(&b'{');
    let wish: Execute = is_object.then(|| serde_json::from_slice(line).ok())??;
    wish.stdin.is_none().then_some(wish)
}

fn check(wish: &Execute) -> Result<(), ApiError> {
    let bad = |message| Err(ApiError::new(ErrorCode::BadRequest, message));
    if wish.cmd.is_empty() {
        return bad("the program to run has no name");
    }
    let mut words = wish.args.iter().chain([&wish.cmd]);
    if words.any(|word| word.contains('\0')) {
        return bad("a program's name and arguments cannot hold a NUL");
    }
    Ok(())
}

fn late() -> ApiError {
    let message = "the request's first line was not whole in time";
    ApiError::closing(ErrorCode::RequestTimeout, message)
}

fn too_many() -> ApiError {
    let message = "as many programs run for requests as may at one time; wait for one to end";
    ApiError::new(ErrorCode::TooMany, message)
}

fn streamed(lines: mpsc::Receiver<Bytes>) -> Response {
    let frames = unfold(lines, |mut lines| async move {
        let line = lines.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(line)), lines))
    });
    let mut response = hyper::Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    response.extensions_mut().insert(Patient);
    response
}

/// A program that could not be started has an answer as one that failed at once.
fn refused_by_system(error: &std::io::Error) -> Response {
    let exit = not_run(error);
    let told = ExecuteLine::Text {
        stream: Stream::Stderr,
        data: format!("{}\n", exit.error.as_deref().unwrap_or_default()),
    };
    let lines = [told, ExecuteLine::Exit(exit)].map(|line| http::json_line(&line));
    http::body(StatusCode::OK, NDJSON, lines.concat())
}
