//! Ctrl-C while `yes` floods a viewer that is slower than it: when does it see the prompt?

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use webtty_protocol::rest::CreateSession;

use super::consumer::Screen;
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::http::PATIENCE;
use super::pty::BarePty;
use super::socket::Socket;
use super::stats::median;

const PROMPT: &str = "<prompt>";
const RUNS: usize = 3;
/// How long `yes` runs before it is interrupted.
const FLOOD: Duration = Duration::from_secs(1);
/// A slow viewer takes little at a time.
const READ_BYTES: usize = 16 * 1024;

/// What a viewer processes in a second, in megabytes, and how soon it is to see the prompt, in
/// milliseconds.
const PACES: [(f64, f64); 2] = [(20.0, 100.0), (2.0, 400.0)];

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let mut figures = Vec::new();
    for (megabytes, most) in PACES {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            bare.push(interrupt(&mut bare_shell()?, megabytes)?);
            ours.push(interrupt(&mut shell(&daemon)?, megabytes)?);
        }
        figures.push(
            Figure::of(Unit::Milliseconds, median(&ours), median(&bare))
                .what(format!(
                    "Ctrl-C under `yes`, a viewer that processes {megabytes} MB/s"
                ))
                .against("a bare PTY read at that pace")
                .aim(Aim::Most(most))
                .meaning("how long one sees lines go by after having stopped them"),
        );
    }
    Ok(figures)
}

/// Something that shows a shell, and looks for its prompt from the beginning.
trait Shell {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()>;
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;
    /// What was read has been processed.
    fn processed(&mut self) -> Result<()>;
    fn look_for(&mut self, text: &str);
    fn found(&self) -> bool;
}

/// The time from Ctrl-C to the prompt, in milliseconds.
fn interrupt(shell: &mut impl Shell, megabytes: f64) -> Result<f64> {
    let mut pace = Pace::new(megabytes);
    pace.read(shell, |shell, _| shell.found())?;
    shell.type_in(b"yes\r")?;
    let began = Instant::now();
    pace.read(shell, |_, now| now - began > FLOOD)?;
    shell.look_for(PROMPT);
    let began = Instant::now();
    shell.type_in(b"\x03")?;
    pace.read(shell, |shell, _| shell.found())?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// Reads at a speed.
struct Pace {
    bytes_per_second: f64,
    /// When what has been read so far is processed.
    free: Instant,
    buffer: Vec<u8>,
}

impl Pace {
    fn new(megabytes: f64) -> Self {
        Self {
            bytes_per_second: megabytes * 1e6,
            free: Instant::now(),
            buffer: vec![0; READ_BYTES],
        }
    }

    fn read<S: Shell>(&mut self, shell: &mut S, done: impl Fn(&S, Instant) -> bool) -> Result<()> {
        let began = Instant::now();
        // It may have come with what was read before.
        while !done(shell, Instant::now()) {
            let count = shell.read(&mut self.buffer)?;
            let work = Duration::from_secs_f64(count as f64 / self.bytes_per_second);
            self.free = self.free.max(Instant::now()) + work;
            sleep(self.free.saturating_duration_since(Instant::now()));
            shell.processed()?;
            ensure!(began.elapsed() < PATIENCE, "the prompt never came");
        }
        Ok(())
    }
}

fn shell(daemon: &Daemon) -> Result<Socket<Screen>> {
    let session = daemon.session_of(CreateSession {
        env: BTreeMap::from([("PS1".to_owned(), PROMPT.to_owned())]),
        ..CreateSession::default()
    })?;
    daemon.viewer(&daemon.tcp, &session, "", PROMPT)
}

fn bare_shell() -> Result<BarePty> {
    let mut shell = BarePty::spawn(&["/bin/sh", "-i"], &[("PS1", PROMPT)])?;
    shell.finder.look_for(PROMPT);
    Ok(shell)
}

impl Shell for Socket<Screen> {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.send(bytes)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Self::read(self, buffer)
    }

    fn processed(&mut self) -> Result<()> {
        self.answer()
    }

    fn look_for(&mut self, text: &str) {
        self.consumer.finder.look_for(text);
    }

    fn found(&self) -> bool {
        self.consumer.finder.found()
    }
}

impl Shell for BarePty {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.send(bytes)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Self::read(self, buffer)
    }

    fn processed(&mut self) -> Result<()> {
        Ok(())
    }

    fn look_for(&mut self, text: &str) {
        self.finder.look_for(text);
    }

    fn found(&self) -> bool {
        self.finder.found()
    }
}
