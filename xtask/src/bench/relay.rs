//! The least that can stand between a key and its program: one thread that passes bytes on between a
//! socket and a PTY.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::finder::Finder;
use super::pty::BarePty;
use super::socket::buffer;

/// The near end of a socket with a program's PTY at the other. Dropping it ends both.
pub(crate) struct Relay<S> {
    near: S,
}

impl Relay<UnixStream> {
    /// Over a Unix socket.
    pub(crate) fn unix(pty: BarePty) -> Result<Self> {
        let (near, far) = UnixStream::pair()?;
        Self::over(near, far, pty)
    }
}

impl Relay<TcpStream> {
    /// Over TCP.
    pub(crate) fn tcp(pty: BarePty) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let near = TcpStream::connect(listener.local_addr()?)?;
        let (far, _) = listener.accept()?;
        for end in [&near, &far] {
            end.set_nodelay(true)?;
        }
        Self::over(near, far, pty)
    }
}

impl<S: Read + Write> Relay<S> {
    fn over<F>(near: S, far: F, pty: BarePty) -> Result<Self>
    where
        F: Read + Write + AsFd + Send + 'static,
    {
        thread::Builder::new()
            .name("relay".to_owned())
            .spawn(move || pass_on(far, pty))
            .context("starting a relay")?;
        Ok(Self { near })
    }

    /// Types a key and waits for what comes back.
    pub(crate) fn trip(&mut self, key: &[u8], buffer: &mut [u8]) -> Result<()> {
        self.near.write_all(key)?;
        let count = self.near.read(buffer)?;
        ensure!(count > 0, "the relay has ended");
        Ok(())
    }

    /// Types, and reads until this text has come. Gives how many bytes came.
    pub(crate) fn read_until(
        &mut self,
        typed: &[u8],
        text: &str,
        buffer: &mut [u8],
    ) -> Result<u64> {
        let (mut finder, mut bytes) = (Finder::default(), 0);
        finder.look_for(text);
        self.near.write_all(typed)?;
        while !finder.found() {
            let count = self.near.read(buffer)?;
            ensure!(count > 0, "the relay has ended");
            finder.feed(&buffer[..count]);
            bytes += count as u64;
        }
        Ok(bytes)
    }
}

/// Passes bytes on until one of the two ends.
fn pass_on<F: Read + Write + AsFd>(mut far: F, mut pty: BarePty) -> Result<()> {
    let mut buffer = buffer();
    loop {
        let [typed, written] = {
            let mut both = [far.as_fd(), pty.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            poll(&mut both, PollTimeout::NONE)?;
            both.map(|fd| fd.any().unwrap_or(true))
        };
        if written {
            let count = pty.read(&mut buffer)?;
            far.write_all(&buffer[..count])?;
        }
        if typed {
            let count = far.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            pty.send(&buffer[..count])?;
        }
    }
}
