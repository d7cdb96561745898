//! All sessions of a daemon, by id.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::watch;
use webtty_protocol::SessionId;

use crate::activity::Activity;
use crate::clock::now_ms;
use crate::environment::{SessionVariables, ShellSettings};
use crate::house::House;
use crate::limits::{MAX_SESSIONS, OUTPUT_LOG_BYTES, RETAIN_EXITED, SUBSCRIBER_WINDOW};
use crate::pty::Trickle;
use crate::session::{Phase, Session, SessionSpec};

/// What a registry tells its sessions, and how long it keeps them.
pub struct Settings {
    /// Gives the shell settings of the moment.
    pub shell: Box<dyn Fn() -> ShellSettings + Send + Sync>,
    /// Is told the id of each session that is gone from the list. Called from any thread.
    pub ended: Box<dyn Fn(&SessionId) + Send + Sync>,
    /// Is given each PTY that begins, to read it while little comes from it. Dropping what it is
    /// given leaves that to the PTY's own thread.
    pub follow: Box<dyn Fn(Trickle) + Send + Sync>,
    /// The daemon's Unix socket.
    pub socket: PathBuf,
    /// The URL before `/s/ID`, without a trailing slash.
    pub base_url: String,
    /// Output kept for each session, in bytes.
    pub output_bytes: usize,
    /// How long a subscriber that is behind may keep publishers waiting before it is asked what it
    /// has taken meanwhile.
    pub subscriber_window: Duration,
    /// How many sessions there may be.
    pub max_sessions: usize,
    /// How long a session made with a command stays readable after its end.
    pub retain_exited: Duration,
}

impl Settings {
    /// The defaults of `limits.rs`.
    pub fn new(
        shell: impl Fn() -> ShellSettings + Send + Sync + 'static,
        socket: PathBuf,
        base_url: String,
    ) -> Self {
        Self {
            shell: Box::new(shell),
            ended: Box::new(|_| {}),
            follow: Box::new(drop),
            socket,
            base_url,
            output_bytes: OUTPUT_LOG_BYTES,
            subscriber_window: SUBSCRIBER_WINDOW,
            max_sessions: MAX_SESSIONS,
            retain_exited: RETAIN_EXITED,
        }
    }
}

/// Why a session was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CreateError {
    /// The id is taken.
    #[error("a session of this id exists already")]
    Exists,
    /// There are as many as there may be.
    #[error("there are as many sessions as there may be; end one first")]
    TooMany,
    /// The directory to start in does not exist, is none, or is not absolute.
    #[error("the directory to start in does not exist or is not a directory")]
    BadDirectory,
    /// The registry ends all sessions.
    #[error("the daemon is stopping")]
    Stopping,
}

/// Why a session was not renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RenameError {
    /// There is none of that id.
    #[error("there is no session of this id")]
    Unknown,
    /// The new id is taken.
    #[error("a session of this id exists already")]
    Exists,
}

/// All sessions of a daemon.
pub struct Registry {
    inner: Mutex<Inner>,
    settings: Settings,
    /// Changes whenever the set of sessions, or the time the next one expires, does.
    changed: watch::Sender<u64>,
    /// Changes whenever anything of any session may have.
    activity: Activity,
    /// How many threads of sessions there are, each with what it holds open.
    live: watch::Sender<usize>,
    me: Weak<Self>,
}

#[derive(Default)]
struct Inner {
    sessions: BTreeMap<SessionId, Arc<Session>>,
    last_incarnation: u64,
    /// When each exited session is to be forgotten.
    expiring: Vec<(Instant, u64)>,
    stopping: bool,
}

impl Registry {
    /// A registry without sessions.
    pub fn new(settings: Settings) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            inner: Mutex::default(),
            settings,
            changed: watch::Sender::new(0),
            activity: Activity::default(),
            live: watch::Sender::new(0),
            me: me.clone(),
        })
    }

    /// Makes an idle session; without an id, one of eight random digits.
    ///
    /// # Errors
    /// See [`CreateError`].
    pub fn create(
        &self,
        id: Option<SessionId>,
        spec: SessionSpec,
    ) -> Result<Arc<Session>, CreateError> {
        if !is_directory(&spec.base_dir) {
            return Err(CreateError::BadDirectory);
        }
        let session = self.insert(id, spec)?;
        self.tell_change();
        tracing::info!(session = %session.id(), "session created");
        Ok(session)
    }

    /// The session that is opened when none is named: the last used, else `main`, which is made
    /// if need be.
    ///
    /// # Errors
    /// See [`CreateError`].
    pub fn last_used_or_main(&self, spec: SessionSpec) -> Result<Arc<Session>, CreateError> {
        if let Some(session) = self.last_used().or_else(|| self.get(&SessionId::main())) {
            return Ok(session);
        }
        match self.create(Some(SessionId::main()), spec) {
            Err(CreateError::Exists) => self.get(&SessionId::main()).ok_or(CreateError::Exists),
            other => other,
        }
    }

    /// The session of this id.
    pub fn get(&self, id: &SessionId) -> Option<Arc<Session>> {
        self.lock().sessions.get(id).cloned()
    }

    /// All sessions, in the order of their ids.
    pub fn list(&self) -> Vec<Arc<Session>> {
        self.lock().sessions.values().cloned().collect()
    }

    /// The session whose shell has this process id.
    pub fn by_pid(&self, pid: u32) -> Option<Arc<Session>> {
        self.list()
            .into_iter()
            .find(|session| session.phase() == Phase::Running { pid })
    }

    /// Remembers that somebody has opened this session.
    pub fn used(&self, session: &Session) {
        session.used_at(now_ms());
        self.activity.tell();
    }

    /// The session that was opened last, if any that was opened is still there.
    pub fn last_used(&self) -> Option<Arc<Session>> {
        let opened = self
            .list()
            .into_iter()
            .filter(|session| session.last_used_at() > 0);
        opened.max_by_key(|session| session.last_used_at())
    }

    /// Gives a session another id. Whoever is attached stays attached.
    ///
    /// # Errors
    /// See [`RenameError`].
    pub fn rename(&self, from: &SessionId, to: SessionId) -> Result<Arc<Session>, RenameError> {
        let session = {
            let mut inner = self.lock();
            if !inner.sessions.contains_key(from) {
                return Err(RenameError::Unknown);
            }
            if inner.sessions.contains_key(&to) {
                return Err(RenameError::Exists);
            }
            let session = inner
                .sessions
                .remove(from)
                .expect("looked up under the same lock");
            inner.sessions.insert(to.clone(), Arc::clone(&session));
            session.rename(to);
            session
        };
        self.tell_change();
        Ok(session)
    }

    /// Ends a session. Gives how many are left, or none when there was no such session.
    pub fn remove(&self, id: &SessionId) -> Option<usize> {
        let (session, left) = {
            let mut inner = self.lock();
            let session = inner.sessions.remove(id)?;
            (session, inner.sessions.len())
        };
        session.delete();
        (self.settings.ended)(id);
        self.tell_change();
        tracing::info!(session = %id, "session deleted");
        Some(left)
    }

    /// Forgets the sessions whose time is over, and says when the next one's is.
    pub fn sweep(&self, now: Instant) -> Option<Instant> {
        let (due, next) = {
            let mut inner = self.lock();
            let (due, later): (Vec<_>, Vec<_>) = inner
                .expiring
                .iter()
                .copied()
                .partition(|&(at, _)| at <= now);
            inner.expiring = later;
            (due, inner.expiring.iter().map(|&(at, _)| at).min())
        };
        for (_, incarnation) in due {
            self.forget(incarnation);
        }
        next
    }

    /// Changes whenever the set of sessions does, or the time the next one expires.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Changes whenever the set of sessions may have, or anything of one that a list shows.
    pub fn activity(&self) -> watch::Receiver<u64> {
        self.activity.subscribe()
    }

    /// How many threads of sessions are left, each with its processes and descriptors.
    pub fn live_work(&self) -> watch::Receiver<usize> {
        self.live.subscribe()
    }

    /// Ends all sessions and makes no more.
    pub fn stop(&self) {
        let sessions = {
            let mut inner = self.lock();
            inner.stopping = true;
            std::mem::take(&mut inner.sessions)
        };
        for session in sessions.values() {
            session.delete();
        }
        self.tell_change();
    }

    fn insert(
        &self,
        id: Option<SessionId>,
        spec: SessionSpec,
    ) -> Result<Arc<Session>, CreateError> {
        let mut inner = self.lock();
        if inner.stopping {
            return Err(CreateError::Stopping);
        }
        if inner.sessions.len() >= self.settings.max_sessions {
            return Err(CreateError::TooMany);
        }
        let id = id.unwrap_or_else(|| free_id(&inner.sessions));
        if inner.sessions.contains_key(&id) {
            return Err(CreateError::Exists);
        }
        inner.last_incarnation += 1;
        let house: Arc<dyn House> = self.me.upgrade().expect("a registry lives in an Arc");
        let session = Arc::new(Session::new(
            inner.last_incarnation,
            now_ms(),
            id.clone(),
            spec,
            self.settings.output_bytes,
            self.settings.subscriber_window,
            house,
        ));
        inner.sessions.insert(id, Arc::clone(&session));
        Ok(session)
    }

    /// Removes a session by its incarnation: a new one may have its id by now.
    fn forget(&self, incarnation: u64) {
        let id = {
            let mut inner = self.lock();
            let is_it = |session: &&Arc<Session>| session.incarnation() == incarnation;
            let id = inner
                .sessions
                .values()
                .find(is_it)
                .map(|session| session.id());
            id.filter(|id| inner.sessions.remove(id).is_some())
        };
        if let Some(id) = id {
            (self.settings.ended)(&id);
            self.tell_change();
        }
    }

    fn tell_change(&self) {
        self.changed.send_modify(|count| *count += 1);
        self.activity.tell();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl House for Registry {
    fn shell_settings(&self) -> ShellSettings {
        (self.settings.shell)()
    }

    fn variables(&self, id: &SessionId, epoch: &str) -> SessionVariables {
        SessionVariables {
            epoch: epoch.to_owned(),
            session: id.to_string(),
            socket: self.settings.socket.clone(),
            url: format!("{}/s/{id}", self.settings.base_url),
        }
    }

    fn activity(&self) -> Activity {
        self.activity.clone()
    }

    fn follow(&self, trickle: Trickle) {
        (self.settings.follow)(trickle);
    }

    fn work_begun(&self) {
        self.live.send_modify(|count| *count += 1);
    }

    fn shell_exited(&self, incarnation: u64) {
        let retained = {
            let mut inner = self.lock();
            let session = inner
                .sessions
                .values()
                .find(|session| session.incarnation() == incarnation);
            let retained = session.is_some_and(|session| session.has_command());
            if retained {
                let at = Instant::now() + self.settings.retain_exited;
                inner.expiring.push((at, incarnation));
            }
            retained
        };
        if retained {
            self.tell_change();
        } else {
            self.forget(incarnation);
        }
    }

    fn work_over(&self) {
        self.live.send_modify(|count| *count -= 1);
    }
}

fn free_id(taken: &BTreeMap<SessionId, Arc<Session>>) -> SessionId {
    loop {
        let id = SessionId::random();
        if !taken.contains_key(&id) {
            return id;
        }
    }
}

fn is_directory(path: &Path) -> bool {
    path.is_absolute() && path.is_dir()
}
