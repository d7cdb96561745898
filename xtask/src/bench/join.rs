//! Joining a session that has a long scrollback and is idle.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::http::{Place, connect};
use super::replay;
use super::socket::buffer;
use super::stats::{median, percentile};

const LINES: usize = 10_000;
const JOINS: usize = 40;

/// When the first byte and the last one came, in milliseconds after connecting began.
#[derive(Default)]
struct Times {
    first: Vec<f64>,
    last: Vec<f64>,
}

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let session = replay::session_of(&daemon, LINES)?;
    let (mut ours, mut bare) = (Times::default(), Times::default());
    for _ in 0..JOINS {
        let bytes = join(&daemon, &session, &mut ours)?;
        receive(bytes, &mut bare)?;
    }
    Ok(figures(&ours, &bare))
}

fn figures(ours: &Times, bare: &Times) -> Vec<Figure> {
    let figure = |what: &str, ours: f64, bare: f64, most| {
        Figure::of(Unit::Milliseconds, ours, bare)
            .what(format!("join with 10,000 lines: {what}"))
            .against("as many bytes over a new plain socket")
            .aim(Aim::Most(most))
            .meaning("how soon one sees a terminal after opening its link")
    };
    let worst = |times: &[f64]| percentile(times, 95.0);
    vec![
        figure(
            "first byte, median",
            median(&ours.first),
            median(&bare.first),
            5.0,
        ),
        figure(
            "whole, median",
            median(&ours.last),
            median(&bare.last),
            50.0,
        ),
        figure(
            "whole, 95th percentile",
            worst(&ours.last),
            worst(&bare.last),
            50.0,
        ),
    ]
}

/// Joins once, and gives how many bytes that took.
fn join(daemon: &Daemon, session: &str, times: &mut Times) -> Result<u64> {
    let mut buffer = buffer();
    let began = Instant::now();
    let mut viewer = daemon.viewer(&daemon.tcp, session, "?role=view", "")?;
    viewer.read_until(&mut buffer, |screen| screen.bytes > 0)?;
    times.first.push(began.elapsed().as_secs_f64() * 1e3);
    let snapshot = viewer.consumer.snapshot.as_ref();
    let bytes = snapshot.context("nothing was replayed")?.bytes;
    viewer.read_until(&mut buffer, |screen| screen.bytes >= bytes)?;
    times.last.push(began.elapsed().as_secs_f64() * 1e3);
    Ok(bytes)
}

/// Receives as many bytes from a socket that does nothing else.
fn receive(bytes: u64, times: &mut Times) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").context("listening")?;
    let place = Place::Tcp(listener.local_addr()?);
    let content = vec![b'x'; usize::try_from(bytes)?];
    thread::scope(|scope| {
        let sending = thread::Builder::new()
            .name("plain sender".to_owned())
            .spawn_scoped(scope, || listener.accept()?.0.write_all(&content))?;
        let (mut buffer, mut received) = (buffer(), 0);
        let began = Instant::now();
        let mut stream = connect(&place)?;
        while received < bytes {
            let count = stream.read(&mut buffer)?;
            ensure!(count > 0, "a plain socket ended early");
            if received == 0 {
                times.first.push(began.elapsed().as_secs_f64() * 1e3);
            }
            received += count as u64;
        }
        times.last.push(began.elapsed().as_secs_f64() * 1e3);
        let sent = sending.join().expect("the plain sender does not panic");
        sent.context("sending over a plain socket")
    })
}
