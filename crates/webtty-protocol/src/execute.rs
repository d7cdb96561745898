//! `POST /s/ID/execute`: a program beside a session's shell, its output as JSON lines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is to be run. Without a shell: `cmd` is looked up on the session's `PATH`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Execute {
    /// The program.
    pub cmd: String,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// All of its standard input; nothing when not given. A request of JSON lines gives it in the
    /// lines after the first instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stdin: Option<String>,
}

/// A piece of a program's standard input: a line of a request, after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExecuteInput {
    /// Text.
    Text {
        /// The text.
        data: String,
    },
    /// Any bytes.
    Bytes {
        /// The bytes, in base64 with padding (RFC 4648 section 4).
        base64: String,
    },
}

/// A line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExecuteLine {
    /// The program has written text.
    Text {
        /// Where to.
        stream: Stream,
        /// The text. A character is never divided between two lines.
        data: String,
    },
    /// The program has written what is no UTF-8.
    Bytes {
        /// Where to.
        stream: Stream,
        /// The bytes, in base64 with padding.
        base64: String,
    },
    /// The program has ended: the last line.
    Exit(ExecuteExit),
}

/// How a program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecuteExit {
    /// Its exit code; 128 and the signal's number when a signal ended it, 1 when it never ran.
    pub exit: i32,
    /// The signal that ended it, such as `SIGKILL`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signal: Option<String>,
    /// Why it was not run, or not to its end, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// Why it was not run, as the system names it: `ENOENT`, `EACCES` …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
}

/// Where a program writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_first_webtty_and_what_it_has_not_is_added() {
        let line = |line: ExecuteLine| serde_json::to_string(&line).expect("JSON");
        let text = ExecuteLine::Text {
            stream: Stream::Stdout,
            data: "a\n".to_owned(),
        };
        assert_eq!(line(text), r#"{"stream":"stdout","data":"a\n"}"#);
        let exit = ExecuteLine::Exit(ExecuteExit::default());
        assert_eq!(line(exit.clone()), r#"{"exit":0}"#);
        let read: ExecuteLine = serde_json::from_str(r#"{"exit":0}"#).expect("a line");
        assert_eq!(read, exit);
    }
}
