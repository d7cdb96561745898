//! The processes of a session of the system (setsid(2)), a shell's or a program's beside it, and
//! the ladder by which they are made to leave.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::limits::{HANGUP_GRACE, KILL_GRACE, TERM_GRACE};

/// One process of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    pid: i32,
    group: i32,
}

/// Makes all processes of a session leave: SIGHUP, then SIGTERM, then SIGKILL.
#[derive(Debug)]
pub struct Ladder {
    session: u32,
    rung: usize,
    deadline: Instant,
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
            deadline: Instant::now() + RUNGS[0].1,
        };
        ladder.signal();
        ladder
    }

    /// Looks who is left, and climbs when their time is over. `reaped` says that the leader has
    /// been waited for, so that its process id may name a stranger.
    pub fn step(&mut self, reaped: bool) -> Left {
        let members = members_of(self.session);
        let stranger = |member: &Member| i64::from(member.pid) == i64::from(self.session);
        if reaped && (members.is_empty() || members.iter().any(stranger)) {
            return Left::Nothing;
        }
        if Instant::now() < self.deadline {
            return Left::Some;
        }
        if self.rung + 1 == RUNGS.len() {
            return Left::Unkillable;
        }
        self.rung += 1;
        self.deadline = Instant::now() + RUNGS[self.rung].1;
        self.signal();
        Left::Some
    }

    fn signal(&self) {
        let signal = RUNGS[self.rung].0;
        let groups: BTreeSet<i32> = members_of(self.session).iter().map(|m| m.group).collect();
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

/// Is any process of this session left, its leader apart?
pub(crate) fn any_left(session: u32) -> bool {
    members_of(session)
        .iter()
        .any(|member| i64::from(member.pid) != i64::from(session))
}

/// Is any process left of a session whose leader has been waited for? A process of the leader's
/// own id is a stranger that was given it since, and the session is his.
pub fn left_behind(session: u32) -> bool {
    let members = members_of(session);
    let stranger = |member: &Member| i64::from(member.pid) == i64::from(session);
    !members.is_empty() && !members.iter().any(stranger)
}

/// All live processes of a session, zombies apart, from `/proc` (proc(5), `/proc/PID/stat`).
fn members_of(session: u32) -> Vec<Member> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            member_from_stat(pid, &stat, session)
        })
        .collect()
}

/// Reads `PID (NAME) STATE PPID PGRP SESSION …`, where the name may hold spaces and brackets.
fn member_from_stat(pid: i32, stat: &str, session: u32) -> Option<Member> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let its_session: i64 = fields.next()?.parse().ok()?;
    let alive = state != "Z" && state != "X";
    (alive && its_session == i64::from(session)).then_some(Member { pid, group })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let stat = "42 (a) b) (c) S 7 40 39 34816 40 4194304";
        assert_eq!(
            member_from_stat(42, stat, 39),
            Some(Member { pid: 42, group: 40 })
        );
        assert_eq!(member_from_stat(42, stat, 40), None);
        assert_eq!(member_from_stat(42, "42 (x) Z 7 40 39", 39), None);
    }

    #[test]
    fn this_process_is_found_in_its_session() {
        let session = nix::unistd::getsid(None)
            .expect("this process has a session")
            .as_raw();
        let me = i32::try_from(std::process::id()).expect("a pid");
        let session = u32::try_from(session).expect("a session id");
        assert!(members_of(session).iter().any(|member| member.pid == me));
    }
}
