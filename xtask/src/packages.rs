//! The programs the tests drive, from Debian's archive: only what is missing is installed.

use std::env;
use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;

/// A program the tests start, and the Debian package it comes in.
#[derive(Clone, Copy)]
pub(crate) struct Package {
    /// Any of these will do.
    programs: &'static [&'static str],
    name: &'static str,
}

/// What the tests need beside Rust and Node.
pub(crate) const FOR_TESTS: &[Package] = &[
    Package {
        programs: BROWSERS,
        name: "chromium",
    },
    Package {
        programs: &["vim"],
        name: "vim",
    },
    Package {
        programs: &["htop"],
        name: "htop",
    },
    Package {
        programs: &["tmux"],
        name: "tmux",
    },
    Package {
        programs: &["ps"],
        name: "procps",
    },
    Package {
        programs: &["less"],
        name: "less",
    },
    Package {
        programs: &["curl"],
        name: "curl",
    },
];

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Installs the packages whose programs are not found.
pub(crate) fn install(packages: &[Package]) -> Result<()> {
    let missing = missing(packages, |programs| command::find(programs).is_some());
    if missing.is_empty() {
        return Ok(());
    }
    install_named(&missing)
}

/// Installs these packages.
pub(crate) fn install_named(packages: &[&str]) -> Result<()> {
    let names = packages.join(", ");
    if command::find(&["apt-get"]).is_none() {
        bail!("the tests need {names}, and there is no apt-get to install them with");
    }
    eprintln!("installing {names}");
    let by_hand = || format!("by hand: apt-get install {}", packages.join(" "));
    command::run(apt_get(&["update", "--quiet"])?).with_context(by_hand)?;
    let mut args = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    args.extend(packages);
    command::run(apt_get(&args)?).with_context(by_hand)
}

/// The browser the tests drive: `CHROMIUM`, or the first one on the search path.
pub(crate) fn chromium() -> Result<PathBuf> {
    match env::var_os("CHROMIUM") {
        Some(path) => Ok(path.into()),
        None => command::find(BROWSERS).context("no Chromium is installed; set CHROMIUM to one"),
    }
}

fn missing(packages: &[Package], found: impl Fn(&[&str]) -> bool) -> Vec<&'static str> {
    packages
        .iter()
        .filter(|package| !found(package.programs))
        .map(|package| package.name)
        .collect()
}

/// apt-get as root: as we are, or by sudo, which may ask for a password only on a terminal.
fn apt_get(args: &[&str]) -> Result<Command> {
    let here = Path::new("/");
    let mut apt = if is_root()? {
        command::program("apt-get", args, here)
    } else if command::find(&["sudo"]).is_none() {
        bail!("installing packages needs root, and there is no sudo here");
    } else {
        let mut sudo = command::program("sudo", &[], here);
        if !stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(args);
        sudo
    };
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(apt)
}

fn is_root() -> Result<bool> {
    let id = command::output(command::program("id", &["-u"], Path::new("/")))?;
    Ok(id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let found = |programs: &[&str]| programs.contains(&"chromium") || programs == ["ps"];
        assert_eq!(
            missing(FOR_TESTS, found),
            ["vim", "htop", "tmux", "less", "curl"]
        );
        assert!(missing(FOR_TESTS, |_| true).is_empty());
    }

    /// What every Debian has, by its essential packages, and words of the shell.
    const EVERYWHERE: &str = "awk base64 bash cat cd cksum clear cp cut date dd do done echo env exec exit \
        export false find for grep head if kill ls mkdir mv od printf pwd read rm sed \
        seq sh sleep sort stty tail tee test touch tput tr true wc while yes";

    /// The programs that a command line of a browser test starts, as far as they are named in it.
    fn programs_of(line: &str) -> Vec<&str> {
        // Every other part stands between quotes.
        let plain = line.split('\'').step_by(2);
        let commands = plain.enumerate().flat_map(|(part, text)| {
            let rest_of_another = usize::from(part > 0);
            text.split([';', '|', '&']).skip(rest_of_another)
        });
        let words = commands.filter_map(|command| command.split_whitespace().next());
        words
            .filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
            .collect()
    }

    #[test]
    fn what_browser_tests_start_is_installed() {
        assert_eq!(
            programs_of("seq 9; vim -c 'x; y' a | cat"),
            ["seq", "vim", "cat"]
        );
        let known = |program: &str| {
            let mut installed = FOR_TESTS.iter().flat_map(|package| package.programs);
            installed.any(|known| *known == program)
                || EVERYWHERE.split(' ').any(|known| known == program)
        };
        let folder = crate::project::Project::find().unwrap().web().join("e2e");
        let mut found = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            for start in [".run(\"", "command: \"", "spawnSync(\""] {
                for line in text.split(start).skip(1) {
                    let line = line.split('"').next().unwrap_or_default();
                    for program in programs_of(line) {
                        assert!(
                            known(program),
                            "{} starts `{program}`: name its package in FOR_TESTS",
                            path.display()
                        );
                        found.push(program.to_owned());
                    }
                }
            }
        }
        for program in ["vim", "htop", "tmux", "less"] {
            assert!(found.iter().any(|one| one == program), "{program}");
        }
    }

    #[test]
    fn any_chromium_will_do() {
        let found = |programs: &[&str]| programs.contains(&"google-chrome");
        assert!(!missing(FOR_TESTS, found).contains(&"chromium"));
    }
}
