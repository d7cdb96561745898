//! A line to somewhere else, which is long and carries little: what is written into one end comes out
//! at the other in its time. What it has not taken waits in the buffers before it.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::http::Place;

/// A packet's payload.
const PACKET_BYTES: usize = 1400;

/// How many are on a line at most: more than fit on one of the benches'.
const MOST_PACKETS: usize = 1024;

/// What a line is like, in each direction.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) bytes_per_second: f64,
    pub(crate) one_way: Duration,
}

/// Bytes on their way, and when they arrive.
type Packet = (Instant, Vec<u8>);

impl Line {
    /// Leads to the daemon's socket for the next who connects to what is given back, a socket at
    /// this path.
    pub(crate) fn lay(self, path: PathBuf, to: &Path) -> Result<Place> {
        let listener = UnixListener::bind(&path).context("laying a line")?;
        let to = to.to_owned();
        Builder::new().name("line".to_owned()).spawn(move || {
            let (near, _) = listener.accept()?;
            self.carry(&near, &UnixStream::connect(to)?)
        })?;
        Ok(Place::Unix(path))
    }

    fn carry(self, near: &UnixStream, far: &UnixStream) -> Result<()> {
        for (from, to) in [(near, far), (far, near)] {
            let (from, to) = (from.try_clone()?, to.try_clone()?);
            let (sender, receiver) = sync_channel(MOST_PACKETS);
            let take = move || self.take_in(from, &sender);
            Builder::new().name("line in".to_owned()).spawn(take)?;
            let give = move || give_out(to, &receiver);
            Builder::new().name("line out".to_owned()).spawn(give)?;
        }
        Ok(())
    }

    /// Takes as much as the line carries, until the end. The channel holds what is on its way.
    fn take_in(self, mut from: UnixStream, sender: &SyncSender<Packet>) -> Result<()> {
        let mut buffer = [0; PACKET_BYTES];
        let mut free = Instant::now();
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            let work = Duration::from_secs_f64(count as f64 / self.bytes_per_second);
            free = free.max(Instant::now()) + work;
            sleep(free.saturating_duration_since(Instant::now()));
            sender.send((free + self.one_way, buffer[..count].to_vec()))?;
        }
    }
}

fn give_out(mut to: UnixStream, receiver: &Receiver<Packet>) -> Result<()> {
    for (due, bytes) in receiver {
        sleep(due.saturating_duration_since(Instant::now()));
        to.write_all(&bytes)?;
    }
    to.shutdown(Shutdown::Write)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_and_not_before_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let far = UnixListener::bind(dir.path().join("far")).unwrap();
        let line = Line {
            bytes_per_second: 1e6,
            one_way: Duration::from_millis(20),
        };
        let place = line.lay(dir.path().join("near"), &dir.path().join("far"));
        let Ok(Place::Unix(near)) = place else {
            panic!("the line leads nowhere");
        };
        let mut near = UnixStream::connect(near).unwrap();
        let (mut far, _) = far.accept().unwrap();
        let sent: Vec<u8> = (0..30_000).map(|n| n as u8).collect();
        let began = Instant::now();
        near.write_all(&sent).unwrap();
        near.shutdown(Shutdown::Write).unwrap();
        let mut received = Vec::new();
        far.read_to_end(&mut received).unwrap();
        assert!(received == sent);
        assert!(began.elapsed() >= Duration::from_millis(30 + 20));
    }
}
