//! Runs scripts in the engine and, through a Node program, in xterm.js.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use webtty_terminal::{Limits, Size, Terminal};

/// Rows of scrollback on both sides: few enough to fill.
pub(crate) const SCROLLBACK: usize = 200;

/// One step of a script.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Feed(Vec<u8>),
    Resize(u16, u16),
}

/// What a terminal is put through.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) size: (u16, u16),
    pub(crate) steps: Vec<Step>,
}

pub(crate) fn limits() -> Limits {
    Limits {
        scrollback_lines: SCROLLBACK,
        ..Limits::default()
    }
}

/// A fresh engine.
pub(crate) fn engine(size: (u16, u16)) -> Terminal {
    Terminal::new(Size::new(size.0, size.1), limits())
}

pub(crate) fn apply(terminal: &mut Terminal, step: &Step) {
    match step {
        Step::Feed(bytes) => terminal.feed(bytes),
        Step::Resize(cols, rows) => terminal.resize(Size::new(*cols, *rows)),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A step in the Node program's form.
pub(crate) fn step_json(step: &Step) -> Value {
    match step {
        Step::Feed(bytes) => json!(["feed", hex(bytes)]),
        Step::Resize(cols, rows) => json!(["resize", cols, rows]),
    }
}

pub(crate) fn new_json(size: (u16, u16)) -> Value {
    json!(["new", size.0, size.1, SCROLLBACK])
}

/// Where the Node programs are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

/// The Node program.
pub(crate) struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    pub(crate) fn start() -> Oracle {
        let mut child = Command::new("node")
            .arg("oracle.mjs")
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Oracle {
            child,
            input,
            output,
        }
    }

    /// The answers to one script's questions, or why xterm.js failed.
    pub(crate) fn ask(&mut self, script: &[Value]) -> Result<Vec<Value>, String> {
        let line = serde_json::to_string(script).expect("JSON");
        let input = self.input.as_mut().expect("running");
        writeln!(input, "{line}").expect("the oracle reads");
        let mut answer = String::new();
        self.output
            .read_line(&mut answer)
            .expect("the oracle answers");
        match serde_json::from_str(&answer).expect("JSON") {
            Value::Array(answers) => Ok(answers),
            other => Err(other["error"].as_str().unwrap_or("?").to_owned()),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // The end of its input ends the program.
        self.input = None;
        let _ = self.child.wait();
    }
}

pub(crate) fn lines(value: &Value) -> Vec<String> {
    let lines = value.as_array().expect("a state");
    let text = |line: &Value| line.as_str().expect("a line").to_owned();
    lines.iter().map(text).collect()
}
