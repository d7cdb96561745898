//! What a process has: counted, so that it can be compared.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::daemon::{Daemon, soon};

/// Counting takes the processor that what is waited for needs, too.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Longer than any thing takes that a daemon does by itself.
const REST: Duration = Duration::from_secs(1);

/// What the daemon has at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Census {
    descriptors: usize,
    threads: usize,
    /// Processes it has started, and those that were left to it.
    children: usize,
    pub(crate) resident_kib: u64,
    /// Files and directories of its own, wherever it keeps them.
    files: usize,
}

impl Census {
    /// Counts.
    pub(crate) fn take(daemon: &Daemon) -> Self {
        let process = format!("/proc/{}", daemon.pid());
        let count = |what: &str| {
            let entries = fs::read_dir(format!("{process}/{what}"));
            entries.expect("it runs").count()
        };
        Self {
            descriptors: count("fd"),
            threads: count("task"),
            children: children(daemon.pid()),
            resident_kib: resident_kib(&process),
            files: files(daemon.home()),
        }
    }

    /// Counts once nothing is under way: two looks in a row at a daemon without children find the
    /// same.
    pub(crate) async fn at_rest(daemon: &Daemon) -> Self {
        let mut looks = tokio::time::interval(REST);
        // The first tick is at once.
        looks.tick().await;
        let rests = soon(async {
            let mut last = Self::take(daemon);
            loop {
                looks.tick().await;
                let now = Self::take(daemon);
                if now.children == 0 && now.is_no_more_than(&last) && last.is_no_more_than(&now) {
                    return now;
                }
                last = now;
            }
        });
        rests.await.expect("it comes to rest")
    }

    /// Waits until there is no more of anything than there was, but for so many threads; of memory,
    /// see the caller.
    pub(crate) async fn settled(daemon: &Daemon, before: &Self, spare_threads: usize) -> Self {
        let most = Self {
            threads: before.threads + spare_threads,
            ..*before
        };
        let mut looks = tokio::time::interval(BETWEEN_LOOKS);
        soon(async {
            loop {
                let now = Self::take(daemon);
                if now.is_no_more_than(&most) {
                    return now;
                }
                looks.tick().await;
            }
        })
        .await
        .unwrap_or_else(|| panic!("left: {before:?} before, {:?} now", Self::take(daemon)))
    }

    fn is_no_more_than(&self, other: &Self) -> bool {
        self.descriptors <= other.descriptors
            && self.threads <= other.threads
            && self.children <= other.children
            && self.files <= other.files
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>9}{:>9}{:>10}{:>9.1}{:>7}",
            self.descriptors,
            self.threads,
            self.children,
            self.resident_kib as f64 / 1024.0,
            self.files
        )
    }
}

fn resident_kib(process: &str) -> u64 {
    let status = fs::read_to_string(format!("{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.expect("its memory")
}

/// Processes whose parent is this one (proc(5), `/proc/PID/stat`), those among them that have
/// ended and were not waited for.
fn children(of: u32) -> usize {
    let entries = fs::read_dir("/proc").expect("processes");
    let is_child = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let parent: u32 = rest.split_ascii_whitespace().nth(1)?.parse().ok()?;
        (parent == of).then_some(())
    };
    entries
        .filter_map(|entry| is_child(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .count()
}

fn files(below: &Path) -> usize {
    let Ok(entries) = fs::read_dir(below) else {
        return 0;
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => 1 + files(&entry.path()),
            _ => 1,
        })
        .sum()
}
