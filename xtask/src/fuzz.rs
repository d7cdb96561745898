//! The fuzz targets, by cargo-fuzz. They run on the stable compiler, without sanitizers: what
//! they look for are panics, broken promises and inputs that take too long.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command;
use crate::project::Project;

const VERSION: &str = "0.13.2";
/// The package of the targets.
const FOLDER: &str = "crates/webtty-fuzz";

/// Bytes of an input. Short ones are many, and what goes wrong in the terminal needs few bytes;
/// requests and messages are longer.
fn longest(target: &str) -> u32 {
    if target == "terminal" { 96 } else { 640 }
}

/// Seconds one input may take, on a machine that does other things too.
const SLOWEST: u32 = 10;
/// MiB the process may take; what all inputs leave behind is included.
const LARGEST: u32 = 1024;
/// Seconds a target runs if nothing is said.
const USUAL_SECONDS: u64 = 60;

/// How long each target runs.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// So many inputs.
    Runs(u64),
    /// So many seconds.
    Seconds(u64),
}

impl Length {
    /// From what was said on the command line; at most one of them is.
    pub(crate) fn of(runs: Option<u64>, seconds: Option<u64>) -> Self {
        match runs {
            Some(runs) => Self::Runs(runs),
            None => Self::Seconds(seconds.unwrap_or(USUAL_SECONDS)),
        }
    }

    fn argument(self) -> String {
        match self {
            Self::Runs(runs) => format!("-runs={runs}"),
            Self::Seconds(seconds) => format!("-max_total_time={seconds}"),
        }
    }
}

/// `cargo xtask fuzz --seeds`: every target with its seeds and nothing else, so that what was once
/// found stays found. No fuzzer is needed, and no other build of what is tried.
pub(crate) fn try_seeds(project: &Project) -> Result<()> {
    let folder = project.root.join(FOLDER);
    let manifest = folder.join("Cargo.toml");
    let mut build = command::cargo(&["build", "--bins", "--no-default-features"], &project.root);
    build.arg("--manifest-path").arg(&manifest);
    build.arg("--target-dir").arg(&project.target);
    command::run(build)?;
    for target in targets(&folder)? {
        let seeds = folder.join("seeds").join(&target);
        let program = project.target.join("debug").join(&target);
        let mut trial = command::program(program, &[], &project.root);
        trial.arg(&seeds);
        command::output(trial).with_context(|| format!("a seed of `{target}` is a finding"))?;
    }
    Ok(())
}

/// `cargo xtask fuzz`: one target, or each in turn. What was learned is kept below target/fuzz,
/// and so is an input that is a finding.
pub(crate) fn run(project: &Project, name: Option<&str>, length: Length) -> Result<()> {
    let folder = project.root.join(FOLDER);
    let all = targets(&folder)?;
    let chosen = match name {
        None => all,
        Some(name) if all.iter().any(|target| target == name) => vec![name.to_owned()],
        Some(name) => bail!("no fuzz target `{name}`; there are {}", all.join(", ")),
    };
    let tool = installed(project)?;
    for target in chosen {
        fuzz(project, &tool, &folder, &target, length)?;
    }
    Ok(())
}

/// Every target is a file of its name.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let folder = folder.join("targets");
    let files = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut names = Vec::new();
    for file in files {
        let path = file.context("listing the fuzz targets")?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn fuzz(project: &Project, tool: &Path, folder: &Path, target: &str, length: Length) -> Result<()> {
    let ours = project.target.join("fuzz");
    let learned = ours.join("corpus").join(target);
    let found = ours.join("found").join(target);
    for folder in [&learned, &found] {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let mut command = command::program(tool, &["fuzz", "run", "-s", "none"], &project.root);
    command.arg("--fuzz-dir").arg(folder);
    command.arg("--target-dir").arg(ours.join("build"));
    command.arg(target).arg(&learned);
    command.arg(folder.join("seeds").join(target)).arg("--");
    command.args([
        length.argument(),
        format!("-max_len={}", longest(target)),
        format!("-timeout={SLOWEST}"),
        format!("-rss_limit_mb={LARGEST}"),
        format!("-artifact_prefix={}/", found.display()),
    ]);
    command::run(command).with_context(|| {
        format!(
            "fuzzing `{target}`; if an input is named above, mend its cause and keep it as a seed \
             in {}",
            project.shown(&folder.join("seeds").join(target))
        )
    })
}

/// cargo-fuzz in the pinned version: the machine's own if it is that one, else built once below
/// target/tools, where it changes nothing else.
fn installed(project: &Project) -> Result<PathBuf> {
    let ours = project.tools().join("bin/cargo-fuzz");
    let candidates = [Some(ours.clone()), command::find(&["cargo-fuzz"])];
    for candidate in candidates.into_iter().flatten() {
        if is_pinned(&candidate, &project.root) {
            return Ok(candidate);
        }
    }
    let tools = project.tools();
    eprintln!(
        "building cargo-fuzz {VERSION} into {}",
        project.shown(&tools)
    );
    let package = format!("cargo-fuzz@{VERSION}");
    let mut cargo = command::cargo(&["install", "--locked", &package, "--root"], &project.root);
    cargo.arg(&tools);
    cargo.env("CARGO_TARGET_DIR", tools.join("build"));
    command::run(cargo).with_context(|| {
        format!("installing cargo-fuzz; without network, put version {VERSION} of it on the PATH")
    })?;
    Ok(ours)
}

fn is_pinned(program: &Path, dir: &Path) -> bool {
    let version = command::program(program, &["fuzz", "--version"], dir);
    command::output(version).is_ok_and(|said| said.trim() == format!("cargo-fuzz {VERSION}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_declared_and_has_seeds() {
        let folder = Project::find().unwrap().root.join(FOLDER);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let targets = targets(&folder).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(manifest.contains(&format!("path = \"targets/{target}.rs\"")));
            let seeds = fs::read_dir(folder.join("seeds").join(&target)).unwrap();
            assert!(seeds.count() > 0, "{target}");
        }
    }
}
