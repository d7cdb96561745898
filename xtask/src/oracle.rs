//! The terminal engine against xterm.js, in Node.

use anyhow::Result;

use crate::command;
use crate::project::Project;

/// `cargo xtask oracle`: installs what the comparison needs and runs it; `quick` is the part
/// that fits into every change, `mixes` the seeds of the generated mixes, if not the usual ones.
pub(crate) fn run(quick: bool, mixes: Option<&str>) -> Result<()> {
    let project = Project::find()?;
    let folder = project.root.join("crates/webtty-terminal/tests/oracle");
    let install = ["ci", "--no-audit", "--no-fund"];
    command::run(command::program("npm", &install, &folder))?;
    const TEST: &[&str] = &[
        "test",
        // As all other tests are built: with the features that all packages together ask for.
        "--workspace",
        "--test",
        "oracle",
        "--",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut cargo = command::cargo(TEST, &project.root);
    if quick {
        cargo.env("ORACLE_QUICK", "1");
    }
    if let Some(seeds) = mixes {
        cargo.env("ORACLE_MIXES", seeds);
    }
    command::run(cargo)
}
