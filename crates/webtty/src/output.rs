//! Standard output for results, standard error for talk.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::failure::{Failure, Said};

/// Writes a result to standard output, at once.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Writes a result to standard output, at once.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::OutputClosed),
        Err(error) => Err(Failure::io("writing to standard output", &error)),
    }
}

/// Says something to a person. Nobody listening is no reason to fail.
pub(crate) fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _nobody_listens = writeln!(stderr, "{text}");
}

/// Says why a command failed.
pub(crate) fn say_failure(said: &Said) {
    let colours = Colours::of(io::stderr().is_terminal());
    // A message may have lines of its own; what a daemon elsewhere put into them is not ours.
    let lines: Vec<String> = said.message.lines().map(harmless).collect();
    say(&format!("{} {}", colours.red("error:"), lines.join("\n")));
    if let Some(hint) = &said.hint {
        say(&format!("{} {hint}", colours.cyan("hint:")));
    }
}

/// Colours, where they are wanted. What is coloured always says the same without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Colours(bool);

impl Colours {
    /// For a stream that is a terminal or not, unless `NO_COLOR` is set.
    pub(crate) fn of(terminal: bool) -> Self {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self(terminal && !unwanted && !dumb)
    }

    /// Are they?
    pub(crate) fn are_wanted(self) -> bool {
        self.0
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Text from a session, made safe to print: what could steer a terminal or reorder a line is
/// replaced.
pub(crate) fn harmless(text: &str) -> String {
    let harmful = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(character, '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{feff}')
    };
    text.chars()
        .map(|character| {
            if harmful(character) {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(harmless("vim é 日本"), "vim é 日本");
        assert_eq!(
            harmless("a\x1b[2Jb\n\u{9b}\u{202e}"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
