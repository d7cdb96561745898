//! `cargo xtask`: everything that is done to the project rather than by it.
//!
//! In reading order: [`project`] knows where things lie, [`command`] runs other programs,
//! [`steps`] names and times what is done; the others are one file a command.

mod bench;
mod build;
mod ci;
mod command;
mod conformance;
mod deny;
mod fuzz;
mod generate;
mod hardening;
mod oracle;
mod packages;
mod project;
mod soak;
mod steps;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::fuzz::Length;
use crate::project::Project;

/// Everything that is done to the project rather than by it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page, then target/release/webtty with the page embedded.
    Build,
    /// Build, then start a shared terminal and print its URL.
    Run {
        /// Passed on to `webtty run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Install the page's dependencies, check its types and build it.
    Web,
    /// Run every test; installs what the tests need.
    Test {
        /// Leave out the tests in a real browser and what only they need.
        #[arg(long)]
        quick: bool,
    },
    /// Everything a change must pass.
    Ci,
    /// Check the rules of the house that no compiler checks.
    Tidy,
    /// Write the files that are made from others.
    Generate {
        /// Change nothing; fail when a generated file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Check licences, sources and duplicates of the dependencies, and advisories where possible.
    Deny,
    /// Look at the release binary, and let a request of a release build panic.
    Hardening,
    /// Compare the terminal engine with xterm.js.
    Oracle {
        /// Only what fits into a minute.
        #[arg(long)]
        quick: bool,
        /// Seeds of the generated mixes, FIRST..END.
        #[arg(long)]
        mixes: Option<String>,
    },
    /// Hold the WebSocket endpoint against the Autobahn test suite.
    Conformance,
    /// Run the fuzz targets, or one of them, each for a minute if nothing else is said.
    Fuzz {
        /// Which one.
        target: Option<String>,
        /// How many inputs.
        #[arg(long, conflicts_with = "seconds")]
        runs: Option<u64>,
        /// How many seconds.
        #[arg(long)]
        seconds: Option<u64>,
        /// Only try every target's seeds, as `ci` does; no fuzzer is needed.
        #[arg(long, conflicts_with_all = ["target", "runs", "seconds"])]
        seeds: bool,
    },
    /// Resets, silence, floods, exhaustion and churn, at full length, and what is left after each.
    Soak,
    /// Run a bench, or list them.
    Bench {
        /// Which one; without it, the list is printed.
        name: Option<String>,
        /// Passed on to the bench.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let project = Project::find()?;
    match task {
        Task::Build => build::run(&project),
        Task::Run { args } => build::run_shared_terminal(&project, &args),
        Task::Web => web::run(&project),
        Task::Test { quick } => test::run(&project, quick),
        Task::Ci => ci::run(&project),
        Task::Tidy => tidy::run(&project),
        Task::Generate { check } => generate::run(&project, check),
        Task::Deny => deny::run(&project),
        Task::Hardening => hardening::run(&project),
        Task::Oracle { quick, mixes } => oracle::run(quick, mixes.as_deref()),
        Task::Conformance => conformance::run(&project),
        Task::Fuzz {
            target,
            runs,
            seconds,
            seeds,
        } => {
            if seeds {
                fuzz::try_seeds(&project)
            } else {
                fuzz::run(&project, target.as_deref(), Length::of(runs, seconds))
            }
        }
        Task::Soak => soak::run(&project),
        Task::Bench { name, args } => bench::run(&project, name.as_deref(), &args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_name_is_passed_on() {
        let task = |words: &[&str]| Cli::parse_from([&["xtask"], words].concat()).task;
        let Task::Bench { name, args } = task(&["bench", "terminal", "--size", "1"]) else {
            panic!("not a bench");
        };
        assert_eq!(
            (name.as_deref(), args.join(" ").as_str()),
            (Some("terminal"), "--size 1")
        );
        let Task::Run { args } = task(&["run", "-n", "review", "--", "top"]) else {
            panic!("not a run");
        };
        assert_eq!(args, ["-n", "review", "--", "top"]);
    }
}
