//! One WebSocket, or many of them read by one thread.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::consumer::Consumer;
use super::frames::{BINARY, CLOSE, Frames, PING, PONG, TEXT, from_client};
use super::http::{PATIENCE, Place, upgrade};

/// What one read may return: as much as a fast reader would take.
const READ_BYTES: usize = 256 * 1024;

/// A WebSocket and what becomes of its messages.
pub(crate) struct Socket<C> {
    link: File,
    frames: Frames,
    pub(crate) consumer: C,
}

/// Room to read into; one serves any number of sockets.
pub(crate) fn buffer() -> Box<[u8]> {
    vec![0; READ_BYTES].into_boxed_slice()
}

impl<C: Consumer> Socket<C> {
    /// Opens one to the daemon.
    pub(crate) fn open(
        place: &Place,
        path: &str,
        subprotocol: Option<&str>,
        consumer: C,
    ) -> Result<Self> {
        let (link, rest) = upgrade(place, path, subprotocol)?;
        let mut socket = Self::over(link, consumer);
        socket.take(&rest)?;
        Ok(socket)
    }

    /// Over a connection that carries frames already.
    pub(crate) fn over(link: File, consumer: C) -> Self {
        Self {
            link,
            frames: Frames::default(),
            consumer,
        }
    }

    /// Sends a binary message.
    pub(crate) fn send(&mut self, payload: &[u8]) -> Result<()> {
        let frame = from_client(BINARY, payload);
        self.link.write_all(&frame).context("sending")
    }

    /// Sends a text message.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        let frame = from_client(TEXT, text.as_bytes());
        self.link.write_all(&frame).context("sending")
    }

    /// One read, taken but not answered. Gives how many bytes came.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.link.read(buffer).context("reading a socket")?;
        ensure!(count > 0, "the daemon hung up");
        self.take(&buffer[..count])?;
        Ok(count)
    }

    /// Sends what the consumer answers to it.
    pub(crate) fn answer(&mut self) -> Result<()> {
        match self.consumer.answer() {
            Some(answer) => self.link.write_all(&answer).context("answering"),
            None => Ok(()),
        }
    }

    /// Reads and answers until this holds.
    pub(crate) fn read_until(
        &mut self,
        buffer: &mut [u8],
        done: impl Fn(&C) -> bool,
    ) -> Result<()> {
        while !done(&self.consumer) {
            self.read(buffer)?;
            self.answer()?;
        }
        Ok(())
    }

    fn take(&mut self, mut input: &[u8]) -> Result<()> {
        while let Some(piece) = self.frames.next(&mut input) {
            match piece.opcode {
                BINARY => self.consumer.binary(piece.bytes),
                TEXT => self.consumer.text(piece.bytes, piece.last)?,
                PING => self.link.write_all(&from_client(PONG, piece.bytes))?,
                CLOSE => {
                    let code = piece.bytes.iter().take(2);
                    let code = code.fold(0, |sum, &byte| sum << 8 | u32::from(byte));
                    bail!("the daemon closed a socket with {code}");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads and answers on all of these until it holds for each; one for which it holds is read no
/// more.
pub(crate) fn read_all_until<C: Consumer>(
    sockets: &mut [Socket<C>],
    done: impl Fn(&C) -> bool,
) -> Result<()> {
    read_all(sockets, done, &AtomicBool::new(false))
}

/// The same, or until told to stop.
pub(crate) fn read_all<C: Consumer>(
    sockets: &mut [Socket<C>],
    done: impl Fn(&C) -> bool,
    stop: &AtomicBool,
) -> Result<()> {
    let mut buffer = buffer();
    let mut heard = Instant::now();
    let mut open: Vec<usize> = (0..sockets.len()).collect();
    open.retain(|&index| !done(&sockets[index].consumer));
    while !open.is_empty() && !stop.load(Ordering::Relaxed) {
        let ready = wait(sockets, &open)?;
        if ready.is_empty() {
            let left = open.len();
            ensure!(
                heard.elapsed() < PATIENCE,
                "{left} sockets heard nothing more"
            );
            continue;
        }
        heard = Instant::now();
        for index in ready {
            sockets[index].read(&mut buffer)?;
            sockets[index].answer()?;
        }
        open.retain(|&index| !done(&sockets[index].consumer));
    }
    Ok(())
}

/// Those that have something to read, after a while perhaps none.
fn wait<C>(sockets: &[Socket<C>], open: &[usize]) -> Result<Vec<usize>> {
    const LOOK_UP_MS: u16 = 50;
    let mut polled: Vec<PollFd<'_>> = open
        .iter()
        .map(|&index| PollFd::new(sockets[index].link.as_fd(), PollFlags::POLLIN))
        .collect();
    poll(&mut polled, PollTimeout::from(LOOK_UP_MS)).context("polling")?;
    let is_ready = |fd: &PollFd<'_>| fd.any().unwrap_or(false);
    let ready = open.iter().zip(&polled);
    Ok(ready
        .filter_map(|(&index, fd)| is_ready(fd).then_some(index))
        .collect())
}
