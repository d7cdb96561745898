//! The processes of a session of the system (setsid(2)), a shell's or a program's beside it, and
//! the ladder by which they are made to leave.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::limits::{END_POLL, HANGUP_GRACE, KILL_GRACE, TERM_GRACE};

/// One process of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    pid: i32,
    group: i32,
    session: i64,
}

/// All live processes at some moment.
struct Scan {
    begun: Instant,
    all: Vec<Member>,
}

/// The last look at all processes. Hundreds of sessions that end together look with one.
static LAST_SCAN: Mutex<Option<Scan>> = Mutex::new(None);

/// Makes all processes of a session leave: SIGHUP, then SIGTERM, then SIGKILL.
#[derive(Debug)]
pub struct Ladder {
    session: u32,
    rung: usize,
    /// When it was last signalled.
    since: Instant,
    /// Was it seen then who is to be signalled?
    signalled: bool,
}

const RUNGS: [(Signal, Duration); 3] = [
    (Signal::SIGHUP, HANGUP_GRACE),
    (Signal::SIGTERM, TERM_GRACE),
    (Signal::SIGKILL, KILL_GRACE),
];

/// What is left of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// No process.
    Nothing,
    /// Some, which still have time.
    Some,
    /// Some that even SIGKILL did not move in time.
    Unkillable,
}

impl Ladder {
    /// Hangs up on a session, named by its leader's process id.
    pub fn start(session: u32) -> Self {
        let mut ladder = Self {
            session,
            rung: 0,
            since: Instant::now(),
            signalled: false,
        };
        ladder.signal();
        ladder
    }

    /// Looks who is left, and climbs when their time is over. `reaped` says that the leader has
    /// been waited for, so that its process id may name a stranger.
    pub fn step(&mut self, reaped: bool) -> Left {
        if !self.signalled {
            self.signal();
        }
        let now = Instant::now();
        let recent = now.checked_sub(END_POLL).unwrap_or(now);
        if reaped && !is_left(self.session, recent.max(self.since)) {
            return Left::Nothing;
        }
        if now < self.since + RUNGS[self.rung].1 {
            return Left::Some;
        }
        if self.rung + 1 == RUNGS.len() {
            return Left::Unkillable;
        }
        self.rung += 1;
        self.since = now;
        self.signal();
        Left::Some
    }

    fn signal(&mut self) {
        let signal = RUNGS[self.rung].0;
        let members = members_of(self.session, Instant::now());
        self.signalled = members.is_ok();
        let members = members.unwrap_or_default();
        let groups: BTreeSet<i32> = members.iter().map(|member| member.group).collect();
        for group in groups {
            // A group that has just left is what was wanted.
            let _ = killpg(Pid::from_raw(group), signal);
            if signal != Signal::SIGKILL {
                // A stopped process acts on a signal only once it goes on.
                let _ = killpg(Pid::from_raw(group), Signal::SIGCONT);
            }
        }
    }
}

/// Is any process left of a session whose leader has been waited for? A process of the leader's
/// own id is a stranger that was given it since, and the session is his.
pub fn left_behind(session: u32) -> bool {
    is_left(session, Instant::now())
}

/// The same, as it was at some moment after `since`. What cannot be looked at may be there.
fn is_left(session: u32, since: Instant) -> bool {
    let stranger = |member: &Member| i64::from(member.pid) == i64::from(session);
    match members_of(session, since) {
        Ok(members) => !members.is_empty() && !members.iter().any(stranger),
        Err(error) => {
            tracing::debug!(%error, "/proc cannot be read");
            true
        }
    }
}

/// All live processes of a session, as they were at some moment after `since`.
fn members_of(session: u32, since: Instant) -> io::Result<Vec<Member>> {
    let mut last = LAST_SCAN.lock().unwrap_or_else(PoisonError::into_inner);
    // Whoever waited for the lock may find that the look it waited for is recent enough.
    let scan = match last.take() {
        Some(scan) if scan.begun >= since => scan,
        _ => Scan {
            begun: Instant::now(),
            all: live()?,
        },
    };
    let all = scan.all.iter().copied();
    let members = all.filter(|member| member.session == i64::from(session));
    let members = members.collect();
    *last = Some(scan);
    Ok(members)
}

/// All live processes, zombies apart, from `/proc` (proc(5), `/proc/PID/stat`).
///
/// # Errors
/// When there is no descriptor to read it with: a process that was not looked at is not one that
/// has gone.
fn live() -> io::Result<Vec<Member>> {
    let mut live = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        match fs::read(format!("/proc/{pid}/stat")) {
            // A program may have given itself a name that is no text.
            Ok(stat) => live.extend(member_from_stat(pid, &String::from_utf8_lossy(&stat))),
            Err(error) if is_nobody_of_ours(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(live)
}

/// Does an error of reading about a process say that it has gone, or that it is not shown to us?
fn is_nobody_of_ours(error: &io::Error) -> bool {
    let hidden = matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied
    );
    hidden || error.raw_os_error() == Some(Errno::ESRCH as i32)
}

/// Reads `PID (NAME) STATE PPID PGRP SESSION …`, where the name may hold spaces and brackets.
fn member_from_stat(pid: i32, stat: &str) -> Option<Member> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let alive = state != "Z" && state != "X";
    alive.then_some(Member {
        pid,
        group,
        session,
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let stat = "42 (a) b) (c) S 7 40 39 34816 40 4194304";
        assert_eq!(
            member_from_stat(42, stat),
            Some(Member {
                pid: 42,
                group: 40,
                session: 39
            })
        );
        assert_eq!(member_from_stat(42, "42 (x) Z 7 40 39"), None);
    }

    #[test]
    fn a_look_is_not_older_than_what_it_is_asked_for() {
        let mut child = Command::new("sleep").arg("60").spawn();
        let child = child.as_mut().expect("spawned");
        let pid = i32::try_from(child.id()).expect("a pid");
        let session = nix::unistd::getsid(Some(Pid::from_raw(pid))).expect("its session");
        let session = u32::try_from(session.as_raw()).expect("a session id");
        let is_found = |since| {
            let members = members_of(session, since).expect("read");
            members.iter().any(|member| member.pid == pid)
        };
        let before = Instant::now();
        assert!(is_found(before));
        child.kill().expect("killed");
        child.wait().expect("reaped");
        assert!(!is_found(Instant::now()), "looked again");
    }

    #[test]
    fn a_process_whose_name_is_no_text_is_found() {
        let dir = tempfile::tempdir().expect("a directory");
        let named = dir.path().join(OsStr::from_bytes(b"n\xffme"));
        std::os::unix::fs::symlink("/bin/sleep", &named).expect("linked");
        let mut child = Command::new(&named).arg("60").spawn().expect("spawned");
        let pid = i32::try_from(child.id()).expect("a pid");
        let all = live().expect("read");
        assert!(all.iter().any(|member| member.pid == pid));
        child.kill().expect("killed");
        child.wait().expect("reaped");
    }

    #[test]
    fn this_process_is_found_in_its_session() {
        let session = nix::unistd::getsid(None)
            .expect("this process has a session")
            .as_raw();
        let me = i32::try_from(std::process::id()).expect("a pid");
        let session = u32::try_from(session).expect("a session id");
        let members = members_of(session, Instant::now()).expect("read");
        assert!(members.iter().any(|member| member.pid == me));
    }
}
