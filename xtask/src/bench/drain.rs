//! One viewer that reads as fast as it can, and a large file: is the PTY the brake, or we?

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::pty::BarePty;
use super::relay::Relay;
use super::socket::{Socket, buffer};
use super::{material, replay};

const RUNS: usize = 7;

/// How long it is quiet between two runs: a session's screen takes in the last ten thousand lines
/// once they have been sent, and whoever is measured next is not to pay for it.
const QUIET: Duration = Duration::from_millis(150);

/// A speed in megabytes a second, and how many bytes came.
struct Run {
    speed: f64,
    bytes: u64,
}

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let mut figures = Vec::new();
    let materials = [
        ("100 MB of plain text", material::plain_text(100)),
        ("30 MB of truecolor text", material::truecolor_text(30)),
    ];
    for (name, text) in materials {
        let file = material::file(daemon.dir(), "text", &text)?;
        figures.extend(measure_file(&daemon, name, &file)?);
    }
    Ok(figures)
}

fn measure_file(daemon: &Daemon, name: &str, file: &Path) -> Result<Vec<Figure>> {
    let command = replay::command(file);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let bare_pty = || -> Result<BarePty> {
        let mut pty = BarePty::spawn(&words, &[])?;
        pty.read_until(replay::READY, &mut buffer())?;
        Ok(pty)
    };
    let (mut pty, mut relay) = (bare_pty()?, Relay::tcp(bare_pty()?)?);
    let session = || daemon.session(&command);
    let lossless = "?lossless=1";
    let mut viewers = [
        (
            "v1, TCP",
            daemon.viewer(&daemon.tcp, &session()?, lossless, replay::READY)?,
        ),
        (
            "v1, Unix socket",
            daemon.viewer(&daemon.unix, &session()?, lossless, replay::READY)?,
        ),
        (
            "no protocol, TCP",
            daemon.plain_viewer(&daemon.tcp, &session()?, replay::READY)?,
        ),
    ];
    for (_, viewer) in &mut viewers {
        viewer.read_until(&mut buffer(), |screen| screen.finder.found())?;
    }
    let (mut bare, mut passed_on) = (Vec::new(), Vec::new());
    let mut seen: [Vec<f64>; 3] = Default::default();
    for count in 1..=RUNS {
        let limit = drain_bare(&mut pty, count)?;
        for ((kind, viewer), seen) in viewers.iter_mut().zip(&mut seen) {
            let run = drain(viewer, count)?;
            if run.bytes != limit.bytes {
                let missing = limit.bytes.saturating_sub(run.bytes);
                eprintln!("{name}, {kind}: was given up on, and skipped {missing} bytes");
            }
            seen.push(run.speed);
        }
        bare.push(limit.speed);
        sleep(QUIET);
        let began = Instant::now();
        let bytes = relay.read_until(replay::GO, &replay::end(count), &mut buffer())?;
        passed_on.push(Run::of(bytes, began).speed);
    }
    let relayed = Figure::of_pairs(Unit::MegabytesPerSecond, &passed_on, &bare)
        .what(format!(
            "a thread that only passes bytes on to TCP, `cat` of {name}"
        ))
        .against("a bare PTY drained by read()")
        .meaning("what a program loses already by that");
    let figures = viewers.iter().zip(&seen).map(|((kind, _), seen)| {
        Figure::of_pairs(Unit::MegabytesPerSecond, seen, &bare)
            .what(format!("one viewer ({kind}), `cat` of {name}"))
            .against("a bare PTY drained by read()")
            .aim(Aim::Share(0.9))
            .meaning("what a program loses of its speed by being watched")
    });
    Ok(figures.chain([relayed]).collect())
}

fn see(viewer: &mut Socket<Screen>, text: &str) -> Result<()> {
    viewer.consumer.finder.look_for(text);
    viewer.read_until(&mut buffer(), |screen| screen.finder.found())
}

fn drain(viewer: &mut Socket<Screen>, count: usize) -> Result<Run> {
    sleep(QUIET);
    let before = viewer.consumer.bytes;
    let began = Instant::now();
    viewer.send(replay::GO)?;
    see(viewer, &replay::end(count))?;
    Ok(Run::of(viewer.consumer.bytes - before, began))
}

fn drain_bare(pty: &mut BarePty, count: usize) -> Result<Run> {
    sleep(QUIET);
    let before = pty.bytes;
    let began = Instant::now();
    pty.send(replay::GO)?;
    pty.read_until(&replay::end(count), &mut buffer())?;
    Ok(Run::of(pty.bytes - before, began))
}

impl Run {
    fn of(bytes: u64, began: Instant) -> Self {
        let speed = bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
        Self { speed, bytes }
    }
}
