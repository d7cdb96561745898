//! `POST /s/ID/publish`: lines of JSON, each sent on as it arrives.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Incoming;
use tokio::time::sleep;
use webtty_core::Session;
use webtty_core::json_lines::{Line, LineSplitter};
use webtty_core::limits::PUBLISHER_POLL;
use webtty_core::session::Phase;
use webtty_protocol::limits::MAX_REPORTED_REJECTIONS;
use webtty_protocol::rest::{PublishReport, RejectedLine};
use webtty_protocol::{Close, ErrorCode};

use super::admitted::Admitted;
use crate::body::content_type_is;
use crate::error::ApiError;
use crate::gate;
use crate::http::{self, Response};
use crate::lifetime;
use crate::pace::Pace;
use crate::router::Needs;

const CONTENT_TYPES: [&str; 2] = ["application/json", "application/x-ndjson"];

/// Takes lines until the publisher is done, the session ends or the daemon stops.
pub(super) async fn publish(admitted: Admitted) -> Result<Response, ApiError> {
    let id = admitted.session_id()?;
    if !admitted.grant.reaches(&id) {
        return Err(ApiError::forbidden());
    }
    if !content_type_is(admitted.request.headers(), &CONTENT_TYPES) {
        let message = "publish takes application/json or application/x-ndjson";
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    let session = admitted
        .app
        .registry
        .get(&id)
        .ok_or_else(ApiError::no_such_session)?;
    if !takes_events(&session.phase()) {
        return Err(ApiError::pty_not_running());
    }
    let app = &admitted.app;
    let pace = gate::from_elsewhere(app, admitted.via)
        .map(|_| Pace::new(app.limits.published_lines_a_second, Instant::now()));
    let mut publisher = Publisher::new(session, pace);
    let body = admitted.request.into_body();
    tokio::select! {
        biased;
        close = lifetime::over(&admitted.app, &admitted.grant, Needs::Publish) => {
            return Err(match close {
                Close::Stopping => {
                    let message = publisher.cut_short("the daemon stops");
                    ApiError::new(ErrorCode::Unavailable, message)
                }
                _ => {
                    let message = publisher.cut_short("this credential does not allow it any more");
                    ApiError::closing(ErrorCode::Forbidden, message)
                }
            });
        }
        taken = publisher.take_all(body) => taken?,
    }
    Ok(publisher.answer())
}

fn takes_events(phase: &Phase) -> bool {
    lifetime::channel_end(phase).is_none()
}

struct Publisher {
    session: Arc<Session>,
    splitter: LineSplitter,
    /// Events of the piece just read that are still to be published.
    waiting: VecDeque<Bytes>,
    /// How fast it may be; as fast as it likes when none.
    pace: Option<Pace>,
    report: PublishReport,
    rejected: u64,
}

impl Publisher {
    fn new(session: Arc<Session>, pace: Option<Pace>) -> Self {
        Self {
            session,
            splitter: LineSplitter::default(),
            waiting: VecDeque::new(),
            pace,
            report: PublishReport::default(),
            rejected: 0,
        }
    }

    async fn take_all(&mut self, mut body: Incoming) -> Result<(), ApiError> {
        let mut status = self.session.watch();
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                _ = status.wait_for(|status| !takes_events(&status.phase)) => {
                    return Err(self.session_ended());
                }
            };
            let mut piece = match frame {
                None => break,
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                // Whoever published is gone, and with it the line it was in.
                Some(Err(_)) => {
                    let message = self.cut_short("the request is malformed or broke off");
                    return Err(ApiError::malformed(message));
                }
            };
            while let Some(line) = self.splitter.next_line(&mut piece) {
                self.take(line);
            }
            self.send().await?;
        }
        if let Some(line) = self.splitter.finish() {
            self.take(line);
        }
        self.send().await
    }

    /// Puts an event with those to be sent, or a bad line with those to be reported.
    fn take(&mut self, line: Line) {
        match line.content {
            // A copy of its own: a slice would keep the whole buffer it was read into.
            Ok(event) => self.waiting.push_back(Bytes::copy_from_slice(&event)),
            Err(reason) => {
                self.rejected += 1;
                if self.report.rejected.len() < MAX_REPORTED_REJECTIONS {
                    self.report.rejected.push(RejectedLine {
                        line: line.number,
                        reason,
                    });
                }
            }
        }
    }

    /// Publishes what waits, no faster than it may be.
    async fn send(&mut self) -> Result<(), ApiError> {
        while !self.waiting.is_empty() {
            let lines = self.waiting.len();
            let taken = match &mut self.pace {
                None => Ok(lines),
                Some(pace) => pace.take(lines, Instant::now()),
            };
            match taken {
                Ok(taken) => {
                    let due = self.waiting.drain(..taken.min(lines)).collect();
                    self.send_due(due).await?;
                }
                Err(wait) => {
                    let mut status = self.session.watch();
                    tokio::select! {
                        () = sleep(wait) => {}
                        _ = status.wait_for(|status| !takes_events(&status.phase)) => {
                            return Err(self.session_ended());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Publishes these, waiting for room as long as a live subscriber is behind.
    async fn send_due(&mut self, mut due: VecDeque<Bytes>) -> Result<(), ApiError> {
        let events = self.session.events();
        let mut status = self.session.watch();
        let mut progress = events.progress();
        while !due.is_empty() {
            progress.mark_unchanged();
            if !takes_events(&status.borrow().phase) {
                return Err(self.session_ended());
            }
            let at = self.session.output().end().offset;
            self.report.accepted += events.publish_all(&mut due, at);
            if due.is_empty() {
                break;
            }
            tokio::select! {
                _ = progress.changed() => {}
                () = sleep(PUBLISHER_POLL) => {}
                _ = status.wait_for(|status| !takes_events(&status.phase)) => {}
            }
        }
        Ok(())
    }

    fn session_ended(&self) -> ApiError {
        ApiError::new(
            ErrorCode::PtyNotRunning,
            self.cut_short("the shell has exited"),
        )
    }

    fn cut_short(&self, why: &str) -> String {
        format!("{why}; {} lines were taken before", self.report.accepted)
    }

    fn answer(self) -> Response {
        if self.rejected == 0 {
            return http::empty(StatusCode::NO_CONTENT);
        }
        http::json(StatusCode::OK, &self.report)
    }
}
