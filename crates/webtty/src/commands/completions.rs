//! `webtty completions`: a completion script.

use crate::cli::{self, CompletionsArgs};
use crate::failure::Failure;
use crate::output::print_bytes;

pub(crate) fn run(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut description = cli::description();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut description, "webtty", &mut script);
    print_bytes(&script)?;
    Ok(0)
}
