//! The daemon's memory while nothing happens.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::daemon::{Daemon, Launcher};
use super::figure::{Figure, Unit};
use super::http::{PATIENCE, call};
use super::proc::resident;
use super::socket::read_all_until;

const SESSIONS: usize = 50;
const VIEWERS: usize = 1000;

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    settle();
    let idle = resident(daemon.pid())?;
    let session = with_sessions(&daemon)?;
    settle();
    let with_sessions = resident(daemon.pid())?;
    let viewer = |_| daemon.viewer(&daemon.tcp, &session, "", "");
    let mut viewers = (0..VIEWERS).map(viewer).collect::<Result<Vec<_>>>()?;
    read_all_until(&mut viewers, |screen| screen.greeted)?;
    settle();
    let with_viewers = resident(daemon.pid())?;
    let each = |more: f64, count: usize| more / count as f64 / 1e3;
    Ok(vec![
        Figure::of_aim(Unit::Kilobytes, idle / 1e3, 10_000.0)
            .what("the daemon, idle")
            .meaning("what it costs to have it running"),
        Figure::of_aim(Unit::Kilobytes, each(with_sessions - idle, SESSIONS), 300.0)
            .what("an idle session, beside its shell")
            .meaning("what one more terminal costs"),
        Figure::of_aim(
            Unit::Kilobytes,
            each(with_viewers - with_sessions, VIEWERS),
            16.0,
        )
        .what("an idle viewer, of 1,000 on one session")
        .meaning("what one more onlooker costs"),
    ])
}

/// Starts shells, waits until each runs, and names one of them.
fn with_sessions(daemon: &Daemon) -> Result<String> {
    let mut session = String::new();
    for _ in 0..SESSIONS {
        session = daemon.session(&[])?;
    }
    let began = Instant::now();
    loop {
        let list = call(&daemon.unix, "GET", "/api/sessions", None)?;
        let running = |session: &&Value| session["state"] == "running";
        let sessions = list.as_array().map(Vec::as_slice).unwrap_or_default();
        if sessions.iter().filter(running).count() == SESSIONS {
            return Ok(session);
        }
        ensure!(began.elapsed() < PATIENCE, "the shells did not start");
        sleep(Duration::from_millis(20));
    }
}

/// Lets what has just been asked for come to its end.
fn settle() {
    sleep(Duration::from_millis(500));
}
