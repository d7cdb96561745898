//! What was found, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};
use webtty_protocol::rest::Health;

use crate::output::{Colours, harmless};
use crate::table;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at, for programs.
    pub(super) check: &'static str,
    /// What is wrong with what.
    pub(super) what: String,
    /// What to do.
    pub(super) advice: String,
}

impl Finding {
    pub(super) fn new(
        check: &'static str,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            check,
            what: what.into(),
            advice: advice.into(),
        }
    }
}

/// Who reaches what.
pub(super) struct Exposure {
    pub(super) who: String,
    pub(super) what: String,
}

/// All of it.
#[derive(Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    pub(super) exposure: Vec<Exposure>,
    /// The daemon, if one runs.
    pub(super) daemon: Option<Health>,
}

impl Report {
    pub(super) fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    pub(super) fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn json(&self) -> String {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|it| json!({ "check": it.check, "message": it.what, "advice": it.advice }))
            .collect();
        let exposure: Vec<Value> = self
            .exposure
            .iter()
            .map(|it| json!({ "who": it.who, "what": it.what }))
            .collect();
        let all = json!({
            "ok": self.is_fine(),
            "findings": findings,
            "exposure": exposure,
            "daemon": self.daemon,
        });
        format!("{all:#}\n")
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            // Names of files and the daemon's words may hold anything.
            let _infallible = writeln!(
                text,
                "✗ {}: {}\n  → {}",
                finding.check,
                harmless(&finding.what),
                finding.advice
            );
        }
        if self.is_fine() {
            text.push_str("✓ nothing is wrong\n");
        }
        match &self.daemon {
            None => text.push_str("\nNo daemon runs, so nobody reaches anything.\n"),
            Some(health) => {
                let _infallible = writeln!(text, "\nThe daemon at {} can be used by", health.url);
                let rows: Vec<[String; 2]> = self
                    .exposure
                    .iter()
                    .map(|it| [harmless(&it.who), harmless(&it.what)])
                    .collect();
                let plain = Colours::of(false);
                text += &table::layout(["WHO", "WHAT"], [false, false], &rows, None, plain);
            }
        }
        text
    }
}
