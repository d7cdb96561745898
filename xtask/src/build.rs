//! The product: target/release/webtty, with the page embedded.

use anyhow::Result;

use crate::command;
use crate::project::Project;
use crate::steps::Steps;
use crate::web;

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
pub(crate) fn release_step(project: &Project, steps: &mut Steps) -> bool {
    steps.run("release build", "cargo build --release -p webtty", || {
        command::run(command::cargo(
            &["build", "--release", "-p", "webtty"],
            &project.root,
        ))
    })
}
