//! A shell that shows a file each time it is asked to, and says when that is done.

use std::path::Path;

use anyhow::Result;

use super::daemon::Daemon;
use super::material;
use super::socket::buffer;

/// What the shell prints once it waits to be asked.
pub(crate) const READY: &str = "<ready>";

/// Asks for the file, once.
pub(crate) const GO: &[u8] = b"\n";

/// The command. Nothing it shows may hold a `<`.
pub(crate) fn command(file: &Path) -> [String; 3] {
    let script = format!(
        "stty -echo; printf '{READY}'; n=0; while read line; do n=$((n+1)); cat '{}'; \
         printf '<end-%d>' $n; done",
        file.display()
    );
    ["/bin/sh".to_owned(), "-c".to_owned(), script]
}

/// What follows the file when it is shown for the `count`-th time.
pub(crate) fn end(count: usize) -> String {
    format!("<end-{count}>")
}

/// An idle session whose shell has shown so many lines of plain text.
pub(crate) fn session_of(daemon: &Daemon, lines: usize) -> Result<String> {
    let text = material::plain_lines(lines);
    let file = material::file(daemon.dir(), "lines", &text)?;
    let session = daemon.session(&command(&file))?;
    let mut asking = daemon.viewer(&daemon.tcp, &session, "?lossless=1", READY)?;
    asking.read_until(&mut buffer(), |screen| screen.finder.found())?;
    asking.send(GO)?;
    asking.consumer.finder.look_for(&end(1));
    asking.read_until(&mut buffer(), |screen| screen.finder.found())?;
    Ok(session)
}
