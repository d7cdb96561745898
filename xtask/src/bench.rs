//! Benches: what is measured rather than tested. Each is a module below, with an entry here.

mod terminal;

use anyhow::{Context, Result};

use crate::command;
use crate::project::Project;

struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const BENCHES: &[Bench] = &[Bench {
    name: "terminal",
    about: "megabytes a second of the terminal engine, vte and alacritty_terminal",
    run: terminal::run,
}];

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
