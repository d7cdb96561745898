//! Every test: Rust, the page's units, and the page in a real browser on a real daemon.

use anyhow::Result;

use crate::build;
use crate::command;
use crate::conformance;
use crate::fuzz;
use crate::hardening;
use crate::oracle;
use crate::packages;
use crate::project::Project;
use crate::steps::Steps;
use crate::web;

/// `cargo xtask test`.
pub(crate) fn run(project: &Project, quick: bool) -> Result<()> {
    let mut steps = Steps::new("test");
    let page = web::install_step(project, &mut steps) && web::build_step(project, &mut steps);
    if !quick {
        packages_step(&mut steps);
    }
    if page {
        every_test(project, &mut steps, quick);
    }
    steps.finish()
}

/// Installs what the tests start, as a step.
pub(crate) fn packages_step(steps: &mut Steps) -> bool {
    steps.run("packages", "cargo xtask test", || {
        packages::install(packages::FOR_TESTS)
    })
}

/// Every test, the quick ones first. They compile in a step of their own, so that the time of
/// the tests is theirs. They wait half of it, which is when the release builds.
pub(crate) fn every_test(project: &Project, steps: &mut Steps, quick: bool) {
    const COMPILE: &[&str] = &["build", "--workspace", "--bins", "--tests", "--examples"];
    const TEST: &[&str] = &["test", "--workspace", "--no-fail-fast"];
    let cargo = |args: &[&str]| {
        let args = [args, conformance::FEATURE].concat();
        command::run(command::cargo(&args, &project.root))
    };
    steps.run("web tests", "npm test --prefix crates/webtty-web", || {
        web::script(project, "test", &[])
    });
    let compiled = steps.run("compile", "cargo test --workspace --no-run", || {
        cargo(COMPILE)
    });
    let release = (!quick).then(|| build::begin_release(project));
    if compiled {
        steps.run("rust tests", "cargo test --workspace", || cargo(TEST));
    }
    let Some(release) = release else {
        return;
    };
    steps.run("terminal oracle", "cargo xtask oracle --quick", || {
        oracle::run(true, None)
    });
    steps.run("conformance", "cargo xtask conformance", || {
        conformance::run(project)
    });
    steps.run("fuzz seeds", "cargo xtask fuzz --seeds", || {
        fuzz::try_seeds(project)
    });
    if build::end_release(release, steps) {
        steps.run("hardening", "cargo xtask hardening", || {
            hardening::check(project)
        });
        steps.run("browser tests", "cargo xtask test", || browser(project));
    }
}

/// The page in Chromium, from the binary people use.
fn browser(project: &Project) -> Result<()> {
    let env = [
        ("WEBTTY_BIN", project.webtty("release")),
        ("CHROMIUM", packages::chromium()?),
    ];
    web::script(project, "e2e", &env)
}
