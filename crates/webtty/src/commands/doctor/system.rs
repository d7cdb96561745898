//! What the system allows: descriptors, terminals, a shell.

use std::fs;
use std::process::Stdio;

use nix::sys::resource::{Resource, getrlimit};
use tokio::process::Command;
use tokio::time::timeout;

use super::report::Finding;
use crate::limits::{DOCTOR_SHELL_TIMEOUT, FEWEST_DESCRIPTORS, FEWEST_TERMINALS};

/// How many files the daemon may have open.
pub(super) fn descriptors() -> Option<Finding> {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    (soft < FEWEST_DESCRIPTORS).then(|| {
        let what = format!("a process may open {soft} files, and each connection needs one");
        let advice = format!("ulimit -n {FEWEST_DESCRIPTORS}, or LimitNOFILE of the service");
        Finding::new("descriptors", what, advice)
    })
}

/// How many terminals the system has left.
pub(super) fn terminals() -> Option<Finding> {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/kernel/pty/{name}")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    few_terminals(read("max")?, read("nr")?)
}

fn few_terminals(most: u64, used: u64) -> Option<Finding> {
    let left = most.saturating_sub(used);
    (left < FEWEST_TERMINALS).then(|| {
        let what =
            format!("of {most} pseudo-terminals {left} are left, and each session needs one");
        let advice = "end what holds them, or raise the sysctl kernel.pty.max";
        Finding::new("terminals", what, advice)
    })
}

/// Does the shell run that sessions get?
pub(super) async fn shell(shell: String) -> Option<Finding> {
    let run = Command::new(&shell)
        .args(["-c", "exit 0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    let why = match timeout(DOCTOR_SHELL_TIMEOUT, run).await {
        Ok(Ok(status)) if status.success() => return None,
        Ok(Ok(status)) => format!("it ends with {status}"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it takes longer than {} s", DOCTOR_SHELL_TIMEOUT.as_secs()),
    };
    let what = format!("the shell {shell} does not run: {why}");
    Some(Finding::new(
        "shell",
        what,
        "set `shell` in the settings, or SHELL",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_few_before_they_are_none() {
        assert!(few_terminals(4096, 4096 - FEWEST_TERMINALS).is_none());
        assert!(few_terminals(4096, 4097 - FEWEST_TERMINALS).is_some());
        assert!(few_terminals(10, 4096).is_some());
    }
}
