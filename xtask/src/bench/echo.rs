//! One key to a program that returns it: how much later than in a bare PTY does it come back?

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::Result;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::http::Place;
use super::pty::BarePty;
use super::socket::{Socket, buffer, read_all};
use super::stats::percentiles;

const KEYS_IN_TURN: usize = 200;
const TURNS: usize = 15;
const OTHERS: usize = 50;

/// Microseconds that the median and the 99th percentile may lie above the bare PTY's.
const AIMS: [(&str, f64, f64); 2] = [("median", 50.0, 40.0), ("99th percentile", 99.0, 250.0)];

/// Round trips in microseconds, turn by turn.
#[derive(Default)]
struct Trips {
    bare: Vec<Vec<f64>>,
    unix: Vec<Vec<f64>>,
    tcp: Vec<Vec<f64>>,
}

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let session = daemon.session(&command().map(str::to_owned))?;
    let mut rig = Rig::new(&daemon, &session)?;
    let alone = rig.trips()?;
    let watched = with_others(&daemon, &session, || rig.trips())?;
    let mut figures = Vec::new();
    for (name, percent, more) in AIMS {
        let mut add =
            |who: &str, values: &[Vec<f64>], limits: &[Vec<f64>], aim, against, meaning| {
                let of = |turns: &[Vec<f64>]| percentiles(turns, percent);
                figures.push(
                    Figure::of_pairs(Unit::Microseconds, &of(values), &of(limits))
                        .what(format!("one key and back, {who}: {name}"))
                        .against(against)
                        .aim(aim)
                        .meaning(meaning),
                );
            };
        let bare = "a bare PTY";
        let feel = "what typing through the daemon adds to typing into the terminal itself";
        let plus = Aim::Plus(more);
        add("Unix socket", &alone.unix, &alone.bare, plus, bare, feel);
        add("TCP", &alone.tcp, &alone.bare, plus, bare, feel);
        let without = "the same without them";
        let crowd = "what being watched adds for who types";
        let twice = Aim::Times(2.0);
        let with = format!("TCP, {OTHERS} other viewers");
        add(&with, &watched.tcp, &alone.tcp, twice, without, crowd);
    }
    Ok(figures)
}

fn command() -> [&'static str; 3] {
    let script = "stty raw -echo; printf '<ready>'; exec cat";
    ["/bin/sh", "-c", script]
}

/// A bare PTY and two viewers, with the same program behind each.
struct Rig {
    bare: BarePty,
    unix: Socket<Screen>,
    tcp: Socket<Screen>,
    buffer: Box<[u8]>,
}

impl Rig {
    fn new(daemon: &Daemon, session: &str) -> Result<Self> {
        let mut buffer = buffer();
        let mut bare = BarePty::spawn(&command(), &[])?;
        bare.read_until("<ready>", &mut buffer)?;
        let mut viewer = |place: &Place, session: &str| -> Result<_> {
            let mut viewer = daemon.viewer(place, session, "", "<ready>")?;
            viewer.read_until(&mut buffer, |screen| screen.finder.found())?;
            Ok(viewer)
        };
        // A session of its own: else each would also read what the other one types.
        let other = daemon.session(&command().map(str::to_owned))?;
        let unix = viewer(&daemon.unix, &other)?;
        let tcp = viewer(&daemon.tcp, session)?;
        Ok(Self {
            bare,
            unix,
            tcp,
            buffer,
        })
    }

    fn trips(&mut self) -> Result<Trips> {
        let mut trips = Trips::default();
        for _ in 0..TURNS {
            let bare = (0..KEYS_IN_TURN).map(|_| bare_trip(&mut self.bare, &mut self.buffer));
            trips.bare.push(bare.collect::<Result<_>>()?);
            for (viewer, trips) in [
                (&mut self.unix, &mut trips.unix),
                (&mut self.tcp, &mut trips.tcp),
            ] {
                let turn = (0..KEYS_IN_TURN).map(|_| trip(viewer, &mut self.buffer));
                trips.push(turn.collect::<Result<_>>()?);
            }
        }
        Ok(trips)
    }
}

fn bare_trip(pty: &mut BarePty, buffer: &mut [u8]) -> Result<f64> {
    let began = Instant::now();
    pty.send(b"k")?;
    pty.read(buffer)?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

fn trip(viewer: &mut Socket<Screen>, buffer: &mut [u8]) -> Result<f64> {
    let before = viewer.consumer.bytes;
    let began = Instant::now();
    viewer.send(b"k")?;
    viewer.read_until(buffer, |screen| screen.bytes > before)?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

/// Does something while others watch the same session.
fn with_others<T>(daemon: &Daemon, session: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let viewer = |_| daemon.viewer(&daemon.tcp, session, "?role=view", "");
    let mut others = (0..OTHERS).map(viewer).collect::<Result<Vec<_>>>()?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = thread::Builder::new()
            .name("other viewers".to_owned())
            .spawn_scoped(scope, || read_all(&mut others, |_| false, &stop))?;
        let outcome = act();
        stop.store(true, Ordering::Relaxed);
        reading.join().expect("the other viewers do not panic")?;
        outcome
    })
}
