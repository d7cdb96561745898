//! cargo-deny over the dependencies, after deny.toml.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::command;
use crate::project::Project;

const VERSION: &str = "0.20.2";

/// `cargo xtask deny`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let deny = installed(project)?;
    let with = |args: &[&str]| command::program(&deny, args, &project.root);
    const CHECKS: &[&str] = &["--all-features", "check", "bans", "licenses", "sources"];
    command::run(with(CHECKS))?;
    let fuzz = ["--manifest-path", "crates/webtty-fuzz/Cargo.toml"];
    command::run(with(&[&fuzz, CHECKS].concat()))?;
    // The advisories live on a git host that not every machine can reach, and a change is not
    // wrong because a network is away.
    if command::succeeds(with(&["fetch", "db"])) {
        command::run(with(&[
            "--all-features",
            "check",
            "--disable-fetch",
            "advisories",
        ]))
    } else {
        eprintln!("advisories: not checked, their database cannot be fetched from here");
        Ok(())
    }
}

/// cargo-deny in the pinned version: the machine's own if it is that one, else built once below
/// target/tools, where it changes nothing else.
fn installed(project: &Project) -> Result<PathBuf> {
    let ours = project.tools().join("bin/cargo-deny");
    for candidate in [Some(ours.clone()), command::find(&["cargo-deny"])]
        .into_iter()
        .flatten()
    {
        if is_pinned(&candidate, &project.root) {
            return Ok(candidate);
        }
    }
    eprintln!(
        "building cargo-deny {VERSION} into {}",
        project.shown(&project.tools())
    );
    install(project)?;
    Ok(ours)
}

fn is_pinned(program: &Path, dir: &Path) -> bool {
    let version = command::program(program, &["--version"], dir);
    command::output(version).is_ok_and(|said| said.trim() == format!("cargo-deny {VERSION}"))
}

/// Unoptimized: it runs for seconds, and optimizing it would take minutes.
fn install(project: &Project) -> Result<()> {
    let tools = project.tools();
    let package = format!("cargo-deny@{VERSION}");
    let mut cargo = command::cargo(&["install", "--locked", &package, "--root"], &project.root);
    cargo.arg(&tools);
    cargo.env("CARGO_TARGET_DIR", tools.join("build"));
    for (setting, value) in [
        ("OPT_LEVEL", "0"),
        ("LTO", "off"),
        ("DEBUG", "0"),
        ("CODEGEN_UNITS", "16"),
    ] {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    command::run(cargo)
}
