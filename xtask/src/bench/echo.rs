//! One key to a program that returns it: how much later than in a bare PTY does it come back?

use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::Result;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::http::Place;
use super::pty::BarePty;
use super::relay::Relay;
use super::socket::{Socket, buffer, read_all};
use super::stats::percentiles;

const KEY: &[u8] = b"k";
const KEYS_IN_TURN: usize = 200;
const TURNS: usize = 15;
const OTHERS: usize = 50;

/// Microseconds that the median and the 99th percentile may lie above the bare PTY's.
const AIMS: [(&str, f64, f64); 2] = [("median", 50.0, 40.0), ("99th percentile", 99.0, 250.0)];

/// Round trips in microseconds, turn by turn.
#[derive(Default)]
struct Trips {
    bare: Vec<Vec<f64>>,
    relay_unix: Vec<Vec<f64>>,
    relay_tcp: Vec<Vec<f64>>,
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
        let relay = "a thread that only passes bytes on";
        let least = "what this daemon adds to the least that any must";
        let none = Aim::None;
        let over_unix = &alone.relay_unix;
        add("Unix socket", &alone.unix, over_unix, none, relay, least);
        add("TCP", &alone.tcp, &alone.relay_tcp, none, relay, least);
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
    relay_unix: Relay<UnixStream>,
    relay_tcp: Relay<TcpStream>,
    unix: Socket<Screen>,
    tcp: Socket<Screen>,
    buffer: Box<[u8]>,
}

impl Rig {
    fn new(daemon: &Daemon, session: &str) -> Result<Self> {
        let mut buffer = buffer();
        let mut bare = || -> Result<_> {
            let mut pty = BarePty::spawn(&command(), &[])?;
            pty.read_until("<ready>", &mut buffer)?;
            Ok(pty)
        };
        let (relay_unix, relay_tcp) = (Relay::unix(bare()?)?, Relay::tcp(bare()?)?);
        let bare = bare()?;
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
            relay_unix,
            relay_tcp,
            unix,
            tcp,
            buffer,
        })
    }

    fn trips(&mut self) -> Result<Trips> {
        let mut trips = Trips::default();
        let Self { buffer, .. } = self;
        for _ in 0..TURNS {
            trips.bare.push(turn(|| bare_trip(&mut self.bare, buffer))?);
            let (unix, tcp) = (&mut self.relay_unix, &mut self.relay_tcp);
            trips.relay_unix.push(turn(|| unix.trip(KEY, buffer))?);
            trips.relay_tcp.push(turn(|| tcp.trip(KEY, buffer))?);
            trips.unix.push(turn(|| trip(&mut self.unix, buffer))?);
            trips.tcp.push(turn(|| trip(&mut self.tcp, buffer))?);
        }
        Ok(trips)
    }
}

/// How many microseconds each of a row of keys takes.
fn turn(mut trip: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    let timed = |_| {
        let began = Instant::now();
        trip()?;
        Ok(began.elapsed().as_secs_f64() * 1e6)
    };
    (0..KEYS_IN_TURN).map(timed).collect()
}

fn bare_trip(pty: &mut BarePty, buffer: &mut [u8]) -> Result<()> {
    pty.send(KEY)?;
    pty.read(buffer).map(drop)
}

fn trip(viewer: &mut Socket<Screen>, buffer: &mut [u8]) -> Result<()> {
    let before = viewer.consumer.bytes;
    viewer.send(KEY)?;
    viewer.read_until(buffer, |screen| screen.bytes > before)
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
