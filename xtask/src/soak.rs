//! The daemon under all that should not happen, at full length: its own test at another scale, with
//! the binary that people use.

use anyhow::Result;

use crate::command;
use crate::project::Project;

/// `cargo xtask soak`: prints what was counted before and after each part.
pub(crate) fn run(project: &Project) -> Result<()> {
    const BUILD: &[&str] = &["build", "--release", "--package", "webtty"];
    const TEST: &[&str] = &[
        "test",
        "--package",
        "webtty",
        "--test",
        "soak",
        "--",
        "--nocapture",
    ];
    command::run(command::cargo(BUILD, &project.root))?;
    let mut cargo = command::cargo(TEST, &project.root);
    cargo.env("WEBTTY_SOAK", "full");
    cargo.env("WEBTTY_BIN", project.webtty("release"));
    command::run(cargo)
}
