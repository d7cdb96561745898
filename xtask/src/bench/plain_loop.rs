//! A loop that writes the same bytes to many sockets: what fan-out costs at the least.

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::consumer::Consumer;
use super::http::PATIENCE;
use super::proc::own_thread_cpu;
use super::socket::{Socket, read_all_until};

/// How much such a loop writes at once.
pub(crate) const WRITE_BYTES: usize = 64 * 1024;

/// What such a loop took.
pub(crate) struct Cost {
    pub(crate) elapsed: Duration,
    /// CPU time of the writing thread, in nanoseconds.
    pub(crate) cpu: f64,
}

/// Connected TCP sockets of this machine: what is written to the one is read from the other.
pub(crate) fn pairs(count: usize) -> Result<(Vec<File>, Vec<File>)> {
    let listener = TcpListener::bind("127.0.0.1:0").context("listening")?;
    let address = listener.local_addr()?;
    let as_file = |stream: TcpStream| -> Result<File> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(File::from(OwnedFd::from(stream)))
    };
    let mut ends = (Vec::new(), Vec::new());
    for _ in 0..count {
        let theirs = TcpStream::connect(address).context("connecting")?;
        ends.0.push(as_file(listener.accept()?.0)?);
        ends.1.push(as_file(theirs)?);
    }
    Ok(ends)
}

/// Writes each of `writes` to `count` sockets in turn, while this thread reads them all with
/// consumers like those of the daemon's sockets.
pub(crate) fn write_to_all<C: Consumer>(
    count: usize,
    writes: &[Vec<u8>],
    consumer: impl Fn() -> C,
    done: impl Fn(&C) -> bool,
) -> Result<Cost> {
    let (mut writers, readers) = pairs(count)?;
    let mut sockets: Vec<_> = readers
        .into_iter()
        .map(|link| Socket::over(link, consumer()))
        .collect();
    let began = Instant::now();
    let cpu = thread::scope(|scope| {
        let writing = thread::Builder::new()
            .name("plain loop".to_owned())
            .spawn_scoped(scope, || -> Result<f64> {
                for bytes in writes {
                    for writer in &mut writers {
                        writer.write_all(bytes)?;
                    }
                }
                own_thread_cpu()
            })?;
        read_all_until(&mut sockets, done)?;
        writing.join().expect("the plain loop does not panic")
    })?;
    Ok(Cost {
        elapsed: began.elapsed(),
        cpu,
    })
}
