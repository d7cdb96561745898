//! The daemon's life: everything reserved, served, drained.

mod accept;
mod error;
mod handshake;
mod heads;
#[cfg(feature = "fuzzing")]
pub(crate) mod in_memory;
mod reach;
mod refusal;
mod serve;
mod tapped;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::resource::{Resource, getrlimit};
use tokio::net::{TcpListener, UnixListener};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use webtty_core::Registry;
use webtty_core::registry::Settings as RegistrySettings;
use webtty_protocol::names::KEY_FRAGMENT;
use webtty_protocol::rest::CreateKey;
use webtty_protocol::{Role, SessionId};

use crate::app::App;
use crate::config::{Auth, Config};
use crate::files::Files;
use crate::keys::KeyStore;
use crate::limits::{
    DIRECTORY_BURST, DIRECTORY_PAUSE, SPARE_DESCRIPTORS, STOP_SOCKETS_TIMEOUT, STOP_TIMEOUT,
};
use crate::runtime_dir::{OwnSocket, SocketError, make_own_dir};
use crate::secret::short_hash;
use crate::settings::SettingsFile;
use crate::tasks::Tasks;
use crate::timer::until;
use crate::trickle;
pub use error::BindError;

/// How a daemon ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Were all connections closed in time?
    pub drained: bool,
    /// Were all shells gone in time?
    pub shells_gone: bool,
}

/// A daemon that has everything it needs and does not serve yet.
pub struct Server {
    app: Arc<App>,
    unix: UnixListener,
    tcp: TcpListener,
    address: SocketAddr,
    socket_path: PathBuf,
    socket: OwnSocket,
}

impl Server {
    /// Looks whether this could be served safely, as far as that can be known beforehand.
    ///
    /// # Errors
    /// [`BindError::Refused`], with the reason.
    pub fn check(config: &Config) -> Result<(), BindError> {
        reach::check(config).map(drop)
    }

    /// Takes the Unix socket and the TCP address, and reads settings and keys.
    ///
    /// # Errors
    /// See [`BindError`]. Nothing is left behind then.
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        let told = reach::check(&config)?;
        let settings = Arc::new(SettingsFile::open(config.settings_path.clone())?);
        let (socket, unix) = own_socket(&config.socket_path)?;
        let listen_error = |cause| BindError::Listen {
            address: config.listen,
            cause,
        };
        let tcp = TcpListener::bind(config.listen)
            .await
            .map_err(listen_error)?;
        let address = tcp.local_addr().map_err(listen_error)?;
        let keys = Arc::new(open_keys(&config, &settings)?);
        let listening = reach::open(&config, told, address)?;
        let tasks = Tasks::default();
        let registry = registry(
            &config,
            Arc::clone(&settings),
            Arc::clone(&keys),
            &listening.base_url,
            tasks.clone(),
        );
        let files = open_files(&config, &settings)?;
        let app = App::new(registry, keys, settings, files, listening, tasks);
        let socket_path = config.socket_path;
        Ok(Self {
            app: Arc::new(app),
            unix,
            tcp,
            address,
            socket_path,
            socket,
        })
    }

    /// The URL of the page that lists the sessions, without a key.
    pub fn url(&self) -> &str {
        &self.app.listening.base_url
    }

    /// The TCP address, with the port that was found.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SHA-256 of the certificate of the TCP listener, which those compare who have no other
    /// reason to trust it; none without TLS.
    pub fn fingerprint(&self) -> Option<String> {
        let identity = self.app.listening.identity.as_ref()?;
        Some(identity.fingerprint())
    }

    /// The Unix socket.
    pub fn socket_path(&self) -> &Path {
        &self.socket_path
    }

    /// A link for the operator, good for one login within `ttl_seconds`: it opens everything.
    /// None without authentication, where the plain URL does.
    ///
    /// # Errors
    /// When there are too many keys, or they cannot be saved.
    pub fn admin_link(&self, ttl_seconds: u64) -> io::Result<Option<String>> {
        if self.app.listening.auth == Auth::None {
            return Ok(None);
        }
        let wanted = CreateKey {
            role: Role::Admin,
            session: None,
            ttl_seconds: Some(ttl_seconds),
            uses: None,
            label: Some("serve".to_owned()),
        };
        let (_, key) = self.app.keys.create(wanted).map_err(io::Error::other)?;
        Ok(Some(format!(
            "{}/#{KEY_FRAGMENT}={key}",
            self.app.listening.base_url
        )))
    }

    /// Serves until `shutdown` is done or a client asks to stop, then closes every socket, ends
    /// every shell, and says whether that was done in time.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Outcome {
        let Self {
            app,
            unix,
            tcp,
            socket,
            ..
        } = self;
        let (of_unix, of_tcp) = places(app.limits.connections);
        app.tasks
            .spawn(accept::unix(Arc::clone(&app), unix, of_unix));
        app.tasks.spawn(accept::tcp(Arc::clone(&app), tcp, of_tcp));
        app.tasks.spawn(sweep(Arc::clone(&app)));
        app.tasks.spawn(keep_directory(Arc::clone(&app)));
        app.tasks.spawn(forget_frames(Arc::clone(&app)));
        tokio::select! {
            () = shutdown => {}
            () = app.tasks.stopping() => {}
        }
        let outcome = drain(&app).await;
        // Only now may the next daemon start.
        drop(socket);
        outcome
    }
}

/// How many connections the Unix socket and the TCP listener may have. Each has its own, so that
/// nobody on the network can keep the owner out; together they leave descriptors to the shells.
fn places(most: usize) -> (usize, usize) {
    let descriptors = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
    let share = descriptors / SPARE_DESCRIPTORS;
    (most.min(share), most.min(share * 2))
}

/// Closes sockets first, so that they hear of the stop and not of their shell's end.
async fn drain(app: &App) -> Outcome {
    let deadline = Instant::now() + STOP_TIMEOUT;
    app.tasks.stop();
    let _ = timeout(STOP_SOCKETS_TIMEOUT, app.tasks.ended()).await;
    let mut live = app.registry.live_work();
    app.registry.stop();
    let drained = timeout_at(deadline, app.tasks.ended()).await.is_ok();
    let shells_gone = timeout_at(deadline, live.wait_for(|count| *count == 0))
        .await
        .is_ok();
    app.files.clear();
    Outcome {
        drained,
        shells_gone,
    }
}

/// Forgets sessions whose time is over, and the files of those that are gone.
async fn sweep(app: Arc<App>) {
    let mut changed = app.registry.changed();
    loop {
        changed.mark_unchanged();
        let next = app.registry.sweep(std::time::Instant::now());
        app.files.keep_only(&app.registry.list());
        tokio::select! {
            () = app.tasks.stopping() => return,
            _ = changed.changed() => {}
            () = until(next.map(Instant::from)) => {}
        }
    }
}

/// Forgets frames that no further socket is sent.
async fn forget_frames(app: Arc<App>) {
    tokio::select! {
        () = app.tasks.stopping() => {}
        () = app.frame_files.forget() => {}
    }
}

/// Looks at the sessions whenever something may have changed, for those who watch the list.
async fn keep_directory(app: Arc<App>) {
    let directory = app.hub.directory();
    let mut activity = directory.activity();
    let mut spent_until = Instant::now();
    loop {
        activity.mark_unchanged();
        directory.refresh();
        tokio::select! {
            () = app.tasks.stopping() => return,
            _ = activity.changed() => {}
        }
        // Steps are told as they come, but where they never end, many are told as one.
        let now = Instant::now();
        spent_until = spent_until.max(now) + DIRECTORY_PAUSE;
        if spent_until.duration_since(now) > DIRECTORY_BURST {
            tokio::select! {
                () = app.tasks.stopping() => return,
                () = sleep(DIRECTORY_PAUSE) => {}
            }
        }
    }
}

fn own_socket(path: &Path) -> Result<(OwnSocket, UnixListener), BindError> {
    OwnSocket::bind(path).map_err(|error| match error {
        SocketError::InUse { pid } => BindError::AlreadyRunning {
            socket: path.to_owned(),
            pid,
        },
        SocketError::Unsafe { .. } => BindError::Refused(error.to_string()),
        SocketError::Io { path, cause } => BindError::Io {
            what: path.display().to_string(),
            cause,
        },
    })
}

/// Each socket has keys of its own: two daemons that wrote one file would undo each other's.
fn open_keys(config: &Config, settings: &SettingsFile) -> Result<KeyStore, BindError> {
    make_own_dir(&config.state_dir).map_err(|error| match error {
        SocketError::Io { path, cause } => BindError::Io {
            what: path.display().to_string(),
            cause,
        },
        other => BindError::Refused(other.to_string()),
    })?;
    let path = config
        .state_dir
        .join(format!("keys-{}.json", short_hash(&config.socket_path)));
    KeyStore::open(path, settings.current().limits.keys).map_err(|cause| BindError::Io {
        what: "reading the keys".into(),
        cause,
    })
}

/// Each socket has files of its own, too.
fn open_files(config: &Config, settings: &SettingsFile) -> Result<Files, BindError> {
    let name = format!("files-{}", short_hash(&config.socket_path));
    let each = settings.current().limits.file_bytes_per_session;
    Files::open(config.state_dir.join(name), each).map_err(|cause| BindError::Io {
        what: "removing the files of a daemon before".into(),
        cause,
    })
}

fn registry(
    config: &Config,
    settings: Arc<SettingsFile>,
    keys: Arc<KeyStore>,
    base_url: &str,
    tasks: Tasks,
) -> Arc<Registry> {
    let output_bytes = settings.current().output_bytes();
    let limits = settings.current().limits;
    let shell = move || settings.current().shell();
    let defaults = RegistrySettings::new(shell, config.socket_path.clone(), base_url.to_owned());
    let ended = move |id: &SessionId| {
        if let Err(error) = keys.session_ended(id) {
            tracing::error!(%error, "keys of an ended session could not be removed");
        }
    };
    let follow = move |trickle| tasks.spawn(trickle::follow(trickle, tasks.clone()));
    Registry::new(RegistrySettings {
        output_bytes,
        follow: Box::new(follow),
        max_sessions: limits.sessions,
        subscriber_window: limits.subscriber_window(),
        ended: Box::new(ended),
        ..defaults
    })
}
