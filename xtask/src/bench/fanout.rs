//! Many viewers of one session: what they are sent in all, and what a byte of it costs.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::frames::{BINARY, from_server};
use super::plain_loop::{self, WRITE_BYTES};
use super::proc::{cpu, own_thread_cpu};
use super::pty::BarePty;
use super::socket::{Socket, buffer, read_all_until};
use super::{material, replay};

/// What was delivered to all viewers in one run.
struct Delivery {
    /// Megabytes a second, of all of them together.
    speed: f64,
    /// CPU nanoseconds of who sends, for each byte.
    cost: f64,
}

/// How much is shown to how many, how often.
struct Scene {
    viewers: usize,
    megabytes: usize,
    runs: usize,
    has_aim: bool,
}

const SCENES: &[Scene] = &[
    Scene {
        viewers: 50,
        megabytes: 20,
        runs: 5,
        has_aim: true,
    },
    Scene {
        viewers: 1000,
        megabytes: 1,
        runs: 3,
        has_aim: false,
    },
];

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for scene in SCENES {
        let daemon = launcher.start()?;
        figures.extend(measure_scene(&daemon, scene)?);
    }
    Ok(figures)
}

fn measure_scene(daemon: &Daemon, scene: &Scene) -> Result<Vec<Figure>> {
    let text = material::plain_text(scene.megabytes);
    let file = material::file(daemon.dir(), "text", &text)?;
    let mut viewers = watch(daemon, &file, scene.viewers)?;
    let mut pty = bare_pty(&file)?;
    let (mut ours, mut bare, mut least) = (Vec::new(), Vec::new(), Vec::new());
    for count in 1..=scene.runs {
        let looped = loop_over(scene.viewers, &text)?;
        // What one drain costs, for each byte that each viewer gets.
        let drained = drain(&mut pty, count)? / scene.viewers as f64;
        least.push(looped.cost + drained);
        bare.push(looped);
        ours.push(show(daemon, &mut viewers, count)?);
    }
    let speeds = |runs: &[Delivery]| runs.iter().map(|run| run.speed).collect::<Vec<_>>();
    let costs = |runs: &[Delivery]| runs.iter().map(|run| run.cost).collect::<Vec<_>>();
    let what = format!("{} viewers, `cat` of {} MB", scene.viewers, scene.megabytes);
    let aim = |aim| if scene.has_aim { aim } else { Aim::None };
    Ok(vec![
        Figure::of_pairs(Unit::MegabytesPerSecond, &speeds(&ours), &speeds(&bare))
            .what(format!("{what}: delivered"))
            .against("a loop that writes to as many sockets")
            .aim(aim(Aim::Share(0.333)))
            .meaning("how near watching together comes to just copying"),
        Figure::of_pairs(Unit::NanosecondsPerByte, &costs(&ours), &costs(&bare))
            .what(format!("{what}: CPU for each byte delivered"))
            .against("that loop's")
            .aim(aim(Aim::Times(1.3)))
            .meaning("what the daemon adds to the kernel's own work of sending"),
        Figure::of_pairs(Unit::NanosecondsPerByte, &costs(&ours), &least)
            .what(format!("{what}: the same"))
            .against("that loop's, and a bare PTY drained once")
            .meaning("what it adds to the kernel's own work of reading and sending"),
    ])
}

/// The same shell in a PTY with nothing around it.
fn bare_pty(file: &Path) -> Result<BarePty> {
    let command = replay::command(file);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut pty = BarePty::spawn(&words, &[])?;
    pty.read_until(replay::READY, &mut buffer())?;
    Ok(pty)
}

/// CPU nanoseconds that reading a byte of a PTY takes.
fn drain(pty: &mut BarePty, count: usize) -> Result<f64> {
    let (bytes, spent) = (pty.bytes, own_thread_cpu()?);
    pty.send(replay::GO)?;
    pty.read_until(&replay::end(count), &mut buffer())?;
    Ok((own_thread_cpu()? - spent) / (pty.bytes - bytes) as f64)
}

/// Viewers that have seen the shell wait.
fn watch(daemon: &Daemon, file: &Path, count: usize) -> Result<Vec<Socket<Screen>>> {
    let session = daemon.session(&replay::command(file))?;
    let viewer = |_| daemon.viewer(&daemon.tcp, &session, "?lossless=1", replay::READY);
    let mut viewers = (0..count).map(viewer).collect::<Result<Vec<_>>>()?;
    read_all_until(&mut viewers, |screen| screen.finder.found())?;
    Ok(viewers)
}

fn show(daemon: &Daemon, viewers: &mut [Socket<Screen>], count: usize) -> Result<Delivery> {
    for viewer in &mut *viewers {
        viewer.consumer.finder.look_for(&replay::end(count));
    }
    let sum = |viewers: &[Socket<Screen>]| -> u64 {
        viewers.iter().map(|viewer| viewer.consumer.bytes).sum()
    };
    let (bytes, spent) = (sum(viewers), cpu(daemon.pid())?);
    let began = Instant::now();
    viewers[0].send(replay::GO)?;
    read_all_until(viewers, |screen| screen.finder.found())?;
    let elapsed = began.elapsed().as_secs_f64();
    let bytes = (sum(viewers) - bytes) as f64;
    Ok(Delivery {
        speed: bytes / 1e6 / elapsed,
        cost: (cpu(daemon.pid())? - spent) / bytes,
    })
}

fn loop_over(count: usize, text: &[u8]) -> Result<Delivery> {
    let total = text.len() as u64;
    let writes: Vec<Vec<u8>> = text
        .chunks(WRITE_BYTES)
        .map(|bytes| from_server(BINARY, bytes))
        .collect();
    let done = |screen: &Screen| screen.bytes == total;
    let cost = plain_loop::write_to_all(count, &writes, Screen::plain, done)?;
    let bytes = (total * count as u64) as f64;
    Ok(Delivery {
        speed: bytes / 1e6 / cost.elapsed.as_secs_f64(),
        cost: cost.cpu / bytes,
    })
}
