//! The product: target/release/webtty, with the page embedded.

use anyhow::Result;

use crate::command::{self, Behind};
use crate::project::Project;
use crate::steps::Steps;
use crate::web;

const RELEASE: &[&str] = &["build", "--release", "-p", "webtty"];
const RELEASE_ALONE: &str = "cargo build --release -p webtty";

/// `cargo xtask build`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut steps = Steps::new("build");
    if web::install_step(project, &mut steps) && web::build_step(project, &mut steps) {
        release_step(project, &mut steps);
    }
    steps.finish()?;
    eprintln!("built {}", project.shown(&project.webtty("release")));
    Ok(())
}

/// `cargo xtask run`: builds, then hands over to `webtty run -d`, which starts the daemon
/// when none runs and prints the terminal's URL.
pub(crate) fn run_shared_terminal(project: &Project, args: &[String]) -> Result<()> {
    run(project)?;
    let mut webtty = command::program(project.webtty("release"), &["run", "-d"], &project.root);
    webtty.args(args);
    command::without_cargo_environment(&mut webtty, &project.target);
    command::run(webtty)
}

/// The binary people use, as a step.
fn release_step(project: &Project, steps: &mut Steps) -> bool {
    steps.run("release build", RELEASE_ALONE, || {
        command::run(command::cargo(RELEASE, &project.root))
    })
}

/// Begins to build it while something else goes on that leaves the processors idle at times.
pub(crate) fn begin_release(project: &Project) -> Result<Behind> {
    command::cargo_behind(&[RELEASE, &["--quiet"]].concat(), &project.root)
}

/// What is left of that, as a step.
pub(crate) fn end_release(begun: Result<Behind>, steps: &mut Steps) -> bool {
    steps.run("release build", RELEASE_ALONE, || begun?.finish())
}
