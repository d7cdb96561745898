//! Speed of the terminal engine beside a parser alone and another engine, and what input can
//! cost it at most.

use anyhow::Result;

use crate::command;
use crate::project::Project;

/// `cargo xtask bench terminal [--callgrind | --worst] [ARGS]`.
pub(super) fn run(args: &[String]) -> Result<()> {
    let (bench, args) = match args.split_first() {
        Some((first, rest)) if first == "--callgrind" => ("instructions", rest),
        Some((first, rest)) if first == "--worst" => ("worst", rest),
        _ => ("throughput", args),
    };
    const BENCH: &[&str] = &["bench", "--quiet", "--package", "webtty-terminal"];
    let mut cargo = command::cargo(BENCH, &Project::find()?.root);
    cargo.args(["--bench", bench, "--"]).args(args);
    command::run(cargo)
}
