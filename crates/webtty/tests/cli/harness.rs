//! A home of one's own for each test, in which the real binary is run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use webtty_client::{Client, Endpoint};
use webtty_protocol::rest::SessionInfo;

/// No step of a test takes longer, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that must happen.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it happens in time")
}

/// A home with nothing in it, and what runs there. The daemon is killed with it.
pub(crate) struct Home {
    directory: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let home = Self { directory };
        fs::create_dir(home.runtime()).expect("made");
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// The daemon's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.runtime().join("webtty/daemon.sock")
    }

    /// A command in this home, with nothing inherited but the search path.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_webtty"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm-256color")
            .env("WEBTTY_PORT", "0")
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Said {
        finish(self.spawn(args)).await
    }

    /// Runs a command that must succeed.
    pub(crate) async fn ok(&self, args: &[&str]) -> Said {
        let said = self.run(args).await;
        assert_eq!(said.code, Some(0), "{args:?}: {said:?}");
        said
    }

    /// Runs a command with something on its standard input.
    pub(crate) async fn run_with_input(&self, args: &[&str], input: Vec<u8>) -> Said {
        let mut child = self.spawn_with_input(args);
        let mut stdin = child.stdin.take().expect("piped");
        let (said, ()) = tokio::join!(finish(child), async move {
            // A command that does not read to the end is no failure of the test.
            let _unread = stdin.write_all(&input).await;
        });
        said
    }

    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).spawn().expect("spawned")
    }

    pub(crate) fn spawn_with_input(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        command.spawn().expect("spawned")
    }

    /// The daemon's client, over its socket.
    pub(crate) fn client(&self) -> Client {
        Client::new(Endpoint::Unix(self.socket()))
    }

    /// Starts a session in the background; its link to type.
    pub(crate) async fn session(&self, name: &str, cmd: &[&str]) -> String {
        let mut args = vec!["run", "-d", "-n", name, "--"];
        args.extend_from_slice(cmd);
        let said = self.ok(&args).await;
        link(&said, "control").to_owned()
    }

    /// Waits until a session is as it should be.
    pub(crate) async fn until(&self, name: &str, is: impl Fn(&SessionInfo) -> bool) {
        let (client, id) = (self.client(), name.parse().expect("an id"));
        soon(async {
            while !client.session(&id).await.is_ok_and(|info| is(&info)) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The process that holds the daemon's lock.
    pub(crate) fn daemon(&self) -> Option<Pid> {
        let path = self.socket().with_extension("lock");
        let text = fs::read_to_string(&path).ok()?;
        let lock = Flock::lock(File::open(&path).ok()?, FlockArg::LockSharedNonblock);
        if lock.is_ok() {
            return None;
        }
        text.trim().parse().ok().map(Pid::from_raw)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(pid) = self.daemon() {
            let _gone = kill(pid, Signal::SIGKILL);
        }
    }
}

/// Waits for a command's end.
pub(crate) async fn finish(child: Child) -> Said {
    let output = soon(child.wait_with_output()).await.expect("waited for");
    said(&output)
}

fn said(output: &Output) -> Said {
    Said {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The link of this role that `run` has printed.
pub(crate) fn link<'a>(said: &'a Said, role: &str) -> &'a str {
    let mut lines = said.stdout.lines();
    lines
        .find_map(|line| Some(line.strip_prefix(role)?.trim_start()))
        .unwrap_or_else(|| panic!("no {role} link: {said:?}"))
}

/// Does a failure say this, in this form, with this code?
pub(crate) fn assert_fails(said: &Said, code: i32, error: &str, hint: &str) {
    assert_eq!(said.code, Some(code), "{said:?}");
    assert_eq!(said.stdout, "", "failures go to standard error");
    let has = |start: &str, part: &str| {
        said.stderr
            .lines()
            .any(|line| line.starts_with(start) && line.contains(part))
    };
    assert!(has("error: ", error), "{said:?}");
    assert!(hint.is_empty() || has("hint: ", hint), "{said:?}");
}
