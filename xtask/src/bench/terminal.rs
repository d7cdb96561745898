//! Speed of the terminal engine beside a parser alone and another engine.

use anyhow::Result;

use crate::command;
use crate::project::Project;

/// `cargo xtask bench terminal [MEGABYTES]`.
pub(super) fn run(args: &[String]) -> Result<()> {
    const BENCH: &[&str] = &[
        "bench",
        "--quiet",
        "--package",
        "webtty-terminal",
        "--bench",
        "throughput",
        "--",
    ];
    let mut cargo = command::cargo(BENCH, &Project::find()?.root);
    cargo.args(args);
    command::run(cargo)
}
