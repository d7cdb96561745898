//! Files made from others: JSON Schemas from the protocol's types, TypeScript from the schemas.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command;
use crate::project::Project;
use crate::web;

/// A directory's files, by their paths below it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// `cargo xtask generate [--check]`.
pub(crate) fn run(project: &Project, check: bool) -> Result<()> {
    if check {
        check_fresh(project)
    } else {
        write(project)
    }
}

fn outputs(project: &Project) -> [PathBuf; 2] {
    [
        project.root.join("crates/webtty-protocol/schema"),
        project.web().join("client/src/generated"),
    ]
}

fn write(project: &Project) -> Result<()> {
    let [schema, _] = outputs(project);
    if project
        .root
        .join("crates/webtty-protocol/examples/schema.rs")
        .exists()
    {
        let mut cargo = command::cargo(
            &[
                "run",
                "--quiet",
                "--package",
                "webtty-protocol",
                "--example",
                "schema",
                "--",
            ],
            &project.root,
        );
        cargo.arg(&schema);
        command::run(cargo)?;
    }
    if has_script(&project.web().join("package.json"), "generate")? {
        web::install(project)?;
        web::script(project, "generate", &[])?;
    }
    Ok(())
}

/// Generates in place, because the generators know only their own places, then puts back what
/// was found there.
fn check_fresh(project: &Project) -> Result<()> {
    let dirs = outputs(project);
    let found = dirs
        .iter()
        .map(|dir| read(dir))
        .collect::<Result<Vec<Files>>>()?;
    let written = write(project);
    let fresh = dirs
        .iter()
        .map(|dir| read(dir))
        .collect::<Result<Vec<Files>>>();
    for (dir, files) in dirs.iter().zip(&found) {
        restore(dir, files)?;
    }
    written?;
    let mut stale = Vec::new();
    for ((dir, found), fresh) in dirs.iter().zip(&found).zip(&fresh?) {
        let differing = differing(found, fresh);
        if !differing.is_empty() {
            show_difference(project, dir, found, fresh)?;
        }
        stale.extend(
            differing
                .iter()
                .map(|name| project.shown(&dir.join(name)).to_string()),
        );
    }
    if !stale.is_empty() {
        bail!(
            "not fresh: {}; run `cargo xtask generate`",
            stale.join(", ")
        );
    }
    Ok(())
}

fn differing(found: &Files, fresh: &Files) -> Vec<PathBuf> {
    let mut names: Vec<&PathBuf> = found.keys().chain(fresh.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| found.get(*name) != fresh.get(*name))
        .cloned()
        .collect()
}

fn read(dir: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        if !next.exists() {
            continue;
        }
        for entry in fs::read_dir(&next).with_context(|| format!("listing {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let bytes =
                    fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                files.insert(path.strip_prefix(dir)?.to_owned(), bytes);
            }
        }
    }
    Ok(files)
}

/// Makes a directory hold these files and no others; what is the same keeps its time stamp.
fn restore(dir: &Path, files: &Files) -> Result<()> {
    let present = read(dir)?;
    for name in present.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(dir.join(name))?;
    }
    for (name, bytes) in files
        .iter()
        .filter(|(name, bytes)| present.get(*name) != Some(bytes))
    {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap_or(dir))?;
        fs::write(&path, bytes).with_context(|| format!("restoring {}", path.display()))?;
    }
    Ok(())
}

/// Shows by git's own diff what would change, from copies of both states.
fn show_difference(project: &Project, dir: &Path, found: &Files, fresh: &Files) -> Result<()> {
    let scratch = project.target.join("generate");
    restore(&scratch.join("found"), found)?;
    restore(&scratch.join("fresh"), fresh)?;
    eprintln!("{} would change:", project.shown(dir));
    let args = ["--no-pager", "diff", "--no-index", "found", "fresh"];
    // git answers 1 when there is a difference, which is why it is called.
    command::program("git", &args, &scratch)
        .status()
        .context("starting git")?;
    Ok(())
}

fn has_script(manifest: &Path, name: &str) -> Result<bool> {
    let Ok(text) = fs::read_to_string(manifest) else {
        return Ok(false);
    };
    let package: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("reading {}", manifest.display()))?;
    Ok(package["scripts"][name].is_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries
            .iter()
            .map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn changed_new_and_gone_files_differ() {
        let found = files(&[("same", "1"), ("changed", "1"), ("gone", "1")]);
        let fresh = files(&[("same", "1"), ("changed", "2"), ("new", "1")]);
        let names = ["changed", "gone", "new"].map(PathBuf::from);
        assert_eq!(differing(&found, &fresh), names);
    }

    #[test]
    fn restoring_leaves_a_directory_as_it_was_found() {
        let dir = std::env::temp_dir().join(format!("xtask-restore-{}", std::process::id()));
        let found = files(&[("a.json", "1"), ("sub/b.json", "2")]);
        restore(&dir, &found).unwrap();
        fs::write(dir.join("a.json"), "changed").unwrap();
        fs::write(dir.join("c.json"), "new").unwrap();
        fs::remove_file(dir.join("sub/b.json")).unwrap();
        restore(&dir, &found).unwrap();
        assert_eq!(read(&dir).unwrap(), found);
        fs::remove_dir_all(&dir).unwrap();
    }
}
