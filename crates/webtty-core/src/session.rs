//! A session: one terminal with its output, its events and its place in life.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, watch};
use webtty_protocol::rest::{ExitInfo, SessionInfo};
use webtty_protocol::screen::ScreenModes;
use webtty_protocol::{SessionId, SizePolicy};

use crate::activity::Watched;
use crate::environment::{ShellSettings, shell_environment, user_shell};
use crate::event_log::EventLog;
use crate::house::{House, Work};
use crate::limits::{FLOOD_BYTES, REPLY_BYTES};
use crate::output_log::OutputLog;
use crate::presence::Watchers;
use crate::program::Surroundings;
use crate::pty::{Input, Place, Pty, Sink, SpawnRequest};
use crate::rendering::View;
use crate::screen::{News, Rendered, Screen, ScreenSnapshot};
use crate::size::{Size, Sizing, Window, is_typing};
pub use crate::spec::{SessionSpec, StartError};
pub use crate::status::{Phase, Status};

/// A session. Its identity is the incarnation, not the id: ids are renamed and used again.
pub struct Session {
    incarnation: u64,
    epoch: String,
    created_at: u64,
    /// Milliseconds since 1970; 0 for never.
    last_used_at: AtomicU64,
    spec: SessionSpec,
    status: Watched<Status>,
    output: OutputLog,
    screen: Screen,
    events: Arc<EventLog>,
    pty: Mutex<Place>,
    sizing: Mutex<Sizing>,
    watchers: Arc<Watchers>,
    house: Arc<dyn House>,
}

impl Session {
    pub(crate) fn new(
        incarnation: u64,
        created_at: u64,
        id: SessionId,
        spec: SessionSpec,
        output_bytes: usize,
        subscriber_window: Duration,
        house: Arc<dyn House>,
    ) -> Self {
        let sizing = Sizing::new(spec.size_policy, spec.size);
        let status = Status {
            id,
            phase: Phase::Idle,
            shape: sizing.shape(),
            title: None,
            clipboard: spec.clipboard,
        };
        let activity = house.activity();
        let screen = Screen::new(spec.size);
        // The time makes it differ from those of a daemon before this one.
        let epoch = format!("{created_at:x}-{incarnation:x}");
        Self {
            incarnation,
            epoch,
            created_at,
            last_used_at: AtomicU64::new(0),
            spec,
            status: Watched::new(status, activity.clone()),
            output: OutputLog::new(output_bytes),
            screen,
            events: Arc::new(EventLog::telling(activity.clone(), subscriber_window)),
            pty: Mutex::default(),
            sizing: Mutex::new(sizing),
            watchers: Watchers::new(activity),
            house,
        }
    }

    /// Unlike that of any other session of this daemon, past or present.
    pub fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// Names the output that offsets count, for clients that come back.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Its id at this moment.
    pub fn id(&self) -> SessionId {
        self.status.borrow().id.clone()
    }

    /// Its status, and a way to wait for a change of it.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        self.status.borrow().phase.clone()
    }

    /// Was it made with a command, and so stays readable after its end?
    pub fn has_command(&self) -> bool {
        self.spec.cmd.is_some()
    }

    /// Does nobody type into it?
    pub fn is_read_only(&self) -> bool {
        self.spec.read_only
    }

    /// What its shell has written.
    pub fn output(&self) -> &OutputLog {
        &self.output
    }

    /// What its terminal shows at the end of the output, with `lines` of scrollback or all.
    pub fn snapshot(&self, lines: Option<usize>) -> ScreenSnapshot {
        self.screen.snapshot(&self.output, lines)
    }

    /// What its terminal shows without scrollback, at `from` or later, as of a moment ago.
    pub fn picture(&self, from: u64) -> ScreenSnapshot {
        self.screen.picture(&self.output, from)
    }

    /// The screen as people and programs read it.
    pub fn render(&self, view: &View) -> Rendered {
        self.screen.render(&self.output, view, &self.epoch)
    }

    /// What the program has switched on that concerns who types.
    pub fn switches(&self) -> ScreenModes {
        self.screen.switches(&self.output)
    }

    /// The version that such a rendering has now.
    pub fn screen_version(&self) -> String {
        self.screen.version(&self.output)
    }

    /// What was published beside it.
    pub fn events(&self) -> &Arc<EventLog> {
        &self.events
    }

    /// Who watches it.
    pub fn watchers(&self) -> &Arc<Watchers> {
        &self.watchers
    }

    /// When somebody last opened it, in milliseconds since 1970; 0 for never.
    pub(crate) fn last_used_at(&self) -> u64 {
        self.last_used_at.load(Ordering::Relaxed)
    }

    /// Somebody has opened it at this time.
    pub(crate) fn used_at(&self, ms: u64) {
        self.last_used_at.fetch_max(ms, Ordering::Relaxed);
    }

    /// Everything a list shows.
    pub fn info(&self) -> SessionInfo {
        let Status {
            id,
            phase,
            shape,
            title,
            clipboard,
        } = self.status.borrow().clone();
        let viewers = self.watchers.terminals();
        let (state, pid, exit) = phase.listed();
        SessionInfo {
            id,
            epoch: self.epoch.clone(),
            created_at: self.created_at,
            last_used_at: Some(self.last_used_at()).filter(|&at| at != 0),
            base_dir: self.spec.base_dir.clone(),
            connected: viewers > 0,
            pid,
            state,
            cmd: self.spec.cmd.clone(),
            title,
            cols: shape.window.size.cols,
            rows: shape.window.size.rows,
            size_policy: shape.policy,
            read_only: self.spec.read_only,
            clipboard,
            viewers,
            subscribers: self.events.subscribers(),
            exit,
        }
    }

    /// Gives an idle session the size of the window that is about to start it, unless another
    /// decides on it.
    pub fn expect(&self, window: Window) {
        if self.phase() == Phase::Idle {
            self.size_by(|sizing| sizing.expect(window));
        }
    }

    /// Where, and with which environment, a shell of it would be started now.
    pub fn surroundings(&self) -> Surroundings {
        self.surroundings_by(&self.house.shell_settings())
    }

    /// Starts the shell of an idle session; does nothing when it runs or is being started.
    ///
    /// # Errors
    /// [`StartError::Spawn`] and [`StartError::Exhausted`] when the system refuses; the session is
    /// idle again then.
    /// [`StartError::Ended`] when its life is over.
    pub fn start(self: &Arc<Self>) -> Result<(), StartError> {
        let mut begun = false;
        self.status.send_if_modified(|status| {
            begun = status.phase == Phase::Idle;
            if begun {
                status.phase = Phase::Starting;
            }
            begun
        });
        match self.phase() {
            Phase::Exited(_) | Phase::Deleted => return Err(StartError::Ended),
            Phase::Starting if begun => {}
            _ => return Ok(()),
        }
        self.house.work_begun();
        let settings = self.house.shell_settings();
        self.screen.set_theme(settings.theme);
        let request = self.spawn_request(&settings);
        match Pty::spawn(&request, Arc::clone(self) as Arc<dyn Sink>) {
            Ok((pty, trickle)) => {
                self.house.follow(trickle);
                self.adopt(&Arc::new(pty), request.window);
                self.begin_screen();
                Ok(())
            }
            Err(cause) => {
                self.house.work_over();
                self.move_on(Phase::Idle, |phase| *phase == Phase::Starting);
                tracing::warn!(session = %self.id(), cause = format!("{cause:#}"), "cannot start");
                Err(cause.into())
            }
        }
    }

    /// Types into the shell. Dropped when none runs, and in a session nobody types into.
    pub fn write(&self, client: u64, bytes: Bytes, permit: Option<OwnedSemaphorePermit>) {
        if self.spec.read_only {
            return;
        }
        if is_typing(&bytes) {
            self.size_by(|sizing| sizing.typed(client));
        }
        if let Some(pty) = self.pty() {
            pty.write(Input { bytes, permit });
        }
    }

    /// Attaches a viewer that may type, and so takes part in the choice of the size once it has
    /// said how large its window is.
    pub fn join_control(self: &Arc<Self>, client: u64, window: Option<Window>) -> Controller {
        self.size_by(|sizing| sizing.join(client, window));
        Controller {
            session: Arc::clone(self),
            client,
        }
    }

    /// A client's window has another size.
    pub fn resize(&self, client: u64, window: Window) {
        self.size_by(|sizing| sizing.resize(client, window));
    }

    /// Another policy chooses the size from now on. `fixed` goes with the policy of that name,
    /// which holds to the present size without it.
    pub fn set_size_policy(&self, policy: SizePolicy, fixed: Option<Size>) {
        self.size_by(|sizing| sizing.set_policy(policy, fixed));
    }

    /// Lets programs write the clipboard of who drives from now on, or no longer.
    pub fn let_clipboard(&self, may: bool) {
        self.status.send_modify(|status| status.clipboard = may);
    }

    /// Gives the session another id; the caller has made sure that it is free.
    pub(crate) fn rename(&self, id: SessionId) {
        self.status.send_modify(|status| status.id = id);
    }

    /// Ends the session for all who are attached at once, and its processes by the ladder.
    pub(crate) fn delete(&self) {
        self.move_on(Phase::Deleted, |_| true);
        if let Some(pty) = self.pty() {
            pty.end();
        }
    }

    fn spawn_request(&self, settings: &ShellSettings) -> SpawnRequest {
        let Surroundings { dir, environment } = self.surroundings_by(settings);
        let argv = match &self.spec.cmd {
            Some(cmd) => cmd.iter().map(OsString::from).collect(),
            None => vec![
                settings
                    .shell
                    .clone()
                    .map_or_else(user_shell, OsString::from),
            ],
        };
        SpawnRequest {
            argv,
            dir,
            environment,
            window: self.status.borrow().shape.window,
        }
    }

    fn surroundings_by(&self, settings: &ShellSettings) -> Surroundings {
        let variables = self.house.variables(&self.id(), &self.epoch);
        Surroundings {
            dir: self.spec.base_dir.clone(),
            environment: shell_environment(settings, &self.spec.env, &variables),
        }
    }

    /// Takes a PTY just spawned, whose shell may have ended or been unwanted since.
    fn adopt(&self, pty: &Arc<Pty>, born_with: Window) {
        let pid = pty.pid();
        {
            let mut place = self.place();
            if matches!(*place, Place::Over) {
                return;
            }
            *place = Place::Taken(Arc::clone(pty));
        }
        self.move_on(Phase::Running { pid }, |phase| *phase == Phase::Starting);
        if self.phase() == Phase::Deleted {
            pty.end();
        }
        // A window may have changed between the request and now.
        let _sizing = self.sizing();
        let window = self.status.borrow().shape.window;
        if window != born_with {
            self.resize_pty(pty, window);
        }
    }

    /// Starts the thread that keeps the screen.
    fn begin_screen(self: &Arc<Self>) {
        let Some(woken) = self.screen.begin() else {
            return;
        };
        self.house.work_begun();
        let session = Arc::clone(self);
        let begun = thread::Builder::new()
            .name(format!("screen-{}", self.incarnation))
            .spawn(move || {
                let _work = Work(&*session.house);
                session
                    .screen
                    .keep(&session.output, &woken, |news| session.tell(news));
            });
        if let Err(error) = begun {
            // Joining still works: a snapshot reads what has not been read.
            tracing::error!(session = %self.id(), %error, "the screen's thread did not start");
            self.house.work_over();
        }
    }

    fn tell(&self, news: News) {
        if !news.replies.is_empty()
            && let Some(pty) = self.pty()
            && pty.waiting_replies() + news.replies.len() <= REPLY_BYTES
        {
            pty.write(Input {
                bytes: news.replies.into(),
                permit: None,
            });
        }
        if let Some(title) = news.title {
            self.status.send_if_modified(|status| {
                let title = Some(title).filter(|title| !title.is_empty());
                let changed = status.title != title;
                status.title = title;
                changed
            });
        }
    }

    fn move_on(&self, to: Phase, when: impl FnOnce(&Phase) -> bool) {
        self.status.send_if_modified(|status| {
            let moves = when(&status.phase) && status.phase != to;
            if moves {
                status.phase = to;
            }
            moves
        });
    }

    /// Lets something happen to the windows, and gives the terminal the size that follows. All
    /// under one lock: screen, PTY and status take the sizes in one order.
    fn size_by(&self, happens: impl FnOnce(&mut Sizing)) {
        let mut sizing = self.sizing();
        let before = sizing.shape();
        happens(&mut sizing);
        let shape = sizing.shape();
        if shape == before {
            return;
        }
        self.status.send_modify(|status| status.shape = shape);
        if shape.window != before.window {
            self.screen.resize(shape.window, &self.output);
            if let Some(pty) = self.pty() {
                self.resize_pty(&pty, shape.window);
            }
        }
    }

    fn resize_pty(&self, pty: &Pty, window: Window) {
        if let Err(error) = pty.resize(window) {
            tracing::warn!(session = %self.id(), %error, "the PTY took no size");
        }
    }

    fn pty(&self) -> Option<Arc<Pty>> {
        match &*self.place() {
            Place::Taken(pty) => Some(Arc::clone(pty)),
            Place::Free | Place::Over => None,
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.pty.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sizing(&self) -> MutexGuard<'_, Sizing> {
        self.sizing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Session {
    fn output(&self, bytes: &[u8]) {
        self.output.append(bytes);
        // What a key brings is little. Of much, all are told at the same time.
        if bytes.len() < FLOOD_BYTES {
            self.output.tell_first();
        }
        self.screen.written(bytes, &self.output);
    }

    fn tell(&self) {
        self.output.tell();
        self.screen.wake();
    }

    fn is_held(&self, incoming: usize) -> bool {
        self.output.is_held(incoming, Instant::now())
    }

    fn exited(&self, exit: ExitInfo) {
        self.output.finish();
        self.screen.wake();
        tracing::info!(session = %self.id(), code = ?exit.code, signal = ?exit.signal, "shell exited");
        // First forgotten, then told: who hears of the end finds no session any more.
        self.house.shell_exited(self.incarnation);
        self.move_on(Phase::Exited(exit), |phase| *phase != Phase::Deleted);
        let over = std::mem::replace(&mut *self.place(), Place::Over);
        drop(over);
    }

    fn gone(&self) {
        self.house.work_over();
    }
}

/// The part that a viewer who may type has in the choice of the size; dropping it ends that.
pub struct Controller {
    session: Arc<Session>,
    client: u64,
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.session.size_by(|sizing| sizing.leave(self.client));
    }
}
