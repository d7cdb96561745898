//! Two viewers that cannot keep up, beside eight that can: who pays?

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::proc::resident;
use super::socket::{Socket, buffer, read_all_until};
use super::stats::median;
use super::{material, replay};

const FAST: usize = 8;
const RUNS: usize = 9;
const MEGABYTES: usize = 30;
/// What the slower of the fast reads in a second, in bytes.
const SLOW_BYTES: f64 = 100_000.0;

#[derive(Default)]
struct Found {
    without: Vec<f64>,
    with: Vec<f64>,
    grown: Vec<f64>,
    caught_up: Vec<f64>,
}

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let text = material::plain_text(MEGABYTES);
    let mut scene = Scene::new(&daemon, &material::file(daemon.dir(), "text", &text)?)?;
    // The first run fills the log, which is no slow viewer's doing.
    scene.run()?;
    let mut found = Found::default();
    for _ in 0..RUNS {
        found.without.push(scene.run()?);
        scene.run_with_slow_ones(&daemon, &mut found)?;
    }
    let most = 1000.0;
    Ok(vec![
        Figure::of_pairs(Unit::MegabytesPerSecond, &found.with, &found.without)
            .what("eight fast viewers, beside one that never reads and one at 100 KB/s")
            .against("the eight without the two")
            .aim(Aim::Share(0.95))
            .meaning("what the others pay for somebody's bad line"),
        Figure::of_aim(Unit::Kilobytes, median(&found.grown).max(0.0), most)
            .what("memory that the daemon holds more for each of the two")
            .meaning("what a viewer that does not read costs"),
        Figure::of_aim(Unit::Milliseconds, median(&found.caught_up), 500.0)
            .what("the one that never read begins to: until it has the present")
            .meaning("how soon a closed lid that opens again shows the truth"),
    ])
}

struct Scene {
    session: String,
    fast: Vec<Socket<Screen>>,
    shown: usize,
}

impl Scene {
    fn new(daemon: &Daemon, file: &Path) -> Result<Self> {
        let session = daemon.session(&replay::command(file))?;
        let viewer = |_| daemon.viewer(&daemon.tcp, &session, "?lossless=1", replay::READY);
        let mut fast = (0..FAST).map(viewer).collect::<Result<Vec<_>>>()?;
        read_all_until(&mut fast, |screen| screen.finder.found())?;
        Ok(Self {
            session,
            fast,
            shown: 0,
        })
    }

    /// Shows the file once. Gives the speed at which each of the fast ones got it, in megabytes a
    /// second.
    fn run(&mut self) -> Result<f64> {
        self.shown += 1;
        look_for(&mut self.fast, &replay::end(self.shown));
        let began = Instant::now();
        self.fast[0].send(replay::GO)?;
        read_all_until(&mut self.fast, |screen| screen.finder.found())?;
        Ok(MEGABYTES as f64 / began.elapsed().as_secs_f64())
    }

    fn run_with_slow_ones(&mut self, daemon: &Daemon, found: &mut Found) -> Result<()> {
        let slow = || daemon.viewer(&daemon.tcp, &self.session, "", "");
        let (mut stuck, mut slower) = (slow()?, slow()?);
        let before = resident(daemon.pid())?;
        let stop = AtomicBool::new(false);
        let speed = thread::scope(|scope| {
            let reading = thread::Builder::new()
                .name("slow viewer".to_owned())
                .spawn_scoped(scope, || read_slowly(&mut slower, &stop))?;
            let speed = self.run();
            stop.store(true, Ordering::Relaxed);
            reading.join().expect("the slow viewer does not panic")?;
            speed
        })?;
        found.with.push(speed);
        let grown = resident(daemon.pid())? - before;
        found.grown.push(grown / 2.0 / 1e3);
        let began = Instant::now();
        stuck.consumer.finder.look_for(&replay::end(self.shown));
        stuck.read_until(&mut buffer(), |screen| screen.finder.found())?;
        found.caught_up.push(began.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }
}

fn look_for(viewers: &mut [Socket<Screen>], text: &str) {
    for viewer in viewers {
        viewer.consumer.finder.look_for(text);
    }
}

fn read_slowly(viewer: &mut Socket<Screen>, stop: &AtomicBool) -> Result<()> {
    const A_TIME: Duration = Duration::from_millis(20);
    let count = SLOW_BYTES * A_TIME.as_secs_f64();
    let mut buffer = vec![0; count as usize];
    while !stop.load(Ordering::Relaxed) {
        viewer.read(&mut buffer)?;
        viewer.answer()?;
        sleep(A_TIME);
    }
    Ok(())
}
