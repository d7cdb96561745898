//! What the rules look at: every file git would commit, and every package of the workspace.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;
use crate::project::Project;

/// The project as the rules see it.
#[derive(Default)]
pub(super) struct Tree {
    /// Files by their path from the top; binary ones have no text.
    pub(super) files: BTreeMap<String, Option<String>>,
    /// The workspace's packages, and those with a workspace of their own.
    pub(super) packages: Vec<Package>,
}

/// One package.
#[derive(Default)]
pub(super) struct Package {
    pub(super) name: String,
    /// The path of its Cargo.toml.
    pub(super) manifest: String,
    /// The root files of its library and binaries.
    pub(super) roots: Vec<String>,
    pub(super) dependencies: Vec<Dependency>,
}

/// What a package asks for.
pub(super) struct Dependency {
    pub(super) name: String,
    /// Used by tests only.
    pub(super) dev: bool,
    /// Lies in this workspace.
    pub(super) ours: bool,
}

impl Tree {
    /// Reads the working tree: what is committed, and what is new and not ignored.
    pub(super) fn read(project: &Project) -> Result<Self> {
        const LIST: &[&str] = &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ];
        let list = command::output(command::program("git", LIST, &project.root))?;
        let mut files = BTreeMap::new();
        for path in list.split_terminator('\0') {
            // A file may be deleted and not yet committed as such.
            if let Ok(bytes) = fs::read(project.root.join(path)) {
                files.insert(path.to_owned(), String::from_utf8(bytes).ok());
            }
        }
        Ok(Self {
            files,
            packages: packages(project)?,
        })
    }

    /// Every file with text, and that text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// One file's text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// A tree made up by a test.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self {
            files: files.iter().map(file).collect(),
            packages: Vec::new(),
        }
    }
}

/// Whether a file says in its first lines that a program wrote it.
pub(super) fn is_generated(text: &str) -> bool {
    text.lines()
        .take(5)
        .any(|line| line.contains(concat!("@", "generated")))
}

/// The line of a manifest that names a dependency.
pub(super) fn line_of(manifest: &str, name: &str) -> usize {
    let names_it = |line: &str| {
        let rest = line.trim_start().trim_start_matches('"').strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=', '"']))
    };
    manifest
        .lines()
        .position(names_it)
        .map_or(1, |index| index + 1)
}

/// Manifests of the workspaces there are.
const WORKSPACES: &[&str] = &["Cargo.toml", "crates/webtty-fuzz/Cargo.toml"];

fn packages(project: &Project) -> Result<Vec<Package>> {
    let mut all = Vec::new();
    for manifest in WORKSPACES {
        all.extend(packages_of(project, manifest)?);
    }
    Ok(all)
}

fn packages_of(project: &Project, manifest: &str) -> Result<Vec<Package>> {
    const METADATA: &[&str] = &["metadata", "--no-deps", "--format-version", "1"];
    let mut command = command::cargo(METADATA, &project.root);
    command.args(["--manifest-path", manifest]);
    let text = command::output(command)?;
    let metadata: Value =
        serde_json::from_str(&text).context("reading what cargo metadata says")?;
    let top = format!("{}/", project.root.display());
    let below_top = |path: &Value| {
        let path = path.as_str().unwrap_or_default();
        path.strip_prefix(&top).unwrap_or(path).to_owned()
    };
    let package = |package: &Value| Package {
        name: string(&package["name"]),
        manifest: below_top(&package["manifest_path"]),
        roots: list(&package["targets"])
            .filter(|target| list(&target["kind"]).any(|kind| kind == "lib" || kind == "bin"))
            .map(|target| below_top(&target["src_path"]))
            .collect(),
        dependencies: list(&package["dependencies"]).map(dependency).collect(),
    };
    Ok(list(&metadata["packages"]).map(package).collect())
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency {
        name: string(&dependency["name"]),
        dev: dependency["kind"] == "dev",
        ours: dependency["path"].is_string(),
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_found_in_its_manifest() {
        let manifest = "[dependencies]\nhyper-util.workspace = true\nhyper = \"1\"\n";
        assert_eq!(line_of(manifest, "hyper"), 3);
        assert_eq!(line_of(manifest, "hyper-util"), 2);
        assert_eq!(line_of("{\n  \"esbuild\": \"1\"\n}", "esbuild"), 2);
    }

    #[test]
    fn the_workspace_is_read() {
        let tree = Tree::read(&Project::find().unwrap()).unwrap();
        assert!(tree.text("Cargo.toml").is_some());
        let xtask = tree
            .packages
            .iter()
            .find(|package| package.name == "xtask")
            .unwrap();
        assert_eq!(xtask.manifest, "xtask/Cargo.toml");
        assert_eq!(xtask.roots, ["xtask/src/main.rs"]);
        assert!(
            xtask
                .dependencies
                .iter()
                .any(|d| d.name == "syn" && !d.dev && !d.ours)
        );
    }
}
