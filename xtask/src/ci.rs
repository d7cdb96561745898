//! Everything a change must pass, the quick answers first.

use anyhow::Result;

use crate::command;
use crate::deny;
use crate::generate;
use crate::project::Project;
use crate::steps::Steps;
use crate::{test, tidy, web};

/// `cargo xtask ci`. The page comes before the Rust code, which embeds it.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut steps = Steps::new("ci");
    steps.run("format", "cargo fmt --all", || {
        const FUZZ: &str = "crates/webtty-fuzz/Cargo.toml";
        command::run(command::cargo(&["fmt", "--all", "--check"], &project.root))?;
        let fuzz = &["fmt", "--check", "--manifest-path", FUZZ];
        command::run(command::cargo(fuzz, &project.root))
    });
    steps.run("tidy", "cargo xtask tidy", || tidy::run(project));
    test::packages_step(&mut steps);
    web::check_and_build(project, &mut steps);
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
    );
    steps.run("generated files", "cargo xtask generate --check", || {
        generate::run(project, true)
    });
    steps.run("dependencies", "cargo xtask deny", || deny::run(project));
    test::every_test(project, &mut steps, false);
    steps.finish()
}
