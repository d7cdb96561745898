//! Everything a change must pass, the quick answers first.

use anyhow::Result;

use crate::command;
use crate::deny;
use crate::generate;
use crate::packages;
use crate::project::Project;
use crate::steps::Steps;
use crate::{test, tidy, web};

/// `cargo xtask ci`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut steps = Steps::new("ci");
    checks(project, &mut steps)?;
    test::rust(project, &mut steps)?;
    test::web_units(project, &mut steps)?;
    test::browser(project, &mut steps)?;
    steps.finish();
    Ok(())
}

/// What can be said without running the product. The page comes before the Rust code, which
/// embeds it.
fn checks(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.run("format", "cargo fmt --all", || {
        command::run(command::cargo(&["fmt", "--all", "--check"], &project.root))
    })?;
    steps.run("tidy", "cargo xtask tidy", || tidy::run(project))?;
    steps.run("packages", "cargo xtask test", || {
        packages::install(packages::FOR_TESTS)
    })?;
    web::check_and_build(project, steps)?;
    steps.run(
        "clippy",
        "cargo clippy --workspace --all-targets -- -D warnings",
        || {
            let args = &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ];
            command::run(command::cargo(args, &project.root))
        },
    )?;
    steps.run("generated files", "cargo xtask generate --check", || {
        generate::run(project, true)
    })?;
    steps.run("dependencies", "cargo xtask deny", || deny::run(project))
}
