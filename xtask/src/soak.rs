//! The daemon under all that should not happen, at full length: its own test at another scale.

use anyhow::Result;

use crate::command;
use crate::project::Project;

/// `cargo xtask soak`: prints what was counted before and after each part.
pub(crate) fn run(project: &Project) -> Result<()> {
    const TEST: &[&str] = &[
        "test",
        "--release",
        "--package",
        "webtty",
        "--test",
        "soak",
        "--",
        "--nocapture",
    ];
    let mut cargo = command::cargo(TEST, &project.root);
    cargo.env("WEBTTY_SOAK", "full");
    command::run(cargo)
}
