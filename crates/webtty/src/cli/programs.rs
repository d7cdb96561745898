//! The arguments of the commands that scripts use: `exec`, `send` and `wait`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use webtty_protocol::SessionId;

/// Run a program beside a session's shell: in its directory, with its environment, no terminal.
///
/// Standard input, output and error are those of this command, and so is the exit code. The program
/// ends with this command, and all that it has started with it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty exec build -- git status --short\n  \
    webtty exec build -- tar cf - src | tar xf - -C /tmp/copy\n\n\
    127 when there is no such program, 126 when it cannot be run, 128 and the signal's number when \
    a signal ended it.")]
pub(crate) struct ExecArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    /// Give it nothing on its standard input.
    #[arg(short = 'n', long)]
    pub(crate) no_stdin: bool,
    /// Print the lines of the answer as they are, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) cmd: Vec<String>,
}

/// Type into a session: a paste, then text, then keys. Nothing is added; a return is `Enter`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty send --text 'make test' Enter\n  \
    webtty send -s build C-c\n  \
    webtty send -s notes --paste draft.txt\n\n\
    Keys: Enter, Tab, Escape, Space, Backspace, Delete, Insert, Home, End, PageUp, PageDown, Up, \
    Down, Left, Right, F1 to F12, or one character; C-, M- and S- before it are Ctrl, Alt and Shift.")]
pub(crate) struct SendArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(short, long, value_name = "ID")]
    pub(crate) session: Option<SessionId>,
    /// A file to paste; `-` for standard input. Marked as a paste where the program asks for that.
    #[arg(long, value_name = "FILE")]
    pub(crate) paste: Option<PathBuf>,
    /// Text to type as it is.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// Keys to press.
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Print {"offset"}: where the output ended before, for `wait --from`.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Wait until a text shows, nothing more is written, or the shell exits: whichever is first.
///
/// Fails with 124 when the time is over, and with 1 when the shell exits before what was waited
/// for. With --exit alone the exit code is the shell's.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty wait build --text 'Compiled' --timeout 10m\n  \
    webtty wait build --idle 2s\n  \
    webtty wait build --exit && echo it went well")]
pub(crate) struct WaitArgs {
    /// The session [default: $WEBTTY_SESSION, else the only running one or the last used].
    #[arg(value_name = "ID")]
    pub(crate) id: Option<SessionId>,
    /// Until this shows on the screen, or is written.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// Also look in what was written from this offset on, which `send --json` has printed.
    #[arg(long, value_name = "OFFSET", requires = "text")]
    pub(crate) from: Option<u64>,
    /// Until nothing was written for so long, as 500ms, 2s or 1m.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) idle: Option<Duration>,
    /// Until the shell exits.
    #[arg(long)]
    pub(crate) exit: bool,
    /// At most so long, as 30s, 10m or 2h [default: a day].
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) timeout: Option<Duration>,
    /// Print what has come as a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a time such as `500ms`, `2s`, `1.5m`; a number alone counts seconds.
fn parse_time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("a time is a number and ms, s, m or h".to_owned()),
    };
    let number: f64 = digits.parse().map_err(|_| "a time begins with a number")?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| "no such time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        let ms = |text| parse_time(text).map(|time| time.as_millis());
        assert_eq!(ms("500ms"), Ok(500));
        assert_eq!(ms("2"), Ok(2000));
        assert_eq!(ms("1.5m"), Ok(90_000));
        assert_eq!(ms("2h"), Ok(7_200_000));
        for bad in ["", "s", "-1s", "1d", "1 s", "ms1", "infs", "nan", "1e400s"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }
}
