//! The page: npm's packages from the lock file, the type check, the build.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command;
use crate::project::Project;
use crate::steps::Steps;

const ALONE: &str = "cargo xtask web";

/// `cargo xtask web`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut steps = Steps::new("web");
    check_and_build(project, &mut steps);
    steps.finish()
}

/// Installs, checks the types and builds, each as a step.
pub(crate) fn check_and_build(project: &Project, steps: &mut Steps) {
    if install_step(project, steps) {
        steps.run("web types", ALONE, || script(project, "check", &[]));
        build_step(project, steps);
    }
}

/// [`install`] as a step.
pub(crate) fn install_step(project: &Project, steps: &mut Steps) -> bool {
    steps.run("web packages", ALONE, || install(project))
}

/// Builds the page into `dist`, from where the binary embeds it.
pub(crate) fn build_step(project: &Project, steps: &mut Steps) -> bool {
    steps.run("web build", ALONE, || script(project, "build", &[]))
}

/// Installs what the lock file names, unless that has been done for this very lock file.
pub(crate) fn install(project: &Project) -> Result<()> {
    let lock_path = project.web().join("package-lock.json");
    let lock =
        fs::read(&lock_path).with_context(|| format!("reading {}", project.shown(&lock_path)))?;
    let stamp = stamp(project);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    command::run(command::program(
        "npm",
        &["ci", "--no-audit", "--no-fund"],
        &project.web(),
    ))?;
    fs::write(&stamp, lock).with_context(|| format!("writing {}", project.shown(&stamp)))
}

/// Runs one of the scripts in package.json.
pub(crate) fn script(project: &Project, name: &str, env: &[(&str, PathBuf)]) -> Result<()> {
    let mut npm = command::program("npm", &["run", "--silent", name], &project.web());
    npm.envs(env.iter().map(|(key, value)| (key, value)));
    command::run(npm)
}

/// A copy of the lock file that was installed. It lies among what it describes, so that
/// removing `node_modules` removes it too.
fn stamp(project: &Project) -> PathBuf {
    project.web().join("node_modules/.installed-lock.json")
}
