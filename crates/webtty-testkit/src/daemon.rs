//! A daemon of a test's own, in this process.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use webtty_client::{Client, Credential, Endpoint, Trust};
use webtty_daemon::{Auth, Config, Outcome, Server};
use webtty_protocol::rest::{CreateKey, CreateSession};
use webtty_protocol::{Role, SessionId};

use crate::wait::within;

const DEFAULT_SETTINGS: &str = r#"{"shell": "/bin/sh", "env": {"PS1": "$ "}}"#;

/// A daemon with directories, a socket and a port of its own. Dropping it stops it.
pub struct TestDaemon {
    dir: TempDir,
    address: SocketAddr,
    fingerprint: Option<String>,
    socket: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<Outcome>,
}

impl TestDaemon {
    /// A daemon that asks for tokens.
    pub async fn start() -> Self {
        Self::start_with(Auth::Keys, "{}").await
    }

    /// A daemon without authentication.
    pub async fn start_open() -> Self {
        Self::start_with(Auth::None, "{}").await
    }

    /// A daemon with these settings in its `config.json`. Its shell is `/bin/sh` with the prompt
    /// `$ ` unless they say otherwise.
    pub async fn start_with(auth: Auth, settings: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let settings = match settings {
            "{}" => DEFAULT_SETTINGS,
            given => given,
        };
        let settings_path = dir.path().join("config.json");
        fs::write(&settings_path, settings).expect("settings written");
        let config = Config {
            auth,
            ..Config::new(
                dir.path().join("run/daemon.sock"),
                dir.path().join("state"),
                settings_path,
            )
        };
        Self::start_as(dir, config).await
    }

    /// A daemon that is configured as wished, but for its places.
    pub async fn start_configured(configure: impl FnOnce(&Path, &mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let settings_path = dir.path().join("config.json");
        fs::write(&settings_path, DEFAULT_SETTINGS).expect("settings written");
        let mut config = Config::new(
            dir.path().join("run/daemon.sock"),
            dir.path().join("state"),
            settings_path,
        );
        configure(dir.path(), &mut config);
        Self::start_as(dir, config).await
    }

    async fn start_as(dir: TempDir, config: Config) -> Self {
        let server = Server::bind(config).await.expect("a daemon");
        let (address, socket) = (server.address(), server.socket_path().to_owned());
        let fingerprint = server.fingerprint();
        let (stop, stopped) = oneshot::channel();
        #[expect(
            clippy::disallowed_methods,
            reason = "the task is this value's own, and joined"
        )]
        let done = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self {
            dir,
            address,
            fingerprint,
            socket,
            stop: Some(stop),
            done,
        }
    }

    /// The TCP address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The fingerprint of its certificate, where it speaks TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        let scheme = match self.fingerprint {
            Some(_) => "https",
            None => "http",
        };
        format!("{scheme}://{}", self.address)
    }

    fn trust(&self) -> Trust {
        match &self.fingerprint {
            Some(text) => Trust::fingerprint(text.parse().expect("a fingerprint")),
            None => Trust::default(),
        }
    }

    /// A directory of its own, for what a test puts there.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The Unix socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The settings file.
    pub fn settings_path(&self) -> PathBuf {
        self.dir.path().join("config.json")
    }

    /// A client over the Unix socket.
    pub fn unix(&self) -> Client {
        Client::new(Endpoint::Unix(self.socket.clone()))
    }

    /// A client over TCP without a credential.
    pub fn http(&self) -> Client {
        let url = self.url().parse().expect("a URL");
        Client::new(Endpoint::Http {
            url,
            token: None,
            trust: self.trust(),
        })
    }

    /// A new token for this role, in one session or all.
    pub async fn token(&self, role: Role, session: Option<&SessionId>) -> String {
        self.key_and_token(role, session).await.1
    }

    /// The id of a new key, and a token for it.
    pub async fn key_and_token(&self, role: Role, session: Option<&SessionId>) -> (String, String) {
        let session = session.cloned();
        let wanted = CreateKey {
            role,
            session,
            ttl_seconds: None,
            uses: None,
            label: None,
        };
        let key = self.unix().create_key(&wanted).await.expect("a key");
        (
            key.id,
            self.unix().login(&key.key).await.expect("a token").token,
        )
    }

    /// A client over TCP with a token for everything.
    pub async fn admin(&self) -> Client {
        self.with_token(self.token(Role::Admin, None).await).await
    }

    /// A client over TCP with this token.
    pub async fn with_token(&self, token: String) -> Client {
        let url = self.url().parse().expect("a URL");
        let token: Credential = token.parse().expect("a token");
        Client::over_http(url, self.trust(), Some(token))
            .await
            .expect("a client")
    }

    /// A session that runs a command under `/bin/sh -c`.
    pub async fn run(&self, name: &str, script: &str) -> SessionId {
        let cmd = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        self.create(CreateSession {
            cmd: Some(cmd),
            ..named(name)
        })
        .await
    }

    /// A session whose shell runs.
    pub async fn shell(&self, name: &str) -> SessionId {
        self.create(CreateSession {
            start: Some(true),
            ..named(name)
        })
        .await
    }

    /// A session as wished.
    pub async fn create(&self, wish: CreateSession) -> SessionId {
        self.unix()
            .create_session(&wish)
            .await
            .expect("a session")
            .id
    }

    /// Stops it gracefully, and says how that went.
    pub async fn stop(mut self) -> Outcome {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        within("the daemon's end", &mut self.done)
            .await
            .expect("no panic")
    }
}

/// A wish for a session of this name, in the root directory.
fn named(name: &str) -> CreateSession {
    CreateSession {
        id: Some(name.parse().expect("a session id")),
        base_dir: Some("/".into()),
        ..CreateSession::default()
    }
}
