//! The WebSocket endpoint against the cases of the Autobahn test suite.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command;
use crate::packages;
use crate::project::Project;

/// The suite, from PyPI.
const SUITE: &str = "kosoku";
const VERSION: &str = "0.1.0";

/// What the tests' daemons have and no release: the socket that the suite speaks to. All tests are built
/// with it, so that the daemon is compiled for them once.
pub(crate) const FEATURE: &[&str] = &["--features", "webtty-daemon/echo"];

/// `cargo xtask conformance`: every case but those of compression, which is not offered. The
/// report is left below target/conformance.
pub(crate) fn run(project: &Project) -> Result<()> {
    let suite = installed(project)?;
    let report = project.target.join("conformance");
    // As all other tests are built: with the features that all packages together ask for.
    const TEST: &[&str] = &["test", "--workspace", "--test", "conformance"];
    const IT: &[&str] = &["--", "--ignored", "--nocapture"];
    let args = [TEST, FEATURE, IT].concat();
    let mut cargo = command::cargo(&args, &project.root);
    cargo.env("KOSOKU", suite);
    cargo.env("CONFORMANCE_REPORT", &report);
    command::run(cargo).with_context(|| format!("see {}", report.join("index.html").display()))
}

/// The suite in the pinned version, in an environment of its own below target/tools.
fn installed(project: &Project) -> Result<PathBuf> {
    let home = project.tools().join(format!("{SUITE}-{VERSION}"));
    let suite = home.join("bin").join(SUITE);
    if suite.is_file() {
        return Ok(suite);
    }
    let here = &project.root;
    // Debian has the module that makes environments in a package of its own.
    if !command::succeeds(python(&["-c", "import ensurepip"], here)) {
        packages::install_named(&["python3-venv"])?;
    }
    eprintln!("installing {SUITE} {VERSION} into {}", project.shown(&home));
    let mut venv = python(&["-m", "venv", "--clear"], here);
    venv.arg(&home);
    command::run(venv)?;
    let package = format!("{SUITE}=={VERSION}");
    let pip = home.join("bin/python");
    let args = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &package,
    ];
    command::run(command::program(pip, &args, here))?;
    Ok(suite)
}

fn python(args: &[&str], dir: &Path) -> std::process::Command {
    command::program("python3", args, dir)
}
