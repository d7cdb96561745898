//! The terminal this command runs in: its size, raw mode, and giving it back in order.

pub(crate) mod detach;
pub(crate) mod modes;
pub(crate) mod queries;
mod query_forms;
pub(crate) mod signals;

use std::io::{self, IsTerminal};
use std::panic;
use std::sync::Mutex;

use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use terminal_size::{Height, Width, terminal_size_of};
use webtty_protocol::limits::clamp_size;

use crate::failure::Failure;

/// Can a session be shown and typed into here?
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The size of the terminal, in columns and rows, where there is one.
pub(crate) fn size() -> Option<(u16, u16)> {
    let (Width(cols), Height(rows)) = terminal_size_of(io::stdout())
        .or_else(|| terminal_size_of(io::stderr()))
        .or_else(|| terminal_size_of(io::stdin()))?;
    Some(clamp_size(cols.into(), rows.into()))
}

/// What the terminal was like before raw mode, while it is in raw mode.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Raw mode: every key goes to the session. The terminal is given back when this is dropped, and
/// before the message of a panic.
pub(crate) struct RawMode(());

impl RawMode {
    /// Puts the terminal of standard input into raw mode.
    pub(crate) fn enter() -> Result<Self, Failure> {
        let doing = "setting the terminal to raw mode";
        let fail = |errno: nix::Error| Failure::io(doing, &errno.into());
        let before = tcgetattr(io::stdin()).map_err(fail)?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        *lock() = Some(before);
        restore_before_panic_message();
        let guard = Self(());
        tcsetattr(io::stdin(), SetArg::TCSANOW, &raw).map_err(fail)?;
        Ok(guard)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    if let Some(before) = lock().take() {
        // The terminal may be gone; then there is nothing to give back.
        let _gone = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Termios>> {
    BEFORE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn restore_before_panic_message() {
    let message = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        restore();
        message(info);
    }));
}
