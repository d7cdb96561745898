//! A release build of the daemon, running in directories of its own.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use webtty_protocol::names::SUBPROTOCOL_V1;
use webtty_protocol::rest::{CreateSession, Health, SessionInfo};

use super::consumer::{Consumer, EventCount, Screen};
use super::http::{Place, call};
use super::socket::{Socket, read_all_until};
use crate::command;
use crate::project::Project;

/// How long a daemon may take to start, and to stop before it is killed.
const START_OR_STOP: Duration = Duration::from_secs(10);

/// Starts daemons.
pub(crate) struct Launcher {
    project: Project,
}

impl Launcher {
    /// Builds the program, unless it is built.
    pub(crate) fn build() -> Result<Self> {
        let project = Project::find()?;
        const BUILD: &[&str] = &["build", "--quiet", "--release", "--package", "webtty"];
        command::run(command::cargo(BUILD, &project.root))?;
        Ok(Self { project })
    }

    /// Starts one and waits until it answers.
    pub(crate) fn start(&self) -> Result<Daemon> {
        self.start_with(r#"{"shell": "/bin/sh"}"#)
    }

    /// One with these settings.
    pub(crate) fn start_with(&self, text: &str) -> Result<Daemon> {
        let dir = tempfile::tempdir().context("making a directory")?;
        let socket = dir.path().join("run/daemon.sock");
        let settings = dir.path().join("config.json");
        fs::write(&settings, text)?;
        let child = self.spawn(dir.path(), &socket, &settings)?;
        let mut daemon = Daemon {
            child,
            unix: Place::Unix(socket),
            tcp: Place::Tcp(([127, 0, 0, 1], 0).into()),
            dir,
        };
        daemon.wait_until_it_answers()?;
        Ok(daemon)
    }

    fn spawn(&self, dir: &Path, socket: &Path, settings: &Path) -> Result<Child> {
        let program = self.project.webtty("release");
        // Where it can be had, the daemon gets the signal to stop when this process is killed.
        let mut serve = if command::find(&["setpriv"]).is_some() {
            let mut setpriv = Command::new("setpriv");
            setpriv.args(["--pdeathsig", "TERM"]).arg(program);
            setpriv
        } else {
            Command::new(program)
        };
        serve
            .args(["serve", "--port", "0", "--auth", "none", "--log", "warn"])
            .arg("--config")
            .arg(settings)
            .env("WEBTTY_SOCKET", socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(dir.join("log"))?);
        for variable in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
            serve.env(variable, dir.join(variable));
        }
        command::without_cargo_environment(&mut serve, &self.project.target);
        serve.spawn().context("starting the daemon")
    }
}

/// A running daemon. Dropping it stops it.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) unix: Place,
    pub(crate) tcp: Place,
    dir: TempDir,
}

impl Daemon {
    fn wait_until_it_answers(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            let health = call(&self.unix, "GET", "/api/health", None);
            if let Ok(health) = health {
                let health: Health = serde_json::from_value(health)?;
                let address = health.url.trim_start_matches("http://");
                let address = address.trim_end_matches('/');
                let address = address.parse().context("reading the daemon's address")?;
                self.tcp = Place::Tcp(address);
                return Ok(());
            }
            let ended = self.child.try_wait()?;
            if ended.is_some() || began.elapsed() > START_OR_STOP {
                let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                bail!("the daemon did not start: {}", log.trim());
            }
            sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A directory for this daemon's time.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A running session with this command, or with the shell for none.
    pub(crate) fn session(&self, words: &[String]) -> Result<String> {
        let cmd = (!words.is_empty()).then(|| words.to_vec());
        self.session_of(CreateSession {
            cmd,
            ..CreateSession::default()
        })
    }

    /// A running session as wished.
    pub(crate) fn session_of(&self, wish: CreateSession) -> Result<String> {
        let wish = CreateSession {
            base_dir: Some("/".into()),
            start: Some(true),
            ..wish
        };
        let wish = serde_json::to_string(&wish)?;
        let made = call(&self.unix, "POST", "/api/sessions", Some(&wish))?;
        let made: SessionInfo = serde_json::from_value(made)?;
        Ok(made.id.to_string())
    }

    /// A viewer that speaks `webtty.v1` and looks for a text.
    pub(crate) fn viewer(
        &self,
        place: &Place,
        session: &str,
        query: &str,
        text: &str,
    ) -> Result<Socket<Screen>> {
        let path = format!("/ws/{session}/pty{query}");
        let screen = Screen::v1().looking_for(text);
        Socket::open(place, &path, Some(SUBPROTOCOL_V1), screen)
    }

    /// A viewer without a subprotocol that looks for a text.
    pub(crate) fn plain_viewer(
        &self,
        place: &Place,
        session: &str,
        text: &str,
    ) -> Result<Socket<Screen>> {
        let path = format!("/ws/{session}/pty");
        let screen = Screen::plain().looking_for(text);
        Socket::open(place, &path, None, screen)
    }

    /// Subscribers to a session's events, once the daemon counts them all.
    pub(crate) fn subscribers<C: Consumer>(
        &self,
        session: &str,
        count: usize,
        consumer: impl Fn() -> C,
    ) -> Result<Vec<Socket<C>>> {
        let sockets = (0..count).map(|_| self.subscriber(session, consumer()));
        let sockets = sockets.collect::<Result<Vec<_>>>()?;
        self.until_subscribers(session, count)?;
        Ok(sockets)
    }

    /// Connections of the hub in the room of a session's events, once they have heard all that is
    /// said before the first event.
    pub(crate) fn hub_subscribers(
        &self,
        session: &str,
        count: usize,
    ) -> Result<Vec<Socket<EventCount>>> {
        /// `welcome` and `subscribed`.
        const GREETINGS: usize = 2;
        let room = format!("session/{session}/events");
        let wish = format!(r#"{{"type":"subscribe","payload":{{"room":"{room}"}}}}"#);
        let open = |_| {
            let mut socket = Socket::open(&self.tcp, "/ws", None, EventCount::default())?;
            socket.say(&wish)?;
            Ok(socket)
        };
        let mut sockets = (0..count).map(open).collect::<Result<Vec<_>>>()?;
        read_all_until(&mut sockets, |count| count.events == GREETINGS)?;
        Ok(sockets)
    }

    /// Waits until a session has so many subscribers.
    pub(crate) fn until_subscribers(&self, session: &str, count: usize) -> Result<()> {
        let began = Instant::now();
        loop {
            let there = self.subscribers_of(session)?;
            if there == count {
                return Ok(());
            }
            if began.elapsed() > START_OR_STOP {
                bail!("{there} of {count} subscribers are there");
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// How many subscribers a session has.
    pub(crate) fn subscribers_of(&self, session: &str) -> Result<usize> {
        let info = call(&self.unix, "GET", &format!("/api/sessions/{session}"), None)?;
        let info: SessionInfo = serde_json::from_value(info)?;
        Ok(info.subscribers)
    }

    /// One subscriber to a session's events.
    pub(crate) fn subscriber<C: Consumer>(&self, session: &str, consumer: C) -> Result<Socket<C>> {
        Socket::open(&self.tcp, &format!("/ws/{session}/events"), None, consumer)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > START_OR_STOP {
                let _ = self.child.kill();
            }
            sleep(Duration::from_millis(5));
        }
    }
}
