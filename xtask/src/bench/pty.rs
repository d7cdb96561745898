//! A PTY with nothing around it: the limit that a terminal in a browser is measured by.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{Winsize, openpty};
use webtty_protocol::limits::{DEFAULT_COLS, DEFAULT_ROWS};

use super::finder::Finder;

/// A program in a PTY of its own. Dropping it ends the program.
pub(crate) struct BarePty {
    master: File,
    child: Child,
    pub(crate) finder: Finder,
    pub(crate) bytes: u64,
}

impl BarePty {
    /// Runs a program with a PTY as its controlling terminal.
    pub(crate) fn spawn(words: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let size = Winsize {
            ws_row: DEFAULT_ROWS,
            ws_col: DEFAULT_COLS,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(&size, None).context("opening a PTY")?;
        fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        let end = || pty.slave.try_clone().map(Stdio::from);
        // Whoever started this may ignore the signals that its terminal sends; a shell must not.
        let child = Command::new("env")
            .args(["--default-signal=INT,QUIT", "setsid", "--ctty"])
            .args(words)
            .envs(environment.iter().copied())
            .stdin(end()?)
            .stdout(end()?)
            .stderr(end()?)
            .spawn()
            .context("starting `env`")?;
        Ok(Self {
            master: File::from(pty.master),
            child,
            finder: Finder::default(),
            bytes: 0,
        })
    }

    /// Types.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.master.write_all(bytes).context("writing to a PTY")
    }

    /// One read.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.master.read(buffer).context("reading a PTY")?;
        ensure!(count > 0, "the program in the PTY has ended");
        self.finder.feed(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    /// Reads until this text has come.
    pub(crate) fn read_until(&mut self, text: &str, buffer: &mut [u8]) -> Result<()> {
        self.finder.look_for(text);
        while !self.finder.found() {
            self.read(buffer)?;
        }
        Ok(())
    }
}

impl AsFd for BarePty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }
}

impl Drop for BarePty {
    fn drop(&mut self) {
        // The end of a terminal's leader hangs up all the others.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
