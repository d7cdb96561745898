//! Over a line as a phone may have it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use webtty_protocol::rest::CreateSession;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::http::Place;
use super::line::Line;
use super::replay;
use super::socket::{Socket, buffer};
use super::stats::median;

const PROMPT: &str = "<prompt>";
const RUNS: usize = 3;
const LINES: usize = 10_000;
/// Some 600 KB a second, more than twice what the line carries.
const OUTPUT: &[u8] = b"while :; do seq 1000 5999; sleep 0.05; done\r";
/// How long that goes on before it is interrupted.
const FLOOD: Duration = Duration::from_secs(2);

/// 2 Mbit/s, and 100 ms there and back.
const LINE: Line = Line {
    bytes_per_second: 250_000.0,
    one_way: Duration::from_millis(50),
};

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    Ok(vec![interrupt(&daemon)?, join(&daemon)?])
}

/// A viewer at the other end of a new line, that takes large snapshots compressed as a page does.
fn viewer(daemon: &Daemon, session: &str, text: &str) -> Result<Socket<Screen>> {
    let Place::Unix(socket) = &daemon.unix else {
        unreachable!("it is a Unix socket");
    };
    let path = tempfile::Builder::new().make_in(daemon.dir(), |path| Ok(path.to_owned()))?;
    let place = LINE.lay(path.as_ref().to_owned(), socket)?;
    daemon.viewer(&place, session, "?deflate=1", text)
}

/// Ctrl-C amid more output than the line carries.
fn interrupt(daemon: &Daemon) -> Result<Figure> {
    let (mut ours, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let session = daemon.session_of(CreateSession {
            env: BTreeMap::from([("PS1".to_owned(), PROMPT.to_owned())]),
            ..CreateSession::default()
        })?;
        let mut viewer = viewer(daemon, &session, PROMPT)?;
        viewer.read_until(&mut buffer(), |screen| screen.finder.found())?;
        idle.push(until_prompt(&mut viewer, b"\r")?);
        viewer.send(OUTPUT)?;
        let began = Instant::now();
        viewer.read_until(&mut buffer(), |_| began.elapsed() > FLOOD)?;
        ours.push(until_prompt(&mut viewer, b"\x03")?);
    }
    Ok(Figure::of(Unit::Milliseconds, median(&ours), median(&idle))
        .what("Ctrl-C amid 600 KB/s, over 2 Mbit/s and 100 ms there and back")
        .against("Enter at the prompt, over that line")
        .aim(Aim::Most(400.0))
        .meaning("how long one who is out sees lines go by after having stopped them"))
}

/// The time from a key to the prompt, in milliseconds.
fn until_prompt(viewer: &mut Socket<Screen>, key: &[u8]) -> Result<f64> {
    viewer.consumer.finder.look_for(PROMPT);
    let began = Instant::now();
    viewer.send(key)?;
    viewer.read_until(&mut buffer(), |screen| screen.finder.found())?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// A join with a long scrollback.
fn join(daemon: &Daemon) -> Result<Figure> {
    let session = replay::session_of(daemon, LINES)?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let began = Instant::now();
        let mut viewer = viewer(daemon, &session, "")?;
        viewer.read_until(&mut buffer(), |screen| screen.bytes > 0)?;
        let snapshot = viewer.consumer.snapshot.clone();
        let snapshot = snapshot.context("it came without a snapshot")?;
        viewer.read_until(&mut buffer(), |screen| screen.bytes >= snapshot.bytes)?;
        ours.push(began.elapsed().as_secs_f64() * 1e3);
        let bytes = snapshot.unpacked.unwrap_or(snapshot.bytes);
        plain.push(bytes as f64 / LINE.bytes_per_second * 1e3);
    }
    Ok(
        Figure::of(Unit::Milliseconds, median(&ours), median(&plain))
            .what("join with 10,000 lines over that line: whole")
            .against("what the line takes for as many bytes as they are")
            .aim(Aim::Times(1.0))
            .meaning("how soon one who is out sees a terminal after opening its link"),
    )
}
