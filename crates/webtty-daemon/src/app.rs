//! What every request and every socket of a daemon shares.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::Semaphore;
use webtty_core::Registry;
use webtty_core::environment::user_home;
use webtty_core::limits::CLIENT_INPUT_BYTES;
use webtty_core::session::SessionSpec;

use crate::base_path::BasePath;
use crate::config::Auth;
use crate::connections::PerAddress;
use crate::files::Files;
use crate::frame_files::FrameFiles;
use crate::hub::Hub;
use crate::keys::KeyStore;
use crate::proxy::Proxies;
use crate::rate::RateLimiter;
use crate::settings::{Limits, SettingsFile};
use crate::shares::Shares;
use crate::sites::Sites;
use crate::tasks::Tasks;
use crate::tls::Identity;

/// The TCP listener: who may use it, and what it is called.
pub(crate) struct Listening {
    pub(crate) auth: Auth,
    pub(crate) address: SocketAddr,
    /// What links begin with: `http://ADDRESS:PORT`, or by a name, and the base path; without a
    /// trailing slash.
    pub(crate) base_url: String,
    pub(crate) sites: Sites,
    /// Its certificate; none without TLS.
    pub(crate) identity: Option<Identity>,
    /// The path below which everything is.
    pub(crate) base_path: BasePath,
    pub(crate) proxies: Proxies,
}

/// The daemon, as seen from a request.
pub(crate) struct App {
    pub(crate) registry: Arc<Registry>,
    pub(crate) keys: Arc<KeyStore>,
    pub(crate) settings: Arc<SettingsFile>,
    pub(crate) tasks: Tasks,
    pub(crate) limits: Limits,
    /// How often an address may show a credential that is not valid.
    pub(crate) refusals: RateLimiter,
    pub(crate) hub: Hub,
    /// What many sockets are sent.
    pub(crate) frame_files: Arc<FrameFiles>,
    /// What was put beside sessions.
    pub(crate) files: Arc<Files>,
    /// Programs that may still be started for requests.
    pub(crate) commands: Arc<Semaphore>,
    /// Those of each session.
    pub(crate) commands_of: Shares,
    /// Bytes that requests may have typed into each session and that it has not read.
    pub(crate) typed_into: Shares,
    pub(crate) listening: Listening,
    /// What the addresses have open that proxies speak for.
    pub(crate) forwarded: PerAddress,
    pub(crate) started: Instant,
    next_client: AtomicU64,
}

impl App {
    pub(crate) fn new(
        registry: Arc<Registry>,
        keys: Arc<KeyStore>,
        settings: Arc<SettingsFile>,
        files: Files,
        listening: Listening,
        tasks: Tasks,
    ) -> Self {
        let limits = settings.current().limits;
        Self {
            hub: Hub::new(Arc::clone(&registry)),
            files: Arc::new(files),
            frame_files: Arc::default(),
            commands: Arc::new(Semaphore::new(limits.commands.min(Semaphore::MAX_PERMITS))),
            commands_of: Shares::new(limits.commands_per_session),
            typed_into: Shares::new(CLIENT_INPUT_BYTES),
            registry,
            keys,
            limits,
            refusals: RateLimiter::new(limits.refusals_at_once, limits.refusals_a_minute),
            settings,
            tasks,
            listening,
            forwarded: PerAddress::new(&limits),
            started: Instant::now(),
            next_client: AtomicU64::new(1),
        }
    }

    /// A number for a connection, unlike any other of this daemon.
    pub(crate) fn next_client(&self) -> u64 {
        self.next_client.fetch_add(1, Ordering::Relaxed)
    }

    /// A plain session: the user's shell, in `base_dir` or the user's home.
    pub(crate) fn plain_session(&self, base_dir: Option<PathBuf>) -> SessionSpec {
        let settings = self.settings.current();
        SessionSpec {
            base_dir: base_dir.unwrap_or_else(user_home),
            cmd: None,
            env: BTreeMap::new(),
            size: settings.size(),
            size_policy: settings.size_policy,
            read_only: false,
            clipboard: settings.clipboard,
        }
    }
}
