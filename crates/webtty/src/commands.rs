//! The commands, one file each, and what they have in common: how they are run and how they end.

mod attach;
mod completions;
mod config;
mod control;
mod doctor;
mod events;
mod exec;
mod key;
mod ls;
mod mv;
mod open;
mod publish;
mod rm;
mod run;
mod screen;
mod send;
mod serve;
mod share;
mod size;
mod start;
mod stop;
mod wait;

use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::cli::config::KeyArgs;
use crate::cli::{Cli, Command, OpenArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::say_failure;

/// Runs the command that was asked for; answers with the exit code.
pub(crate) fn run(cli: Cli) -> u8 {
    let command = cli.command.unwrap_or(Command::Open(OpenArgs { id: None }));
    let context = match Context::new(cli.global) {
        Ok(context) => context,
        Err(failure) => return fail(None, failure),
    };
    match dispatch(&context, command) {
        Ok(code) => code,
        Err(failure) => fail(Some(&context), failure),
    }
}

fn dispatch(context: &Context, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Serve(args) => serve::run(context, &args),
        Command::Run(args) => block_on(run::run(context, args)),
        Command::Attach(args) => block_on(attach::run(context, args)),
        Command::Open(args) => block_on(open::run(context, args)),
        Command::Ls(args) => block_on(ls::run(context, args)),
        Command::Rm(args) => block_on(rm::run(context, args)),
        Command::Size(args) => block_on(size::run(context, args)),
        Command::Mv(args) => block_on(mv::run(context, args)),
        Command::Screen(args) => block_on(screen::run(context, args)),
        Command::Exec(args) => block_on(exec::run(context, args)),
        Command::Send(args) => block_on(send::run(context, args)),
        Command::Wait(args) => block_on(wait::run(context, args)),
        Command::Share(args) => block_on(share::run(context, args)),
        Command::Control(args) => block_on(control::run(context, args)),
        Command::Publish(args) => block_on(publish::run(context, args)),
        Command::Events(args) => block_on(events::run(context, args)),
        Command::Config(args) => config::run(&args),
        Command::Key(KeyArgs {}) => block_on(key::run()),
        Command::Start(args) => block_on(start::run(context, args)),
        Command::Stop(args) => block_on(stop::run(context, args)),
        Command::Doctor(args) => block_on(doctor::run(context, &args)),
        Command::Completions(args) => completions::run(&args),
    }
}

/// Says why a command failed; answers with the exit code.
fn fail(context: Option<&Context>, failure: Failure) -> u8 {
    let Failure::Said(mut said) = failure else {
        return 0;
    };
    if said.maybe_skew
        && let Some(context) = context
        && let Ok(Some(hint)) = block_on(async { Ok(context.skew_hint().await) })
    {
        said.hint = Some(hint);
    }
    say_failure(&said);
    said.code
}

/// Runs a command that waits for things.
fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime().map_err(|error| Failure::io("starting", &error))?;
    let result = runtime.block_on(command);
    // A thread may still be waiting for the keyboard; the process need not wait for it.
    runtime.shutdown_background();
    result
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
