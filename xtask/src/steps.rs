//! A task as named, timed steps: what runs, how long it took, what to run when it failed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of one task.
pub(crate) struct Steps {
    task: &'static str,
    started: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Starts a task.
    pub(crate) fn new(task: &'static str) -> Self {
        Self {
            task,
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Runs one step. `alone` is the command that runs it by itself.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        alone: &str,
        step: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        eprintln!("── {name}");
        let started = Instant::now();
        let result = step();
        let took = started.elapsed();
        let outcome = if result.is_ok() { "done" } else { "FAILED" };
        eprintln!("── {name}: {outcome} in {}", shown(took));
        self.done.push((name, took));
        result.with_context(|| format!("{}: `{name}` failed (to see it alone: {alone})", self.task))
    }

    /// Ends a task of which every step passed.
    pub(crate) fn finish(self) {
        let steps: Vec<String> = self
            .done
            .iter()
            .map(|(name, took)| format!("{name} {}", shown(*took)))
            .collect();
        let total = shown(self.started.elapsed());
        eprintln!(
            "{}: {} steps passed in {total} ({})",
            self.task,
            steps.len(),
            steps.join(", ")
        );
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
    fn a_failing_step_says_what_to_run() {
        let mut steps = Steps::new("ci");
        let error = steps
            .run("fmt", "cargo fmt --check", || anyhow::bail!("no"))
            .unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "ci: `fmt` failed (to see it alone: cargo fmt --check): no"
        );
    }
}
