//! The daemon under all that should not happen, one thing after the other: whatever it was, in the
//! end it serves as before, and nothing of it is left.
//!
//! `cargo xtask soak` runs it at full length and prints what was counted; `cargo test` does a part of
//! each that fits into a minute.

mod census;
mod daemon;
mod scenarios;
mod terminals;

use std::time::Instant;

use census::Census;
use daemon::Daemon;
use scenarios::Running;

/// How much of everything.
#[derive(Clone, Copy)]
struct Scale {
    full: bool,
}

impl Scale {
    fn of(self, part: usize, full: usize) -> usize {
        if self.full { full } else { part }
    }
}

/// How much more memory a daemon may keep than before: what an allocator does not give back, of
/// ten thousand sessions as of a hundred, and of four thousand connections at one time, which take
/// 16 KiB each.
const KEPT_KIB: u64 = 128 * 1024;

/// How many threads more there may be between two of them: the runtime keeps those that had to wait
/// for something for ten seconds, and they have to be gone in the end.
const IDLE_THREADS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_anything_that_goes_wrong() {
    let scale = Scale {
        full: std::env::var_os("WEBTTY_SOAK").is_some(),
    };
    let impatient = Daemon::start(scale.full).await;
    endure(&impatient, scenarios::silence(&impatient, scale)).await;
    drop(impatient);
    let daemon = Daemon::start(true).await;
    endure(&daemon, scenarios::all(&daemon, scale)).await;
}

/// Runs one after the other, and looks what is left after each.
async fn endure(daemon: &Daemon, scenarios: Vec<(String, Running<'_>)>) {
    scenarios::warm_up(daemon).await;
    let before = Census::at_rest(daemon).await;
    println!(
        "{:<44}{:>8}{:>9}{:>9}{:>10}{:>9}{:>7}",
        "", "seconds", "fds", "threads", "children", "MiB", "files"
    );
    println!("{:<44}{:>8}{before}", "before", "");
    for (name, run) in scenarios {
        let start = Instant::now();
        run.await;
        daemon.serves().await;
        let after = Census::settled(daemon, &before, IDLE_THREADS).await;
        let took = start.elapsed().as_secs_f64();
        println!("{name:<44}{took:>8.1}{after}");
        assert!(
            after.resident_kib <= before.resident_kib + KEPT_KIB,
            "{name}: {} KiB before, {} after",
            before.resident_kib,
            after.resident_kib
        );
    }
    let after = Census::settled(daemon, &before, 0).await;
    println!("{:<44}{:>8}{after}", "after", "");
}
