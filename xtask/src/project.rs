//! Where things lie: the repository, what cargo builds, the page.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The directories every task works in.
pub(crate) struct Project {
    /// The top of the repository.
    pub(crate) root: PathBuf,
    /// Where cargo writes; `CARGO_TARGET_DIR` may move it out of the repository.
    pub(crate) target: PathBuf,
}

impl Project {
    /// The project this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask lies below the repository's top")?
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir()
                .context("finding the current directory")?
                .join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The front end's sources.
    pub(crate) fn web(&self) -> PathBuf {
        self.root.join("crates/webtty-web")
    }

    /// The `webtty` binary of one cargo profile's directory, `debug` or `release`.
    pub(crate) fn webtty(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join("webtty")
    }

    /// Tools built for the tests, kept apart from what is installed on the machine.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A path as a person would write it from the top of the repository.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
