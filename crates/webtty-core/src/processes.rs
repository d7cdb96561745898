//! The processes of a session of the system (setsid(2)), a shell's or a program's beside it, and
//! the ladder by which they are made to leave.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
        let ladder = Self {
            session,
            rung: 0,
            since: Instant::now(),
        };
        ladder.signal();
        ladder
    }

    /// Looks who is left, and climbs when their time is over. `reaped` says that the leader has
    /// been waited for, so that its process id may name a stranger.
    pub fn step(&mut self, reaped: bool) -> Left {
        let now = Instant::now();
        let recent = now.checked_sub(END_POLL).unwrap_or(now);
        let members = members_of(self.session, recent.max(self.since));
        let stranger = |member: &Member| i64::from(member.pid) == i64::from(self.session);
        if reaped && (members.is_empty() || members.iter().any(stranger)) {
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

    fn signal(&self) {
        let signal = RUNGS[self.rung].0;
        let members = members_of(self.session, Instant::now());
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
    let members = members_of(session, Instant::now());
    let stranger = |member: &Member| i64::from(member.pid) == i64::from(session);
    !members.is_empty() && !members.iter().any(stranger)
}

/// All live processes of a session, as they were at some moment after `since`.
fn members_of(session: u32, since: Instant) -> Vec<Member> {
    let mut last = LAST_SCAN.lock().unwrap_or_else(PoisonError::into_inner);
    // Whoever waited for the lock may find that the look it waited for is recent enough.
    let scan = match last.take() {
        Some(scan) if scan.begun >= since => scan,
        _ => Scan {
            begun: Instant::now(),
            all: live(),
        },
    };
    let all = scan.all.iter().copied();
    let members = all.filter(|member| member.session == i64::from(session));
    let members = members.collect();
    *last = Some(scan);
    members
}

/// All live processes, zombies apart, from `/proc` (proc(5), `/proc/PID/stat`).
fn live() -> Vec<Member> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            member_from_stat(pid, &stat)
        })
        .collect()
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
        let mut child = std::process::Command::new("sleep").arg("60").spawn();
        let child = child.as_mut().expect("spawned");
        let pid = i32::try_from(child.id()).expect("a pid");
        let session = nix::unistd::getsid(Some(Pid::from_raw(pid))).expect("its session");
        let session = u32::try_from(session.as_raw()).expect("a session id");
        let is_found = |since| {
            let members = members_of(session, since);
            members.iter().any(|member| member.pid == pid)
        };
        let before = Instant::now();
        assert!(is_found(before));
        child.kill().expect("killed");
        child.wait().expect("reaped");
        assert!(!is_found(Instant::now()), "looked again");
    }

    #[test]
    fn this_process_is_found_in_its_session() {
        let session = nix::unistd::getsid(None)
            .expect("this process has a session")
            .as_raw();
        let me = i32::try_from(std::process::id()).expect("a pid");
        let session = u32::try_from(session).expect("a session id");
        let members = members_of(session, Instant::now());
        assert!(members.iter().any(|member| member.pid == me));
    }
}
