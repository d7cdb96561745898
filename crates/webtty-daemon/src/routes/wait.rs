//! `POST /s/ID/wait`: until a text shows, nothing more is written, or the shell exits.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};
use webtty_core::finding::TextFinder;
use webtty_core::output_log::Read;
use webtty_core::session::Phase;
use webtty_core::{Session, View};
use webtty_protocol::screen::ScreenFormat;
use webtty_protocol::wait::{Met, Wait, Waited};
use webtty_protocol::{Close, ErrorCode};

use super::admitted::Admitted;
use crate::body::read_json;
use crate::error::ApiError;
use crate::http::{self, Response};
use crate::lifetime;
use crate::limits::{DEFAULT_WAIT, FRAME_BYTES, MAX_WAIT, MAX_WAIT_TEXT_BYTES, SCREEN_LOOK};
use crate::router::Needs;

/// What of a screen a text is looked for in.
const SCREEN: View = View {
    format: ScreenFormat::Text,
    history: 0,
    trimmed: true,
};

/// Waits for the first of what was asked for.
pub(super) async fn wait(admitted: Admitted) -> Result<Response, ApiError> {
    let session = admitted.session()?;
    let Admitted {
        app,
        grant,
        request,
        ..
    } = admitted;
    let wish: Wait = read_json(request, app.limits.body_timeout()).await?;
    let watch = Watch::new(session, &wish)?;
    tokio::select! {
        biased;
        close = lifetime::over(&app, &grant, Needs::View) => Err(match close {
            Close::Stopping => ApiError::new(ErrorCode::Unavailable, "the daemon stops"),
            _ => ApiError::forbidden(),
        }),
        waited = watch.until() => Ok(http::json(StatusCode::OK, &waited)),
    }
}

struct Watch {
    session: Arc<Session>,
    text: Option<Text>,
    /// How long nothing must be written, and since when nothing was.
    idle: Option<(Duration, Instant)>,
    deadline: Instant,
    /// How far into the output has been looked.
    offset: u64,
}

/// A text that is looked for.
struct Text {
    text: String,
    finder: TextFinder,
    /// When the screen may be looked at again; none while it shows nothing new.
    look: Option<Instant>,
}

impl Watch {
    fn new(session: Arc<Session>, wish: &Wait) -> Result<Self, ApiError> {
        let bad = |message| Err(ApiError::new(ErrorCode::BadRequest, message));
        let span = |ms: Option<u64>| ms.map(Duration::from_millis);
        let (idle, most) = (span(wish.idle_ms), span(wish.timeout_ms));
        if idle.is_some_and(|idle| idle.is_zero() || idle > MAX_WAIT)
            || most.is_some_and(|most| most > MAX_WAIT)
        {
            return bad("a wait lasts a day at most, and an idle one a millisecond at least");
        }
        let text = wish.text.as_deref();
        if text.is_some_and(|text| text.is_empty() || text.len() > MAX_WAIT_TEXT_BYTES) {
            return bad("the text to wait for has 1 to 4096 bytes");
        }
        if text.is_none() && idle.is_none() && !wish.exit {
            return bad("there is nothing to wait for: give text, idleMs or exit");
        }
        let now = Instant::now();
        let end = session.output().end().offset;
        Ok(Self {
            text: text.map(|text| Text {
                text: text.to_owned(),
                finder: TextFinder::new(text),
                look: Some(now),
            }),
            idle: idle.map(|idle| (idle, now)),
            deadline: now + most.unwrap_or(DEFAULT_WAIT),
            offset: wish.from.unwrap_or(end).min(end),
            session,
        })
    }

    async fn until(mut self) -> Waited {
        let session = Arc::clone(&self.session);
        let (mut output, mut status) = (session.output().watch(), session.watch());
        loop {
            output.mark_unchanged();
            let phase = status.borrow_and_update().phase.clone();
            if self.read_on() || self.shows() {
                return self.over(Met::Text);
            }
            match phase {
                Phase::Exited(exit) => {
                    return Waited {
                        exit: Some(exit),
                        ..self.over(Met::Exit)
                    };
                }
                Phase::Deleted => return self.over(Met::Exit),
                _ => {}
            }
            let now = Instant::now();
            let idle = self.idle.map(|(idle, since)| since + idle);
            if idle.is_some_and(|at| at <= now) {
                return self.over(Met::Idle);
            }
            if self.deadline <= now {
                return self.over(Met::Timeout);
            }
            let look = self.text.as_ref().and_then(|text| text.look);
            let next = [idle, look].into_iter().flatten().min();
            let next = next.unwrap_or(self.deadline).min(self.deadline);
            tokio::select! {
                Ok(()) = output.changed() => {}
                Ok(()) = status.changed() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Looks at what was written since the last time. Is the text in it?
    fn read_on(&mut self) -> bool {
        let end = self.session.output().end().offset;
        if self.offset < end {
            let now = Instant::now();
            if let Some((_, since)) = &mut self.idle {
                *since = now;
            }
            if let Some(text) = &mut self.text {
                text.look.get_or_insert(now + SCREEN_LOOK);
            }
        }
        if self.text.is_none() {
            self.offset = end;
            return false;
        }
        if end.saturating_sub(self.offset) > FRAME_BYTES as u64 {
            // All that is kept may have to be searched, and other tasks must not wait for that.
            block_in_place(|| self.search(end))
        } else {
            self.search(end)
        }
    }

    /// Is the text in what was written before `end`?
    fn search(&mut self, end: u64) -> bool {
        let Some(text) = &mut self.text else {
            return false;
        };
        let log = self.session.output();
        while self.offset < end {
            match log.read(self.offset, FRAME_BYTES) {
                Read::Bytes(bytes) => {
                    self.offset += bytes.len() as u64;
                    if text.finder.feed(&bytes) {
                        return true;
                    }
                }
                // What is not kept any more was too much to look at.
                Read::Lagged { .. } => self.offset = log.start(),
                Read::Pending => break,
            }
        }
        false
    }

    /// Does the screen show the text? Only looked at when it may have changed, and not too often.
    fn shows(&mut self) -> bool {
        let Some(text) = &mut self.text else {
            return false;
        };
        if text.look.is_none_or(|at| at > Instant::now()) {
            return false;
        }
        text.look = None;
        let screen = block_in_place(|| self.session.render(&SCREEN));
        String::from_utf8_lossy(&screen.bytes).contains(&text.text)
    }

    fn over(&self, met: Met) -> Waited {
        Waited {
            met,
            offset: self.session.output().end().offset,
            exit: None,
        }
    }
}
