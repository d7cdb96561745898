//! Making sure that a daemon runs: finding the one that does, or starting one in the background
//! and waiting for its word.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, PipeReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};
use webtty_client::Client;
use webtty_protocol::names::{ENV_SESSION, ENV_SOCKET, ENV_URL};
use webtty_protocol::rest::Health;

use crate::context::{Context, is_no_daemon, skew_hint};
use crate::failure::{CONFIG, FAILURE, Failure};
use crate::limits::{
    LOOK_AGAIN, MAX_LOG_BYTES, OTHER_TIMEOUT, RACE_TIMEOUT, SHOWN_LOG_BYTES, SHOWN_LOG_LINES,
    START_TIMEOUT,
};
use crate::output::{harmless, say};
use crate::places::state_directory;

/// What a daemon in the background tells whoever started it: it listens.
pub(crate) const READY: &str = "ready\n";

/// It does not, because another one already has the socket.
pub(crate) const ANOTHER_RUNS: &str = "another runs\n";

/// A daemon that answers.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) health: Health,
    /// Was it started just now?
    pub(crate) started: bool,
}

/// Connects to the daemon; starts it when it is the local one and does not run.
pub(crate) async fn ensure(context: &Context) -> Result<Running, Failure> {
    let client = context.client().await?;
    let (health, started) = match (client.health().await, context) {
        (Err(error), Context::Local { socket }) if is_no_daemon(&error) => {
            (start(socket, &client).await?, true)
        }
        (answer, _) => (answer?, false),
    };
    if let Some(hint) = skew_hint(&health.version) {
        say(&format!("warning: {hint}"));
    }
    Ok(Running {
        client,
        health,
        started,
    })
}

/// Starts a daemon, or finds the one that another process is starting at the same moment.
async fn start(socket: &Path, client: &Client) -> Result<Health, Failure> {
    let deadline = Instant::now() + RACE_TIMEOUT;
    loop {
        if launch(socket).await? == Word::Ready {
            return Ok(client.health().await?);
        }
        // The other one has the lock and will listen in a moment, or was just ending; then the
        // next try succeeds.
        match wait_for_other(client).await {
            Err(error) if is_no_daemon(&error) && Instant::now() < deadline => {}
            answer => return Ok(answer?),
        }
    }
}

async fn wait_for_other(client: &Client) -> Result<Health, webtty_client::Error> {
    let deadline = Instant::now() + OTHER_TIMEOUT;
    loop {
        match client.health().await {
            Err(error) if is_no_daemon(&error) && Instant::now() < deadline => {
                sleep(LOOK_AGAIN).await;
            }
            answer => return answer,
        }
    }
}

/// What a daemon in the background says when it has come as far as it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Ready,
    AnotherRuns,
}

/// Starts a daemon in the background and waits for its word.
async fn launch(socket: &Path) -> Result<Word, Failure> {
    let log = Log::open()?;
    let (mut child, word) = spawn(socket, &log)?;
    let reading = spawn_blocking(move || read_word(word));
    let Ok(read) = timeout(START_TIMEOUT, reading).await else {
        let seconds = START_TIMEOUT.as_secs();
        let message = format!("the daemon did not start within {seconds} s");
        return Err(log.failure(FAILURE, &message));
    };
    match read.map(Result::unwrap_or_default).as_deref() {
        Ok(READY) => Ok(Word::Ready),
        Ok(ANOTHER_RUNS) => Ok(Word::AnotherRuns),
        Ok(_) | Err(_) => Err(failed_to_start(&mut child, &log)),
    }
}

fn spawn(socket: &Path, log: &Log) -> Result<(Child, PipeReader), Failure> {
    let fail = |error: io::Error| Failure::io("starting the daemon", &error);
    let program = std::env::current_exe().map_err(fail)?;
    let (word, tell) = io::pipe().map_err(fail)?;
    let child = Command::new(program)
        .arg("serve")
        .arg("--background")
        .arg("--socket")
        .arg(socket)
        .env_remove(ENV_SESSION)
        .env_remove(ENV_SOCKET)
        .env_remove(ENV_URL)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(tell)
        .stderr(log.file.try_clone().map_err(fail)?)
        .spawn()
        .map_err(fail)?;
    Ok((child, word))
}

/// Reads until the daemon has said what it has to say, which closes the pipe.
fn read_word(mut pipe: PipeReader) -> io::Result<String> {
    let mut word = String::new();
    pipe.read_to_string(&mut word)?;
    Ok(word)
}

/// What a daemon that closed the pipe without a word ended with.
fn failed_to_start(child: &mut Child, log: &Log) -> Failure {
    let (code, status) = match child.wait() {
        Ok(status) if status.code() == Some(CONFIG.into()) => (CONFIG, status.to_string()),
        Ok(status) => (FAILURE, status.to_string()),
        Err(error) => (FAILURE, error.to_string()),
    };
    log.failure(code, &format!("the daemon did not start ({status})"))
}

/// Where a daemon in the background writes its log.
struct Log {
    path: PathBuf,
    file: File,
    /// Where this daemon's lines begin.
    begin: u64,
}

impl Log {
    fn open() -> Result<Self, Failure> {
        let directory = state_directory()?;
        let path = directory.join("daemon.log");
        let fail = |error: io::Error| Failure::io(format!("opening {}", path.display()), &error);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(fail)?;
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .mode(0o600)
            .open(&path)
            .map_err(fail)?;
        let mut begin = file.metadata().map_err(fail)?.len();
        if begin > MAX_LOG_BYTES {
            file.set_len(0).map_err(fail)?;
            begin = 0;
        }
        Ok(Self { path, file, begin })
    }

    /// A failure with the last lines of the log.
    fn failure(&self, code: u8, message: &str) -> Failure {
        let mut message = message.to_owned();
        for line in self.last_lines() {
            message.push_str("\n  ");
            message.push_str(&line);
        }
        Failure::new(code, message).hint(format!("its log is {}", self.path.display()))
    }

    fn last_lines(&self) -> Vec<String> {
        let text = self.tail().unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        let first = lines.len().saturating_sub(SHOWN_LOG_LINES);
        lines[first..].iter().map(|line| harmless(line)).collect()
    }

    fn tail(&self) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(
            self.begin.max(end.saturating_sub(SHOWN_LOG_BYTES)),
        ))?;
        let mut bytes = Vec::new();
        file.take(SHOWN_LOG_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
