//! One PTY with its shell: spawned through portable-pty, read by a thread of its own, or by who
//! follows it while little comes; another thread reaps the shell. Input is written by whoever
//! brings it, and by the first thread once the PTY has no room for it.
//!
//! That thread never waits for a reader of the output, but for those that want every byte, and
//! never for one writer longer than the kernel takes to have room; it ends when the shell and all
//! that is left of its session are gone.

mod input;
mod pump;
mod reader;
mod shared;
mod sink;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::posix_openpt;
use portable_pty::{CommandBuilder, MasterPty, PtyPair, PtySize, native_pty_system};
use webtty_protocol::rest::ExitInfo;

pub(crate) use input::Input;
use pump::Pump;
use reader::SharedReader;
pub use reader::{Descriptor, Trickle, Turn};
use shared::Shared;
pub(crate) use sink::Sink;

use crate::program::alone;
use crate::size::Window;

/// What a shell is spawned from.
#[derive(Clone, Debug)]
pub(crate) struct SpawnRequest {
    /// The program and its arguments.
    pub(crate) argv: Vec<OsString>,
    /// The directory it starts in.
    pub(crate) dir: PathBuf,
    /// Its whole environment.
    pub(crate) environment: BTreeMap<OsString, OsString>,
    /// The terminal's first size.
    pub(crate) window: Window,
}

/// A running PTY. Dropping it closes this handle; the thread ends with the shell.
pub(crate) struct Pty {
    master: Mutex<Box<dyn MasterPty + Send>>,
    writer: File,
    shared: Arc<Shared>,
    pid: u32,
}

/// Where a session's PTY is kept.
#[derive(Default)]
pub(crate) enum Place {
    /// Nothing runs yet.
    #[default]
    Free,
    /// A shell runs in it.
    Taken(Arc<Pty>),
    /// The shell has ended, before the PTY was put here perhaps; what it holds open is not kept.
    Over,
}

impl Pty {
    /// Opens a PTY, starts the program in it and the threads that serve it. Gives the reading while
    /// little comes, too.
    pub(crate) fn spawn(
        request: &SpawnRequest,
        sink: Arc<dyn Sink>,
    ) -> anyhow::Result<(Self, Trickle)> {
        let pair = {
            let _alone = alone();
            open(pty_size(request.window))?
        };
        let descriptor = duplicate(pair.master.as_ref())?;
        let writer = descriptor.try_clone()?;
        let shared = Arc::new(Shared::new()?);
        // Both before the shell: one for which there is no thread would never be reaped.
        let reap = thread_with("wait", {
            let shared = Arc::clone(&shared);
            move |child| wait_for(child, &shared)
        })?;
        let serve = thread_with("pty", Pump::run)?;
        let child: Box<dyn portable_pty::Child> = pair.slave.spawn_command(command(request))?;
        // The shell has its own copies; ours would keep the PTY from ever hanging up.
        drop(pair.slave);
        let child = *child
            .downcast::<Child>()
            .map_err(|_| anyhow::anyhow!("portable-pty gave no process of the standard library"))?;
        let pid = child.id();
        let reader = Arc::new(SharedReader::new(descriptor, Arc::clone(&sink)));
        let trickle = Trickle::new(Arc::clone(&reader), Arc::clone(&shared));
        let pump = Pump::new(pid, Arc::clone(&shared), sink, reader);
        // Each waits for just this.
        let _ = reap.send(child);
        let _ = serve.send(pump);
        let pty = Self {
            master: Mutex::new(pair.master),
            writer,
            shared,
            pid,
        };
        Ok((pty, trickle))
    }

    /// The shell's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Writes input to the shell, or queues it while the shell takes no more. What comes after the
    /// shell's end is dropped.
    pub(crate) fn write(&self, input: Input) {
        self.shared.write_input(input, &self.writer);
    }

    /// How many bytes of the terminal's answers the shell has not taken yet.
    pub(crate) fn waiting_replies(&self) -> usize {
        self.shared.waiting_replies()
    }

    /// Gives the terminal another size; the kernel tells the foreground programs.
    pub(crate) fn resize(&self, window: Window) -> anyhow::Result<()> {
        self.master
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .resize(pty_size(window))
    }

    /// Ends the shell and all its session's processes by the ladder of `limits.rs`.
    pub(crate) fn end(&self) {
        self.shared.request_end();
    }
}

/// A terminal of that size. Why there is none portable-pty tells in a sentence only, so that the
/// system is asked again, and tells in a number.
fn open(size: PtySize) -> anyhow::Result<PtyPair> {
    let system = native_pty_system();
    system.openpty(size).or_else(|error| {
        ask_for_one().with_context(|| format!("{error:#}"))?;
        // There is one again.
        system.openpty(size)
    })
}

/// Opens a terminal as openpty(3) does, with a descriptor for each of its ends, and closes it.
fn ask_for_one() -> anyhow::Result<()> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    master.as_fd().try_clone_to_owned()?;
    Ok(())
}

/// The kernel hands the size in pixels on to programs that draw pictures; 0 says that it is not
/// known.
fn pty_size(window: Window) -> PtySize {
    let Window { size, metrics } = window;
    let pixels = |cells: u16, cell: Option<u16>| cells.saturating_mul(cell.unwrap_or(0));
    PtySize {
        rows: size.rows,
        cols: size.cols,
        pixel_width: pixels(size.cols, metrics.map(|metrics| metrics.cell_width)),
        pixel_height: pixels(size.rows, metrics.map(|metrics| metrics.cell_height)),
    }
}

fn command(request: &SpawnRequest) -> CommandBuilder {
    let mut command = CommandBuilder::from_argv(request.argv.clone());
    command.env_clear();
    for (name, value) in &request.environment {
        command.env(name, value);
    }
    command.cwd(&request.dir);
    command
}

/// Our own descriptor of the master, without blocking: the reader and writer that portable-pty
/// gives would block, and its writer types an end-of-file into the shell when dropped.
fn duplicate(master: &dyn MasterPty) -> anyhow::Result<File> {
    let raw = master
        .as_raw_fd()
        .ok_or_else(|| anyhow::anyhow!("the PTY has no descriptor"))?;
    // SAFETY: `master` is borrowed for the whole call, so its descriptor stays open meanwhile.
    let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
    let owned: OwnedFd = borrowed.try_clone_to_owned()?;
    let flags = OFlag::from_bits_retain(fcntl(&owned, FcntlArg::F_GETFL)?);
    fcntl(&owned, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(File::from(owned))
}

/// A thread that waits for what it is to do it with, and ends if that never comes.
fn thread_with<T: Send + 'static>(
    name: &str,
    body: impl FnOnce(T) + Send + 'static,
) -> io::Result<SyncSender<T>> {
    let (give, take) = sync_channel(1);
    // The default of 2 MiB of address space is never used; a thousand sessions should not ask
    // for it.
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(256 * 1024)
        .spawn(move || {
            if let Ok(given) = take.recv() {
                body(given);
            }
        })?;
    Ok(give)
}

/// Reaps the shell. A thread of its own, because a PTY does not hang up while a background
/// process still holds it.
fn wait_for(mut child: Child, shared: &Shared) {
    let exit = match child.wait() {
        Ok(status) => exit_info(status),
        Err(error) => {
            tracing::error!(%error, "waiting for a shell failed");
            ExitInfo {
                code: None,
                signal: None,
            }
        }
    };
    shared.report_exit(exit);
}

fn exit_info(status: std::process::ExitStatus) -> ExitInfo {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().map(|number| {
        nix::sys::signal::Signal::try_from(number).map_or_else(
            |_| format!("signal {number}"),
            |signal| signal.as_str().to_owned(),
        )
    });
    ExitInfo {
        code: status.code().and_then(|code| u32::try_from(code).ok()),
        signal,
    }
}
