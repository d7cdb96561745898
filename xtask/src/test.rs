//! Every test: Rust, the page's units, and the page in a real browser on a real daemon.

use anyhow::Result;

use crate::command;
use crate::packages;
use crate::project::Project;
use crate::steps::Steps;
use crate::web;

/// `cargo xtask test`.
pub(crate) fn run(project: &Project, quick: bool) -> Result<()> {
    let mut steps = Steps::new("test");
    if !quick {
        steps.run("packages", "cargo xtask test", || {
            packages::install(packages::FOR_TESTS)
        })?;
    }
    steps.run("web packages", "cargo xtask web", || web::install(project))?;
    steps.run("web build", "cargo xtask web", || {
        web::script(project, "build", &[])
    })?;
    rust(project, &mut steps)?;
    web_units(project, &mut steps)?;
    if !quick {
        browser(project, &mut steps)?;
    }
    steps.finish();
    Ok(())
}

/// Compiles first, in a step of its own, so that the time of the tests is theirs; `--bins`
/// leaves the binary the browser tests start.
pub(crate) fn rust(project: &Project, steps: &mut Steps) -> Result<()> {
    const COMPILE: &[&str] = &["build", "--workspace", "--bins", "--tests", "--examples"];
    const TEST: &[&str] = &["test", "--workspace", "--no-fail-fast"];
    steps.run(
        "compile",
        "cargo build --workspace --bins --tests --examples",
        || command::run(command::cargo(COMPILE, &project.root)),
    )?;
    steps.run("rust tests", "cargo test --workspace", || {
        command::run(command::cargo(TEST, &project.root))
    })
}

/// The front end's tests that need no browser.
pub(crate) fn web_units(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.run("web tests", "npm test --prefix crates/webtty-web", || {
        web::script(project, "test", &[])
    })
}

/// The page in Chromium, through the binary that [`rust`] left.
pub(crate) fn browser(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.run("browser tests", "cargo xtask test", || {
        let env = [
            ("WEBTTY_BIN", project.webtty("debug")),
            ("CHROMIUM", packages::chromium()?),
        ];
        web::script(project, "e2e", &env)
    })
}
