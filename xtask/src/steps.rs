//! A task as named, timed steps: what runs, how long it took, what to run when it failed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps of one task.
pub(crate) struct Steps {
    task: &'static str,
    started: Instant,
    passed: Vec<String>,
    failed: Vec<String>,
}

impl Steps {
    /// Starts a task.
    pub(crate) fn new(task: &'static str) -> Self {
        Self {
            task,
            started: Instant::now(),
            passed: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Runs one step and says whether it passed; what needs it joins with `&&`, what does not
    /// goes on, so that one run tells everything. `alone` is the command for this step by itself.
    pub(crate) fn run(
        &mut self,
        name: &str,
        alone: &str,
        step: impl FnOnce() -> Result<()>,
    ) -> bool {
        eprintln!("── {name}");
        let started = Instant::now();
        let result = step();
        let took = shown(started.elapsed());
        match &result {
            Ok(()) => {
                eprintln!("── {name}: done in {took}");
                self.passed.push(format!("{name} {took}"));
            }
            Err(error) => {
                eprintln!("── {name}: FAILED in {took}: {error:#}");
                self.failed.push(format!("{name} (alone: {alone})"));
            }
        }
        result.is_ok()
    }

    /// Ends the task: one line that says how it went.
    pub(crate) fn finish(self) -> Result<()> {
        let total = shown(self.started.elapsed());
        if !self.failed.is_empty() {
            bail!(
                "{}: failed in {total}: {}",
                self.task,
                self.failed.join(", ")
            );
        }
        let (count, steps) = (self.passed.len(), self.passed.join(", "));
        eprintln!("{}: {count} steps passed in {total}: {steps}", self.task);
        Ok(())
    }
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(shown(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(shown(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn one_run_tells_of_every_failure_and_what_to_run() {
        let mut steps = Steps::new("ci");
        assert!(!steps.run("format", "cargo fmt --all", || bail!("no")));
        assert!(steps.run("tidy", "cargo xtask tidy", || Ok(())));
        assert!(!steps.run("tests", "cargo test", || bail!("no")));
        let error = steps.finish().unwrap_err().to_string();
        let expected = "format (alone: cargo fmt --all), tests (alone: cargo test)";
        assert!(error.starts_with("ci: failed in "), "{error}");
        assert!(error.ends_with(expected), "{error}");
    }

    #[test]
    fn a_task_of_which_all_passed_is_well() {
        let mut steps = Steps::new("ci");
        assert!(steps.run("tidy", "cargo xtask tidy", || Ok(())));
        assert!(steps.finish().is_ok());
    }
}
