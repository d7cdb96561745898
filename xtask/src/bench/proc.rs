//! What the kernel says of a process or thread: its memory and its CPU time.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

/// Resident memory, in bytes.
pub(crate) fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.context("VmRSS is missing from /proc")? * 1024.0)
}

/// CPU time of all threads that live, in nanoseconds.
pub(crate) fn cpu(pid: u32) -> Result<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the two.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        sum += first
            .and_then(|first| first.parse::<f64>().ok())
            .context("schedstat says no number")?;
    }
    Ok(sum)
}

/// CPU time of the calling thread, in nanoseconds.
pub(crate) fn own_thread_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let nanoseconds = |time: nix::sys::time::TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_nanos() as f64
    };
    Ok(nanoseconds(usage.user_time()) + nanoseconds(usage.system_time()))
}

/// Lets this process, and the daemon it starts, open as many files as the system allows.
pub(crate) fn raise_file_limit() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("raising the limit of open files")
}
