//! What whoever started the daemon has left it with, and shells must not get: open descriptors,
//! ignored and blocked signals.
//!
//! A daemon lives longer than its starter expects: a descriptor that it keeps holds up whoever
//! waits for the other end, and a shell that ignores a signal passes that on to all it starts.

use std::ffi::c_int;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::ptr;

use nix::libc;
use nix::sys::signal::SigSet;

use crate::failure::Failure;

/// The first descriptor that is none of the three standard ones.
const FIRST: RawFd = 3;

/// What of it the daemon itself is to go by.
#[derive(Clone, Copy)]
pub(super) struct Wishes {
    /// It is to go on when the terminal it was started from is closed, as nohup(1) asks for.
    pub(super) outlive_terminal: bool,
}

/// Lets go of it all. To be called first of all: nothing may have been opened yet.
pub(super) fn let_go() -> Result<Wishes, Failure> {
    close_descriptors().map_err(|error| Failure::io("closing inherited descriptors", &error))?;
    let ignored = default_signals();
    SigSet::empty()
        .thread_set_mask()
        .map_err(|errno| Failure::io("unblocking signals", &errno.into()))?;
    Ok(Wishes {
        outlive_terminal: ignored.contains(&libc::SIGHUP),
    })
}

/// Closes all but the three standard ones.
fn close_descriptors() -> io::Result<()> {
    let mut open: Vec<RawFd> = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        open.extend(name.to_str().and_then(|name| name.parse::<RawFd>().ok()));
    }
    for descriptor in open.into_iter().filter(|&one| one >= FIRST) {
        // SAFETY: this is the first thing the daemon does, on its only thread, so nothing in this
        // process owns a descriptor of that number. The one of the directory just read is closed
        // already, and closing it again does nothing.
        unsafe { libc::close(descriptor) };
    }
    Ok(())
}

/// Has each signal do again what it does by default, where it was to be ignored; `SIGPIPE` is
/// Rust's own to ignore, and given back its meaning in what is started. Gives those that were.
fn default_signals() -> Vec<c_int> {
    let mut all = Vec::new();
    for signal in (1..=libc::SIGRTMAX()).filter(|&one| one != libc::SIGPIPE) {
        let mut action = MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: sigaction(2) with nothing to set only writes to where it is pointed to, which
        // has room for it; it is read only where the call says that it was written.
        let ignored = unsafe {
            libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        };
        if ignored {
            // SAFETY: no handler is set, and none replaced: the signal was ignored.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
            all.push(signal);
        }
    }
    all
}
