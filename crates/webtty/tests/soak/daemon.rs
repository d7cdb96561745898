//! A daemon of the soak's own, in a home of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use webtty_client::{Client, Endpoint};
use webtty_protocol::SessionId;
use webtty_protocol::rest::CreateSession;

use crate::terminals::with_terminals;

/// No step takes longer, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(120);

/// What comes of something that must happen, or none when it does not.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> Option<T> {
    timeout(PATIENCE, future).await.ok()
}

/// Its times where there is only a minute for everything, for what lasts until they are over.
const SHORT: &str = r#"{"limits": {"headTimeoutMs": 1000, "pingIntervalMs": 1000,
    "pongTimeoutMs": 2000, "writeTimeoutMs": 2000}}"#;

pub(crate) struct Daemon {
    home: TempDir,
    child: Child,
    pid: u32,
    /// Has it a number of pseudo-terminals that is its own?
    pub(crate) has_terminals: bool,
    /// Its client, over the Unix socket.
    pub(crate) client: Client,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Daemon {
    /// Starts one, with the times that are the default or with shorter ones.
    pub(crate) async fn start(default_times: bool) -> Self {
        // It and this process hold thousands of connections.
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit of descriptors");
        setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("raised");
        let home = tempfile::tempdir().expect("a directory");
        let settings = home.path().join("config.json");
        let text = if default_times { "{}" } else { SHORT };
        fs::write(&settings, text).expect("written");
        let socket = home.path().join("run/daemon.sock");
        // That of people, where one is named.
        let program = std::env::var_os("WEBTTY_BIN");
        let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_webtty").into());
        let (command, has_terminals) = with_terminals(&program);
        let child = Command::from(command)
            .args(["serve", "--port", "0", "--auth", "none", "--log", "error"])
            .arg("--config")
            .arg(&settings)
            .arg("--socket")
            .arg(&socket)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("spawned");
        let client = Client::new(Endpoint::Unix(socket));
        let health = soon(async {
            loop {
                if let Ok(health) = client.health().await {
                    return health;
                }
                tokio::task::yield_now().await;
            }
        });
        let url = health.await.expect("it answers").url;
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        Self {
            home,
            pid: child.id().expect("it runs"),
            child,
            has_terminals,
            client,
            address: address.parse().expect("an address"),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Checks that it answers on both listeners.
    pub(crate) async fn serves(&self) {
        let answered = soon(async {
            self.client.health().await.expect("over the Unix socket");
            self.ask().await
        });
        assert_eq!(answered.await, Some(200), "over TCP");
    }

    /// The status of a small request over TCP; 0 when there is none.
    pub(crate) async fn ask(&self) -> u16 {
        let Ok(mut stream) = TcpStream::connect(self.address).await else {
            return 0;
        };
        let host = self.address;
        let head = format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let mut answer = Vec::new();
        let _broken = stream.write_all(head.as_bytes()).await;
        let _broken = stream.read_to_end(&mut answer).await;
        let status = String::from_utf8_lossy(&answer);
        let status = status.split(' ').nth(1);
        status.and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The status of a small request, and its connection, which stays open if the daemon keeps it.
    pub(crate) async fn ask_and_stay(&self) -> (u16, TcpStream) {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        let head = format!(
            "GET /favicon.ico HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut start = [0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut start).await.expect("an answer");
        let status = String::from_utf8_lossy(&start[9..]).parse();
        (status.expect("a status"), stream)
    }

    /// A connection that has been made a terminal's socket.
    pub(crate) async fn terminal(&self, session: &SessionId) -> TcpStream {
        let host = self.address;
        let head = format!(
            "GET /ws/{session}/pty HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: webtty.v1\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let opened = soon(async {
            let mut stream = TcpStream::connect(host).await.expect("connected");
            stream.write_all(head.as_bytes()).await.expect("sent");
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(stream.read_u8().await.expect("an answer"));
            }
            assert!(answer.starts_with(b"HTTP/1.1 101 "), "{answer:?}");
            stream
        });
        opened.await.expect("a socket")
    }

    /// A running session of `/bin/sh -c`.
    pub(crate) async fn session(&self, script: &str) -> SessionId {
        let wish = CreateSession {
            cmd: Some(["/bin/sh", "-c", script].map(str::to_owned).to_vec()),
            base_dir: Some("/".into()),
            ..CreateSession::default()
        };
        self.client.create_session(&wish).await.expect("made").id
    }

    pub(crate) async fn end(&self, session: &SessionId) {
        self.client.delete_session(session).await.expect("ended");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // In order, so that its sessions end with it.
        if let Ok(None) = self.child.try_wait() {
            let pid = i32::try_from(self.pid).expect("a pid");
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
            let began = std::time::Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < PATIENCE {
                std::thread::yield_now();
            }
        }
    }
}
