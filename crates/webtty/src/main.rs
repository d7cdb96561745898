//! The `webtty` command.
//!
//! The modules stand in reading order.

mod cli;
mod commands;

mod context;
mod daemon;

mod attached;
mod browser;
mod choice;
mod link;
mod qr;
mod table;
mod terminal;
mod times;

mod failure;
mod json_edit;
mod limits;
mod output;
mod places;
mod size_setting;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(commands::run(cli::parse()))
}
