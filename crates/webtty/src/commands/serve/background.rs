//! A daemon that another command has started: it leaves that command's terminal, and tells it by
//! standard output, a pipe, how it went.

use std::fs::OpenOptions;

use nix::unistd::{dup2_stdout, setsid};

use crate::daemon::{ANOTHER_RUNS, READY};
use crate::failure::Failure;
use crate::output::print;

/// Leaves the session and the process group of whoever started this, so that neither their
/// Ctrl-C nor the end of their terminal is ours.
pub(super) fn leave_terminal() -> Result<(), Failure> {
    setsid()
        .map(|_| ())
        .map_err(|errno| Failure::io("leaving the terminal", &errno.into()))
}

/// Tells that this daemon listens. Standard output leads nowhere after that.
pub(super) fn say_ready() -> Result<(), Failure> {
    match print(READY) {
        // Who started us did not wait; the daemon runs all the same.
        Ok(()) | Err(Failure::OutputClosed) => {}
        Err(error) => return Err(error),
    }
    let doing = "closing standard output";
    let nowhere = OpenOptions::new()
        .write(true)
        .open("/dev/null")
        .map_err(|error| Failure::io(doing, &error))?;
    dup2_stdout(nowhere).map_err(|errno| Failure::io(doing, &errno.into()))
}

/// Tells that another daemon was first. That is no failure: one runs.
pub(super) fn say_another_runs() -> Result<u8, Failure> {
    print(ANOTHER_RUNS)?;
    Ok(0)
}
