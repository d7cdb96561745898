//! What the release binary must be, so that a fault in it is hard to use: at a random address,
//! nothing writable that is executable, and its tables of functions read-only from the start on. And
//! what a fault must be: the end of one request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::build;
use crate::command;
use crate::project::Project;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon with faults, by the profile of releases, of the very parts of which the product is.
const BUILD: &[&str] = &[
    "build",
    "--release",
    "--package",
    "webtty",
    "--package",
    "webtty-daemon",
    "--bin",
    "faults",
    "--features",
    "webtty-daemon/faults",
];

/// `cargo xtask hardening`.
pub(crate) fn run(project: &Project) -> Result<()> {
    build::run(project)?;
    check(project)
}

/// The release binary, which must be there, and a daemon of the same profile.
pub(crate) fn check(project: &Project) -> Result<()> {
    let binary = project.webtty("release");
    let shown = project.shown(&binary).to_string();
    let path = binary.to_string_lossy().into_owned();
    let read = command::program("readelf", &["-hldW", &path], &project.root);
    let missing = missing(&command::output(read)?);
    ensure!(
        missing.is_empty(),
        "{shown} is not {}",
        missing.join(", not ")
    );
    command::run(command::cargo(BUILD, &project.root))?;
    let daemon = Faulty::start(project)?;
    a_fault_is_one_requests(&daemon.address)?;
    daemon.stop()
}

/// A daemon with faults, as long as this lives.
struct Faulty {
    child: Child,
    address: String,
}

impl Faulty {
    fn start(project: &Project) -> Result<Self> {
        let program = project.target.join("release/faults");
        let mut child = command::program(program, &[], &project.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the daemon with faults")?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim().to_owned();
        ensure!(!address.is_empty(), "the daemon with faults ended");
        Ok(Self { child, address })
    }

    /// It ends by itself, as it should, when nobody holds its standard input.
    fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the daemon with faults: {status}");
        Ok(())
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        let _over = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A fault costs the request it happened in: a connection that was open before goes on.
fn a_fault_is_one_requests(address: &str) -> Result<()> {
    let mut open = connect(address)?;
    for path in ["/panic", "/overflow", "/panic"] {
        let answer = ask(&mut connect(address)?, address, path)?;
        ensure!(
            answer.starts_with("HTTP/1.1 500 "),
            "{path} was answered with: {answer}"
        );
        let answer = ask(&mut open, address, "/api/health")?;
        ensure!(
            answer.starts_with("HTTP/1.1 200 "),
            "after {path}: {answer}"
        );
    }
    Ok(())
}

fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The head of an answer, in capitals; the body is read to its stated length.
fn ask(stream: &mut TcpStream, address: &str, path: &str) -> Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).context("an answer")?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head)?.to_ascii_uppercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("CONTENT-LENGTH: "));
    let length = length.context("the answer states a length")?.parse()?;
    stream.read_exact(&mut vec![0; length])?;
    Ok(head)
}

/// What of it is missing, by the words of readelf.
fn missing(elf: &str) -> Vec<&'static str> {
    let line = |word: &str| elf.lines().find(|line| line.contains(word)).unwrap_or("");
    let flags = |kind: &str| line(kind).split_whitespace().rev().nth(1).unwrap_or("E");
    let is_executable = |segment: &str| flags(segment).contains('E');
    let no_segment_is_both = elf
        .lines()
        .filter(|line| line.trim_start().starts_with("LOAD"))
        .all(|line| !line.contains(" RWE "));
    let wanted = [
        ("position-independent", line("Type:").contains("DYN")),
        ("without an executable stack", !is_executable("GNU_STACK")),
        ("without writable code", no_segment_is_both),
        ("read-only after relocation", elf.contains("GNU_RELRO")),
        (
            "bound at its start",
            line("(FLAGS_1)").contains("NOW") || line("(FLAGS)").contains("BIND_NOW"),
        ),
    ];
    let absent = wanted.into_iter().filter(|(_, there)| !there);
    absent.map(|(what, _)| what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARD: &str = "\
  Type:                              DYN (Position-Independent Executable file)
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x1f0 0x1f0 R   0x1000
  LOAD           0x001000 0x0000000000001000 0x0000000000001000 0x171 0x171 R E 0x1000
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
  GNU_RELRO      0x002db0 0x0000000000003db0 0x0000000000003db0 0x250 0x250 R   0x1
 0x000000000000001e (FLAGS)              BIND_NOW
 0x000000006ffffffb (FLAGS_1)            Flags: NOW PIE
";

    #[test]
    fn each_thing_that_is_missing_is_named() {
        assert_eq!(missing(HARD), Vec::<&str>::new());
        for (from, to, what) in [
            ("DYN", "EXEC", "position-independent"),
            ("RW  0x10", "RWE 0x10", "without an executable stack"),
            ("R E 0x1000", "RWE 0x1000", "without writable code"),
            ("GNU_RELRO", "GNU_OTHER", "read-only after relocation"),
        ] {
            assert_eq!(missing(&HARD.replace(from, to)), [what]);
        }
        let lazy = HARD.replace("BIND_NOW", "").replace("NOW PIE", "PIE");
        assert_eq!(missing(&lazy), ["bound at its start"]);
        assert!(missing("").len() >= 4);
    }
}
