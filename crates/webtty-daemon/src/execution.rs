//! A program that is run for a request: its output on its way to the client, its input the other
//! way, and its end with that of the request.

mod pieces;
mod stdin;

use std::io;
use std::process::ExitStatus;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::sleep;
use webtty_core::Session;
use webtty_core::limits::END_POLL;
use webtty_core::processes::{Ladder, Left, left_behind};
use webtty_protocol::Close;
use webtty_protocol::execute::{ExecuteExit, ExecuteLine, Stream};

use crate::app::App;
use crate::keys::Grant;
use crate::limits::EXECUTE_READ_BYTES;
use crate::router::Needs;
use crate::{http, lifetime};
use pieces::Pieces;
pub(crate) use stdin::{Stdin, StdinError};

/// A program that runs.
pub(crate) struct Execution {
    pub(crate) app: Arc<App>,
    pub(crate) grant: Grant,
    pub(crate) session: Arc<Session>,
    pub(crate) child: Child,
    pub(crate) stdin: Stdin,
    /// Lines on their way to the client. There is room for few: a program whose client does not
    /// read is not read either, and is held up by its own pipe.
    pub(crate) lines: mpsc::Sender<Bytes>,
    /// Its places among those that may run at one time.
    pub(crate) places: [OwnedSemaphorePermit; 2],
}

/// Why a program's time is over.
enum End {
    /// It has ended by itself, and all that it has written is on its way.
    Exited(ExitStatus),
    /// Nobody is there any more to hear how it ends.
    Left,
    /// It must not go on.
    Cut(&'static str),
}

impl Execution {
    /// Runs it to its end, or to that of what it belongs to. Nothing of it is left after that.
    pub(crate) async fn run(mut self) {
        let pid = self.child.id();
        let end = self.until_end().await;
        if let Some(pid) = pid {
            self.make_leave(pid, matches!(end, End::Exited(_))).await;
        }
        let exit = match end {
            End::Exited(status) => exit_of(status),
            End::Left => return,
            End::Cut(why) => ExecuteExit {
                error: Some(why.to_owned()),
                ..self.child.wait().await.map(exit_of).unwrap_or_default()
            },
        };
        let line = http::json_line(&ExecuteLine::Exit(exit));
        drop(self.places);
        let goodbye = async {
            if self.lines.send(line).await.is_ok() {
                self.stdin.drain(&self.lines).await;
            }
        };
        tokio::select! {
            biased;
            () = goodbye => {}
            () = self.app.tasks.stopping() => {}
        }
    }

    async fn until_end(&mut self) -> End {
        let Self {
            app,
            grant,
            session,
            child,
            stdin,
            lines,
            ..
        } = self;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let mut status = session.watch();
        let written = async {
            let (out, err) = tokio::join!(
                forward(out, Stream::Stdout, lines),
                forward(err, Stream::Stderr, lines),
            );
            (out.is_some() && err.is_some()).then_some(())
        };
        let finished = async {
            match written.await {
                Some(()) => child.wait().await.map_or(End::Left, End::Exited),
                None => End::Left,
            }
        };
        tokio::select! {
            biased;
            close = lifetime::over(app, grant, Needs::Control) => End::Cut(match close {
                Close::Stopping => "the daemon stops",
                _ => "this credential does not allow it any more",
            }),
            () = lines.closed() => End::Left,
            end = finished => end,
            _ = status.wait_for(|status| lifetime::channel_end(&status.phase).is_some()) => {
                End::Cut("the session's shell has exited")
            }
            error = stdin.feed(lines) => match error {
                StdinError::Broken => End::Left,
                StdinError::NotUnderstood => {
                    End::Cut("a line of its standard input is not {\"data\"} or {\"base64\"}")
                }
            },
        }
    }

    /// Makes the program, and all that it has started and that is left, leave.
    async fn make_leave(&mut self, pid: u32, reaped: bool) {
        if reaped && !left_behind(pid) {
            return;
        }
        let mut ladder = Ladder::start(pid);
        loop {
            let reaped = matches!(self.child.try_wait(), Ok(Some(_)));
            match ladder.step(reaped) {
                Left::Nothing => return,
                Left::Some => sleep(END_POLL).await,
                Left::Unkillable => {
                    tracing::warn!(pid, "processes of a request survived SIGKILL");
                    return;
                }
            }
        }
    }
}

/// Sends on what a program writes, as long as somebody takes it.
async fn forward(
    from: Option<impl AsyncRead + Unpin>,
    stream: Stream,
    lines: &mpsc::Sender<Bytes>,
) -> Option<()> {
    let mut from = from?;
    let mut pieces = Pieces::new(stream);
    let mut buffer = vec![0; EXECUTE_READ_BYTES];
    loop {
        // Only what there is room for is read.
        let room = lines.reserve().await.ok()?;
        let line = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => pieces.finish(),
            Ok(count) => match pieces.take(&buffer[..count]) {
                Some(line) => Some(line),
                None => continue,
            },
        };
        match line {
            Some(line) => room.send(http::json_line(&line)),
            None => return Some(()),
        }
    }
}

fn exit_of(status: ExitStatus) -> ExecuteExit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(exit), _) => ExecuteExit {
            exit,
            ..ExecuteExit::default()
        },
        (None, signal) => {
            let number = signal.unwrap_or_default();
            let name = nix::sys::signal::Signal::try_from(number);
            ExecuteExit {
                exit: 128 + number,
                signal: Some(
                    name.map_or_else(|_| format!("signal {number}"), |name| name.to_string()),
                ),
                ..ExecuteExit::default()
            }
        }
    }
}

/// What is said of a program that could not be started. The system's own words name no path.
pub(crate) fn not_run(error: &io::Error) -> ExecuteExit {
    let errno = error.raw_os_error().map(nix::errno::Errno::from_raw);
    let why = match errno {
        Some(errno) => format!("the program could not be started: {}", errno.desc()),
        None => "the program could not be started".to_owned(),
    };
    ExecuteExit {
        exit: 1,
        signal: None,
        error: Some(why),
        code: errno.map(|errno| format!("{errno:?}")),
    }
}
