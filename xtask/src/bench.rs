//! Benches: what is measured rather than tested. Each is a module below, with an entry here.
//!
//! Those of a running daemon are listed once more in [`suite`], which `all` goes through.

mod consumer;
mod daemon;
mod drain;
mod echo;
mod event_flood;
mod event_stall;
mod events;
mod fanout;
mod far;
mod figure;
mod finder;
mod frames;
mod hold;
mod http;
mod interrupt;
mod join;
mod line;
mod material;
mod memory;
mod plain_loop;
mod proc;
mod pty;
mod relay;
mod replay;
mod socket;
mod stats;
mod suite;
mod terminal;

use anyhow::{Context, Result};

use crate::command;
use crate::project::Project;

struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "drain",
        about: "one viewer, cat of a large file, beside a bare PTY",
        run: |_| suite::run(Some("drain")),
    },
    Bench {
        name: "fanout",
        about: "50 and 1,000 viewers, beside a loop that writes to as many sockets",
        run: |_| suite::run(Some("fanout")),
    },
    Bench {
        name: "echo",
        about: "a key there and back, beside a bare PTY, alone and with 50 other viewers",
        run: |_| suite::run(Some("echo")),
    },
    Bench {
        name: "interrupt",
        about: "Ctrl-C under `yes`, with viewers that process 20 and 2 MB/s",
        run: |_| suite::run(Some("interrupt")),
    },
    Bench {
        name: "join",
        about: "joining a session with 10,000 lines of scrollback",
        run: |_| suite::run(Some("join")),
    },
    Bench {
        name: "far",
        about: "Ctrl-C amid output, and a join, over a line of 2 Mbit/s and 100 ms",
        run: |_| suite::run(Some("far")),
    },
    Bench {
        name: "hold",
        about: "eight fast viewers, with and without two slow ones",
        run: |_| suite::run(Some("hold")),
    },
    Bench {
        name: "memory",
        about: "the daemon's memory: idle, per session, per viewer",
        run: |_| suite::run(Some("memory")),
    },
    Bench {
        name: "events",
        about: "100,000 events to 50 subscribers and to one, and the latency of paced ones",
        run: |_| suite::run(Some("events")),
    },
    Bench {
        name: "all",
        about: "all of the above, and the table of docs/performance.md",
        run: |_| suite::run(None),
    },
    Bench {
        name: "terminal",
        about: "megabytes a second of the terminal engine, vte and alacritty_terminal",
        run: terminal::run,
    },
];

/// `cargo xtask bench [NAME]`: runs one, or lists them.
pub(crate) fn run(project: &Project, name: Option<&str>, args: &[String]) -> Result<()> {
    let Some(name) = name else {
        list();
        return Ok(());
    };
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == name)
        .with_context(|| format!("there is no bench `{name}`; `cargo xtask bench` lists them"))?;
    if cfg!(debug_assertions) {
        return run_optimized(project, name, args);
    }
    (bench.run)(args)
}

fn list() {
    for bench in BENCHES {
        println!("{:<12} {}", bench.name, bench.about);
    }
}

/// What an unoptimized build measures is of no interest, and tasks are built unoptimized: this
/// runs the same command again in a release build.
fn run_optimized(project: &Project, name: &str, args: &[String]) -> Result<()> {
    const AGAIN: &[&str] = &[
        "run",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--",
        "bench",
    ];
    let mut cargo = command::cargo(AGAIN, &project.root);
    cargo.arg(name).args(args);
    command::run(cargo)
}
